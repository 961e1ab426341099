//! PixelCNN's residual block (paper, section 3.3 and figure 5): ReLU, 1x1, ReLU, 3x3 with mask B, ReLU, 1x1, plus its input.

use super::condition::Condition;
use super::load::Tensors;
use super::map::{Map, Place, Size};
use super::pixel::{Pixel, relu};
use super::table::Layer;
use super::{Grouped, Residual};
use crate::config::NetworkConfig;

/// The block's input after its ReLU.
pub const INPUT: &str = "input";
/// What the convolution reads, at its own pixel.
pub const REDUCED: &str = "reduced";
/// What the convolution reads, tap by tap.
pub const TAPS: &str = "taps";

/// Mask B of a 3x3 kernel.
const MASK_B: [Place; 5] = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 0)];

/// The weights.
#[derive(Debug, Clone, PartialEq)]
pub struct PixelCnn {
    /// 1x1, `2h` to `h`.
    pub reduce: Grouped,
    /// Inputs tap by tap: upper left, up, upper right, left, the pixel itself.
    pub convolution: Grouped,
    /// Rows and columns from the pixel to the others.
    pub distance: u8,
    /// What is added to what the convolution gives.
    pub condition: Condition,
    /// The way out.
    pub residual: Residual,
}

impl PixelCnn {
    pub(super) fn take(
        tensors: &mut Tensors<'_>,
        config: &NetworkConfig,
        block: &str,
        distance: u8,
    ) -> Result<Self, String> {
        let (h, groups) = (usize::from(config.hidden), usize::from(config.groups()));
        let reduce = tensors.linear(&format!("{block}.reduce"), h, 2 * h)?;
        let convolution = tensors.kernel(&format!("{block}.conv"), &[h, h, 3, 3], MASK_B.len())?;
        Ok(Self {
            reduce: Grouped::mask_b(&reduce, groups, 1, 2 * h),
            convolution: Grouped::mask_b(&convolution, groups, 1, h),
            distance,
            condition: Condition::take(tensors, config, block, (h, 1))?,
            residual: Residual::take(tensors, config, block)?,
        })
    }

    pub(super) fn begin(&self, config: &NetworkConfig, size: Size) -> Maps<'_> {
        let h = usize::from(config.hidden);
        let map = |features| Map::new(size, features);
        let distance = isize::from(self.distance);
        let mask_b = MASK_B.map(|(row, column)| (distance * row, distance * column));
        Maps { weights: self, mask_b, input: map(2 * h), reduced: map(h), inner: map(h), taps: Vec::new() }
    }
}

/// The block at work on an image.
#[derive(Debug)]
pub(super) struct Maps<'n> {
    weights: &'n PixelCnn,
    mask_b: [Place; 5],
    input: Map,
    reduced: Map,
    inner: Map,
    taps: Vec<f32>,
}

impl Layer for Maps<'_> {
    fn step(&mut self, pixel: &mut Pixel<'_>) {
        let (place, group) = (pixel.place, pixel.group);
        let input = self.input.group_mut(place, group);
        input.copy_from_slice(pixel.stream);
        relu(input);
        pixel.see(INPUT, self.input.at(place));
        pixel.read(INPUT, self.input.at(place));

        let reduced = self.reduced.group_mut(place, group);
        self.weights.reduce.apply(group, self.input.at(place), reduced);
        relu(reduced);
        pixel.see(REDUCED, self.reduced.at(place));

        self.reduced.gather(place, &self.mask_b, &mut self.taps);
        pixel.read(TAPS, &self.taps);
        let inner = self.inner.group_mut(place, group);
        self.weights.convolution.apply(group, &self.taps, inner);
        self.weights.condition.add(&pixel.given, place, group, inner);
        relu(inner);
        self.weights.residual.add(self.inner.at(place), pixel);
    }
}
