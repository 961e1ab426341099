//! NumPy arrays as the converter's pictures, and back.

use numpy::{Element, PyArray1, PyArrayDyn, PyArrayMethods, PyReadonlyArray2, PyUntypedArray, PyUntypedArrayMethods};
use pixelrnn::Model;
use pixelrnn_convert::data::{Levels, Picture, Values, from_array, set, wrong_type};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::error::{Failure, failed};

/// The images of an array, or of a sequence of arrays of any sizes.
pub fn pictures(images: &Bound<'_, PyAny>) -> PyResult<Vec<Picture>> {
    if let Ok(array) = images.cast::<PyUntypedArray>() {
        return of_array(array, "images");
    }
    let mut pictures = Vec::new();
    for (number, image) in images.try_iter().map_err(|_| no_array(images))?.enumerate() {
        let image = image?;
        let array = image.cast::<PyUntypedArray>().map_err(|_| no_array(&image))?;
        pictures.extend(of_array(array, &format!("images[{number}]"))?);
    }
    if pictures.is_empty() { Err(failed("no image in images")) } else { Ok(pictures) }
}

fn no_array(found: &Bound<'_, PyAny>) -> PyErr {
    let kind = found.get_type().name().map_or_else(|_| "this".into(), |name| name.to_string());
    PyTypeError::new_err(format!(
        "images are a NumPy array of numpy.uint8 or numpy.uint16, or a list of such, not {kind}"
    ))
}

fn of_array(array: &Bound<'_, PyUntypedArray>, name: &str) -> PyResult<Vec<Picture>> {
    let (depth, values) = match (array.cast::<PyArrayDyn<u8>>(), array.cast::<PyArrayDyn<u16>>()) {
        (Ok(bytes), _) => (8, values(bytes)),
        (_, Ok(words)) => (16, values(words)),
        _ => return Err(failed(wrong_type(name, &kind(array)?))),
    };
    let pictures = from_array(name, depth, array.shape(), values).map_err(failed)?;
    if pictures.is_empty() { Err(failed(format!("no image in {name}"))) } else { Ok(pictures) }
}

/// NumPy's name of the type of an array's values.
fn kind(array: &Bound<'_, PyUntypedArray>) -> PyResult<String> {
    array.dtype().as_any().getattr("str")?.extract()
}

/// Values in the order of the axes, however they lie in memory.
fn values<T: Element + Copy + Into<u16>>(array: &Bound<'_, PyArrayDyn<T>>) -> Vec<u16> {
    array.readonly().as_array().iter().map(|&value| value.into()).collect()
}

/// Images as the model's levels, exactly where that is possible.
pub fn levels(model: &Model<'_>, pictures: Vec<Picture>, values: Values) -> Result<Vec<Picture>, Failure> {
    set::check_channels(&pictures, usize::from(model.channels()), set::MODEL)?;
    Ok(values.apply(pictures, model.levels())?)
}

/// The same where likelihoods are measured.
pub fn spread(model: &Model<'_>, pictures: Vec<Picture>, values: Levels) -> Result<Vec<Picture>, Failure> {
    set::check_channels(&pictures, usize::from(model.channels()), set::MODEL)?;
    Ok(values.apply(pictures, model.levels())?)
}

/// The one image that there must be.
pub fn one(mut pictures: Vec<Picture>, done: &str) -> Result<Picture, Failure> {
    match pictures.len() {
        1 => Ok(pictures.swap_remove(0)),
        count => Err(format!("one image is {done} at a time, {count} were given").into()),
    }
}

/// What is known as a picture: bright.
pub fn mask_picture(mask: &PyReadonlyArray2<'_, bool>) -> Picture {
    let mask = mask.as_array();
    let (height, width) = mask.dim();
    let values = mask.iter().map(|&known| if known { 255 } else { 0 }).collect();
    Picture { name: "mask".into(), height, ..Picture::grey(width, values) }
}

/// All scales of images, the smallest first, as an array each.
pub fn of_scales<'py>(py: Python<'py>, images: &[Vec<Picture>]) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let count = images.first().map_or(0, Vec::len);
    let scale = |scale: usize| images.iter().map(|scales| scales[scale].clone()).collect::<Vec<_>>();
    (0..count).map(|number| array(py, &scale(number))).collect()
}

/// Images of one size as an array of (images, rows, columns, channels), of bytes or of 16-bit numbers.
pub fn array<'py>(py: Python<'py>, pictures: &[Picture]) -> PyResult<Bound<'py, PyAny>> {
    let (height, width, channels) = pictures.first().map_or((0, 0, 1), |one| (one.height, one.width, one.channels));
    shaped(py, pictures, [pictures.len(), height, width, channels])
}

/// Images of any sizes as a list of arrays of (rows, columns, channels).
pub fn arrays<'py>(py: Python<'py>, pictures: &[Picture]) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let one = |picture: &Picture| {
        shaped(py, std::slice::from_ref(picture), [picture.height, picture.width, picture.channels])
    };
    pictures.iter().map(one).collect()
}

fn shaped<'py, const N: usize>(py: Python<'py>, pictures: &[Picture], shape: [usize; N]) -> PyResult<Bound<'py, PyAny>>
where
    [usize; N]: numpy::ndarray::IntoDimension,
{
    let values = pictures.iter().flat_map(|picture| &picture.values).copied();
    if pictures.iter().any(|picture| picture.depth > 8) {
        return Ok(PyArray1::from_vec(py, values.collect::<Vec<u16>>()).reshape(shape)?.into_any());
    }
    let bytes = values.map(|value| value as u8).collect::<Vec<u8>>();
    Ok(PyArray1::from_vec(py, bytes).reshape(shape)?.into_any())
}
