//! A head of one softmax a channel over all levels (paper, section 3); a sigmoid for 2 levels.

use super::canvas::Canvas;
use super::load::Tensors;
use super::map::Place;
use super::pixel::Pixel;
use super::readout::Features;
use super::table::HeadLayer;
use super::{Prediction, Readout};
use crate::config::NetworkConfig;

/// The weights: a channel's rows are the logits of its levels, or the one of value 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Softmax {
    /// Channel by channel.
    pub readout: Readout,
}

impl Softmax {
    pub(super) fn take(tensors: &mut Tensors<'_>, config: &NetworkConfig) -> Result<Self, String> {
        Ok(Self { readout: Readout::take(tensors, config)? })
    }

    pub(super) fn begin(&self, config: &NetworkConfig) -> Logits<'_> {
        Logits(self.readout.begin(config))
    }
}

/// The head at work on an image.
#[derive(Debug)]
pub(super) struct Logits<'n>(Features<'n>);

impl HeadLayer for Logits<'_> {
    fn step(&mut self, pixel: &mut Pixel<'_>) {
        self.0.step(pixel);
    }

    fn predict(&self, _: &Canvas, _: Place, _: usize) -> Prediction {
        match *self.0.rows {
            [logit] => Prediction::Sigmoid(logit),
            _ => Prediction::Softmax(self.0.rows.clone()),
        }
    }
}
