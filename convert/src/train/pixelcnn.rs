//! A PixelCNN block: ReLU, 1x1 (2h to h), ReLU, 3x3 with mask B, ReLU.

use tch::Tensor;

use super::class;
use super::layers::{self, Gradients, Pass, Step};
use super::maps::{Tap, relu_gradient};
use super::weights::Weight;
use crate::config::NetworkConfig;

/// Offsets of mask B's five taps of a 3x3 kernel, in raster order.
const TAPS: [Tap; 5] = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 0)];

/// Those of a block.
fn taps(pass: &Pass<'_>, number: u8) -> [Tap; 5] {
    let distance = i64::from(pass.config().distance(number));
    TAPS.map(|(row, column)| (distance * row, distance * column))
}

/// Its weights.
pub fn weights(config: &NetworkConfig, block: &str) -> Vec<Weight> {
    let h = i64::from(config.hidden);
    let products = [
        Weight::linear(config, format!("{block}.reduce"), h, 2 * h),
        Weight::linear(config, format!("{block}.conv"), h, h).over(5, &[3, 3]),
    ];
    products.into_iter().chain(class::given_weights(config, block, h)).collect()
}

/// What its `expand` reads, and the way back.
pub fn forward<'a>(pass: &'a Pass<'_>, number: u8, stream: &Tensor) -> Step<'a> {
    let (block, taps) = (layers::name(number), taps(pass, number));
    let (reduce, conv) = (format!("{block}.reduce"), format!("{block}.conv"));
    let input = pass.rounded(&stream.relu());
    let reduced = pass.linear(&input, &reduce).relu().run();
    pass.batch.clear(&reduced);
    let reduced = pass.rounded(&reduced);
    let convolution = pass.convolution(&reduced, &taps, &conv);
    let convolved = match pass.upsampled {
        Some(_) => pass.with_given(convolution, &conv, &block).relu_(),
        None => convolution.start(pass.start(&conv, &block)).relu().run(),
    };
    let features = pass.rounded(&convolved);
    let output = features.shallow_clone();
    let back = move |gradient: &Tensor, behind: &Tensor, gradients: &mut Gradients| {
        let gradient = relu_gradient(gradient, &output);
        gradients.convolution(&conv, &reduced, &taps, &gradient);
        pass.given_gradient(&block, &gradient, gradients);
        // The ReLU's output is zero outside the images: so is what comes back through it.
        let gradient = pass.convolution_gradient(&gradient, &taps, &conv).through(&reduced).run();
        gradients.linear(&reduce, &input, &gradient);
        pass.linear_gradient(&gradient, &reduce).through(&input).plus(behind).run()
    };
    Step { features, back: Box::new(back) }
}
