//! The first layer: a 7x7 convolution with mask A over the values.
//!
//! What lies around a pixel of a photograph is about as bright as its neighbours, whatever they are, so that the window's values say
//! little that is not said by any one of them. Under a mixture head the weights are therefore trained on [differences](Differences);
//! on disk they are those of the values themselves, a linear map away.

use tch::Tensor;

use super::class;
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
    let weight = weight.masked(if config.groups() > 1 { Mask::A } else { Mask::Nothing });
    let weight = if config.components > 0 { weight.of_differences() } else { weight };
    [Some(weight), class::weight(config, "first", rows)].into_iter().flatten().collect()
}

/// A window's values less most of the mean of the left and the upper neighbour of their channel, in finer units. Most, not all: so
/// brightness is still seen, and there is a way back.
pub struct Differences;

impl Differences {
    const LEFT: i64 = 23;
    const UPPER: i64 = 17;
    const SHARE: f64 = 0.9;
    /// Of the weights, in one of the values'.
    pub const UNITS: f64 = 8.0;

    /// The mean that is taken off, of maps `[…, taps, channels]`.
    fn mean(values: &Tensor) -> Tensor {
        (values.narrow(-2, Self::LEFT, 1) + values.narrow(-2, Self::UPPER, 1)) / 2.0
    }

    /// Of a window `[pixels, taps * channels]`, in its place.
    fn take(window: &Tensor, channels: i64) {
        let mut values = window.view([window.size()[0], -1, channels]);
        let mean = Self::mean(&values) * Self::SHARE;
        let _ = values.subtract_(&mean).multiply_scalar_(Self::UNITS);
    }

    /// Adds to the weights `[rows, taps, channels]` of the two neighbours.
    fn add(weights: &Tensor, addend: &Tensor) {
        for tap in [Self::LEFT, Self::UPPER] {
            let _ = weights.narrow(1, tap, 1).g_add_(addend);
        }
    }

    /// The weights of values, `[rows, taps, channels]`, from those of differences.
    pub fn to_values(weights: &Tensor) -> Tensor {
        let values = weights * Self::UNITS;
        Self::add(&values, &(Self::sum(&values) * (-Self::SHARE / 2.0)));
        values
    }

    /// The way back.
    pub fn of_values(weights: &Tensor) -> Tensor {
        let differences = weights / Self::UNITS;
        Self::add(&differences, &(Self::sum(&differences) * (Self::SHARE / 2.0 / (1.0 - Self::SHARE))));
        differences
    }

    fn sum(weights: &Tensor) -> Tensor {
        weights.sum_dim_intlist([1i64].as_slice(), true, weights.kind())
    }
}

/// The stream before the first block, and the way back.
pub fn forward<'a>(pass: &'a Pass<'_>) -> (Tensor, impl FnOnce(&Tensor, &mut Gradients) + use<'a>) {
    let planes = Planes::new(pass.config().levels);
    let values: Vec<f32> = pass.examples.values.iter().map(|&value| planes.read(value)).collect();
    let images = Tensor::from_slice(&values).to_device(pass.device()).to_kind(pass.network.kind);
    let window = pass.batch.window(&images, &taps(pass.config()));
    if pass.config().components > 0 {
        Differences::take(&window, i64::from(pass.config().channels));
    }
    let stream = pass.linear(&window, "first").start(pass.start("first", "first")).run();
    let back = move |gradient: &Tensor, gradients: &mut Gradients| {
        gradients.linear("first", &window, gradient);
        pass.class_gradient("first", gradient, gradients);
    };
    (stream, back)
}
