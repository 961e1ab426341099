//! The network between a smaller image and the blocks, and what blocks make of its features.
//!
//! Small pixels are rows of matrices in the order image, row, column; features are a map like any other.

use tch::{Kind, Tensor};

use super::layers::{Gradients, Pass};
use super::maps::{Tap, relu_gradient};
use super::weights::{Mask, Weight};
use crate::config::NetworkConfig;
use crate::float::window::Planes;

/// The convolution's taps.
const TAPS: [Tap; 9] = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 0), (0, 1), (1, -1), (1, 0), (1, 1)];

/// Its weights; none of a network that is given no smaller image. The transposed convolution's rows are its inputs.
pub fn weights(config: &NetworkConfig) -> Vec<Weight> {
    let (u, factor) = (i64::from(config.upsampled), i64::from(config.factor));
    if factor == 0 {
        return Vec::new();
    }
    let linear =
        |name: &str, inputs| Weight::linear(config, format!("upsample.{name}"), u, inputs).masked(Mask::Nothing);
    let transposed = linear("transposed", u).over(factor * factor, &[factor, factor]);
    vec![linear("conv", i64::from(config.channels)).over(9, &[3, 3]), transposed.scaled(factor as f64)]
}

/// The weight of a block's product of upsampled features.
pub fn projection(config: &NetworkConfig, place: &str, rows: i64) -> Option<Weight> {
    let weight = || Weight::linear(config, format!("{place}.upsample"), rows, config.upsampled.into());
    (config.factor > 0).then(|| weight().masked(Mask::Nothing).biased(None))
}

/// The upsampling network after its forward pass.
pub struct Upsampled {
    /// Features of every pixel, a map: as the activations that blocks read.
    pub features: Tensor,
    /// The same before they are rounded.
    output: Tensor,
    /// What the convolution read, and gave.
    window: Tensor,
    small: Tensor,
}

/// Sizes of small images.
struct Small {
    images: i64,
    height: i64,
    width: i64,
    factor: i64,
    features: i64,
}

impl Small {
    fn of(pass: &Pass<'_>) -> Self {
        let (batch, factor) = (pass.batch, i64::from(pass.config().factor));
        let side = |side: i64| (side + factor - 1) / factor;
        Self {
            images: batch.count(),
            height: side(batch.height),
            width: side(batch.width),
            factor,
            features: pass.config().upsampled.into(),
        }
    }

    /// Features of places in small pixels, `[small pixels, factor * factor * features]`, as those of pixels `[images, rows, columns,
    /// features]`, or back.
    fn unfold(&self, places: &Tensor) -> Tensor {
        let Self { images, height, width, factor, features } = *self;
        let places = places.view([images, height, width, factor, factor, features]).permute([0, 1, 3, 2, 4, 5]);
        places.reshape([images, height * factor, width * factor, features])
    }

    fn fold(&self, pixels: &Tensor) -> Tensor {
        let Self { images, height, width, factor, features } = *self;
        let pixels = pixels.view([images, height, factor, width, factor, features]).permute([0, 1, 3, 2, 4, 5]);
        pixels.reshape([images * height * width, factor * factor * features])
    }
}

/// Runs over the smaller images, which are what the images hold every few pixels; nothing of a network that is given none.
pub fn forward(pass: &Pass<'_>) -> Option<Upsampled> {
    (pass.config().factor > 0).then(|| {
        let (sizes, batch) = (Small::of(pass), pass.batch);
        let window = window(pass, &sizes);
        let convolved = pass.bias("upsample.conv").addmm(&window, &pass.weight("upsample.conv").tr());
        let small = pass.rounded(&convolved.relu());
        let places = small.matmul(pass.weight("upsample.transposed"));
        let places = places.view([-1, sizes.features]) + pass.bias("upsample.transposed");
        let pixels = sizes.unfold(&places).narrow(1, 0, batch.height).narrow(2, 0, batch.width).relu();
        let size = [batch.groups, batch.images, batch.height, batch.width, sizes.features];
        let compact = pixels.reshape(size).permute([0, 2, 3, 1, 4]).reshape([-1, sizes.features]);
        let output = batch.expand(&compact.to_kind(pass.network.kind));
        Upsampled { features: pass.rounded(&output), output, window, small }
    })
}

