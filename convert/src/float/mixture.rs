//! A head of a mixture of logistics a channel (Salimans et al., 2017, arXiv 1701.05517): one pass a pixel, then every channel's
//! means follow the channels before it.

use super::canvas::Canvas;
use super::load::Tensors;
use super::map::Place;
use super::pixel::Pixel;
use super::prediction::Logistics;
use super::readout::Features;
use super::table::HeadLayer;
use super::{Component, Linear, Prediction, Readout};
use crate::config::NetworkConfig;

/// Log scales that are told apart.
const LOG_SCALES: std::ops::RangeInclusive<f64> = -3.5..=12.0;
/// Largest coefficient on an earlier channel.
const MOST_COEFFICIENT: f64 = 3.99;

/// The weights: for a channel, for a component, rows of weight logit, offset, log scale, and a coefficient an earlier channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Mixture {
    /// One group.
    pub readout: Readout,
    /// What the means start from.
    pub linear: Linear,
}

impl Mixture {
    pub(super) fn take(tensors: &mut Tensors<'_>, config: &NetworkConfig) -> Result<Self, String> {
        Ok(Self { readout: Readout::take(tensors, config)?, linear: Linear::take(tensors, config)? })
    }

    pub(super) fn begin<'n>(&'n self, config: &'n NetworkConfig) -> Rows<'n> {
        Rows { linear: &self.linear, config, features: self.readout.begin(config) }
    }
}

/// The head at work on an image.
#[derive(Debug)]
pub(super) struct Rows<'n> {
    linear: &'n Linear,
    config: &'n NetworkConfig,
    features: Features<'n>,
}

impl Rows<'_> {
    /// The rows of a channel, component by component.
    fn of(&self, channel: usize) -> std::slice::ChunksExact<'_, f32> {
        let before: usize = (0..channel).map(|channel| self.config.output_rows(channel as u8)).sum();
        let count = self.config.output_rows(channel as u8);
        self.features.rows[before..][..count].chunks_exact(3 + channel)
    }
}

impl HeadLayer for Rows<'_> {
    fn step(&mut self, pixel: &mut Pixel<'_>) {
        self.features.step(pixel);
    }

    fn predict(&self, canvas: &Canvas, place: Place, channel: usize) -> Prediction {
        let predicted: Vec<f64> = (0..=channel).map(|channel| self.linear.predict(canvas, place, channel)).collect();
        let values = canvas.at(place).unwrap_or_default();
        // How far the linear prediction was off in the channels before.
        let missed: Vec<f64> = predicted.iter().zip(values).map(|(p, &value)| f64::from(value) - p).collect();
        let eighth = f64::from(self.config.levels.next_power_of_two()) / 8.0;
        let components = self.of(channel).map(|rows| component(rows, predicted[channel], &missed, eighth));
        Prediction::Mixture(Logistics::new(self.config.levels, components.collect()))
    }
}

/// A component from its rows; its weight is not normalized yet. An offset counts eighths of the value range.
fn component(rows: &[f32], predicted: f64, missed: &[f64], eighth: f64) -> Component {
    let row = |n: usize| f64::from(rows[n]);
    let scale = row(2).clamp(*LOG_SCALES.start(), *LOG_SCALES.end()).exp();
    let coefficient = |&row: &f32| f64::from(row).clamp(-MOST_COEFFICIENT, MOST_COEFFICIENT);
    let follows: f64 = rows[3..].iter().zip(missed).map(|(row, missed)| coefficient(row) * missed).sum();
    Component { weight: row(0), mean: predicted + eighth * row(1) + follows, scale }
}
