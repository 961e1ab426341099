//! An image being modelled: begin, observe, row by row.

use pixelrnn::{Stream, Temperature, Value};

use crate::handle::{BorrowingStream, clear, get, get_mut, pixelrnn_model, pixelrnn_stream, put};
use crate::memory::{place, place_if_any, slice_mut};
use crate::result::{answer, pixelrnn_result, pixelrnn_result::*};

/// Where a stream is.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct pixelrnn_position {
    /// Columns of the image.
    pub width: u32,
    /// Rows of the image.
    pub height: u32,
    /// Column of the next value.
    pub column: u32,
    /// Row of the next value; the height once the image is complete.
    pub row: u32,
    /// Channel of the next value, from 0.
    pub channel: u32,
    /// Channels of a pixel.
    pub channels: u32,
}

/// A stream to work with, if its model is still the one that it was begun with.
///
/// # Safety
/// As for [`get_mut`].
pub(crate) unsafe fn stream_mut<'a>(stream: *mut pixelrnn_stream) -> Result<&'a mut Stream<'static>, pixelrnn_result> {
    // SAFETY: the caller's promise; the model's handle outlives the stream by the same.
    unsafe {
        let BorrowingStream { model, generation, stream } = get_mut(stream)?;
        match get(*model) {
            Ok((_, now)) if now == *generation => Ok(stream),
            _ => Err(PIXELRNN_ERROR_MODEL_CHANGED),
        }
    }
}

/// Values that the image still asks for.
pub(crate) fn remaining(stream: &Stream<'_>) -> usize {
    let rows = (stream.height() - stream.row()) as usize;
    let pixels = rows.saturating_mul(stream.width() as usize).saturating_sub(stream.column() as usize);
    let channels = usize::from(stream.model().channels());
    pixels.saturating_mul(channels).saturating_sub(usize::from(stream.channel()))
}

/// A stream to work with, whose next `count` values go into a buffer of this type.
///
/// # Safety
/// As for [`get_mut`].
pub(crate) unsafe fn stream_of<'a, V: Value>(
    stream: *mut pixelrnn_stream,
    count: usize,
) -> Result<&'a mut Stream<'static>, pixelrnn_result> {
    // SAFETY: the caller's promise.
    let stream = unsafe { stream_mut(stream)? };
    holds::<V>(stream.levels())?;
    if count > remaining(stream) { Err(PIXELRNN_ERROR_PAST_END) } else { Ok(stream) }
}

/// Whether a type of the caller's holds every value of so many levels.
pub(crate) fn holds<V: Value>(levels: u32) -> Result<(), pixelrnn_result> {
    let most = V::from_level(u16::MAX).to_level();
    if u32::from(most) + 1 < levels { Err(PIXELRNN_ERROR_NEEDS_16_BITS) } else { Ok(()) }
}

/// Whether an image can be of this size.
pub(crate) fn possible(width: u32, height: u32) -> Result<(), pixelrnn_result> {
    match (width.min(height), width.max(height)) {
        (0, _) => Err(PIXELRNN_ERROR_EMPTY_IMAGE),
        (_, 65_536..) => Err(PIXELRNN_ERROR_IMAGE_TOO_LARGE),
        _ => Ok(()),
    }
}

/// What stands for no class: that of a model without classes.
pub const PIXELRNN_NO_CLASS: u32 = u32::MAX;

/// A class as C gives it; one beyond 16 bits is none that a model has.
pub(crate) fn class_of(image_class: u32) -> Option<u16> {
    (image_class != PIXELRNN_NO_CLASS).then(|| u16::try_from(image_class).unwrap_or(u16::MAX))
}

