//! One LSTM as integers: what Row LSTM and both directions of Diagonal BiLSTM share.

use pixelrnn::fixed::LOGIT_BITS;

use super::body::Body;
use super::condition::Addends;
use super::context::Context;
use super::pack::Array;
use super::steps::Steps;
use crate::float::Lstm;

/// What one step of a hidden state stands for: Q7.
pub const HIDDEN_UNIT: f64 = 1.0 / 128.0;

/// Sums of both products must fit 31 bits before their shift: gates that saturate do so at ±16.
const MOST_SHIFT: i32 = 14;

/// Adds both products and the shift that they share; `read` names what they read, and inputs have the steps given.
pub fn quantize(
    weights: &Lstm,
    context: &Context<'_>,
    read: [&'static str; 2],
    inputs: &Steps,
    body: &mut Body,
) -> Lstm {
    let units = Steps::signed(vec![f64::from(LOGIT_BITS).exp2().recip(); 4 * usize::from(context.config.hidden)]);
    let states = Steps::signed(vec![HIDDEN_UNIT; weights.state_to_state.columns()]);
    let input = context.product(&weights.input_to_state, read[0], inputs, &units);
    let mut addends = Addends::new(&weights.condition, context, &units);
    let mut input = addends.make_room(input);
    let mut state = context.product(&weights.state_to_state, read[1], &states, &units);
    state.move_biases(&mut input);
    let shift = input.shift().min(state.shift()).min(MOST_SHIFT);
    body.add(input.linears(shift).map(interleaved));
    body.add(state.matrices(shift).map(interleaved));
    body.shift(shift);
    let condition = addends.quantize(&units, shift, by_unit, body);
    Lstm { input_to_state: input.dequantized(), state_to_state: state.dequantized(), condition }
}

/// Where the rows of o, f, i, g of every unit lie in o, f, i, g blocks.
fn by_unit(rows: usize) -> Vec<usize> {
    (0..rows).map(|row| row % 4 * (rows / 4) + row / 4).collect()
}

/// Gate rows from o, f, i, g blocks to o, f, i, g of every unit.
fn interleaved(array: Array) -> Array {
    let order: Vec<_> = by_unit(array.rows()).into_iter().map(Some).collect();
    array.with_rows(&order)
}
