//! What `Model.classify` finds.

use numpy::{PyArray1, PyArray2, PyArrayMethods};
use pixelrnn_convert::commands::classify::Found;
use pixelrnn_convert::commands::score::nats;
use pyo3::prelude::*;

/// Of which class images are, a place each.
#[pyclass(frozen, get_all, module = "pixelrnn")]
pub struct Classification {
    classes: Py<PyArray1<u16>>,
    margin_nats: Py<PyArray1<f64>>,
    nats: Py<PyArray1<f64>>,
    nats_given: Py<PyArray2<f64>>,
}

impl Classification {
    /// Of images in their order.
    pub fn new(py: Python<'_>, found: &[Found]) -> PyResult<Self> {
        let array = |of: &dyn Fn(&Found) -> f64| PyArray1::from_iter(py, found.iter().map(of)).unbind();
        let given: Vec<f64> = found.iter().flat_map(|found| &found.lengths).map(|&length| nats(length)).collect();
        let shape = [found.len(), given.len() / found.len().max(1)];
        Ok(Self {
            classes: PyArray1::from_iter(py, found.iter().map(|found| found.best.class)).unbind(),
            margin_nats: array(&Found::margin),
            nats: array(&|found| nats(found.best.evidence)),
            nats_given: PyArray1::from_vec(py, given).reshape(shape)?.unbind(),
        })
    }
}
