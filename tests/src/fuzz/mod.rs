//! What the fuzz targets do with their input: the same code under cargo-fuzz and in a stable test.
//!
//! Whatever the bytes, nothing may panic, and nothing wrong may pass for right.

mod blob;
mod decode;

pub use blob::blob;
pub use decode::{MODELS, chosen, decode, encode};
