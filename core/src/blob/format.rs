//! The header's types, shared with the converter, which writes them.

use heapless::Vec;
use serde::{Deserialize, Serialize};

/// First four bytes of a blob.
pub const MAGIC: [u8; 4] = *b"PRNN";
/// The format version this library reads and writes.
pub const VERSION: u16 = 3;
/// Bytes before the header.
pub const PREFIX_BYTES: usize = 16;
/// Most layers a model can have: the upsampling network, the first convolution, 16 blocks, the head.
pub const MAX_LAYERS: usize = 19;

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
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::PixelCnn, Self::RowLstm, Self::DiagonalBilstm];

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
    /// Blocks' products have weights of 4 bits: eight columns a word, see [`kernels`](crate::kernels). All else is as in
    /// [`Rows4`](Self::Rows4).
    Rows4Nibbles {
        /// The same as above.
        fingerprint: u32,
    },
}

impl Packing {
    /// What turns the weights in a word into two's complement, by exclusive or.
    #[inline]
    pub const fn flip(self) -> u32 {
        match self {
            Self::Rows4 => 0x0080_0080,
            Self::Rows4Nibbles { .. } if cfg!(nibbles) => 0x0888_0888,
            _ => 0,
        }
    }

    /// Whether weights have 4 bits; never where this build does not read such.
    #[inline]
    pub const fn is_nibbles(self) -> bool {
        cfg!(nibbles) && matches!(self, Self::Rows4Nibbles { .. })
    }

    /// That of weights that keep 8 bits: all but those of blocks' products.
    #[inline]
    #[must_use]
    pub const fn wide(self) -> Self {
        if self.is_nibbles() { Self::Rows4 } else { self }
    }

    /// Bytes of so many weights, a multiple of 32.
    #[inline]
    pub const fn bytes_of(self, weights: usize) -> usize {
        weight_bytes(weights, self.is_nibbles())
    }

    /// Columns of a row that lie in a word.
    #[inline]
    pub const fn columns(self) -> usize {
        if self.is_nibbles() { 8 } else { 4 }
    }

    /// What a word of weights stands for: four weights of 8 bits in two's complement, then those of columns beyond four.
    #[inline]
    pub const fn widen(self, word: u32) -> [u32; 2] {
        let word = word ^ self.flip();
        match self.is_nibbles() {
            true => [(word << 4) & 0xf0f0_f0f0, word & 0xf0f0_f0f0],
            false => [word, 0],
        }
    }
}

/// What a model draws its images given, beside the values before a pixel: a class, a smaller image, both, or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Condition {
    /// Classes, of which an image has one; 0 without.
    pub classes: u16,
    /// How many times wider and higher an image is than the smaller one that it is drawn given, 2 or 4 (the Multi-Scale model's
    /// second network: paper, section 3.6); 0 without.
    pub factor: u8,
}

/// What precedes the body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// The kind of blocks.
    pub architecture: Architecture,
    /// Values a channel of a pixel can take.
    pub levels: u32,
    /// Channels of a pixel, 1 to 4.
    pub channels: u8,
    /// What images are drawn given.
    pub condition: Condition,
    /// The order of the weights.
    pub packing: Packing,
    /// Features between blocks, `2h`.
    pub features: u16,
    /// What one unit of the residual stream stands for; for people and tools, the engine needs no real numbers.
    pub stream_unit: half::f16,
    /// The layers, from the first convolution to the head; of a model that is given a smaller image the upsampling network before.
    pub layers: Vec<LayerDescription, MAX_LAYERS>,
}

impl Header {
    /// Of no model.
    pub(crate) const EMPTY: Self = Self {
        architecture: Architecture::PixelCnn,
        levels: 0,
        channels: 0,
        condition: Condition { classes: 0, factor: 0 },
        packing: Packing::Rows4,
        features: 0,
        stream_unit: half::f16::ZERO,
        layers: Vec::new(),
    };
}

/// The 7x7 convolution with mask A. A group's body: linear of the group's features by 24 taps a channel, channel by channel, then
/// (for groups after the first) the earlier channels of the pixel itself, padded to four columns; beyond 256 levels a second such
/// linear, of the values' low bits. See [`first`](crate::layers::first) for what it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct First {
    /// Accumulator to stream: of the values, and beyond 256 levels of their low bits.
    pub shifts: [u8; 2],
}

/// A PixelCNN block. A group's body: quantizer(f), linear(h, f), linear(h, 5h), linear(f, h), and with skip linear(f, h).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PixelCnn {
    /// Features inside the block.
    pub hidden: u16,
    /// Whether the last linear is there.
    pub skip: bool,
    /// Quantizer, reduce, conv, expand, skip.
    pub shifts: [u8; 5],
}

/// A PixelCNN block whose convolution is dilated: it reads pixels that are so many rows and columns away. The body is that of a
/// [`PixelCnn`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Dilated {
    /// The block.
    pub block: PixelCnn,
    /// Rows and columns from a pixel to those that it reads.
    pub distance: Distance,
}

