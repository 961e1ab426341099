//! Row LSTM (paper, section 3.1): the state of a pixel comes from the row above.
//!
//! Input-to-state: 3x1 along the row with mask B, so two taps. State-to-state: `kernel` hidden states of the row above.

use super::load::Tensors;
use super::lstm::{Past, States};
use super::map::{Map, Place, Size};
use super::pixel::Pixel;
use super::table::Layer;
use super::{Lstm, Residual};
use crate::config::NetworkConfig;

/// The block's input.
pub const INPUT: &str = "input";
/// What the input-to-state product reads: the left neighbour's input, the pixel's own.
pub const INPUT_TAPS: &str = "input taps";
/// What the state-to-state product reads.
pub const STATES: &str = "states";

/// The weights.
#[derive(Debug, Clone, PartialEq)]
pub struct RowLstm {
    /// Input-to-state from the left neighbour and the pixel, state-to-state from the row above.
    pub lstm: Lstm,
    /// The way out.
    pub residual: Residual,
}

impl RowLstm {
    pub(super) fn take(tensors: &mut Tensors<'_>, config: &NetworkConfig, block: &str) -> Result<Self, String> {
        let kernel = usize::from(config.kernel);
        let lstm = Lstm::take(tensors, config, block, (&[3], 2), (&[kernel], kernel))?;
        Ok(Self { lstm, residual: Residual::take(tensors, config, block)? })
    }

    pub(super) fn begin(&self, config: &NetworkConfig, size: Size) -> Maps<'_> {
        let (h, kernel) = (usize::from(config.hidden), isize::from(config.kernel));
        let above = (0..kernel).map(|tap| (-1, tap - kernel / 2)).collect();
        Maps { weights: self, above, input: Map::new(size, 2 * h), states: States::new(size, h), taps: Vec::new() }
    }
}

/// The block at work on an image.
#[derive(Debug)]
pub(super) struct Maps<'n> {
    weights: &'n RowLstm,
    /// Where the state-to-state product reads.
    above: Vec<Place>,
    input: Map,
    states: States,
    taps: Vec<f32>,
}

impl Layer for Maps<'_> {
    fn step(&mut self, pixel: &mut Pixel<'_>) {
        let (place, group) = (pixel.place, pixel.group);
        self.input.group_mut(place, group).copy_from_slice(pixel.stream);
        pixel.see(INPUT, self.input.at(place));
        self.input.gather(place, &[(0, -1), (0, 0)], &mut self.taps);
        pixel.read(INPUT_TAPS, &self.taps);

        let past = Past { hidden: &self.above, cell: (-1, 0) };
        self.states.step(&self.weights.lstm, (place, group, pixel.given), &past, &self.taps);
        pixel.read(STATES, &self.states.read);
        self.weights.residual.add(self.states.hidden.at(place), pixel);
    }
}
