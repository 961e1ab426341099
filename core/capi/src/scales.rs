//! Several scales in one blob, and images that are given smaller ones.

use core::ffi::c_void;

use pixelrnn::blob::Scales;
use pixelrnn::{Conditions, Stream, Value};

use crate::handle::{BorrowingStream, clear, get, pixelrnn_model, pixelrnn_stream, put};
use crate::memory::{place, slice, slice_mut};
use crate::result::pixelrnn_result::PIXELRNN_ERROR_NEEDS_16_BITS;
use crate::result::{answer, pixelrnn_result};
use crate::stream::{class_of, holds, possible};

/// Scales of a model's blob: 1 of a single network. The blob's directory is checked, not the networks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_scale_count(
    blob: *const c_void,
    blob_bytes: usize,
    count: *mut u32,
) -> pixelrnn_result {
    // SAFETY: blob and place are the caller's promise.
    answer(|| unsafe {
        let scales = Scales::open(slice(blob.cast(), blob_bytes)?)?;
        place(count)?.set(scales.count() as u32);
        Ok(())
    })
}

/// Tells where a scale's network lies in a blob, 0 the smallest: what `pixelrnn_model_load` takes begins `offset` bytes behind the
/// blob's start. The blob may end behind it: larger scales can be left out.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_scale_blob(
    blob: *const c_void,
    blob_bytes: usize,
    scale: u32,
    offset: *mut usize,
    scale_bytes: *mut usize,
) -> pixelrnn_result {
    // SAFETY: blob and places are the caller's promise.
    answer(|| unsafe {
        let blob: &[u8] = slice(blob.cast(), blob_bytes)?;
        let (offset, scale_bytes) = (place(offset)?, place(scale_bytes)?);
        let found = Scales::open(blob)?.blob(scale as usize)?;
        offset.set(found.as_ptr().addr().wrapping_sub(blob.as_ptr().addr()));
        scale_bytes.set(found.len());
        Ok(())
    })
}

/// How many times wider and higher an image is than the smaller one that it is given, 2 or 4; 0 of a model that is given none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_model_factor(model: *const pixelrnn_model, factor: *mut u32) -> pixelrnn_result {
    // SAFETY: handle and place are the caller's promise.
    answer(|| unsafe {
        let (model, _) = get(model)?;
        place(factor)?.set(u32::from(model.factor()));
        Ok(())
    })
}

/// Columns and rows of the smaller image that an image of a size is given; zeros of a model that is given none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_small_size(
    model: *const pixelrnn_model,
    width: u32,
    height: u32,
    small_width: *mut u32,
    small_height: *mut u32,
) -> pixelrnn_result {
    // SAFETY: handle and places are the caller's promise.
    answer(|| unsafe {
        let (model, _) = get(model)?;
        let (small_width, small_height) = (place(small_width)?, place(small_height)?);
        possible(width, height)?;
        let (columns, rows) = model.small_size((width, height)).unwrap_or((0, 0));
        small_width.set(columns);
        small_height.set(rows);
        Ok(())
    })
}

/// What a stream is begun with.
struct Beginning {
    image_class: u32,
    size: (u32, u32),
    state: (*mut u32, usize),
}

/// Begins an image that is given a smaller one of either type.
///
/// # Safety
/// Handles and buffers that are not null are good.
unsafe fn begin<V: Value + 'static>(
    stream: *mut pixelrnn_stream,
    model: *const pixelrnn_model,
    small: (*const V, usize),
    beginning: Beginning,
) -> pixelrnn_result {
    // SAFETY: the caller keeps model, small image and state while the stream is used, which the static lifetimes stand for.
    answer(|| unsafe {
        let slot = clear(stream)?;
        let (loaded, generation) = get(model)?;
        holds::<V>(loaded.levels()).map_err(|_| PIXELRNN_ERROR_NEEDS_16_BITS)?;
        let small: &'static [V] = slice(small.0, small.1)?;
        let state: &'static mut [u32] = slice_mut(beginning.state.0, beginning.state.1)?;
        let given = Conditions::of_small(small).and_class(class_of(beginning.image_class));
        let (width, height) = beginning.size;
        let begun = Stream::begin_given(loaded, given, width, height, state)?;
        put(stream, slot, BorrowingStream { model, generation, stream: begun });
        Ok(())
    })
}

/// Begins an image of a model that is given a smaller one, and perhaps a class (`PIXELRNN_NO_CLASS` without): `small` holds the image's
/// values at the rows and columns that are multiples of the factor, as many as `pixelrnn_small_size` says times channels.
///
/// The smaller image must stay where it is, unchanged, as long as the stream is used. Its values are known: drawing keeps them, and
/// coding spends no bits on them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_begin_small_u8(
    stream: *mut pixelrnn_stream,
    model: *const pixelrnn_model,
    image_class: u32,
    small: *const u8,
    small_count: usize,
    width: u32,
    height: u32,
    state: *mut u32,
    state_words: usize,
) -> pixelrnn_result {
    let beginning = Beginning { image_class, size: (width, height), state: (state, state_words) };
    // SAFETY: the caller's promise is the same.
    unsafe { begin(stream, model, (small, small_count), beginning) }
}

/// The same, for models of any number of levels.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_begin_small_u16(
    stream: *mut pixelrnn_stream,
    model: *const pixelrnn_model,
    image_class: u32,
    small: *const u16,
    small_count: usize,
    width: u32,
    height: u32,
    state: *mut u32,
    state_words: usize,
) -> pixelrnn_result {
    let beginning = Beginning { image_class, size: (width, height), state: (state, state_words) };
    // SAFETY: the caller's promise is the same.
    unsafe { begin(stream, model, (small, small_count), beginning) }
}

/// Whether the smaller image holds the next value: 1, or 0; and the value, which is 0 if it does not.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_known(
    stream: *const pixelrnn_stream,
    is_known: *mut u32,
    value: *mut u16,
) -> pixelrnn_result {
    // SAFETY: handle and places are the caller's promise.
    answer(|| unsafe {
        let known = get(stream)?.0.stream.known();
        let (is_known, value) = (place(is_known)?, place(value)?);
        is_known.set(u32::from(known.is_some()));
        value.set(known.unwrap_or(0));
        Ok(())
    })
}
