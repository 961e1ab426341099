//! What a call answers: a code, and a text for each.

use core::ffi::c_char;

use pixelrnn::{BeginError, LoadError, StreamError};

/// What every call answers: `PIXELRNN_OK`, or why nothing was done.
///
/// `pixelrnn_error_text` has a sentence for each.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum pixelrnn_result {
    /// Done.
    PIXELRNN_OK = 0,

    /// A pointer is null.
    PIXELRNN_ERROR_NULL = 1,
    /// A pointer is not aligned for its type.
    PIXELRNN_ERROR_MISALIGNED = 2,
    /// A buffer is shorter than what belongs in it.
    PIXELRNN_ERROR_SHORT_BUFFER = 3,
    /// A length is more than the address space holds.
    PIXELRNN_ERROR_SIZE_OVERFLOW = 4,
    /// The model handle holds no loaded model, or was moved after loading.
    PIXELRNN_ERROR_NOT_LOADED = 5,
    /// The stream handle holds no begun image, or was moved after its beginning.
    PIXELRNN_ERROR_NOT_BEGUN = 6,
    /// The generator handle was not seeded.
    PIXELRNN_ERROR_NOT_SEEDED = 7,
    /// The stream's model was loaded again after the image's beginning.
    PIXELRNN_ERROR_MODEL_CHANGED = 8,
    /// The image is complete.
    PIXELRNN_ERROR_PAST_END = 9,
    /// A value is not one of the model's levels.
    PIXELRNN_ERROR_VALUE_OUT_OF_RANGE = 10,
    /// Width or height is 0.
    PIXELRNN_ERROR_EMPTY_IMAGE = 11,
    /// Width or height is above 65535.
    PIXELRNN_ERROR_IMAGE_TOO_LARGE = 12,
    /// A temperature is outside 1 to 10000 hundredths.
    PIXELRNN_ERROR_TEMPERATURE = 13,
    /// A case that this version of the library has no code for.
    PIXELRNN_ERROR_OTHER = 14,
    /// A length is not width times height times channels.
    PIXELRNN_ERROR_WRONG_LENGTH = 15,
    /// At least one candidate must be drawn.
    PIXELRNN_ERROR_NO_CANDIDATES = 16,
    /// The encoder or decoder handle was not begun, has ended, or was moved.
    PIXELRNN_ERROR_NO_CODER = 17,
    /// A callback said that it failed.
    PIXELRNN_ERROR_CALLBACK = 18,
    /// The stream is of another model, class or size than the coder, or not at the value that comes next.
    PIXELRNN_ERROR_WRONG_STREAM = 19,
    /// An image must be complete before its group or the container ends.
    PIXELRNN_ERROR_INSIDE_IMAGE = 20,
    /// No image was announced here, or the one before is not complete.
    PIXELRNN_ERROR_OUT_OF_ORDER = 21,
    /// The model's values take more than 8 bits: the same function for `uint16_t` takes them.
    PIXELRNN_ERROR_NEEDS_16_BITS = 22,
    /// A model with classes was given none, or one that it does not have; or a model without was given one.
    PIXELRNN_ERROR_CLASS = 23,
    /// A model that draws images given a smaller one was given none, or one of another size; or a model that does not was given one.
    PIXELRNN_ERROR_SMALL_IMAGE = 24,
    /// A value is not the one that the smaller image holds.
    PIXELRNN_ERROR_KNOWN_VALUE = 25,

    /// The blob does not start at an address that is a multiple of 4.
    PIXELRNN_ERROR_BLOB_MISALIGNED = 32,
    /// The blob is no model: its first four bytes are not "PRNN".
    PIXELRNN_ERROR_BLOB_MAGIC = 33,
    /// The blob's format is of another version than this library reads.
    PIXELRNN_ERROR_BLOB_VERSION = 34,
    /// Reserved bits of the blob are set.
    PIXELRNN_ERROR_BLOB_RESERVED = 35,
    /// The blob ends early.
    PIXELRNN_ERROR_BLOB_TRUNCATED = 36,
    /// Bytes follow the blob's end.
    PIXELRNN_ERROR_BLOB_TRAILING = 37,
    /// The blob was changed or damaged.
    PIXELRNN_ERROR_BLOB_CHECKSUM = 38,
    /// The blob's header cannot be read.
    PIXELRNN_ERROR_BLOB_HEADER = 39,
    /// The blob's number of levels is outside 2 to 65536, or beyond 256 without a mixture.
    PIXELRNN_ERROR_BLOB_LEVELS = 40,
    /// The blob's number of channels is outside 1 to 4.
    PIXELRNN_ERROR_BLOB_CHANNELS = 41,
    /// A layer is out of place or of an impossible shape.
    PIXELRNN_ERROR_BLOB_LAYER = 42,
    /// A layer's shift is out of range.
    PIXELRNN_ERROR_BLOB_SHIFT = 43,
    /// A layer's weights or multipliers are out of range.
    PIXELRNN_ERROR_BLOB_WEIGHTS = 44,
    /// The blob's body is not as long as its layers say.
    PIXELRNN_ERROR_BLOB_LENGTH = 45,
    /// The model draws images given something that this version does not run.
    PIXELRNN_ERROR_BLOB_CONDITION = 46,
    /// The model's weights are not in a form that this library reads: packed for another instruction set, or of 4 bits.
    /// `pixelrnn repack --for all` makes one of them.
    PIXELRNN_ERROR_BLOB_PACKING = 47,
    /// The blob holds several scales, each of which is loaded alone: `pixelrnn_scale_blob` tells where.
    PIXELRNN_ERROR_BLOB_SCALES = 48,
    /// The blob has no such scale.
    PIXELRNN_ERROR_BLOB_NO_SCALE = 49,

    /// No coded images: the first four bytes are not "PRNZ".
    PIXELRNN_ERROR_CONTAINER_MAGIC = 64,
    /// The container's format is of another version than this library reads.
    PIXELRNN_ERROR_CONTAINER_VERSION = 65,
    /// The container's header was changed or damaged.
    PIXELRNN_ERROR_CONTAINER_HEADER = 66,
    /// The images were coded with another model.
    PIXELRNN_ERROR_CONTAINER_MODEL = 67,
    /// The coded images end early.
    PIXELRNN_ERROR_CONTAINER_TRUNCATED = 68,
    /// The coded images are damaged: none of this group's is to be trusted.
    PIXELRNN_ERROR_CONTAINER_DAMAGED = 69,
}

