//! Handles: opaque memory of the caller that holds a Rust value behind a tag.

use core::mem::MaybeUninit;

use pixelrnn::codec::{Decoder, Encoder};
use pixelrnn::{Model, Seeded, Stream};

use crate::codec::{Sink, Source};
use crate::memory::pointer;
use crate::result::pixelrnn_result::{self, *};

/// Words of 8 bytes in a `pixelrnn_model`.
pub const PIXELRNN_MODEL_WORDS: usize = 48;
/// Words of 8 bytes in a `pixelrnn_stream`.
pub const PIXELRNN_STREAM_WORDS: usize = 40;
/// Words of 8 bytes in a `pixelrnn_generator`.
pub const PIXELRNN_GENERATOR_WORDS: usize = 4;
/// Words of 8 bytes in a `pixelrnn_encoder`.
pub const PIXELRNN_ENCODER_WORDS: usize = 18;
/// Words of 8 bytes in a `pixelrnn_decoder`.
pub const PIXELRNN_DECODER_WORDS: usize = 20;

/// A loaded model. Begin it as `PIXELRNN_INIT`, or let it be static.
///
/// It borrows the blob, which must stay where it is, unchanged, as long as the handle is used. The handle itself must
/// stay where it is while streams use it: a moved or copied one is refused with `PIXELRNN_ERROR_NOT_LOADED`.
/// Many streams may share a model, on many threads.
#[repr(C)]
pub struct pixelrnn_model {
    opaque: [u64; PIXELRNN_MODEL_WORDS],
}

/// An image being modelled. Begin it as `PIXELRNN_INIT`, or let it be static.
///
/// It borrows the model's handle and the state's buffer, which must stay where they are as long as the stream is used;
/// nobody else may write the state. A moved or copied stream is refused with `PIXELRNN_ERROR_NOT_BEGUN`.
/// There is nothing to be freed: a stream may be begun again at any time, or forgotten.
#[repr(C)]
pub struct pixelrnn_stream {
    opaque: [u64; PIXELRNN_STREAM_WORDS],
}

/// A small seedable generator of random numbers (xoshiro128++). Begin it as `PIXELRNN_INIT`, or let it be static.
///
/// It may be copied: the copy goes on from the same place. Not for secrets.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct pixelrnn_generator {
    opaque: [u64; PIXELRNN_GENERATOR_WORDS],
}

/// Images being coded. Begin it as `PIXELRNN_INIT`, or let it be static.
///
/// It borrows what its callback's context is. A moved or copied one is refused with `PIXELRNN_ERROR_NO_CODER`.
#[repr(C)]
pub struct pixelrnn_encoder {
    opaque: [u64; PIXELRNN_ENCODER_WORDS],
}

/// Images being decoded. Begin it as `PIXELRNN_INIT`, or let it be static.
///
/// It borrows what its callback's context is. A moved or copied one is refused with `PIXELRNN_ERROR_NO_CODER`.
#[repr(C)]
pub struct pixelrnn_decoder {
    opaque: [u64; PIXELRNN_DECODER_WORDS],
}

/// What a handle's memory holds.
#[repr(C)]
pub struct Slot<T> {
    tag: usize,
    /// Rises with each value that is put in: who borrowed the one before can tell.
    generation: usize,
    value: MaybeUninit<T>,
}

/// A handle: its Rust value, and how its memory tells that the value is there.
pub trait Handle: Sized {
    /// The value.
    type Value;
    /// The error where there is none.
    const ABSENT: pixelrnn_result;
    /// A number that zeroed or stray memory does not hold.
    const TAG: usize;
    /// Whether the value must stay where it was put.
    const PINNED: bool = true;
}

impl Handle for pixelrnn_model {
    type Value = Model<'static>;
    const ABSENT: pixelrnn_result = PIXELRNN_ERROR_NOT_LOADED;
    const TAG: usize = 0x6d6f_6465;
}

/// A stream, and the model that it borrows.
pub struct BorrowingStream {
    /// The model's handle.
    pub model: *const pixelrnn_model,
    /// The model's generation at the beginning.
    pub generation: usize,
    /// The stream.
    pub stream: Stream<'static>,
}

impl Handle for pixelrnn_stream {
    type Value = BorrowingStream;
    const ABSENT: pixelrnn_result = PIXELRNN_ERROR_NOT_BEGUN;
    const TAG: usize = 0x7374_7265;
}

impl Handle for pixelrnn_generator {
    type Value = Seeded;
    const ABSENT: pixelrnn_result = PIXELRNN_ERROR_NOT_SEEDED;
    const TAG: usize = 0x7365_6564;
    const PINNED: bool = false;
}

impl Handle for pixelrnn_encoder {
    type Value = Encoder<Sink>;
    const ABSENT: pixelrnn_result = PIXELRNN_ERROR_NO_CODER;
    const TAG: usize = 0x656e_636f;
}

