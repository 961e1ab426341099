//! The softmax head as integers.

use pixelrnn::blob::{LayerDescription, Softmax as Description};

use super::body::{Body, Layer};
use super::context::Context;
use super::readout;
use crate::float::Softmax;

pub fn quantize(weights: &Softmax, context: &Context<'_>) -> Layer<Softmax> {
    let mut body = Body::new(context);
    let dequantized = Softmax { readout: readout::quantize(&weights.readout, context, &mut body) };
    let (arrays, shifts) = body.finish();
    let description = LayerDescription::Softmax(Description { maps: context.config.head, shifts });
    Layer { description, arrays, dequantized }
}
