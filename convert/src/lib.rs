//! The workstation side of pixelrnn: training, quantizing, evaluating.

pub mod blob_file;
pub mod commands;
pub mod config;
pub mod data;
pub mod quantize;
#[cfg(feature = "train")]
pub mod train;
