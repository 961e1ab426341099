//! One file a command of the `pixelrnn` program.

pub mod card;
pub mod class;
pub mod classify;
pub mod complete;
pub mod compress;
pub mod decompress;
pub mod embed;
pub mod enlarge;
pub mod eval;
pub mod export;
pub mod inspect;
pub mod receive;
pub mod repack;
pub mod sample;
pub mod score;