/// Begins an image of `width` columns and `height` rows, each 1 to 65535, of a model without classes.
///
/// The state's contents do not matter; only its first words are used, as many as `pixelrnn_state_words` says.
/// After an error the stream holds no image.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_begin(
    stream: *mut pixelrnn_stream,
    model: *const pixelrnn_model,
    width: u32,
    height: u32,
    state: *mut u32,
    state_words: usize,
) -> pixelrnn_result {
    // SAFETY: the caller's promise is the same.
    unsafe { pixelrnn_begin_class(stream, model, PIXELRNN_NO_CLASS, width, height, state, state_words) }
}

/// The same as `pixelrnn_begin`, of a class of the model's, 0 to their number less 1; `PIXELRNN_NO_CLASS` for a model
/// without classes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_begin_class(
    stream: *mut pixelrnn_stream,
    model: *const pixelrnn_model,
    image_class: u32,
    width: u32,
    height: u32,
    state: *mut u32,
    state_words: usize,
) -> pixelrnn_result {
    // SAFETY: the caller keeps model and state while the stream is used, which the static lifetimes stand for.
    answer(|| unsafe {
        let slot = clear(stream)?;
        let (loaded, generation) = get(model)?;
        let state: &'static mut [u32] = slice_mut(state, state_words)?;
        let begun = Stream::begin_class(loaded, class_of(image_class), width, height, state)?;
        put(stream, slot, BorrowingStream { model, generation, stream: begun });
        Ok(())
    })
}

/// Tells where a stream is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_where(
    stream: *const pixelrnn_stream,
    position: *mut pixelrnn_position,
) -> pixelrnn_result {
    // SAFETY: handle and place are the caller's promise.
    answer(|| unsafe {
        let stream = &get(stream)?.0.stream;
        let place = place(position)?;
        place.set(pixelrnn_position {
            width: stream.width(),
            height: stream.height(),
            column: stream.column(),
            row: stream.row(),
            channel: u32::from(stream.channel()),
            channels: u32::from(stream.model().channels()),
        });
        Ok(())
    })
}

/// The channel of the next value, from 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_stream_channel(stream: *const pixelrnn_stream, channel: *mut u32) -> pixelrnn_result {
    // SAFETY: handle and place are the caller's promise.
    answer(|| unsafe {
        let stream = &get(stream)?.0.stream;
        place(channel)?.set(u32::from(stream.channel()));
        Ok(())
    })
}

/// Sets the temperature of predictions, in hundredths, 1 to 10000: below 100 they are sharpened, above flattened.
///
/// It holds from the next prediction that is computed. An image begins with 100, the model's own distribution.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_set_temperature(stream: *mut pixelrnn_stream, percent: u32) -> pixelrnn_result {
    // SAFETY: the handle is the caller's promise.
    answer(|| unsafe {
        let stream = stream_mut(stream)?;
        stream.set_temperature(Temperature::from_percent(percent).ok_or(PIXELRNN_ERROR_TEMPERATURE)?);
        Ok(())
    })
}

/// Feeds the true value at hand, and moves on to the next: the pixel's next channel, or the next pixel. After an error
/// nothing has changed.
///
/// A value that is observed without a prediction costs everything but the head.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_observe(stream: *mut pixelrnn_stream, value: u16) -> pixelrnn_result {
    // SAFETY: the handle is the caller's promise.
    answer(|| unsafe { Ok(stream_mut(stream)?.observe(value)?) })
}

/// Runs up to `steps` of the work that a complete row leaves behind, and tells how many steps are left.
///
/// Only a Diagonal BiLSTM has any: a step is one column of one layer. What is left is run by the next prediction or
/// observation; a main loop that must stay responsive calls this in between. `left` may be null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_row_end(stream: *mut pixelrnn_stream, steps: u32, left: *mut u32) -> pixelrnn_result {
    // SAFETY: handle and place are the caller's promise.
    answer(|| unsafe {
        let stream = stream_mut(stream)?;
        let left = place_if_any(left)?;
        let remaining = stream.row_end(steps);
        if let Some(left) = left {
            left.set(remaining);
        }
        Ok(())
    })
}
