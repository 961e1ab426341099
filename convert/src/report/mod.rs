//! What people look at: pictures, progress, files written whole or not at all.

#[cfg(feature = "train")]
pub mod curve;
mod file;
mod heat_map;
mod png;
mod print;
mod progress;
mod sheet;
mod tone;

pub use file::{WriteError, write, write_new};
pub use heat_map::{heat_map, heat_maps};
pub use png::{png, save_png};
pub use print::print;
pub use progress::bar;
pub use sheet::{between, preview, sheet};
pub use tone::{shown, tone};
