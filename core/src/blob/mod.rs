//! The `.prnn` file: a model's description and weights, read in place.
//!
//! ```text
//! byte  0  magic "PRNN"
//!       4  format version, u16
//!       6  zero, u16
//!       8  length of the whole blob in bytes, u32
//!      12  CRC-32 (ISO-HDLC) of bytes 0..12 and 16.., u32
//!      16  the header, postcard: see `Header`
//!          zeros up to a multiple of 16
//!          the body: every layer's arrays, in the order of the header's layer list
//! ```
//!
//! Integers are little-endian. Every array in the body starts at a multiple of 4 bytes from the blob's start,
//! and the blob itself must lie at an address that is a multiple of 4 ([`include_model!`](crate::include_model) sees to it).
//!
//! A body's layer is a sequence of arrays (see [`LayerDescription`] for each kind's):
//! a *quantizer* of n inputs is `i16[n]` multipliers; a *linear* of R rows by K columns is `i32[R]` biases,
//! `i16[R]` multipliers and `R * K` packed weights (see [`kernels`](crate::kernels)); a *matrix* is a linear without biases.
//! *coefficients* are `i32[n]`, Q16. With a smaller image, a block ends with a matrix of what the upsampled features add. With Y classes, a layer that they add to R rows of ends with their *vectors*, `i32[R]` multipliers
//! and `i8[Y * R]` numbers, class after class, rows group after group: a multiplier times a number is added to what a bias is added to.
//! Per-output-channel scales are 16-bit integers rather than half floats: the engine multiplies by them as they are,
//! and 15 significant bits cost no more flash than half's 11.

mod error;
mod format;
mod open;
mod reader;
mod scales;
mod section;

pub use error::LoadError;
pub use format::{
    Architecture, Condition, Diagonal, Dilated, Distance, First, Header, LayerDescription, MAGIC, MAX_LAYERS, Mixture,
    PREFIX_BYTES, Packing, PixelCnn, RowLstm, Softmax, Upsample, VERSION, body_offset,
};
pub(crate) use open::{CRC32, prefix, read};
pub use open::{checksum, open};
pub use scales::{MAX_SCALES, SCALES_MAGIC, SCALES_VERSION, Scales, directory_bytes};
pub use section::{Linear, Matrix, Part, Section, Vectors};
