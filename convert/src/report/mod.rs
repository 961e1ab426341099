//! What people look at: pictures, progress, files written whole or not at all.

#[cfg(feature = "train")]
pub mod curve;
mod file;
pub use file::{WriteError, write, write_new};
