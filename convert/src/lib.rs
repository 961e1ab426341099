//! The workstation side of pixelrnn: training, quantizing, evaluating.

pub mod archive;
pub mod blob_file;
pub mod commands;
pub mod config;
pub mod data;
pub mod evaluate;
pub mod float;
pub mod many;
pub mod pyramid;
pub mod quantize;
pub mod report;
#[cfg(feature = "train")]
pub mod train;
