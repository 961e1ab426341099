//! What layers ask for when they become integers.

use super::calibrate::Calibration;
use super::product::{MOST_SHIFT, Product, Rows};
use crate::config::NetworkConfig;
use crate::float::{Grouped, Site};

/// A layer's place in the network, and what was seen there.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    pub config: &'a NetworkConfig,
    pub calibration: &'a Calibration,
    /// What one step of the residual stream stands for.
    pub unit: f64,
    /// The layer's number, as [`Site`] counts.
    pub layer: usize,
}

impl Context<'_> {
    fn site(&self, name: &'static str) -> Site {
        Site { layer: self.layer, name }
    }

    /// The same where the smaller image's features are made, in the first layer's place.
    pub const fn of_upsampling(&self) -> Self {
        Self { layer: 0, ..*self }
    }

    /// Channel groups.
    pub fn groups(&self) -> usize {
        self.config.groups().into()
    }

    /// Where each of a vector's features clips.
    pub fn clips(&self, name: &'static str) -> Vec<f64> {
        self.calibration.clips(self.site(name))
    }

    /// What the steps of a vector's activations stand for.
    pub fn scales(&self, name: &'static str) -> Vec<f64> {
        self.clips(name).iter().map(|clip| clip / 127.0).collect()
    }

    /// A product whose inputs have steps of `input_scales` and whose outputs, group by group, have steps of `units`; the name says
    /// what it reads.
    pub fn product(&self, weights: &Grouped, read: &'static str, input_scales: &[f64], units: &[f64]) -> Product {
        let correlation = self.calibration.correlation(self.site(read));
        let units = units.chunks_exact(units.len() / weights.groups.len());
        let groups = weights.groups.iter().zip(units);
        Product {
            groups: groups.map(|(group, units)| Rows::quantize(group, input_scales, units, correlation)).collect(),
            weights: weights.clone(),
            most_shift: MOST_SHIFT,
        }
    }

    /// A product onto the residual stream, or the skip connections' sum.
    pub fn onto_stream(&self, weights: &Grouped, read: &'static str, input_scales: &[f64]) -> Product {
        self.product(weights, read, input_scales, &vec![self.unit; 2 * usize::from(self.config.hidden)])
    }
}
