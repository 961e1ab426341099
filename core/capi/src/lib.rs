//! The C library of [`pixelrnn`]: `libpixelrnn.a` and `pixelrnn.h`, which cbindgen makes from this crate.
//!
//! Every function is a thin door: it checks what C cannot promise (pointers, alignment, lengths, the order of calls),
//! calls the engine, and turns its answer into a [`pixelrnn_result`]. Nothing is allocated, nothing is global, and
//! nothing panics: handles and buffers are the caller's memory.
//!
//! Names are C's, so that the header reads as this source does. A function over images comes in two forms, `_u8` and `_u16`, of
//! one generic body: the caller's buffer is never converted.
//!
//! # Safety
//! One promise serves every function, and stands on the header's first page (`cbindgen.toml`): a pointer that is neither
//! null nor misaligned is good for the length given with it, handles are initialized, buffers do not overlap, and what a
//! handle borrows outlives it.
#![cfg_attr(not(feature = "std"), no_std)]
#![allow(non_camel_case_types, clippy::missing_safety_doc)]

mod buffer;
mod classify;
mod codec;
mod complete;
mod distribution;
mod handle;
mod memory;
mod model;
#[cfg(not(feature = "std"))]
mod panic;
mod result;
mod sample;
mod scales;
mod score;
mod stream;

pub use buffer::*;
pub use classify::*;
pub use codec::*;
pub use complete::*;
pub use distribution::*;
pub use handle::*;
pub use model::*;
pub use result::*;
pub use sample::*;
pub use scales::*;
pub use score::*;
pub use stream::*;

/// The library's version, `major.minor.patch`.
#[unsafe(no_mangle)]
pub extern "C" fn pixelrnn_version() -> *const core::ffi::c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}
