//! The first layer: a 7x7 convolution with mask A over the values.

use tch::Tensor;

use super::layers::{Gradients, Pass};
use super::maps::Tap;
use super::weights::{Mask, Weight};
use crate::config::NetworkConfig;
use crate::float::window::Planes;

/// Places of the kernel that are read: mask A's 24 taps in raster order; with channel groups also the pixel itself.
fn taps(config: &NetworkConfig) -> Vec<Tap> {
    let count = if config.groups() > 1 { 25 } else { 24 };
    (0..count).map(|tap| (tap / 7 - 3, tap % 7 - 3)).collect()
}

/// Its weights.
pub fn weights(config: &NetworkConfig) -> Vec<Weight> {
    let rows = 2 * i64::from(config.hidden);
    let weight = Weight::linear(config, "first".into(), rows, i64::from(config.channels));
    let weight = weight.over(taps(config).len() as i64, &[7, 7]);
    vec![if config.groups() > 1 { weight.masked(Mask::A) } else { weight.masked(Mask::Nothing) }]
}

/// The stream before the first block, and the way back.
pub fn forward<'a>(pass: &'a Pass<'_>) -> (Tensor, impl FnOnce(&Tensor, &mut Gradients) + use<'a>) {
    let planes = Planes::new(pass.config().levels);
    let values: Vec<f32> = pass.values.iter().map(|&value| planes.read(value)).collect();
    let images = Tensor::from_slice(&values).to_device(pass.device()).to_kind(pass.network.kind);
    let window = pass.batch.window(&images, &taps(pass.config()));
    let stream = pass.linear(&window, "first").run();
    (stream, move |gradient, gradients| gradients.linear("first", &window, gradient))
}
