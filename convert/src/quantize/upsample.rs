//! The upsampling network as integers.

use pixelrnn::blob::{LayerDescription, Upsample as Description};
use pixelrnn::fixed::ZERO_POINT;

use super::arrange::padded;
use super::body::{Body, Layer};
use super::context::Context;
use super::product::Product;
use super::steps::Steps;
use crate::float::upsample::{FEATURES, SMALL, WINDOW};
use crate::float::window::Planes;
use crate::float::{Dense, Grouped, Upsample};

/// Taps of the convolution.
const TAPS: usize = 9;

pub fn quantize(weights: &Upsample, context: &Context<'_>) -> Layer<Upsample> {
    let context = context.of_upsampling();
    let channels = usize::from(context.config.channels);
    let [small, features] = [SMALL, FEATURES].map(|name| context.steps(name, ZERO_POINT));
    let mut body = Body::new(&context);
    let inputs = Steps::signed(vec![Planes::new(context.config.levels).unit(0); TAPS * channels]);
    let convolution = context.product(&whole(&weights.convolution), WINDOW, &inputs, &small);
    let shift = convolution.shift();
    body.add(convolution.linears(shift).map(|array| array.with_columns(&order(channels))));
    body.shift(shift);
    let product = |dense| context.product(&whole(dense), SMALL, &small, &features);
    let transposed: Vec<Product> = weights.transposed.iter().map(product).collect();
    let shift = transposed.iter().map(Product::shift).min().unwrap_or(0);
    transposed.iter().for_each(|product| body.add(product.linears(shift)));
    body.shift(shift);
    let (arrays, shifts) = body.finish();
    let description = LayerDescription::Upsample(Description { features: context.config.upsampled, shifts });
    let transposed = transposed.iter().map(|product| product.dequantized().whole()).collect();
    Layer { description, arrays, dequantized: Upsample { convolution: convolution.dequantized().whole(), transposed } }
}

/// One group: all channel groups read the same features.
fn whole(weights: &Dense) -> Grouped {
    Grouped::open(weights, 1, 1)
}

/// Columns as the blob has them: channel by channel, tap by tap.
fn order(channels: usize) -> Vec<Option<usize>> {
    let taps = (0..channels).flat_map(|channel| (0..TAPS).map(move |tap| tap * channels + channel));
    let taps: Vec<usize> = taps.collect();
    padded(taps.len()).into_iter().map(|place| place.map(|place| taps[place])).collect()
}
