//! The header's types, shared with the converter, which writes them.

use heapless::Vec;
use serde::{Deserialize, Serialize};

/// First four bytes of a blob.
pub const MAGIC: [u8; 4] = *b"PRNN";
/// The format version this library reads and writes.
pub const VERSION: u16 = 1;
/// Bytes before the header.
pub const PREFIX_BYTES: usize = 16;
/// Most layers a model can have: the first convolution, 16 blocks, the head.
pub const MAX_LAYERS: usize = 18;

/// The kind of a model's blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Architecture {
    /// Residual blocks with 3x3 masked convolutions (paper, section 3.3).
    PixelCnn,
    /// Row LSTM layers (section 3.1).
    RowLstm,
    /// Diagonal BiLSTM layers (section 3.2).
    DiagonalBilstm,
}

impl Architecture {
    /// The name in files and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PixelCnn => "pixelcnn",
            Self::RowLstm => "row-lstm",
            Self::DiagonalBilstm => "diagonal-bilstm",
        }
    }
}

/// The form of the weights' bytes, see [`kernels`](crate::kernels).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Packing {
    /// Blocks of four rows, four columns of each in turn, even columns offset by 128. Every target reads it.
    Rows4,
    /// The same without the offset: fewer instructions on MVE (Cortex-M55), whose kernels need not take it off. Microcontrollers
    /// of other instruction sets do not read it; hosts do.
    Rows4Signed {
        /// The fingerprint of the same model in the packing that every target reads, by which coded images name it.
        fingerprint: u32,
    },
}

impl Packing {
    /// What turns the four bytes of a word of weights into two's complement, by exclusive or.
    #[inline]
    pub const fn flip(self) -> u32 {
        match self {
            Self::Rows4 => 0x0080_0080,
            Self::Rows4Signed { .. } => 0,
        }
    }

    /// The same for the four bytes of one row and four columns.
    #[inline]
    pub const fn weights(self, bytes: [u8; 4]) -> [i8; 4] {
        let word = u32::from_le_bytes(bytes) ^ self.flip();
        let [a, b, c, d] = word.to_le_bytes();
        [a as i8, b as i8, c as i8, d as i8]
    }
}

/// What a model draws its images given, beside the values before a pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Condition {
    /// Nothing.
    None,
    /// A class of so many, by a bias a class in every layer. The format has room for it; this version runs none.
    Class(u16),
    /// A smaller image, `1 / factor` as wide and high: the Multi-Scale model's second network (paper, section 3.6).
    /// The format has room for it; this version runs none.
    Image {
        /// How many times larger the drawn image is.
        factor: u8,
    },
}

/// What precedes the body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// The kind of blocks.
    pub architecture: Architecture,
    /// Values a pixel can take.
    pub levels: u16,
    /// Channels an image has. The format has room for 3; this version runs 1.
    pub channels: u8,
    /// What images are drawn given.
    pub condition: Condition,
    /// The order of the weights.
    pub packing: Packing,
    /// Features between blocks, `2h`.
    pub features: u16,
    /// What one unit of the residual stream stands for; for people and tools, the engine needs no real numbers.
    pub stream_unit: half::f16,
    /// The layers, from the first convolution to the head.
    pub layers: Vec<LayerDescription, MAX_LAYERS>,
}

/// One layer: its kind, shape and shifts. The body's arrays are named in the order they lie.
///
/// With `f` features between blocks, `h` hidden, `m` maps:
/// a shift is how many fraction bits the layer's products lose at that place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum LayerDescription {
    /// 7x7 convolution, mask A. Body: linear of `f` rows by 24 taps, or by 48 for more than 128 levels:
    /// the 24 values' upper parts `value >> 1`, then their lowest bits.
    First {
        /// Accumulator to stream.
        shift: u8,
    },
    /// PixelCNN block. Body: quantizer(f), linear(h, f), linear(h, 5h), linear(f, h), and with skip linear(f, h).
    PixelCnn {
        /// Features inside the block.
        hidden: u16,
        /// Whether the last linear is there.
        skip: bool,
        /// Quantizer, reduce, conv, expand, skip.
        shifts: [u8; 5],
    },
    /// Row LSTM block. Body: quantizer(f), linear(4h, 2f) (left neighbour, then the pixel itself),
    /// matrix(4h, kernel * h), linear(f, h), and with skip linear(f, h). Gate rows: o, f, i, g of unit 0, of unit 1, …
    RowLstm {
        /// Units.
        hidden: u16,
        /// Columns of the row above that the state-to-state convolution reads, odd.
        kernel: u8,
        /// Whether the last linear is there.
        skip: bool,
        /// Quantizer, gates (to Q11), expand, skip.
        shifts: [u8; 4],
    },
    /// Diagonal BiLSTM block. Body: quantizer(f), for each direction linear(4h, f) and matrix(4h, 2h) (upper neighbour,
    /// then the one before), then linear(f, h), and with skip linear(f, h).
    DiagonalBilstm {
        /// Units in each direction.
        hidden: u16,
        /// Whether the last linear is there.
        skip: bool,
        /// Quantizer, left-to-right gates, right-to-left gates, expand, skip.
        shifts: [u8; 5],
    },
    /// The head. Body: quantizer(f), linear(m, f), linear(4, m) for 2 levels (row 0 is the logit of value 1)
    /// or linear(levels rounded up to a multiple of 4, m). Logits are Q11.
    Head {
        /// Feature maps.
        maps: u16,
        /// Quantizer, hidden, output.
        shifts: [u8; 3],
    },
}

/// Where the body starts, after a header of `header_bytes`.
pub const fn body_offset(header_bytes: usize) -> usize {
    (PREFIX_BYTES + header_bytes).next_multiple_of(16)
}

impl Header {
    /// Columns of the first convolution: 24 taps, twice for values that need more than 7 bits.
    pub const fn first_columns(levels: u16) -> usize {
        if levels > 128 { 48 } else { 24 }
    }

    /// Rows of the output matrix.
    pub const fn output_rows(levels: u16) -> usize {
        if levels == 2 { 4 } else { (levels as usize).next_multiple_of(4) }
    }
}
