//! Completing images: known values are kept, unknown ones drawn.

use pixelrnn::Value;
use pixelrnn::complete::{self, CompleteError};

use crate::handle::{get, get_mut, pixelrnn_generator, pixelrnn_model, pixelrnn_stream};
use crate::memory::{place_if_any, slice, slice_mut};
use crate::result::{answer, pixelrnn_result, pixelrnn_result::*};
use crate::stream::{class_of, holds, stream_of};

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

/// Whether a value is known, by its place.
fn marked(known: &[u8]) -> impl Fn(usize) -> bool {
    |place| known.get(place).is_some_and(|&mark| mark != 0)
}

/// Completes a buffer of either type.
///
/// # Safety
/// Handles and buffers that are not null are good.
unsafe fn complete_values<V: Value>(
    stream: *mut pixelrnn_stream,
    generator: *mut pixelrnn_generator,
    values: *mut V,
    known: *const u8,
    count: usize,
) -> pixelrnn_result {
    // SAFETY: the caller's promise.
    answer(|| unsafe {
        let (values, known) = (slice_mut(values, count)?, slice(known, count)?);
        let generator = get_mut(generator)?;
        let stream = stream_of::<V>(stream, count)?;
        Ok(complete::fill(stream, generator, values, marked(known))?)
    })
}

/// Completes the next `count` values of an image in place: those whose mark in `known` is not 0 are kept and observed,
/// the others are drawn.
///
/// For models of up to 256 levels. `known` holds a mark a value, from the stream's next value on, as `values` does. A
/// known value steers those after it, never those before: see `pixelrnn_complete_best_u8`. One value at a time:
/// `pixelrnn_observe` what is known, and `pixelrnn_sample_next` what is not.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_complete_u8(
    stream: *mut pixelrnn_stream,
    generator: *mut pixelrnn_generator,
    values: *mut u8,
    known: *const u8,
    count: usize,
) -> pixelrnn_result {
    // SAFETY: handles and buffers are the caller's promise.
    unsafe { complete_values(stream, generator, values, known, count) }
}

/// The same as `pixelrnn_complete_u8`, for any model.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_complete_u16(
    stream: *mut pixelrnn_stream,
    generator: *mut pixelrnn_generator,
    values: *mut u16,
    known: *const u8,
    count: usize,
) -> pixelrnn_result {
    // SAFETY: handles and buffers are the caller's promise.
    unsafe { complete_values(stream, generator, values, known, count) }
}

/// What candidates are drawn with.
struct Workplace {
    model: *const pixelrnn_model,
    image_class: u32,
    size: (u32, u32),
    state: (*mut u32, usize),
    generator: *mut pixelrnn_generator,
    candidates: u32,
}

/// Draws candidates into buffers of either type, of `count` values each.
///
/// # Safety
/// Handles, buffers and place that are not null are good.
unsafe fn complete_best_values<V: Value>(
    at: &Workplace,
    (values, known, trial): (*mut V, *const u8, *mut V),
    count: usize,
    code_length: *mut u64,
) -> pixelrnn_result {
    // SAFETY: the caller's promise.
    answer(|| unsafe {
        let ((model, _), generator) = (get(at.model)?, get_mut(at.generator)?);
        let (state, known) = (slice_mut(at.state.0, at.state.1)?, slice(known, count)?);
        let (values, trial) = (slice_mut(values, count)?, slice_mut(trial, count)?);
        let place = place_if_any(code_length)?;
        holds::<V>(model.levels())?;
        let ((width, height), known) = (at.size, marked(known));
        let (class, candidates) = (class_of(at.image_class), at.candidates);
        let length =
            complete::best_of(model, class, width, height, state, generator, candidates, known, values, trial)?;
        if let Some(place) = place {
            place.set(length.units());
        }
        Ok(())
    })
}

/// Draws `candidates` completions of a whole image, and leaves in `values` the one under which the known values that
/// lie after an unknown one are likeliest.
///
/// For models of up to 256 levels. `image_class` is the image's, or `PIXELRNN_NO_CLASS` of a model without classes. `values`, `known`
/// and `trial` have `width * height * channels` elements, which `count`
/// must be. `values` holds the known ones; after an error its unknown ones are undefined. `code_length`, which may be
/// null, becomes that of the values that decided, in 2^-16 bit.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_complete_best_u8(
    model: *const pixelrnn_model,
    image_class: u32,
    width: u32,
    height: u32,
    state: *mut u32,
    state_words: usize,
    generator: *mut pixelrnn_generator,
    candidates: u32,
    values: *mut u8,
    known: *const u8,
    trial: *mut u8,
    count: usize,
    code_length: *mut u64,
) -> pixelrnn_result {
    let (size, state) = ((width, height), (state, state_words));
    let at = Workplace { model, image_class, size, state, generator, candidates };
    // SAFETY: handles, buffers and place are the caller's promise.
    unsafe { complete_best_values(&at, (values, known, trial), count, code_length) }
}

/// The same as `pixelrnn_complete_best_u8`, for any model.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_complete_best_u16(
    model: *const pixelrnn_model,
    image_class: u32,
    width: u32,
    height: u32,
    state: *mut u32,
    state_words: usize,
    generator: *mut pixelrnn_generator,
    candidates: u32,
    values: *mut u16,
    known: *const u8,
    trial: *mut u16,
    count: usize,
    code_length: *mut u64,
) -> pixelrnn_result {
    let (size, state) = ((width, height), (state, state_words));
    let at = Workplace { model, image_class, size, state, generator, candidates };
    // SAFETY: handles, buffers and place are the caller's promise.
    unsafe { complete_best_values(&at, (values, known, trial), count, code_length) }
}
