//! One file a command of the `pixelrnn` program.

pub mod inspect;
