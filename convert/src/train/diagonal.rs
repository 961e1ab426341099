//! A Diagonal BiLSTM layer: one direction from the left, one from the right, which is seen a row lower.

use tch::Tensor;

use super::class;
use super::layers::{self, Gradients, Pass, Step};
use super::lstm::{self, Direction, Lstm};
use super::weights::{Mask, Weight};
use crate::config::NetworkConfig;

/// Names of the directions.
const SIDES: [&str; 2] = ["left", "right"];

/// Its weights.
pub fn weights(config: &NetworkConfig, block: &str) -> Vec<Weight> {
    let h = i64::from(config.hidden);
    let side = |side: &str| {
        let state = Weight::linear(config, format!("{block}.{side}.state_to_state"), 4 * h, h).over(2, &[2]);
        let input = Weight::linear(config, format!("{block}.{side}.input_to_state"), 4 * h, 2 * h);
        let products =
            [input.gated().biased(Some(lstm::bias(config))), state.gated().masked(Mask::Nothing).biased(None)];
        let given = class::given_weights(config, &format!("{block}.{side}"), 4 * h).map(Weight::gated);
        products.into_iter().chain(given)
    };
    SIDES.into_iter().flat_map(side).collect()
}

/// The directions in which its states follow one another.
pub fn directions() -> Vec<Direction> {
    let one = |before: i64| Direction { taps: vec![(-1, 0), (0, before)], cell: (0, before), from_right: before > 0 };
    vec![one(-1), one(1)]
}

/// What its `expand` reads, and the way back.
pub fn forward<'a>(pass: &'a Pass<'_>, number: u8, stream: &Tensor) -> Step<'a> {
    let block = layers::name(number);
    let sides = SIDES.map(|side| format!("{block}.{side}"));
    let inputs = sides.each_ref().map(|side| format!("{side}.input_to_state"));
    let states = sides.each_ref().map(|side| format!("{side}.state_to_state"));
    let stream = pass.rounded(stream);
    let gates = [0, 1].map(|side| {
        let (input, side) = (&inputs[side], &sides[side]);
        pass.with_given(pass.linear(&stream, input), input, side)
    });
    let lstm = Lstm::forward(pass, directions(), states.to_vec(), &gates);
    let features = lstm.hidden[0].copy();
    pass.batch.add_moved(&features, &lstm.hidden[1], 1);
    pass.batch.clear(&features);
    let back = move |gradient: &Tensor, behind: &Tensor, gradients: &mut Gradients| {
        let moved = gradient.zeros_like();
        pass.batch.add_moved(&moved, gradient, -1);
        pass.batch.clear(&moved);
        let [left, right] = &lstm.backward(pass, &[gradient, &moved], gradients)[..] else { unreachable!() };
        gradients.linear(&inputs[0], &stream, left);
        gradients.linear(&inputs[1], &stream, right);
        pass.given_gradient(&sides[0], left, gradients);
        pass.given_gradient(&sides[1], right, gradients);
        let sum = pass.linear_gradient(left, &inputs[0]).plus(behind).run();
        pass.linear_gradient(right, &inputs[1]).plus(&sum).run()
    };
    Step { features, back: Box::new(back) }
}
