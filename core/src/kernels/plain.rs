//! The portable kernels: what every other kernel must equal.

use crate::blob::{Linear, Matrix};
use crate::fixed::{requantize, saturate8, saturate16, scale, sigmoid, tanh};

/// Multiplies packed weights by activations, four of each a word.
pub fn multiply(weights: &[u8], activations: &[u32], accumulators: &mut [i32]) {
    let block_bytes = (activations.len() * 16).max(16);
    let (blocks, _) = accumulators.as_chunks_mut::<4>();
    for (block, sums) in weights.chunks_exact(block_bytes).zip(blocks) {
        let mut total = [0i32; 4];
        let (groups, _) = block.as_chunks::<16>();
        for (group, &word) in groups.iter().zip(activations) {
            let x = word.to_le_bytes().map(|byte| byte as i8 as i32);
            let (rows, _) = group.as_chunks::<4>();
            for (sum, w) in total.iter_mut().zip(rows) {
                *sum += (w[0] as i32 - 128) * x[0]
                    + (w[1] as i8 as i32) * x[1]
                    + (w[2] as i32 - 128) * x[2]
                    + (w[3] as i8 as i32) * x[3];
            }
        }
        *sums = total;
    }
}

/// Block input after a ReLU: `min(round(max(s, 0) * multiplier / 2^shift), 127)`.
pub fn quantize_relu(stream: &[i16], multipliers: &[i16], shift: u32, out: &mut [i8]) {
    let half = (1 << (shift & 31)) >> 1;
    for ((out, &value), &multiplier) in out.iter_mut().zip(stream).zip(multipliers) {
        let product = i32::from(value.max(0)) * i32::from(multiplier);
        *out = (product.wrapping_add(half) >> (shift & 31)).min(127) as i8;
    }
}

/// Block input, signed: the same, clamped to -127..=127.
pub fn quantize(stream: &[i16], multipliers: &[i16], shift: u32, out: &mut [i8]) {
    let half = (1 << (shift & 31)) >> 1;
    for ((out, &value), &multiplier) in out.iter_mut().zip(stream).zip(multipliers) {
        let product = i32::from(value) * i32::from(multiplier);
        *out = saturate8(product.wrapping_add(half) >> (shift & 31));
    }
}

/// Accumulators to activations, through a ReLU.
pub fn requantize_relu(linear: &Linear<'_>, shift: u32, accumulators: &[i32], out: &mut [i8]) {
    for (((out, &sum), &multiplier), &bias) in
        out.iter_mut().zip(accumulators).zip(linear.matrix.multipliers).zip(linear.biases)
    {
        *out = requantize(sum, multiplier, bias, shift).clamp(0, 127) as i8;
    }
}

/// Adds accumulators to the residual stream, saturating.
pub fn add_requantized(linear: &Linear<'_>, shift: u32, accumulators: &[i32], stream: &mut [i16]) {
    for (((out, &sum), &multiplier), &bias) in
        stream.iter_mut().zip(accumulators).zip(linear.matrix.multipliers).zip(linear.biases)
    {
        *out = saturate16(i32::from(*out).wrapping_add(requantize(sum, multiplier, bias, shift)));
    }
}

/// Accumulators to logits in Q11, saturating, in place.
pub fn requantize_logits(linear: &Linear<'_>, shift: u32, accumulators: &mut [i32]) {
    for ((sum, &multiplier), &bias) in accumulators.iter_mut().zip(linear.matrix.multipliers).zip(linear.biases) {
        *sum = i32::from(saturate16(requantize(*sum, multiplier, bias, shift)));
    }
}

/// First half of a gate's input: accumulators become `scale(accumulator) + bias`, in place.
pub fn scale_with_bias(linear: &Linear<'_>, accumulators: &mut [i32]) {
    for ((sum, &multiplier), &bias) in accumulators.iter_mut().zip(linear.matrix.multipliers).zip(linear.biases) {
        *sum = scale(*sum, multiplier).wrapping_add(bias);
    }
}

/// Second half: adds `scale(accumulator)`.
pub fn add_scaled(matrix: &Matrix<'_>, accumulators: &[i32], gates: &mut [i32]) {
    for ((gate, &sum), &multiplier) in gates.iter_mut().zip(accumulators).zip(matrix.multipliers) {
        *gate = gate.wrapping_add(scale(sum, multiplier));
    }
}

/// One LSTM step of every unit, from gate inputs in the order o, f, i, g within a unit.
///
/// `cell` is Q11, replaced by the new one; `hidden` is Q7, clamped to ±127.
pub fn lstm_cell(gates: &[i32], shift: u32, cell: &mut [i16], hidden: &mut [i8]) {
    let (units, _) = gates.as_chunks::<4>();
    for ((unit, cell), hidden) in units.iter().zip(cell).zip(hidden) {
        let [o, f, i, g] = unit.map(|gate| gate >> (shift & 31));
        let kept = sigmoid(f) * i32::from(*cell);
        let added = (sigmoid(i) * tanh(g)) >> 4;
        *cell = saturate16((kept + added + (1 << 14)) >> 15);
        *hidden = saturate8((sigmoid(o) * tanh(i32::from(*cell)) + (1 << 22)) >> 23);
    }
}
