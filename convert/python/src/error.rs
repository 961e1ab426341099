//! Errors as exceptions, with the texts that the command line prints.

use std::error::Error as StdError;

use pixelrnn_convert::blob_file::ModelError;
use pixelrnn_convert::data::DataError;
use pixelrnn_convert::float::NetworkError;
use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;

pyo3::create_exception!(
    pixelrnn,
    Error,
    PyValueError,
    "What the program pixelrnn would print as an error. Files that cannot be read are an OSError."
);

/// What the converter's functions fail with.
pub type Failure = Box<dyn StdError>;

/// Computes without the interpreter's lock.
pub fn compute<T: Send>(py: Python<'_>, work: impl FnOnce() -> Result<T, Failure> + Send) -> PyResult<T> {
    // A failure need not be `Send`: its text is.
    py.detach(|| work().map_err(|failure| (is_unreadable(&*failure), failure.to_string()))).map_err(exception)
}

fn exception((unreadable, text): (bool, String)) -> PyErr {
    if unreadable { PyOSError::new_err(text) } else { Error::new_err(text) }
}

/// An error that needs no computing to be found.
pub fn failed(failure: impl ToString) -> PyErr {
    Error::new_err(failure.to_string())
}

/// Whether a file could not be read, rather than was not what it should be.
fn is_unreadable(failure: &(dyn StdError + 'static)) -> bool {
    matches!(failure.downcast_ref(), Some(ModelError::Read { .. }))
        || matches!(failure.downcast_ref(), Some(DataError::Read { .. }))
        || matches!(failure.downcast_ref(), Some(NetworkError::Read { .. }))
}
