//! The fewest bytes of code (feature `small`).

pub use super::loops::{add_scaled, expand, linear_add, linear_relu, linear_scaled};
use super::plain::quantized;
use crate::fixed::ZERO_POINT;

/// Four activations a word, as they are.
pub const WORDS_PER_FOUR: usize = 1;

/// The quantizer around a zero point.
#[inline(never)]
fn quantize_around(zero_point: i8, stream: &[i16], multipliers: &[i16], shift: u32, out: &mut [i8]) {
    for ((out, &value), &multiplier) in out.iter_mut().zip(stream).zip(multipliers) {
        *out = quantized(zero_point, value, multiplier, shift);
    }
}

/// See [`super::plain::quantize_relu`].
pub fn quantize_relu(stream: &[i16], multipliers: &[i16], shift: u32, out: &mut [i8]) {
    quantize_around(ZERO_POINT, stream, multipliers, shift, out);
}

/// See [`super::plain::quantize`].
pub fn quantize(stream: &[i16], multipliers: &[i16], shift: u32, out: &mut [i8]) {
    quantize_around(0, stream, multipliers, shift, out);
}

/// Copies as many features as both hold.
#[inline(never)]
pub fn copy(from: &[i8], to: &mut [i8]) {
    for (to, &from) in to.iter_mut().zip(from) {
        *to = from;
    }
}
