//! A Row LSTM layer: its states read the row above.

use tch::Tensor;

use super::class;
use super::layers::{self, Gradients, Pass, Step};
use super::lstm::{self, Direction, Lstm};
use super::maps::Tap;
use super::weights::{Mask, Weight};
use crate::config::NetworkConfig;

/// Offsets of the input-to-state convolution's taps; a third is masked.
const TAPS: [Tap; 2] = [(0, -1), (0, 0)];

/// Its weights.
pub fn weights(config: &NetworkConfig, block: &str) -> Vec<Weight> {
    let (h, kernel) = (i64::from(config.hidden), i64::from(config.kernel));
    let state = Weight::linear(config, format!("{block}.state_to_state"), 4 * h, h).over(kernel, &[kernel]);
    let input = Weight::linear(config, format!("{block}.input_to_state"), 4 * h, 2 * h).over(2, &[3]);
    let products = [input.gated().biased(Some(lstm::bias(config))), state.gated().masked(Mask::Nothing).biased(None)];
    products.into_iter().chain(class::given_weights(config, block, 4 * h).map(Weight::gated)).collect()
}

/// The direction in which its states follow one another: down.
pub fn direction(kernel: u8) -> Direction {
    let kernel = i64::from(kernel);
    Direction { taps: (0..kernel).map(|tap| (-1, tap - kernel / 2)).collect(), cell: (-1, 0), from_right: false }
}

/// What its `expand` reads, and the way back.
pub fn forward<'a>(pass: &'a Pass<'_>, number: u8, stream: &Tensor) -> Step<'a> {
    let block = layers::name(number);
    let (input, state) = (format!("{block}.input_to_state"), format!("{block}.state_to_state"));
    pass.batch.clear(stream);
    let stream = pass.rounded(stream);
    let gates = pass.with_given(pass.convolution(&stream, &TAPS, &input), &input, &block);
    let lstm = Lstm::forward(pass, vec![direction(pass.config().kernel)], vec![state], &[gates]);
    let features = lstm.hidden[0].shallow_clone();
    let back = move |gradient: &Tensor, behind: &Tensor, gradients: &mut Gradients| {
        let gates = lstm.backward(pass, &[gradient], gradients);
        gradients.convolution(&input, &stream, &TAPS, &gates[0]);
        pass.given_gradient(&block, &gates[0], gradients);
        let gradient = pass.convolution_gradient(&gates[0], &TAPS, &input).plus(behind).run();
        pass.batch.clear(&gradient);
        gradient
    };
    Step { features, back: Box::new(back) }
}
