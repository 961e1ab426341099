//! Completing images: known pixels are kept, unknown ones drawn.

use pixelrnn::complete::{self, CompleteError};

use crate::handle::{get, get_mut, pixelrnn_generator, pixelrnn_model, pixelrnn_stream};
use crate::memory::{place_if_any, slice, slice_mut};
use crate::result::{answer, pixelrnn_result, pixelrnn_result::*};
use crate::stream::{remaining, stream_mut};

impl From<CompleteError> for pixelrnn_result {
    fn from(error: CompleteError) -> Self {
        match error {
            CompleteError::Begin(error) => error.into(),
            CompleteError::Stream(error) => error.into(),
            CompleteError::WrongLength { .. } => PIXELRNN_ERROR_WRONG_LENGTH,
            CompleteError::NoCandidates => PIXELRNN_ERROR_NO_CANDIDATES,
            _ => PIXELRNN_ERROR_OTHER,
        }
    }
}

/// Whether a pixel is known, by its place.
fn marked(known: &[u8]) -> impl Fn(usize) -> bool {
    |pixel| known.get(pixel).is_some_and(|&mark| mark != 0)
}

/// Completes the next `count` pixels of an image in place: those whose mark in `known` is not 0 are kept and observed,
/// the others are drawn.
///
/// `pixels` and `known` hold a byte a pixel, from the stream's next pixel on. A known pixel steers those after it,
/// never those before: see `pixelrnn_complete_best`. One pixel at a time: `pixelrnn_observe` what is known, and
/// `pixelrnn_sample_next` what is not.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_complete(
    stream: *mut pixelrnn_stream,
    generator: *mut pixelrnn_generator,
    pixels: *mut u8,
    known: *const u8,
    count: usize,
) -> pixelrnn_result {
    // SAFETY: handles and buffers are the caller's promise.
    answer(|| unsafe {
        let (stream, generator) = (stream_mut(stream)?, get_mut(generator)?);
        let (pixels, known) = (slice_mut(pixels, count)?, slice(known, count)?);
        if count > remaining(stream) {
            return Err(PIXELRNN_ERROR_PAST_END);
        }
        Ok(complete::fill(stream, generator, pixels, marked(known))?)
    })
}

/// Draws `candidates` completions of a whole image, and leaves in `pixels` the one under which the known pixels that
/// lie after an unknown one are likeliest.
///
/// `pixels`, `known` and `trial` have `width * height` bytes, which `count` must be. `pixels` holds the known values;
/// after an error its unknown ones are undefined. `code_length`, which may be null, becomes that of the pixels that
/// decided, in 2^-16 bit.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_complete_best(
    model: *const pixelrnn_model,
    width: u32,
    height: u32,
    state: *mut u32,
    state_words: usize,
    generator: *mut pixelrnn_generator,
    candidates: u32,
    pixels: *mut u8,
    known: *const u8,
    trial: *mut u8,
    count: usize,
    code_length: *mut u64,
) -> pixelrnn_result {
    // SAFETY: handles and buffers are the caller's promise.
    answer(|| unsafe {
        let ((model, _), generator) = (get(model)?, get_mut(generator)?);
        let (state, known) = (slice_mut(state, state_words)?, slice(known, count)?);
        let (pixels, trial) = (slice_mut(pixels, count)?, slice_mut(trial, count)?);
        let place = place_if_any(code_length)?;
        let known = marked(known);
        let length = complete::best_of(model, width, height, state, generator, candidates, known, pixels, trial)?;
        if let Some(place) = place {
            place.set(length.units());
        }
        Ok(())
    })
}
