//! The plain kernels: what every other kernel must equal. Vectors are slices, nothing is prepared.

use crate::blob::{Linear, Matrix, Packing};
use crate::fixed::{ZERO_POINT, requantize, saturate8, saturate16, scale, sigmoid, tanh};

/// Four rows' sums of `weight * activation`, of 16 bytes for every 4 activations, of weights of 4 bits for every 8.
fn multiply_block(block: &[u8], packing: Packing, activations: &[i8]) -> [i32; 4] {
    let mut sums = [0i32; 4];
    for (group, x) in block.as_chunks::<16>().0.iter().zip(activations.chunks_exact(packing.columns())) {
        for (sum, &w) in sums.iter_mut().zip(group.as_chunks::<4>().0) {
            let w = packing.widen(u32::from_le_bytes(w)).map(u32::to_le_bytes);
            *sum += w.as_flattened().iter().zip(x).map(|(&w, &x)| i32::from(w as i8) * i32::from(x)).sum::<i32>();
        }
    }
    sums
}

/// Every row's sum, in turn.
fn rows<'a>(matrix: &Matrix<'a>, activations: &'a [i8]) -> impl Iterator<Item = i32> + 'a {
    let packing = matrix.packing;
    let blocks = matrix.weights.chunks_exact(packing.bytes_of(4 * matrix.columns).max(4));
    blocks.flat_map(move |block| multiply_block(block, packing, activations))
}

/// Rows to activations, through a ReLU: the lower end of the range, which is [0](ZERO_POINT).
pub fn linear_relu(linear: &Linear<'_>, activations: &[i8], shift: u32, out: &mut [i8]) {
    let rows = rows(&linear.matrix, activations).zip(linear.matrix.multipliers).zip(linear.biases);
    for (out, ((sum, &multiplier), &bias)) in out.iter_mut().zip(rows) {
        *out = saturate8(requantize(sum, multiplier, bias, shift));
    }
}

/// Adds rows to the residual stream, saturating.
pub fn linear_add(linear: &Linear<'_>, activations: &[i8], shift: u32, stream: &mut [i16]) {
    let rows = rows(&linear.matrix, activations).zip(linear.matrix.multipliers).zip(linear.biases);
    for (out, ((sum, &multiplier), &bias)) in stream.iter_mut().zip(rows) {
        *out = saturate16(i32::from(*out).wrapping_add(requantize(sum, multiplier, bias, shift)));
    }
}

/// Rows before their shift: `scale(sum) + bias`.
pub fn linear_scaled(linear: &Linear<'_>, activations: &[i8], out: &mut [i32]) {
    let rows = rows(&linear.matrix, activations).zip(linear.matrix.multipliers).zip(linear.biases);
    for (out, ((sum, &multiplier), &bias)) in out.iter_mut().zip(rows) {
        *out = scale(sum, multiplier).wrapping_add(bias);
    }
}

/// Adds a second matrix to those: `+ scale(sum)`.
pub fn add_scaled(matrix: &Matrix<'_>, activations: &[i8], out: &mut [i32]) {
    for (out, (sum, &multiplier)) in out.iter_mut().zip(rows(matrix, activations).zip(matrix.multipliers)) {
        *out = out.wrapping_add(scale(sum, multiplier));
    }
}

/// What makes `value * multiplier >> shift` round, and lie around a zero point.
#[inline(always)]
pub(super) const fn start(zero_point: i8, shift: u32) -> i32 {
    let half = (1 << (shift & 31)) >> 1;
    ((zero_point as i32) << (shift & 31)).wrapping_add(half)
}

/// `round(value * multiplier / 2^shift) + zero_point`, clamped to -127..=127.
#[inline(always)]
pub(super) fn quantized(zero_point: i8, value: i16, multiplier: i16, shift: u32) -> i8 {
    let product = i32::from(value) * i32::from(multiplier);
    saturate8(product.wrapping_add(start(zero_point, shift)) >> (shift & 31))
}

/// Block input after a ReLU: `min(round(max(s, 0) * multiplier / 2^shift), 254)`, kept less 127.
// Inlined where wider vectors are at hand; elsewhere a call leaves the loop all registers.
#[cfg_attr(target_arch = "x86_64", inline(always))]
#[cfg_attr(not(target_arch = "x86_64"), inline(never))]
pub fn quantize_relu(stream: &[i16], multipliers: &[i16], shift: u32, out: &mut [i8]) {
    for ((out, &value), &multiplier) in out.iter_mut().zip(stream).zip(multipliers) {
        *out = quantized(ZERO_POINT, value, multiplier, shift);
    }
}

/// Block input, signed: `round(s * multiplier / 2^shift)`, clamped to -127..=127.
// Inlined where wider vectors are at hand.
#[cfg_attr(target_arch = "x86_64", inline(always))]
pub fn quantize(stream: &[i16], multipliers: &[i16], shift: u32, out: &mut [i8]) {
    for ((out, &value), &multiplier) in out.iter_mut().zip(stream).zip(multipliers) {
        *out = quantized(0, value, multiplier, shift);
    }
}

/// Copies as many features as both hold; by words where they are whole ones, as a state's are.
#[inline]
pub fn copy(from: &[i8], to: &mut [i8]) {
    if let (Ok(from), Ok(to)) = (bytemuck::try_cast_slice(from), bytemuck::try_cast_slice_mut(to)) {
        return copy_each::<u32>(from, to);
    }
    copy_each(from, to);
}

#[inline(always)]
fn copy_each<T: Copy>(from: &[T], to: &mut [T]) {
    for (to, &from) in to.iter_mut().zip(from) {
        *to = from;
    }
}

/// Logits to Q11: `value >> shift`, saturating at 16 bits, in place.
pub fn shift_logits(values: &mut [i32], shift: u32) {
    for value in values {
        *value = i32::from(saturate16(*value >> (shift & 31)));
    }
}

/// Sums that wait for their shift, through a ReLU: what [`linear_relu`] makes of what [`linear_scaled`] gives.
pub fn shift_relu(values: &[i32], shift: u32, out: &mut [i8]) {
    for (out, value) in out.iter_mut().zip(values) {
        *out = saturate8(value >> (shift & 31));
    }
}

/// One LSTM step of every unit, from gate inputs in the order o, f, i, g within a unit.
///
/// `cell` is Q11, replaced by the new one; `hidden` is Q7, clamped to ±127.
pub fn lstm_cell(gates: &[i32], shift: u32, cell: &mut [i16], hidden: &mut [i8]) {
    let (units, _) = gates.as_chunks::<4>();
    for ((&unit, place), hidden) in units.iter().zip(cell).zip(hidden) {
        (*place, *hidden) = self::cell(unit, shift, *place);
    }
}

/// One unit's cell after a step, and what it shows.
#[inline(always)]
pub(super) fn cell(gates: [i32; 4], shift: u32, cell: i16) -> (i16, i8) {
    let [o, f, i, g] = gates.map(|gate| gate >> (shift & 31));
    let kept = sigmoid(f) * i32::from(cell);
    let added = (sigmoid(i) * tanh(g)) >> 4;
    let cell = saturate16((kept + added + (1 << 14)) >> 15);
    (cell, saturate8((sigmoid(o) * tanh(i32::from(cell)) + (1 << 22)) >> 23))
}
