//! PixelCNN's block as integers.

use pixelrnn::blob::{Dilated, Distance, LayerDescription, PixelCnn as Description};
use pixelrnn::fixed::ZERO_POINT;

use super::body::{Body, Layer};
use super::condition::Addends;
use super::context::Context;
use super::residual;
use crate::float::PixelCnn;
use crate::float::pixelcnn::{INPUT, REDUCED, TAPS};
use crate::float::residual::INNER;

pub fn quantize(weights: &PixelCnn, context: &Context<'_>) -> Layer<PixelCnn> {
    let mut body = Body::new(context);
    let inputs = body.quantizer(context, INPUT, ZERO_POINT);
    let [reduced, inner] = [REDUCED, INNER].map(|name| context.steps(name, ZERO_POINT));
    let reduce = body.linear(&context.product(&weights.reduce, INPUT, &inputs, &reduced));
    let convolution = context.product(&weights.convolution, TAPS, &reduced.repeat(5), &inner);
    let mut addends = Addends::new(&weights.condition, context, &inner);
    let convolution = addends.make_room(convolution);
    let order = |rows: usize| (0..rows).collect();
    let dequantized = PixelCnn {
        reduce,
        convolution: body.linear(&convolution),
        distance: weights.distance,
        condition: addends.quantize(&inner, convolution.shift(), order, &mut body),
        residual: residual::quantize(&weights.residual, context, &inner, &mut body),
    };
    let (arrays, shifts) = body.finish();
    let (hidden, skip) = (context.config.hidden, context.config.skip);
    let block = Description { hidden, skip, shifts };
    let description = match Distance::of_pixels(weights.distance) {
        None => LayerDescription::PixelCnn(block),
        Some(distance) => LayerDescription::Dilated(Dilated { block, distance }),
    };
    Layer { description, arrays, dequantized }
}
