//! Diagonal BiLSTM (paper, section 3.2): two LSTMs, one from each upper corner.
//!
//! The left-to-right one runs with the pixels; the right-to-left one over a row once it is complete. Its hidden states, moved one
//! row down, are added to the next row's left-to-right ones, so that no pixel sees the future.

use super::condition::Given;
use super::load::Tensors;
use super::lstm::{Past, States};
use super::map::{Map, Size};
use super::pixel::Pixel;
use super::table::Layer;
use super::{Lstm, Residual};
use crate::config::NetworkConfig;

/// The block's input.
pub const INPUT: &str = "input";
/// What the state-to-state products read, left to right and right to left.
pub const STATES: [&str; 2] = ["states left to right", "states right to left"];

/// The weights: both directions read the hidden state above, then the one before.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagonal {
    /// Left to right, right to left.
    pub directions: [Lstm; 2],
    /// The way out.
    pub residual: Residual,
}

impl Diagonal {
    pub(super) fn take(tensors: &mut Tensors<'_>, config: &NetworkConfig, block: &str) -> Result<Self, String> {
        let mut side = |side: &str| Lstm::take(tensors, config, &format!("{block}.{side}"), (&[], 1), (&[2], 2));
        let directions = [side("left")?, side("right")?];
        Ok(Self { directions, residual: Residual::take(tensors, config, block)? })
    }

    pub(super) fn begin(&self, config: &NetworkConfig, size: Size) -> Maps<'_> {
        let h = usize::from(config.hidden);
        let states = || States::new(size, h);
        Maps { weights: self, size, input: Map::new(size, 2 * h), left: states(), right: states(), sum: vec![0.0; h] }
    }
}

/// The block at work on an image.
#[derive(Debug)]
pub(super) struct Maps<'n> {
    weights: &'n Diagonal,
    size: Size,
    input: Map,
    left: States,
    right: States,
    sum: Vec<f32>,
}

impl Layer for Maps<'_> {
    fn step(&mut self, pixel: &mut Pixel<'_>) {
        let (place, group) = (pixel.place, pixel.group);
        self.input.group_mut(place, group).copy_from_slice(pixel.stream);
        pixel.see(INPUT, self.input.at(place));
        pixel.read(INPUT, self.input.at(place));
        let past = Past { hidden: &[(-1, 0), (0, -1)], cell: (0, -1) };
        self.left.step(&self.weights.directions[0], (place, group, pixel.given), &past, self.input.at(place));
        pixel.read(STATES[0], &self.left.read);

        let above = self.right.hidden.at((place.0 - 1, place.1));
        for (sum, (left, right)) in self.sum.iter_mut().zip(self.left.hidden.at(place).iter().zip(above)) {
            *sum = left + right;
        }
        self.weights.residual.add(&self.sum, pixel);
    }

    fn row_end(&mut self, (row, given): (isize, Given<'_>), read: &mut dyn FnMut(&'static str, &[f32])) {
        let past = Past { hidden: &[(-1, 0), (0, 1)], cell: (0, 1) };
        for place in (0..self.size.width as isize).rev().map(|column| (row, column)) {
            for group in 0..self.size.groups {
                self.right.step(&self.weights.directions[1], (place, group, given), &past, self.input.at(place));
            }
            read(STATES[1], &self.right.read);
        }
    }
}
