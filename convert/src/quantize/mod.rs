//! From a float network to a blob of integers: calibrate on images, quantize, pack.
//!
//! Weights are int8 with a scale a row. Activations inside blocks are int8 with a scale a channel, folded into the
//! weights that read them; the residual stream is int16 with one unit for the whole network; hidden states are Q7.

mod calibrate;
mod layers;
mod matrix;
pub mod pack;

use pixelrnn::blob::{Architecture, Condition, Header, Packing};

pub use calibrate::Calibration;
pub use matrix::Rounding;

use crate::blob_file::Blob;
use crate::config;
use crate::float::Network;

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

/// Quantizes a network by what calibration saw.
pub fn quantize(network: &Network, calibration: &Calibration) -> Quantized {
    let unit = half::f16::from_f64((calibration.stream_range() / STREAM_RANGE).max(1e-6));
    let mut builder = layers::Builder::new(network, calibration, unit.to_f64());
    builder.build();
    let layers::Builder { descriptions, arrays, dequantized, .. } = builder;
    let header = Header {
        architecture: network.config.architecture.into(),
        levels: network.config.levels as u16,
        channels: network.config.channels,
        condition: Condition::None,
        packing: Packing::Rows4,
        features: 2 * network.config.hidden,
        stream_unit: unit,
        layers: descriptions,
    };
    Quantized { blob: pack::blob(&header, &arrays), dequantized }
}
