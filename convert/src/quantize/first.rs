//! The first layer's integers: a product a plane of what is read.

use pixelrnn::blob::{First as Description, LayerDescription};

use super::arrange::padded;
use super::body::{Body, Layer};
use super::class;
use super::context::Context;
use super::steps::Steps;
use crate::float::First;
use crate::float::first::WINDOW;
use crate::float::window::Planes;

/// The shifts are those of both planes.
pub fn quantize(weights: &First, context: &Context<'_>) -> Layer<First> {
    let channels = usize::from(context.config.channels);
    let planes = Planes::new(context.config.levels);
    let mut body = Body::new(context);
    let columns = weights.convolution.columns();
    let (mut dequantized, mut class) = (Vec::new(), None);
    let mut convolution = weights.convolution.clone();
    for (plane, name) in WINDOW.iter().enumerate().take(planes.count()) {
        let product = context.onto_stream(&convolution, name, &Steps::signed(vec![planes.unit(plane); columns]));
        let product = product.with_class(weights.class.as_ref());
        let shift = product.shift();
        let columns = (0..context.groups()).map(|group| order(channels, group));
        body.add(product.linears(shift).zip(columns).map(|(array, columns)| array.with_columns(&columns)));
        body.shift(shift);
        if plane == 0 {
            let units = vec![context.unit; 2 * usize::from(context.config.hidden)];
            class = class::quantize(weights.class.as_ref(), &units, shift, |rows| (0..rows).collect(), &mut body);
        }
        dequantized.push(product.dequantized());
        // Biases are added once.
        convolution.groups.iter_mut().for_each(|group| group.biases.fill(0.0));
    }
    if planes.count() < WINDOW.len() {
        body.shift(0);
    }
    let (arrays, shifts) = body.finish();
    let description = LayerDescription::First(Description { shifts });
    let dequantized = First { convolution: dequantized.swap_remove(0), class };
    Layer { description, arrays, dequantized }
}

/// Columns of a group as the blob has them: channel by channel, tap by tap; then the pixel's own channels.
fn order(channels: usize, group: usize) -> Vec<Option<usize>> {
    let taps = (0..channels).flat_map(|channel| (0..24).map(move |tap| Some(tap * channels + channel)));
    let own = padded(group).into_iter().map(|place| place.map(|place| 24 * channels + place));
    taps.chain(own).collect()
}