/// What the convolution reads: nine taps of small pixels, in a tap channel by channel.
fn window(pass: &Pass<'_>, sizes: &Small) -> Tensor {
    let (planes, batch) = (Planes::new(pass.config().levels), pass.batch);
    let values: Vec<f32> = pass.examples.values.iter().map(|&value| planes.part(0, value)).collect();
    let images = Tensor::from_slice(&values).to_device(pass.device());
    let images = images.view([sizes.images, batch.height, batch.width, batch.channels]);
    let small = images.slice(1, 0, batch.height, sizes.factor).slice(2, 0, batch.width, sizes.factor);
    let padded = small.constant_pad_nd([0, 0, 1, 1, 1, 1]);
    let tap = |&(rows, columns): &Tap| padded.narrow(1, 1 + rows, sizes.height).narrow(2, 1 + columns, sizes.width);
    Tensor::cat(&TAPS.iter().map(tap).collect::<Vec<_>>(), 3).reshape([-1, 9 * batch.channels])
}

impl Upsampled {
    /// Collects the gradients of the upsampling network's weights, from what blocks collected of its features.
    pub fn back(&self, pass: &Pass<'_>, gradients: &mut Gradients) {
        let (sizes, batch) = (Small::of(pass), pass.batch);
        let Some(gradient) = gradients.features.take() else { return };
        let compact = batch.compact(&relu_gradient(&gradient, &self.output)).to_kind(Kind::Float);
        let size = [batch.groups, batch.height, batch.width, batch.images, sizes.features];
        let pixels = compact.view(size).permute([0, 3, 1, 2, 4]);
        let pixels = pixels.reshape([sizes.images, batch.height, batch.width, sizes.features]);
        let (below, right) = (sizes.height * sizes.factor - batch.height, sizes.width * sizes.factor - batch.width);
        let places = sizes.fold(&pixels.constant_pad_nd([0, 0, 0, right, 0, below]));
        let sum = |gradient: &Tensor| gradient.sum_dim_intlist([0i64].as_slice(), false, Kind::Float);
        let mut insert = |name: &str, gradient| gradients.named.insert(format!("upsample.{name}"), gradient);
        insert("transposed.bias", sum(&places.view([-1, sizes.features])));
        insert("transposed.weight", self.small.tr().matmul(&places));
        let small = places.matmul(&pass.weight("upsample.transposed").tr());
        let small = relu_gradient(&small, &self.small);
        insert("conv.bias", sum(&small));
        insert("conv.weight", small.tr().matmul(&self.window));
    }
}

impl Pass<'_> {
    /// What a place adds of upsampled features, a map.
    pub fn projected(&self, place: &str) -> Option<Tensor> {
        let upsampled = self.upsampled.as_ref()?;
        Some(super::dense::Dense::forward(&upsampled.features, self.weight(&format!("{place}.upsample"))).run())
    }

    /// Collects the gradient of what upsampled features add at a place, and that of the features.
    pub fn projection_gradient(&self, place: &str, gradient: &Tensor, gradients: &mut Gradients) {
        let Some(upsampled) = &self.upsampled else { return };
        let name = format!("{place}.upsample");
        gradients.taps(&name, &upsampled.features, &[(0, 0)], gradient);
        let back = self.linear_gradient(gradient, &name);
        let sum = match gradients.features.take() {
            Some(sum) => back.plus(&sum).run(),
            None => back.run(),
        };
        gradients.features = Some(sum);
    }

    /// Whether the smaller image holds a pixel of the batch's images, counted image by image, row by row.
    pub fn is_known(&self, pixel: usize) -> bool {
        known(self.config(), (self.batch.width as usize, self.batch.height as usize), pixel)
    }
}

/// Whether the smaller image holds a pixel of images of a size, counted image by image, row by row.
pub fn known(config: &NetworkConfig, (width, height): (usize, usize), pixel: usize) -> bool {
    let (row, column) = (pixel / width % height, pixel % width);
    config.factor > 0 && [row, column].iter().all(|place| place.is_multiple_of(config.factor.into()))
}