/// Of a [`Dilated`] block.
// Not a number, and wide: the values that it never has tell the kinds of layers apart, and no layer takes more memory for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(u16)]
pub enum Distance {
    /// Every second pixel is read.
    Two,
    /// Every fourth.
    Four,
    /// Every eighth.
    Eight,
}

impl Distance {
    /// In pixels.
    pub const fn pixels(self) -> u8 {
        match self {
            Self::Two => 2,
            Self::Four => 4,
            Self::Eight => 8,
        }
    }

    /// Of so many pixels, if a block reads at such.
    pub const fn of_pixels(pixels: u8) -> Option<Self> {
        match pixels {
            2 => Some(Self::Two),
            4 => Some(Self::Four),
            8 => Some(Self::Eight),
            _ => None,
        }
    }
}

/// A Row LSTM block. A group's body: quantizer(f), linear(4h, 2f) (left neighbour, then the pixel itself),
/// matrix(4h, kernel * h), linear(f, h), and with skip linear(f, h). Gate rows: o, f, i, g of unit 0, of unit 1, …
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RowLstm {
    /// Units.
    pub hidden: u16,
    /// Columns of the row above that the state-to-state convolution reads, odd.
    pub kernel: u8,
    /// Whether the last linear is there.
    pub skip: bool,
    /// Quantizer, gates (to Q11), expand, skip.
    pub shifts: [u8; 4],
}

/// A Diagonal BiLSTM block. A group's body: quantizer(f), for each direction linear(4h, f) and matrix(4h, 2h) (upper neighbour,
/// then the one before), then linear(f, h), and with skip linear(f, h).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Diagonal {
    /// Units in each direction.
    pub hidden: u16,
    /// Whether the last linear is there.
    pub skip: bool,
    /// Quantizer, left-to-right gates, right-to-left gates, expand, skip.
    pub shifts: [u8; 5],
}

/// The head of 2 to 256 levels. A group's body: quantizer(f), linear(m, f), linear(4, m) for 2 levels (row 0 is the logit of value 1)
/// or linear(levels rounded up to a multiple of 4, m). Logits are Q11.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Softmax {
    /// Feature maps.
    pub maps: u16,
    /// Quantizer, hidden, output.
    pub shifts: [u8; 3],
}

/// The head that mixes logistic distributions. Body: quantizer(f), linear(m, f), linear(rows rounded up to a multiple of 4, m),
/// coefficients of the linear prediction. See [`mixture`](crate::layers::mixture) for the rows and the coefficients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Mixture {
    /// Feature maps.
    pub maps: u16,
    /// Components, 1 to 10.
    pub components: u8,
    /// Quantizer, hidden, output (to Q11).
    pub shifts: [u8; 3],
}

/// The network between a smaller image and the blocks (paper, section 3.6): a 3x3 convolution, ReLU, and a transposed one whose stride
/// is its size, ReLU. Body, with `u` features and a factor `n`: linear(u, 9 taps a channel, channel by channel, padded to four columns),
/// then for each of the `n * n` places in a small pixel, row by row, linear(u, u). See [`upsample`](crate::layers::upsample) for what it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Upsample {
    /// Features of a small pixel, and of a pixel.
    pub features: u16,
    /// Convolution, transposed convolution.
    pub shifts: [u8; 2],
}

/// One layer: its kind, shape and shifts. The body's arrays are named in the order they lie.
///
/// Behind a ReLU (a PixelCNN block's and a head's inputs, what reduce, conv and a head's first product give) 0 is the integer
/// [`ZERO_POINT`](crate::fixed::ZERO_POINT), and biases make up for it.
///
/// With `f` features between blocks, `h` hidden, `m` maps: a shift is how many fraction bits the layer's products lose at that place.
/// With a smaller image, a block's matrix follows from the upsampled features to the rows that they add to: the `h` of a PixelCNN
/// block's conv, the gates `4h` of an LSTM (left to right, then right to left), all groups' rows.
/// With classes, vectors follow of the same rows, and of the first convolution's `f`.
///
/// With channel groups (more than one channel and a [`Softmax`] head) a layer's body is that of group after group: the rows of
/// `f`, `h` and `m` are the group's share, and the columns that stand for the pixel itself are the groups up to its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum LayerDescription {
    /// The first convolution.
    First(First),
    /// A block.
    PixelCnn(PixelCnn),
    /// A block.
    RowLstm(RowLstm),
    /// A block.
    Diagonal(Diagonal),
    /// A head.
    Softmax(Softmax),
    /// A head.
    Mixture(Mixture),
    /// What makes features of a smaller image.
    Upsample(Upsample),
    /// A block.
    Dilated(Dilated),
}

/// Bytes of so many weights, a multiple of 32, of 4 bits or of 8.
#[inline]
pub const fn weight_bytes(weights: usize, has_nibbles: bool) -> usize {
    if cfg!(nibbles) && has_nibbles { weights / 2 } else { weights }
}

/// Where the body starts, after a header of `header_bytes`.
pub const fn body_offset(header_bytes: usize) -> usize {
    (PREFIX_BYTES + header_bytes).next_multiple_of(16)
}
