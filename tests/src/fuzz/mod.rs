//! What the fuzz targets do with their input: the same code under cargo-fuzz and in a stable test.
//!
//! Whatever the bytes, nothing may panic, and nothing wrong may pass for right. Depends on the core and on `coded` alone:
//! `tests/fuzz` includes both, and builds in seconds.

mod aligned;
mod blob;
mod decode;
mod models;
mod scales;

pub(crate) use aligned::Aligned;
pub use blob::blob;
pub use decode::{SIZE, decode, header};
pub use models::{MODELS, Models};
pub use scales::{SCALES_SIZE, scales};
