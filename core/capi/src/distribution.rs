//! The distribution of a stream's next value.
//!
//! A call asks the stream for its prediction, which is computed once: asked again before the value is observed, it lies there.

use pixelrnn::Distribution;

use crate::handle::pixelrnn_stream;
use crate::memory::{place, slice_mut};
use crate::result::{answer, pixelrnn_result, pixelrnn_result::*};
use crate::stream::stream_mut;

/// Answers with a number that the distribution tells.
///
/// # Safety
/// A handle and a place that are not null are good, as for [`stream_mut`] and [`place`].
unsafe fn tell<T: Copy>(
    stream: *mut pixelrnn_stream,
    answer_to: *mut T,
    ask: impl FnOnce(&Distribution<'_>) -> T,
) -> pixelrnn_result {
    // SAFETY: the caller's promise.
    answer(|| unsafe {
        let stream = stream_mut(stream)?;
        let place = place(answer_to)?;
        place.set(ask(&stream.predict()?));
        Ok(())
    })
}

/// The distribution of the next value as a table: a frequency for each level, at least 1, and their sum, at most 2^24.
///
/// `frequencies` has room for `count` of them, as many as the model's levels or more. Integers, the same on every
/// machine. Of a mixture of many levels one rarely wants them all: `pixelrnn_distribution_find` draws without a table,
/// `pixelrnn_distribution_frequency` tells a single one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_predict(
    stream: *mut pixelrnn_stream,
    frequencies: *mut u32,
    count: usize,
    total: *mut u32,
) -> pixelrnn_result {
    // SAFETY: handle, buffer and place are the caller's promise.
    answer(|| unsafe {
        let stream = stream_mut(stream)?;
        let frequencies = slice_mut(frequencies, count)?;
        let total = place(total)?;
        let levels = stream.levels() as usize;
        let frequencies = frequencies.get_mut(..levels).ok_or(PIXELRNN_ERROR_SHORT_BUFFER)?;
        let distribution = stream.predict()?;
        for (value, frequency) in (0..=u16::MAX).zip(frequencies) {
            *frequency = distribution.frequency(value);
        }
        total.set(distribution.total());
        Ok(())
    })
}

/// Values that the next one can take: the model's levels.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_distribution_levels(
    stream: *mut pixelrnn_stream,
    levels: *mut u32,
) -> pixelrnn_result {
    // SAFETY: handle and place are the caller's promise.
    unsafe { tell(stream, levels, |distribution| distribution.levels()) }
}

/// The sum of all frequencies, at most 2^24: 2^16 of two levels under a softmax, 2^24 of a mixture.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_distribution_total(stream: *mut pixelrnn_stream, total: *mut u32) -> pixelrnn_result {
    // SAFETY: handle and place are the caller's promise.
    unsafe { tell(stream, total, |distribution| distribution.total()) }
}

/// A value's frequency: at least 1 within the levels, 0 beyond. Its probability is this over the total.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_distribution_frequency(
    stream: *mut pixelrnn_stream,
    value: u16,
    frequency: *mut u32,
) -> pixelrnn_result {
    // SAFETY: handle and place are the caller's promise.
    unsafe { tell(stream, frequency, |distribution| distribution.frequency(value)) }
}

/// The sum of the frequencies of all smaller values; the total beyond the levels.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_distribution_cumulative(
    stream: *mut pixelrnn_stream,
    value: u16,
    cumulative: *mut u32,
) -> pixelrnn_result {
    // SAFETY: handle and place are the caller's promise.
    unsafe { tell(stream, cumulative, |distribution| distribution.cumulative(value)) }
}

/// The value whose share of 0 to the total holds `target`; the last value for targets beyond.
///
/// A `target` that is uniform below the total draws a value; a range decoder has one of its own.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_distribution_find(
    stream: *mut pixelrnn_stream,
    target: u32,
    value: *mut u16,
) -> pixelrnn_result {
    // SAFETY: handle and place are the caller's promise.
    unsafe { tell(stream, value, |distribution| distribution.find(target)) }
}

/// The value of the largest frequency, the smallest of several.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_distribution_likeliest(
    stream: *mut pixelrnn_stream,
    value: *mut u16,
) -> pixelrnn_result {
    // SAFETY: handle and place are the caller's promise.
    unsafe { tell(stream, value, |distribution| distribution.likeliest()) }
}
