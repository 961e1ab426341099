//! Bytes in memory as a coder's callbacks: what most callers want, and what those need who cannot write a C function.

use core::ffi::{c_int, c_void};

use crate::codec::PIXELRNN_NO_BYTE;
use crate::memory::{pointer, slice, slice_mut};
use crate::result::pixelrnn_result;

/// What a callback answers that could not.
const FAILED: c_int = 256;

/// Bytes in memory: the context of `pixelrnn_buffer_put` and `pixelrnn_buffer_take`.
///
/// It is the caller's, who may read and change it between calls: a `count` of 0 makes room again.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct pixelrnn_buffer {
    /// The bytes.
    pub bytes: *mut u8,
    /// How many there is room for.
    pub room: usize,
    /// How many there are.
    pub count: usize,
    /// How many of them were taken.
    pub taken: usize,
}

/// A buffer, checked.
///
/// # Safety
/// A context that is not null must be a buffer, which nobody else uses while the reference lives.
unsafe fn buffer<'a>(context: *mut c_void) -> Result<&'a mut pixelrnn_buffer, pixelrnn_result> {
    let buffer = pointer(context.cast_const().cast::<pixelrnn_buffer>())?.cast_mut();
    // SAFETY: not null and aligned by the check; a buffer by the caller's promise.
    Ok(unsafe { &mut *buffer })
}

/// A `pixelrnn_put` whose context is a `pixelrnn_buffer`: appends the byte. It fails where there is no room.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_buffer_put(context: *mut c_void, byte: u8) -> c_int {
    // SAFETY: context and bytes are the caller's promise.
    let put = || unsafe {
        let buffer = buffer(context).ok()?;
        *slice_mut(buffer.bytes, buffer.room).ok()?.get_mut(buffer.count)? = byte;
        buffer.count += 1;
        Some(0)
    };
    put().unwrap_or(FAILED)
}

/// A `pixelrnn_take` whose context is a `pixelrnn_buffer`: the next of its bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_buffer_take(context: *mut c_void) -> c_int {
    // SAFETY: context and bytes are the caller's promise.
    let take = || unsafe {
        let buffer = buffer(context)?;
        let next = slice(buffer.bytes, buffer.count.min(buffer.room))?.get(buffer.taken).copied();
        buffer.taken += usize::from(next.is_some());
        Ok::<_, pixelrnn_result>(next.map_or(PIXELRNN_NO_BYTE, c_int::from))
    };
    take().unwrap_or(FAILED)
}
