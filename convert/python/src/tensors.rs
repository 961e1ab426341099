//! Named NumPy arrays as the safetensors file that they would be saved in.

use numpy::{PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use safetensors::Dtype;
use safetensors::tensor::TensorView;

use crate::error::failed;

/// The file's bytes: the converter reads nothing else.
pub fn file(tensors: &Bound<'_, PyDict>) -> PyResult<Vec<u8>> {
    let named = tensors.iter().map(|(name, array)| Tensor::of(name.extract()?, array)).collect::<PyResult<Vec<_>>>()?;
    let views = named.iter().map(Tensor::view).collect::<PyResult<Vec<_>>>()?;
    safetensors::serialize(views, None).map_err(failed)
}

struct Tensor<'py> {
    name: String,
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Bound<'py, PyBytes>,
}

impl<'py> Tensor<'py> {
    fn of(name: String, array: Bound<'py, PyAny>) -> PyResult<Self> {
        let array = array
            .cast_into::<PyUntypedArray>()
            .map_err(|_| PyTypeError::new_err(format!("{name} is not a NumPy array")))?;
        let kind: String = array.dtype().as_any().getattr("str")?.extract()?;
        let dtype =
            dtype(&kind).ok_or_else(|| failed(format!("{name} is {kind}; float32, float16 and bfloat16 are read")))?;
        let bytes = array.call_method0("tobytes")?.cast_into::<PyBytes>()?;
        Ok(Self { name, dtype, shape: array.shape().to_vec(), bytes })
    }

    fn view(&self) -> PyResult<(&str, TensorView<'_>)> {
        let view = TensorView::new(self.dtype, self.shape.clone(), self.bytes.as_bytes());
        view.map(|view| (&*self.name, view)).map_err(failed)
    }
}

/// Of NumPy's name of a type.
fn dtype(kind: &str) -> Option<Dtype> {
    match kind {
        "<f4" => Some(Dtype::F32),
        "<f2" => Some(Dtype::F16),
        "<f8" => Some(Dtype::F64),
        _ => None,
    }
}
