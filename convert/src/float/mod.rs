//! The float twin: the same network in plain floating point, streamed over full maps.
//!
//! It shares the layer list with the blob's format and nothing else: every feature of every pixel is kept,
//! zeros stand outside the image, and nothing is overwritten. What the integer engine loses is measured against it.

mod dense;
mod image;
mod load;
mod map;
mod network;

pub use dense::Dense;
pub use image::Image;
pub use load::NetworkError;
pub use network::{Block, Lstm, Network, Observer, Silent, Site};
