//! The workstation side of pixelrnn: training, quantizing, evaluating.

pub mod config;
pub mod data;
pub mod report;
#[cfg(feature = "train")]
pub mod train;

impl From<config::Architecture> for pixelrnn::Architecture {
    fn from(architecture: config::Architecture) -> Self {
        match architecture {
            config::Architecture::PixelCnn => Self::PixelCnn,
            config::Architecture::RowLstm => Self::RowLstm,
            config::Architecture::DiagonalBilstm => Self::DiagonalBilstm,
        }
    }
}
