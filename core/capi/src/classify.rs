//! Telling an image's class.

use pixelrnn::classify::{self, Classified, ClassifyError};
use pixelrnn::{CodeLength, Model, Value};

use crate::handle::{get, pixelrnn_model};
use crate::memory::{place, place_if_any, slice, slice_mut};
use crate::result::{answer, pixelrnn_result, pixelrnn_result::*};
use crate::stream::holds;

/// What an image is, and how sure that is; code lengths in 2^-16 bit.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct pixelrnn_classified {
    /// Code length of the image given its likeliest class.
    pub code_length: u64,
    /// How much longer it is given the second likeliest; all ones of a model of one class.
    pub margin: u64,
    /// Code length of the image if its class is not known, each as likely as the others: large if it is of none of them.
    pub evidence: u64,
    /// The likeliest class; of equals the first.
    pub image_class: u32,
    /// Zero.
    pub reserved: u32,
}

impl From<Classified> for pixelrnn_classified {
    fn from(found: Classified) -> Self {
        Self {
            code_length: found.length.units(),
            margin: found.margin.units(),
            evidence: found.evidence.units(),
            image_class: u32::from(found.class),
            reserved: 0,
        }
    }
}

impl From<ClassifyError> for pixelrnn_result {
    fn from(error: ClassifyError) -> Self {
        match error {
            ClassifyError::Begin(error) => error.into(),
            ClassifyError::Stream(error) => error.into(),
            ClassifyError::NoClasses => PIXELRNN_ERROR_CLASS,
            ClassifyError::WrongLength { .. } => PIXELRNN_ERROR_WRONG_LENGTH,
            ClassifyError::WrongClasses { .. } => PIXELRNN_ERROR_SHORT_BUFFER,
            _ => PIXELRNN_ERROR_OTHER,
        }
    }
}

/// An image to be classified, and where.
struct Task<V> {
    model: *const pixelrnn_model,
    size: (u32, u32),
    state: (*mut u32, usize),
    values: (*const V, usize),
}

/// A task whose pointers were checked.
type Checked<'a, V> = (&'a Model<'static>, &'a mut [u32], &'a [V]);

impl<V: Value> Task<V> {
    /// # Safety
    /// Handle and buffers that are not null are good.
    unsafe fn check<'a>(&self) -> Result<Checked<'a, V>, pixelrnn_result> {
        // SAFETY: the caller's promise.
        unsafe {
            let (model, _) = get(self.model)?;
            let (state, values) = (slice_mut(self.state.0, self.state.1)?, slice(self.values.0, self.values.1)?);
            holds::<V>(model.levels())?;
            Ok((model, state, values))
        }
    }
}

/// Classifies a buffer of either type.
///
/// # Safety
/// Handle, buffers and place that are not null are good.
unsafe fn classify_values<V: Value>(
    task: &Task<V>,
    (code_lengths, classes): (*mut u64, usize),
    found: *mut pixelrnn_classified,
) -> pixelrnn_result {
    // SAFETY: the caller's promise; a code length is transparently its 64 bits.
    answer(|| unsafe {
        let (model, state, values) = task.check()?;
        let lengths: &mut [CodeLength] = slice_mut(code_lengths.cast(), classes)?;
        let place = place(found)?;
        let (width, height) = task.size;
        place.set(classify::image(model, width, height, state, values, lengths)?.into());
        Ok(())
    })
}

/// Tells a buffer's likeliest class, of either type.
///
/// # Safety
/// Handle, buffers and places that are not null are good.
unsafe fn likeliest_of_values<V: Value>(
    task: &Task<V>,
    image_class: *mut u32,
    code_length: *mut u64,
) -> pixelrnn_result {
    // SAFETY: the caller's promise.
    answer(|| unsafe {
        let (model, state, values) = task.check()?;
        let (class_place, length_place) = (place(image_class)?, place_if_any(code_length)?);
        let (width, height) = task.size;
        let (class, length) = classify::likeliest(model, width, height, state, values)?;
        class_place.set(u32::from(class));
        if let Some(place) = length_place {
            place.set(length.units());
        }
        Ok(())
    })
}

/// Classifies an image of a model with classes: scores it given each, one after the other.
///
/// For models of up to 256 levels. `values` has `width * height * channels` elements, which `count` must be. `code_lengths` has room
/// for `classes` numbers, as many as the model has: the image's code length given each class, in 2^-16 bit. `state` is as for
/// `pixelrnn_begin`. After an error `code_lengths` is undefined.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_classify_u8(
    model: *const pixelrnn_model,
    width: u32,
    height: u32,
    state: *mut u32,
    state_words: usize,
    values: *const u8,
    count: usize,
    code_lengths: *mut u64,
    classes: usize,
    found: *mut pixelrnn_classified,
) -> pixelrnn_result {
    let task = Task { model, size: (width, height), state: (state, state_words), values: (values, count) };
    // SAFETY: handle, buffers and place are the caller's promise.
    unsafe { classify_values(&task, (code_lengths, classes), found) }
}

/// The same as `pixelrnn_classify_u8`, for any model.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_classify_u16(
    model: *const pixelrnn_model,
    width: u32,
    height: u32,
    state: *mut u32,
    state_words: usize,
    values: *const u16,
    count: usize,
    code_lengths: *mut u64,
    classes: usize,
    found: *mut pixelrnn_classified,
) -> pixelrnn_result {
    let task = Task { model, size: (width, height), state: (state, state_words), values: (values, count) };
    // SAFETY: handle, buffers and place are the caller's promise.
    unsafe { classify_values(&task, (code_lengths, classes), found) }
}

/// Tells only which class is the likeliest, for less work: a class is given up once it is less likely than the best so far.
///
/// For models of up to 256 levels. `code_length`, which may be null, becomes the image's given that class.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_likeliest_class_u8(
    model: *const pixelrnn_model,
    width: u32,
    height: u32,
    state: *mut u32,
    state_words: usize,
    values: *const u8,
    count: usize,
    image_class: *mut u32,
    code_length: *mut u64,
) -> pixelrnn_result {
    let task = Task { model, size: (width, height), state: (state, state_words), values: (values, count) };
    // SAFETY: handle, buffers and places are the caller's promise.
    unsafe { likeliest_of_values(&task, image_class, code_length) }
}

/// The same as `pixelrnn_likeliest_class_u8`, for any model.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_likeliest_class_u16(
    model: *const pixelrnn_model,
    width: u32,
    height: u32,
    state: *mut u32,
    state_words: usize,
    values: *const u16,
    count: usize,
    image_class: *mut u32,
    code_length: *mut u64,
) -> pixelrnn_result {
    let task = Task { model, size: (width, height), state: (state, state_words), values: (values, count) };
    // SAFETY: handle, buffers and places are the caller's promise.
    unsafe { likeliest_of_values(&task, image_class, code_length) }
}
