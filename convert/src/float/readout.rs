//! What both heads begin with (paper, table 1): ReLU, 1x1, ReLU, 1x1.

use super::Grouped;
use super::load::Tensors;
use super::pixel::{Pixel, relu};
use crate::config::NetworkConfig;

/// What the head reads, after its ReLU.
pub const INPUT: &str = "input";
/// The head's feature maps, after their ReLU.
pub const MAPS: &str = "maps";

/// The head's products.
#[derive(Debug, Clone, PartialEq)]
pub struct Readout {
    /// `2h` to the head's maps.
    pub hidden: Grouped,
    /// To the rows of every channel, channel by channel.
    pub output: Grouped,
}

impl Readout {
    pub(super) fn take(tensors: &mut Tensors<'_>, config: &NetworkConfig) -> Result<Self, String> {
        let (f, m, groups) = (2 * usize::from(config.hidden), usize::from(config.head), usize::from(config.groups()));
        let rows = (0..config.channels).map(|channel| config.output_rows(channel)).sum();
        let hidden = tensors.linear("head.hidden", m, f)?;
        let output = tensors.linear("head.output", rows, m)?;
        Ok(Self { hidden: Grouped::mask_b(&hidden, groups, 1, f), output: Grouped::mask_b(&output, groups, 1, m) })
    }

    pub(super) fn begin(&self, config: &NetworkConfig) -> Features<'_> {
        let zeros = |count: u16| vec![0.0; count.into()];
        Features { weights: self, input: zeros(2 * config.hidden), maps: zeros(config.head), rows: Vec::new() }
    }
}

/// The head's features at a pixel.
#[derive(Debug)]
pub(super) struct Features<'n> {
    weights: &'n Readout,
    input: Vec<f32>,
    maps: Vec<f32>,
    /// The output of the group at hand.
    pub rows: Vec<f32>,
}

impl Features<'_> {
    /// From the residual stream and the skip connections' sum to the output of a group.
    pub fn step(&mut self, pixel: &mut Pixel<'_>) {
        let Readout { hidden, output } = self.weights;
        for (sum, skip) in pixel.stream.iter_mut().zip(&*pixel.skip) {
            *sum += skip;
        }
        pixel.see_stream();
        let input = share(&mut self.input, pixel.group, pixel.stream.len());
        input.copy_from_slice(pixel.stream);
        relu(input);
        pixel.see(INPUT, &self.input);
        pixel.read(INPUT, &self.input);
        let maps = share(&mut self.maps, pixel.group, hidden.groups[pixel.group].outputs);
        hidden.apply(pixel.group, &self.input, maps);
        relu(maps);
        pixel.see(MAPS, &self.maps);
        pixel.read(MAPS, &self.maps);
        self.rows.resize(output.groups[pixel.group].outputs, 0.0);
        output.apply(pixel.group, &self.maps, &mut self.rows);
    }
}

fn share(features: &mut [f32], group: usize, size: usize) -> &mut [f32] {
    &mut features[group * size..][..size]
}
