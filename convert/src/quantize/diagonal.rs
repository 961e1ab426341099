//! Diagonal BiLSTM as integers.

use pixelrnn::blob::{Diagonal as Description, LayerDescription};

use super::body::{Body, Layer};
use super::context::Context;
use super::steps::Steps;
use super::{lstm, residual};
use crate::float::Diagonal;
use crate::float::diagonal::{INPUT, STATES};

pub fn quantize(weights: &Diagonal, context: &Context<'_>) -> Layer<Diagonal> {
    let mut body = Body::new(context);
    let inputs = body.quantizer(context, INPUT, 0);
    // The mean of both directions, in Q7, is their sum in Q6.
    let inner = Steps::signed(vec![2.0 * lstm::HIDDEN_UNIT; context.config.hidden.into()]);
    let mut direction =
        |side: usize| lstm::quantize(&weights.directions[side], context, [INPUT, STATES[side]], &inputs, &mut body);
    let directions = [direction(0), direction(1)];
    let residual = residual::quantize(&weights.residual, context, &inner, &mut body);
    let (arrays, shifts) = body.finish();
    let (hidden, skip) = (context.config.hidden, context.config.skip);
    let description = LayerDescription::Diagonal(Description { hidden, skip, shifts });
    Layer { description, arrays, dequantized: Diagonal { directions, residual } }
}
