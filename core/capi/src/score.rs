//! Scoring images: how unlikely they are.

use pixelrnn::{Value, score};

use crate::handle::pixelrnn_stream;
use crate::memory::{place, slice, slice_mut};
use crate::result::{answer, pixelrnn_result};
use crate::stream::stream_of;

/// Scores a buffer of either type.
///
/// # Safety
/// Handle, buffers and place that are not null are good.
unsafe fn score_values<V: Value>(
    stream: *mut pixelrnn_stream,
    values: *const V,
    count: usize,
    map: *mut u32,
    code_length: *mut u64,
) -> pixelrnn_result {
    // SAFETY: the caller's promise.
    answer(|| unsafe {
        let values = slice(values, count)?;
        let map = if map.is_null() { &mut [] } else { slice_mut(map, count)? };
        let total = place(code_length)?;
        let stream = stream_of::<V>(stream, count)?;
        let mut places = map.iter_mut();
        let length = score::map(stream, values, |_, _, _, length| {
            if let Some(place) = places.next() {
                // At most 24 bits: a frequency is 1 of 2^24 at the least.
                *place = length.units() as u32;
            }
        })?;
        total.set(length.units());
        Ok(())
    })
}

/// Scores the next `count` values and observes them: the code length of all, in 2^-16 bit, into `code_length`.
///
/// For models of up to 256 levels. Exact fixed-point arithmetic, the same on every machine, and what the coder will
/// spend. `map`, which may be null, has room for `count` numbers: each value's own code length, in the values' order, so
/// that a pixel's channels lie side by side. `PIXELRNN_NATS` and `PIXELRNN_BITS` convert.
/// After an error the values before the wrong one have been observed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_score_u8(
    stream: *mut pixelrnn_stream,
    values: *const u8,
    count: usize,
    map: *mut u32,
    code_length: *mut u64,
) -> pixelrnn_result {
    // SAFETY: handle, buffers and place are the caller's promise.
    unsafe { score_values(stream, values, count, map, code_length) }
}

/// The same as `pixelrnn_score_u8`, for any model.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_score_u16(
    stream: *mut pixelrnn_stream,
    values: *const u16,
    count: usize,
    map: *mut u32,
    code_length: *mut u64,
) -> pixelrnn_result {
    // SAFETY: handle, buffers and place are the caller's promise.
    unsafe { score_values(stream, values, count, map, code_length) }
}
