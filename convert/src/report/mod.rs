//! What people look at: pictures, progress, files written whole or not at all.

#[cfg(feature = "train")]
pub mod curve;
mod file;
mod heat_map;
mod print;
mod progress;
mod sheet;

pub use file::{WriteError, write, write_new};
pub use heat_map::HeatMaps;
pub use print::print;
pub use progress::bar;
pub use sheet::{Sheet, grey, preview};
