//! The float twin: the same network in plain floating point, streamed over full maps.
//!
//! It shares the layer list with the blob's format and nothing else: every feature of every pixel is kept,
//! zeros stand outside the image, and nothing is overwritten. What the integer engine loses is measured against it.
//!
//! A layer is a file here: its weights, how they are read, and how it runs. `table` names them all.

mod canvas;
mod class;
mod condition;
mod dense;
pub(crate) mod diagonal;
pub(crate) mod first;
mod give;
mod grouped;
mod image;
mod linear;
mod load;
mod lstm;
mod map;
mod mixture;
mod network;
mod observer;
mod pixel;
pub(crate) mod pixelcnn;
mod prediction;
pub(crate) mod readout;
pub(crate) mod residual;
pub(crate) mod row_lstm;
mod softmax;
mod table;
pub(crate) mod upsample;
pub mod window;

pub use class::Class;
pub use condition::{Condition, Conditions};
pub use dense::Dense;
pub use diagonal::Diagonal;
pub use first::First;
pub use give::Tensor;
pub use grouped::Grouped;
pub use image::Image;
pub use linear::Linear;
pub use load::{NetworkError, Source, files};
pub use lstm::Lstm;
pub use mixture::Mixture;
pub use network::Network;
pub use observer::{Observer, Silent, Site};
pub use pixelcnn::PixelCnn;
pub use prediction::{Component, Prediction};
pub use readout::Readout;
pub use residual::Residual;
pub use row_lstm::RowLstm;
pub use softmax::Softmax;
pub use table::{Block, Head};
pub use upsample::{Projection, Upsample};
