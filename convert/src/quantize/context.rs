//! What layers ask for when they become integers.

use super::calibrate::Calibration;
use super::matrix::Bits;
use super::product::{MOST_SHIFT, Product, Rows};
use super::steps::Steps;
use crate::config::NetworkConfig;
use crate::float::{Dense, Grouped, Site};

/// A layer's place in the network, and what was seen there.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    pub config: &'a NetworkConfig,
    pub calibration: &'a Calibration,
    /// What one step of the residual stream stands for.
    pub unit: f64,
    /// The layer's number, as [`Site`] counts.
    pub layer: usize,
    /// Bits of the weights.
    pub bits: Bits,
}

impl Context<'_> {
    fn site(&self, name: &'static str) -> Site {
        Site { layer: self.layer, name }
    }

    /// The same where the smaller image's features are made, in the first layer's place.
    pub const fn of_upsampling(&self) -> Self {
        Self { layer: 0, bits: Bits::Eight, ..*self }
    }

    /// Channel groups.
    pub fn groups(&self) -> usize {
        self.config.groups().into()
    }

    /// What the steps of a vector's activations stand for, and what stands for 0.
    pub fn steps(&self, name: &'static str, zero_point: i8) -> Steps {
        let steps = 127.0 - f64::from(zero_point);
        let mut clips = self.calibration.clips(self.site(name), steps);
        if self.bits == Bits::Four {
            // Weights that were trained to lie on few steps a row lie there whatever they read.
            let most = clips.iter().copied().fold(0.0, f64::max);
            clips.fill(most);
        }
        Steps { scales: clips.iter().map(|clip| clip / steps).collect(), zero_point }
    }

    /// A product of inputs to outputs, which are there group by group; the name says what it reads.
    pub fn product(&self, weights: &Grouped, read: &'static str, inputs: &Steps, outputs: &Steps) -> Product {
        let correlation = self.calibration.correlation(self.site(read));
        let share = outputs.scales.len() / weights.groups.len();
        let groups = weights.groups.iter().zip(outputs.scales.chunks_exact(share));
        let rows = |(group, scales): (&Dense, &[f64])| {
            Rows::quantize(group, inputs, Steps { scales: scales.to_vec(), ..*outputs }, correlation, self.bits)
        };
        Product { groups: groups.map(rows).collect(), weights: weights.clone(), most_shift: MOST_SHIFT }
    }

    /// A product onto the residual stream, or the skip connections' sum.
    pub fn onto_stream(&self, weights: &Grouped, read: &'static str, inputs: &Steps) -> Product {
        let unit = vec![self.unit; 2 * usize::from(self.config.hidden)];
        self.product(weights, read, inputs, &Steps::signed(unit))
    }
}
