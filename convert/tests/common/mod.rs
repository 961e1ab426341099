//! What the tests of the command line share: a folder to work in, and small random models.

#![allow(dead_code, reason = "each test file uses a part")]

mod kind;
mod place;
pub mod scales;

pub use kind::Kind;
pub use place::Place;
