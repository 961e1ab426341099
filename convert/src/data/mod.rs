//! Images: from files of many kinds to one type, and from a file's values to a model's levels.

mod array;
mod error;
mod grey;
mod grid;
mod idx;
pub mod labels;
pub mod levels;
mod npy;
mod options;
mod picture;
mod pnm;
mod raster;
mod read;
pub mod set;
mod values;

pub use array::{from_array, wrong_type};
pub use error::{ChannelsError, DataError};
pub use labels::Labels;
pub use levels::{Levels, LevelsError};
pub use npy::{is_npy, npy_bytes};
pub use options::{Grid, ImageOptions};
pub use picture::Picture;
pub use values::{ValueError, Values};
