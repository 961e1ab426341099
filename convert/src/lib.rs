//! The workstation side of pixelrnn: training, quantizing, evaluating.

pub mod config;
pub mod data;
#[cfg(feature = "train")]
pub mod train;
