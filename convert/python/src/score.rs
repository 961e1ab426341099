//! What `Model.score` finds.

use numpy::PyArray1;
use pixelrnn_convert::commands::score::{Score as OfImage, nats};
use pyo3::prelude::*;

/// How likely images are, a place each.
#[pyclass(frozen, get_all, module = "pixelrnn")]
pub struct Score {
    nats: Py<PyArray1<f64>>,
    bits_per_dimension: Py<PyArray1<f64>>,
    background_nats: Option<Py<PyArray1<f64>>>,
    ratio_nats: Option<Py<PyArray1<f64>>>,
}

impl Score {
    /// Of images in their order.
    pub fn new(py: Python<'_>, scores: &[OfImage]) -> Self {
        let array = |of: &dyn Fn(&OfImage) -> f64| PyArray1::from_iter(py, scores.iter().map(of)).unbind();
        let optional = |of: &dyn Fn(&OfImage) -> Option<f64>| {
            scores.iter().map(of).collect::<Option<Vec<f64>>>().map(|all| PyArray1::from_vec(py, all).unbind())
        };
        Self {
            nats: array(&|score| nats(score.length)),
            bits_per_dimension: array(&OfImage::bits_per_dimension),
            background_nats: optional(&|score| score.background.map(nats)),
            ratio_nats: optional(&OfImage::ratio),
        }
    }
}
