//! One file a command of the `pixelrnn` program.

pub mod card;
pub mod eval;
pub mod export;
pub mod inspect;
pub mod sample;