use pixelrnn_result::*;

impl From<LoadError> for pixelrnn_result {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Misaligned => PIXELRNN_ERROR_BLOB_MISALIGNED,
            LoadError::WrongMagic => PIXELRNN_ERROR_BLOB_MAGIC,
            LoadError::UnsupportedVersion { .. } => PIXELRNN_ERROR_BLOB_VERSION,
            LoadError::ReservedBits => PIXELRNN_ERROR_BLOB_RESERVED,
            LoadError::Truncated { .. } => PIXELRNN_ERROR_BLOB_TRUNCATED,
            LoadError::TrailingBytes { .. } => PIXELRNN_ERROR_BLOB_TRAILING,
            LoadError::WrongChecksum { .. } => PIXELRNN_ERROR_BLOB_CHECKSUM,
            LoadError::InvalidHeader => PIXELRNN_ERROR_BLOB_HEADER,
            LoadError::UnsupportedLevels(_) => PIXELRNN_ERROR_BLOB_LEVELS,
            LoadError::UnsupportedChannels(_) => PIXELRNN_ERROR_BLOB_CHANNELS,
            LoadError::InvalidLayer { .. } | LoadError::LeftOut { .. } => PIXELRNN_ERROR_BLOB_LAYER,
            LoadError::InvalidShift { .. } => PIXELRNN_ERROR_BLOB_SHIFT,
            LoadError::InvalidWeights { .. } => PIXELRNN_ERROR_BLOB_WEIGHTS,
            LoadError::WrongBodyLength { .. } => PIXELRNN_ERROR_BLOB_LENGTH,
            LoadError::UnsupportedCondition => PIXELRNN_ERROR_BLOB_CONDITION,
            LoadError::UnsupportedPacking => PIXELRNN_ERROR_BLOB_PACKING,
            LoadError::SeveralScales => PIXELRNN_ERROR_BLOB_SCALES,
            LoadError::NoScale { .. } => PIXELRNN_ERROR_BLOB_NO_SCALE,
            _ => PIXELRNN_ERROR_OTHER,
        }
    }
}

