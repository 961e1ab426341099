//! From a float network to a blob of integers: calibrate on images, quantize, pack.
//!
//! Weights are int8 with a scale a row. Activations inside blocks are int8 with a scale a channel, folded into the
//! weights that read them, and behind a ReLU with a zero point, folded into biases; the residual stream is int16 with one unit for the whole network; hidden states are Q7.
//!
//! A layer is a file here; `table` names them all.

mod arrange;
mod body;
mod calibrate;
mod class;
mod condition;
mod context;
mod correlation;
mod diagonal;
mod first;
mod histogram;
mod lstm;
mod matrix;
mod mixture;
pub mod pack;
mod pixelcnn;
mod product;
mod readout;
mod residual;
mod row_lstm;
mod softmax;
mod steps;
mod table;
mod upsample;

use pixelrnn::blob::{Architecture, Condition, Header, LayerDescription, Packing};

pub use calibrate::{Calibration, enough};
pub use matrix::{Bits, Rounding};

use body::Layer;
use context::Context;

use crate::blob_file::Blob;
use crate::config;
use crate::float::{Block, Network};

/// What the residual stream's integers should reach at the largest value seen.
const STREAM_RANGE: f64 = 20_000.0;

impl From<config::Architecture> for Architecture {
    fn from(architecture: config::Architecture) -> Self {
        match architecture {
            config::Architecture::PixelCnn => Self::PixelCnn,
            config::Architecture::RowLstm => Self::RowLstm,
            config::Architecture::DiagonalBilstm => Self::DiagonalBilstm,
        }
    }
}

/// A quantized network.
#[derive(Debug, Clone)]
pub struct Quantized {
    /// The blob.
    pub blob: Blob,
    /// The float network with every weight replaced by what its integer stands for.
    pub dequantized: Network,
}

/// Quantizes a network by what calibration saw, the blocks' weights to so many bits.
pub fn quantize(network: &Network, calibration: &Calibration, bits: Bits) -> Quantized {
    let unit = half::f16::from_f64((calibration.stream_range() / STREAM_RANGE).max(1e-6));
    let at = |layer| Context { config: &network.config, calibration, unit: unit.to_f64(), layer, bits: Bits::Eight };
    let upsample = network.upsample.as_ref().map(|weights| upsample::quantize(weights, &at(0)));
    let first = first::quantize(&network.first, &at(0));
    let blocks =
        network.blocks.iter().zip(1..).map(|(block, layer)| table::block(block, &Context { bits, ..at(layer) }));
    let blocks: Vec<Layer<Block>> = blocks.collect();
    let head = table::head(&network.head, &at(1 + blocks.len()));
    let descriptions = upsample.iter().map(|layer| layer.description).chain([first.description]);
    let descriptions = descriptions.chain(blocks.iter().map(|block| block.description));
    let header = header(&network.config, unit, descriptions.chain([head.description]));
    let (mut arrays, mut dequantized) = (Vec::new(), network.clone());
    if let Some(upsample) = upsample {
        arrays.push(upsample.arrays);
        dequantized.upsample = Some(upsample.dequantized);
    }
    arrays.push(first.arrays);
    let mut dequantized = Network { first: first.dequantized, blocks: Vec::new(), ..dequantized };
    for block in blocks {
        arrays.push(block.arrays);
        dequantized.blocks.push(block.dequantized);
    }
    arrays.push(head.arrays);
    dequantized.head = head.dequantized;
    Quantized { blob: pack::blob(&header, &arrays), dequantized }
}

fn header(
    config: &config::NetworkConfig,
    stream_unit: half::f16,
    layers: impl Iterator<Item = LayerDescription>,
) -> Header {
    Header {
        architecture: config.architecture.into(),
        levels: config.levels,
        channels: config.channels,
        condition: Condition { classes: config.classes, factor: config.factor },
        packing: Packing::Rows4,
        features: 2 * config.hidden,
        stream_unit,
        // A network has at most 16 blocks: its config was checked.
        layers: layers.collect(),
    }
}
