//! What `Model.score` finds.

use numpy::PyArray1;
use pixelrnn_convert::commands::score::{Score, nats};
use pyo3::prelude::*;

/// How likely images are, in their order: a `pixelrnn.Score`.
pub fn score<'py>(py: Python<'py>, scores: &[Score]) -> PyResult<Bound<'py, PyAny>> {
    let array = |of: &dyn Fn(&Score) -> f64| PyArray1::from_iter(py, scores.iter().map(of));
    let optional = |of: &dyn Fn(&Score) -> Option<f64>| {
        scores.iter().map(of).collect::<Option<Vec<f64>>>().map(|all| PyArray1::from_vec(py, all))
    };
    let found = (
        array(&|score| nats(score.length)),
        array(&Score::bits_per_dimension),
        optional(&|score| score.background.map(nats)),
        optional(&Score::ratio),
    );
    py.import("pixelrnn.results")?.getattr("Score")?.call1(found)
}
