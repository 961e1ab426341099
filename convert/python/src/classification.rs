//! What `Model.classify` finds.

use numpy::{PyArray1, PyArrayMethods};
use pixelrnn_convert::commands::classify::Found;
use pixelrnn_convert::commands::score::nats;
use pyo3::prelude::*;

/// Of which class images are, in their order: a `pixelrnn.Classification`.
pub fn classification<'py>(py: Python<'py>, found: &[Found]) -> PyResult<Bound<'py, PyAny>> {
    let array = |of: &dyn Fn(&Found) -> f64| PyArray1::from_iter(py, found.iter().map(of));
    let given: Vec<f64> = found.iter().flat_map(|found| &found.lengths).map(|&length| nats(length)).collect();
    let shape = [found.len(), given.len() / found.len().max(1)];
    let found = (
        PyArray1::from_iter(py, found.iter().map(|found| found.best.class)),
        array(&Found::margin),
        array(&|found| nats(found.best.evidence)),
        PyArray1::from_vec(py, given).reshape(shape)?,
    );
    py.import("pixelrnn.results")?.getattr("Classification")?.call1(found)
}