impl Handle for pixelrnn_decoder {
    type Value = Decoder<Source>;
    const ABSENT: pixelrnn_result = PIXELRNN_ERROR_NO_CODER;
    const TAG: usize = 0x6465_636f;
}

const fn assert_fits<H: Handle>() {
    assert!(size_of::<Slot<H::Value>>() <= size_of::<H>(), "the header's constant is too small");
    assert!(align_of::<Slot<H::Value>>() <= align_of::<H>(), "the handle is aligned too little");
}

const _: () = assert_fits::<pixelrnn_model>();
const _: () = assert_fits::<pixelrnn_stream>();
const _: () = assert_fits::<pixelrnn_generator>();
const _: () = assert_fits::<pixelrnn_encoder>();
const _: () = assert_fits::<pixelrnn_decoder>();

fn tag<H: Handle>(handle: *const H) -> usize {
    if H::PINNED { H::TAG ^ handle.addr() } else { H::TAG }
}

/// Marks a handle as empty, before a value is put in that borrows what the old one might have.
///
/// # Safety
/// A handle that is not null is memory that the caller may write, initialized.
pub unsafe fn clear<H: Handle>(handle: *mut H) -> Result<*mut Slot<H::Value>, pixelrnn_result> {
    pointer(handle)?;
    let slot = handle.cast::<Slot<H::Value>>();
    // SAFETY: not null and aligned by the check, large enough by `assert_fits`.
    unsafe {
        (*slot).tag = 0;
        (*slot).generation = (*slot).generation.wrapping_add(1);
    }
    Ok(slot)
}

/// Puts a value in a cleared handle.
///
/// # Safety
/// `slot` is what [`clear`] returned for `handle`.
pub unsafe fn put<H: Handle>(handle: *mut H, slot: *mut Slot<H::Value>, value: H::Value) {
    // SAFETY: `clear` checked it.
    unsafe {
        (*slot).value.write(value);
        (*slot).tag = tag(handle);
    }
}

/// The value in a handle, to read, and its generation.
///
/// # Safety
/// A handle that is not null is initialized memory, which nobody writes while the reference lives.
pub unsafe fn get<'a, H: Handle>(handle: *const H) -> Result<(&'a H::Value, usize), pixelrnn_result> {
    pointer(handle)?;
    let slot = handle.cast::<Slot<H::Value>>();
    // SAFETY: not null and aligned by the check, large enough by `assert_fits`; the tag says that a value was put there.
    unsafe {
        if (*slot).tag != tag(handle) {
            return Err(H::ABSENT);
        }
        Ok(((*slot).value.assume_init_ref(), (*slot).generation))
    }
}

/// The value in a handle, to change.
///
/// # Safety
/// A handle that is not null is initialized memory, which nobody else reads or writes while the reference lives.
pub unsafe fn get_mut<'a, H: Handle>(handle: *mut H) -> Result<&'a mut H::Value, pixelrnn_result> {
    pointer(handle)?;
    let slot = handle.cast::<Slot<H::Value>>();
    // SAFETY: as in `get`.
    unsafe {
        if (*slot).tag != tag(handle) {
            return Err(H::ABSENT);
        }
        Ok((*slot).value.assume_init_mut())
    }
}

/// Takes the value out of a handle, which is empty then.
///
/// # Safety
/// As for [`get_mut`].
pub unsafe fn take<H: Handle>(handle: *mut H) -> Result<H::Value, pixelrnn_result> {
    // SAFETY: the value is there, is read once, and its tag is cleared.
    unsafe {
        let value = core::ptr::from_mut(get_mut(handle)?).read();
        clear(handle)?;
        Ok(value)
    }
}

/// Bytes of a `pixelrnn_model`, for callers that find its memory at run time; align it to 8 bytes.
#[unsafe(no_mangle)]
pub extern "C" fn pixelrnn_model_bytes() -> usize {
    size_of::<pixelrnn_model>()
}

/// Bytes of a `pixelrnn_stream`, for callers that find its memory at run time; align it to 8 bytes.
#[unsafe(no_mangle)]
pub extern "C" fn pixelrnn_stream_bytes() -> usize {
    size_of::<pixelrnn_stream>()
}

/// Bytes of a `pixelrnn_generator`, for callers that find its memory at run time; align it to 8 bytes.
#[unsafe(no_mangle)]
pub extern "C" fn pixelrnn_generator_bytes() -> usize {
    size_of::<pixelrnn_generator>()
}

/// Bytes of a `pixelrnn_encoder`, for callers that find its memory at run time; align it to 8 bytes.
#[unsafe(no_mangle)]
pub extern "C" fn pixelrnn_encoder_bytes() -> usize {
    size_of::<pixelrnn_encoder>()
}

/// Bytes of a `pixelrnn_decoder`, for callers that find its memory at run time; align it to 8 bytes.
#[unsafe(no_mangle)]
pub extern "C" fn pixelrnn_decoder_bytes() -> usize {
    size_of::<pixelrnn_decoder>()
}
