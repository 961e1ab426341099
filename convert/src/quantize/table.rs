//! The table of layers: a line each.

use super::body::Layer;
use super::context::Context;
use super::{diagonal, mixture, pixelcnn, row_lstm, softmax};
use crate::float::{Block, Head};

/// A block as integers.
pub fn block(block: &Block, context: &Context<'_>) -> Layer<Block> {
    match block {
        Block::PixelCnn(weights) => pixelcnn::quantize(weights, context).map(Block::PixelCnn),
        Block::RowLstm(weights) => row_lstm::quantize(weights, context).map(Block::RowLstm),
        Block::Diagonal(weights) => diagonal::quantize(weights, context).map(Block::Diagonal),
    }
}

/// A head as integers.
pub fn head(head: &Head, context: &Context<'_>) -> Layer<Head> {
    match head {
        Head::Softmax(weights) => softmax::quantize(weights, context).map(Head::Softmax),
        Head::Mixture(weights) => mixture::quantize(weights, context).map(Head::Mixture),
    }
}
