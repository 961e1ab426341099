//! The workstation side of pixelrnn: training, quantizing, evaluating.

pub mod config;
