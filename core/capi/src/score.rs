//! Scoring images: how unlikely they are.

use pixelrnn::score;

use crate::handle::pixelrnn_stream;
use crate::memory::{place, slice, slice_mut};
use crate::result::{answer, pixelrnn_result, pixelrnn_result::*};
use crate::stream::{remaining, stream_mut};

/// Scores the next `count` pixels and observes them: the code length of all, in 2^-16 bit, into `code_length`.
///
/// Exact fixed-point arithmetic, the same on every machine, and what the coder will spend. `map`, which may be null, has
/// room for `count` numbers: each pixel's own code length. `PIXELRNN_NATS` and `PIXELRNN_BITS` convert.
/// After an error the pixels before the wrong one have been observed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_score(
    stream: *mut pixelrnn_stream,
    pixels: *const u8,
    count: usize,
    map: *mut u32,
    code_length: *mut u64,
) -> pixelrnn_result {
    // SAFETY: handle, buffers and place are the caller's promise.
    answer(|| unsafe {
        let stream = stream_mut(stream)?;
        let pixels = slice(pixels, count)?;
        let map = if map.is_null() { &mut [] } else { slice_mut(map, count)? };
        let total = place(code_length)?;
        if count > remaining(stream) {
            return Err(PIXELRNN_ERROR_PAST_END);
        }
        let mut places = map.iter_mut();
        let length = score::map(stream, pixels, |_, _, length| {
            if let Some(place) = places.next() {
                // At most 24 bits: a frequency is 1 of 2^24 at the least.
                *place = length.units() as u32;
            }
        })?;
        total.set(length.units());
        Ok(())
    })
}
