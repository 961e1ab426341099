//! What both heads begin with, as integers.

use pixelrnn::fixed::{LOGIT_BITS, ZERO_POINT};

use super::arrange::padded;
use super::body::Body;
use super::context::Context;
use super::steps::Steps;
use crate::float::Readout;
use crate::float::readout::{INPUT, MAPS};

/// Adds the head's products and their shifts; outputs are Q11, their rows padded to a multiple of four.
pub fn quantize(weights: &Readout, context: &Context<'_>, body: &mut Body) -> Readout {
    let inputs = body.quantizer(context, INPUT, ZERO_POINT);
    let maps = context.steps(MAPS, ZERO_POINT);
    let hidden = body.linear(&context.product(&weights.hidden, INPUT, &inputs, &maps));
    let rows = weights.output.whole().outputs;
    let logits = Steps::signed(vec![f64::from(LOGIT_BITS).exp2().recip(); rows]);
    let output = context.product(&weights.output, MAPS, &maps, &logits);
    let shift = output.shift();
    body.add(output.linears(shift).map(|array| {
        let rows = padded(array.rows());
        array.with_rows(&rows)
    }));
    body.shift(shift);
    Readout { hidden, output: output.dequantized() }
}
