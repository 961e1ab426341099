//! The Python module `pixelrnn`: what the program `pixelrnn` does, on NumPy arrays.
//!
//! Nothing is computed here: arguments are read, the converter's library is called without the interpreter's lock, and what it gives
//! is made into arrays. `package/pixelrnn/_engine.pyi` is the documentation.

mod arguments;
mod classification;
mod coding;
mod error;
mod images;
mod model;
mod network;
mod read;
mod score;
mod tensors;

/// The part of the module that is compiled.
#[pyo3::pymodule]
mod _engine {
    #[pymodule_export]
    use super::error::Error;
    #[pymodule_export]
    use super::model::Model;
    #[pymodule_export]
    use super::network::{Network, check_config, quantize, quantize_scales, rounded};
    #[pymodule_export]
    use super::read::{levels, read, read_labelled};
}
