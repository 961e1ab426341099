//! The table of layers: a line each for its weights, how they are read, and how it begins an image.

use std::fmt::Debug;

use super::canvas::Canvas;
use super::condition::Given;
use super::load::Tensors;
use super::map::{Place, Size};
use super::pixel::Pixel;
use super::{Diagonal, Mixture, PixelCnn, Prediction, RowLstm, Softmax};
use crate::config::{Architecture, NetworkConfig};

/// A block at work on an image.
pub(super) trait Layer: Debug {
    /// Computes a channel group of a pixel: reads and adds to the residual stream.
    fn step(&mut self, pixel: &mut Pixel<'_>);

    /// Computes what is left for a row's end of an image that is given something; shows what products read.
    fn row_end(&mut self, _row: (isize, Given<'_>), _read: &mut dyn FnMut(&'static str, &[f32])) {}
}

/// A head at work on an image.
pub(super) trait HeadLayer: Debug {
    /// Computes a channel group of a pixel from the residual stream.
    fn step(&mut self, pixel: &mut Pixel<'_>);

    /// The distribution of a channel at the same pixel.
    fn predict(&self, canvas: &Canvas, place: Place, channel: usize) -> Prediction;
}

/// A block's weights.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// Residual block of convolutions.
    PixelCnn(PixelCnn),
    /// LSTM from row to row.
    RowLstm(RowLstm),
    /// LSTMs from both upper corners.
    Diagonal(Diagonal),
}

/// A head's weights.
#[derive(Debug, Clone, PartialEq)]
pub enum Head {
    /// A softmax or a sigmoid a channel.
    Softmax(Softmax),
    /// A mixture of logistics a channel.
    Mixture(Mixture),
}

impl Block {
    pub(super) fn take(tensors: &mut Tensors<'_>, config: &NetworkConfig, number: u8) -> Result<Self, String> {
        let name = &format!("blocks.{number}");
        match config.architecture {
            Architecture::PixelCnn => {
                PixelCnn::take(tensors, config, name, config.distance(number)).map(Self::PixelCnn)
            }
            Architecture::RowLstm => RowLstm::take(tensors, config, name).map(Self::RowLstm),
            Architecture::DiagonalBilstm => Diagonal::take(tensors, config, name).map(Self::Diagonal),
        }
    }

    pub(super) fn begin<'n>(&'n self, config: &NetworkConfig, size: Size) -> Box<dyn Layer + 'n> {
        match self {
            Self::PixelCnn(weights) => Box::new(weights.begin(config, size)),
            Self::RowLstm(weights) => Box::new(weights.begin(config, size)),
            Self::Diagonal(weights) => Box::new(weights.begin(config, size)),
        }
    }
}

impl Head {
    pub(super) fn take(tensors: &mut Tensors<'_>, config: &NetworkConfig) -> Result<Self, String> {
        match config.components {
            0 => Softmax::take(tensors, config).map(Self::Softmax),
            _ => Mixture::take(tensors, config).map(Self::Mixture),
        }
    }

    pub(super) fn begin<'n>(&'n self, config: &'n NetworkConfig) -> Box<dyn HeadLayer + 'n> {
        match self {
            Self::Softmax(weights) => Box::new(weights.begin(config)),
            Self::Mixture(weights) => Box::new(weights.begin(config)),
        }
    }
}