impl From<BeginError> for pixelrnn_result {
    fn from(error: BeginError) -> Self {
        match error {
            BeginError::StateTooSmall { .. } => PIXELRNN_ERROR_SHORT_BUFFER,
            BeginError::EmptyImage => PIXELRNN_ERROR_EMPTY_IMAGE,
            BeginError::TooLarge => PIXELRNN_ERROR_IMAGE_TOO_LARGE,
            BeginError::WrongClass { .. } => PIXELRNN_ERROR_CLASS,
            BeginError::WrongSmallImage { .. } => PIXELRNN_ERROR_SMALL_IMAGE,
            BeginError::SmallValueOutOfRange { .. } => PIXELRNN_ERROR_VALUE_OUT_OF_RANGE,
            _ => PIXELRNN_ERROR_OTHER,
        }
    }
}

impl From<StreamError> for pixelrnn_result {
    fn from(error: StreamError) -> Self {
        match error {
            StreamError::PastEnd => PIXELRNN_ERROR_PAST_END,
            StreamError::ValueOutOfRange { .. } => PIXELRNN_ERROR_VALUE_OUT_OF_RANGE,
            StreamError::NotTheKnownValue { .. } => PIXELRNN_ERROR_KNOWN_VALUE,
            _ => PIXELRNN_ERROR_OTHER,
        }
    }
}

/// Runs a call's body, so that it can use `?`.
pub(crate) fn answer(body: impl FnOnce() -> Result<(), pixelrnn_result>) -> pixelrnn_result {
    body().err().unwrap_or(PIXELRNN_OK)
}

/// A sentence for a result, in English, static and never null; numbers that are no result have one too.
#[unsafe(no_mangle)]
pub extern "C" fn pixelrnn_error_text(result: i32) -> *const c_char {
    let text = match result {
        0 => c"done",
        1 => c"a pointer is null",
        2 => c"a pointer is not aligned for its type",
        3 => c"a buffer is shorter than what belongs in it",
        4 => c"a length is more than the address space holds",
        5 => c"the model handle holds no loaded model, or was moved after loading",
        6 => c"the stream handle holds no begun image, or was moved after its beginning",
        7 => c"the generator handle was not seeded",
        8 => c"the stream's model was loaded again after the image's beginning",
        9 => c"the image is complete",
        10 => c"a value is not one of the model's levels",
        11 => c"the image has no pixels",
        12 => c"the image is wider or higher than 65535",
        13 => c"a temperature is outside 1 to 10000 hundredths",
        14 => c"an error that this version of the library has no code for",
        15 => c"a length is not width times height times channels",
        16 => c"at least one candidate must be drawn",
        17 => c"the encoder or decoder handle was not begun, has ended, or was moved",
        18 => c"a callback said that it failed",
        19 => c"the stream is of another model, class or size, or at another value",
        20 => c"an image must be complete before its group ends",
        21 => c"no image is announced here, or the one before is not complete",
        22 => c"the model's values take more than 8 bits: the same function for uint16_t takes them",
        23 => c"a model with classes must be given one that it has, others none",
        24 => c"a model that draws images given a smaller one must be given one of the right size, others none",
        25 => c"a value is not the one that the smaller image holds",
        32 => c"the model must lie at an address that is a multiple of 4",
        33 => c"not a pixelrnn model: the first four bytes are not \"PRNN\"",
        34 => c"the model's format is of another version than this library reads",
        35 => c"reserved bits of the model's prefix are set",
        36 => c"the model is truncated",
        37 => c"bytes follow the model's end",
        38 => c"the model is damaged: its checksum is wrong",
        39 => c"the model's header cannot be read",
        40 => c"the model's number of levels is outside 2 to 65536, or beyond 256 without a mixture",
        41 => c"the model's number of channels is outside 1 to 4",
        42 => c"a layer of the model is out of place or of an impossible shape",
        43 => c"a layer of the model has a shift out of range",
        44 => c"a layer of the model has weights or multipliers out of range",
        45 => c"the model's body is not as long as its layers say",
        46 => c"the model draws images given something that this version does not run",
        47 => c"the model's weights are not in a form that this library reads",
        48 => c"the model holds several scales, each of which is loaded alone",
        49 => c"the model has no such scale",
        64 => c"not coded images: the first four bytes are not \"PRNZ\"",
        65 => c"the coded images are of another format version than this library reads",
        66 => c"the header of the coded images is damaged",
        67 => c"the images were coded with another model",
        68 => c"the coded images end early",
        69 => c"the coded images are damaged",
        _ => c"not a result of this library",
    };
    text.as_ptr()
}
