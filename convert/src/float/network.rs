//! A float network's weights, without what masks hide.

use super::Dense;
use crate::config::NetworkConfig;

/// One LSTM's products. Gate rows lie in the order o, f, i, g.
#[derive(Debug, Clone, PartialEq)]
pub struct Lstm {
    /// From the block's input.
    pub input_to_state: Dense,
    /// From the previous hidden states; no biases of its own.
    pub state_to_state: Dense,
}

/// What is between a block's input and its `expand`.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// 1x1, then the five taps of a 3x3 with mask B.
    PixelCnn {
        /// 1x1, `2h` to `h`.
        reduce: Dense,
        /// Inputs tap by tap: upper left, up, upper right, left, the pixel itself.
        convolution: Dense,
    },
    /// Input-to-state from the left neighbour and the pixel, state-to-state from the row above.
    RowLstm(Lstm),
    /// Left to right, right to left; state-to-state from above, then from the one before.
    DiagonalBilstm([Lstm; 2]),
}

/// A float network.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// Its shape.
    pub config: NetworkConfig,
    /// 24 taps of every channel.
    pub first: Dense,
    /// Each block, its `expand`, and its `skip` if there is one.
    pub blocks: Vec<(Block, Dense, Option<Dense>)>,
    /// The head's first product.
    pub head_hidden: Dense,
    /// The head's second product.
    pub head_output: Dense,
}

/// Where in the network a vector of features was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Site {
    /// The residual stream behind the first convolution, or the blocks so far.
    Stream,
    /// The sum of the skip connections.
    Skip,
    /// The values that the first convolution reads.
    Window,
    /// A block's input (after its ReLU, if it has one).
    Input(usize),
    /// What a PixelCNN block's convolution reads, at its own pixel.
    Reduced(usize),
    /// What a PixelCNN block's convolution reads, tap by tap.
    Taps(usize),
    /// What a Row LSTM block's input-to-state product reads.
    InputTaps(usize),
    /// What a block's state-to-state product reads; direction 0 or 1.
    States(usize, usize),
    /// What a block's `expand` reads.
    Inner(usize),
    /// What the head reads, after its ReLU.
    HeadInput,
    /// The head's feature maps, after their ReLU.
    HeadMaps,
}

/// Looks at features while a network runs.
pub trait Observer {
    /// Called with the features of one pixel.
    fn see(&mut self, site: Site, features: &[f32]);
}

/// Looks at nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {
    fn see(&mut self, _: Site, _: &[f32]) {}
}
