//! Quantized PixelCNN and PixelRNN models (van den Oord, Kalchbrenner, Kavukcuoglu, 2016, arXiv 1601.06759),
//! streamed one pixel at a time in integer arithmetic, without allocation.
//!
//! # How a pixel flows
//!
//! ```text
//! blob bytes --> blob (checked once) --> Model --> Stream: predict / observe --> sample, complete, score, classify, codec
//!                                          |          |
//!                                          |        layers    first --> block --> … --> block --> head
//!                                          |          |                int16 residual stream, int8 inside
//!                                          |        kernels   plain is the meaning, the rest is faster
//!                                          +-- sizes: state, work, multiply-adds
//! ```
//!
//! | layer | reads | keeps, for a width W and h features | a row's end |
//! | --- | --- | --- | --- |
//! | upsample | nine pixels of a smaller image | a row of small pixels' features | |
//! | first | 24 pixels: three rows above, three to the left | four image rows, shared | |
//! | PixelCNN | five taps of its reduced features | h (W + 1) bytes | |
//! | Row LSTM | the row above | 3 h W bytes and a few vectors | |
//! | Diagonal BiLSTM | the upper and left (right) neighbours | 4 h W bytes and a few vectors | right to left |
//! | softmax | the pixel's features | nothing | |
//! | mixture | the pixel's features, its four neighbours, its earlier channels | nothing | |
//!
//! Everything else is a loop over [`Stream::predict`] and [`Stream::observe`]. [`Streams`] are the same of several images side by
//! side, which a host computes at once; a `Stream` is one of one.
//!
//! ```no_run
//! use pixelrnn::{Model, Seeded, Stream, sample};
//! use rand_core::SeedableRng;
//!
//! static BLOB: &[u8] = &[]; // pixelrnn::include_model!("digits.prnn")
//! let model = Model::load(BLOB)?;
//! let mut state = pixelrnn::State::<4096>::new();
//! let mut stream = Stream::begin(&model, 28, 28, &mut state)?;
//! let mut image = [0u8; 28 * 28];
//! sample::fill(&mut stream, &mut Seeded::seed_from_u64(1), &mut image);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A model of several scales draws a small image first, and then larger ones given it: [`Pyramid`].
//! A model with classes draws images of one, and tells which class an image is likeliest of: [`Stream::begin_class`], [`classify`].
//!
//! # Why every machine draws the same image
//!
//! From weights to frequencies there are only integers: int8 weights and activations, 32-bit sums that a loaded
//! model cannot overflow, 16-bit multipliers, tables. See [`fixed`] for the formats and their errors.
//!
//! # Features
//!
//! None changes what a model draws or codes. On by default are the kinds of models: `pixelcnn`, `dilation` (in its blocks), `row-lstm`, `diagonal-bilstm`, `softmax`,
//! `mixture` and `scales`; and `channels` (more than one), `levels` (a softmax of more than two) and `classes`. Firmware that names only
//! what its model has is a third smaller, and refuses others with [`LoadError::LeftOut`]:
//!
//! ```toml
//! [dependencies]
//! pixelrnn = { version = "0.1", default-features = false, features = ["row-lstm", "softmax"] }
//! ```
//!
//! `nibbles` reads models whose blocks have weights of 4 bits, see [`kernels`]; others take up to 2 % more instructions with it. Without it
//! such models are refused with [`LoadError::UnsupportedPacking`].
//!
//! `small` makes the fewest bytes of code instead of the fewest instructions, for programs of some 10 KB: one kernel in plain Rust, smaller
//! tables. With `std` it does nothing.
//!
//! `std`, for hosts: kernels for AVX2 and AVX-512 are chosen at run time, where a build for all machines of a family would leave them
//! out. The crate is used as without:
//!
//! ```toml
//! [dependencies]
//! pixelrnn = { version = "0.1", features = ["std"] }
//! ```
//!
//! `defmt`: errors and other public types implement `defmt::Format`, so that a firmware's log takes them as they are:
//!
//! ```no_run
//! # #[cfg(feature = "defmt")]
//! fn load(blob: &[u8]) -> Option<pixelrnn::Model<'_>> {
//!     pixelrnn::Model::load(blob).map_err(|error| defmt::error!("no model: {}", error)).ok()
//! }
//! ```
//!
//! `embedded-graphics`: the module `draw` shows images, and pixels as they come, on whatever display has a driver:
//!
//! ```no_run
//! # #[cfg(feature = "embedded-graphics")]
//! # {
//! use embedded_graphics::{mock_display::MockDisplay, pixelcolor::BinaryColor, prelude::Point};
//! use pixelrnn::draw::{Placement, binary};
//!
//! let mut display: MockDisplay<BinaryColor> = MockDisplay::new();
//! Placement { top_left: Point::new(0, 0), zoom: 1 }.image(&mut display, 2, &[1u8, 0, 1, 1], binary)?;
//! # }
//! # Ok::<(), core::convert::Infallible>(())
//! ```
#![no_std]

#[cfg(feature = "std")]
extern crate std;

#[cfg(target_endian = "big")]
compile_error!("pixelrnn reads weights in place, and they are little-endian");

pub mod blob;
pub mod classify;
pub mod codec;
pub mod complete;
pub mod distribution;
#[cfg(feature = "embedded-graphics")]
pub mod draw;
pub mod fixed;
pub mod kernels;
pub mod layers;
pub mod model;
pub mod pyramid;
pub mod sample;
pub mod score;
pub mod stream;
mod temperature;
mod value;

pub use blob::{Architecture, LayerDescription, LoadError};
pub use classify::Classified;
pub use distribution::{Distribution, Share};
pub use model::Model;
pub use pyramid::{Pyramid, PyramidError};
pub use sample::Seeded;
pub use score::CodeLength;
pub use stream::{BeginError, Conditions, State, Stream, StreamError, Streams, images_at_once};
pub use temperature::Temperature;
pub use value::{Value, Values};
