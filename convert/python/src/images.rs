//! NumPy arrays as the converter's pictures, and back.

use numpy::{Element, PyArray1, PyArrayDyn, PyArrayMethods, PyUntypedArray, PyUntypedArrayMethods};
use pixelrnn_convert::data::{Picture, from_array, wrong_type};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::error::failed;

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
