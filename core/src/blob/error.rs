//! What can be wrong with a blob.

/// Why a blob was not loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum LoadError {
    /// The blob does not start at an address that is a multiple of 4.
    Misaligned,
    /// The first four bytes are not "PRNN": this is no model.
    WrongMagic,
    /// The blob's format is newer (or older) than this library reads.
    UnsupportedVersion {
        /// The blob's format version.
        found: u16,
        /// The version this library reads.
        supported: u16,
    },
    /// Reserved bits of the prefix are set.
    ReservedBits,
    /// The blob ends early.
    Truncated {
        /// Bytes the blob says it has, or the least it must have.
        needed: u32,
        /// Bytes given.
        given: u32,
    },
    /// There are bytes after the blob's end.
    TrailingBytes {
        /// Bytes too many.
        extra: u32,
    },
    /// The blob was changed or damaged.
    WrongChecksum {
        /// The checksum stored in the blob.
        stored: u32,
        /// The checksum of what is there.
        computed: u32,
    },
    /// The header is no valid postcard message of this format.
    InvalidHeader,
    /// The header names a number of levels outside 2 to 65,536, or beyond 256 without a mixture.
    UnsupportedLevels(u32),
    /// The header names a number of channels outside 1 to 4.
    UnsupportedChannels(u8),
    /// The model draws images given a smaller one, but not one that is 2 or 4 times smaller.
    UnsupportedCondition,
    /// The weights are packed for another instruction set, or have 4 bits, which this build does not read (feature `nibbles`);
    /// `pixelrnn repack` turns them into what every target reads.
    UnsupportedPacking,
    /// The file holds several scales, each a model of its own: see [`Scales`](super::Scales).
    SeveralScales,
    /// The file has no such scale.
    NoScale {
        /// The scale asked for, 0 the smallest.
        scale: u8,
        /// Scales that there are.
        scales: u8,
    },
    /// The build lacks what computes a layer: a cargo feature was left out, of its kind's name, or of what the model has (`channels`,
    /// `levels`, `classes`).
    LeftOut {
        /// The layer's place; the last one's if it is not of a kind.
        layer: u8,
    },
    /// A layer is out of place, of another architecture, or of an impossible shape.
    InvalidLayer {
        /// Its place in the layer list.
        layer: u8,
    },
    /// A layer's shift is out of range.
    InvalidShift {
        /// Its place in the layer list.
        layer: u8,
    },
    /// A layer's multipliers are negative, its weights could overflow an accumulator, or a linear prediction's coefficient is beyond ±4.
    InvalidWeights {
        /// Its place in the layer list.
        layer: u8,
    },
    /// The body is shorter or longer than the layer list says.
    WrongBodyLength {
        /// Bytes the layer list asks for.
        needed: u32,
        /// Bytes there are.
        given: u32,
    },
}

impl core::fmt::Display for LoadError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match *self {
            Self::Misaligned => {
                write!(f, "the model must lie at an address that is a multiple of 4 (use include_model!)")
            }
            Self::WrongMagic => write!(f, "not a pixelrnn model: the first four bytes are not \"PRNN\""),
            Self::UnsupportedVersion { found, supported } => {
                write!(f, "model format version {found}; this library reads version {supported}")
            }
            Self::ReservedBits => write!(f, "reserved bits of the model's prefix are set"),
            Self::Truncated { needed, given } => write!(f, "the model is truncated: {given} bytes of {needed}"),
            Self::TrailingBytes { extra } => write!(f, "{extra} bytes follow the model's end"),
            Self::WrongChecksum { stored, computed } => {
                write!(f, "the model is damaged: checksum {computed:08x}, stored {stored:08x}")
            }
            Self::InvalidHeader => write!(f, "the model's header cannot be read"),
            Self::UnsupportedLevels(levels) => {
                write!(f, "{levels} levels; a model has 2 to 256, or with a mixture to 65536")
            }
            Self::UnsupportedChannels(channels) => write!(f, "{channels} channels; a model has 1 to 4"),
            Self::UnsupportedCondition => {
                write!(f, "a model that is given a smaller image, but neither 2 nor 4 times smaller")
            }
            Self::UnsupportedPacking => {
                write!(
                    f,
                    "the model's weights are not in a form that this build reads (pixelrnn repack --for all makes one of them)"
                )
            }
            Self::SeveralScales => {
                write!(f, "the model is one of several scales; what takes one network alone cannot run it")
            }
            Self::NoScale { scale, scales } => {
                write!(f, "scale {scale} is none of the model's {scales}, the smallest of which is 0")
            }
            Self::LeftOut { layer } => {
                write!(f, "layer {layer} is of a kind that this build leaves out: see the engine's cargo features")
            }
            Self::InvalidLayer { layer } => write!(f, "layer {layer} is out of place or of an impossible shape"),
            Self::InvalidShift { layer } => write!(f, "layer {layer} has a shift out of range"),
            Self::InvalidWeights { layer } => write!(f, "layer {layer} has weights or multipliers out of range"),
            Self::WrongBodyLength { needed, given } => {
                write!(f, "the model's body has {given} bytes, its layers need {needed}")
            }
        }
    }
}

impl core::error::Error for LoadError {}
