//! Every target without assembly of its own: blocks of four rows, multiplied by whatever the processor has.

use super::lanes::dot;
#[cfg(all(feature = "std", target_arch = "x86_64"))]
use super::x86_64::vectors;
use super::{Activations, Linear, Matrix};
use crate::fixed::{requantize, saturate8, saturate16, scale};

/// Four activations a word, as they are.
pub const WORDS_PER_FOUR: usize = 1;

/// Writes activations in the form that the products read.
#[inline]
pub fn expand(groups: &[[i8; 4]], out: &mut [u32]) -> i32 {
    let word = |group: [i8; 4]| u32::from_le_bytes(group.map(|value| value as u8));
    // By fours: pieces are short, and a call of memcpy would cost more than the copy.
    let (fours, rest) = groups.as_chunks::<4>();
    let (out_fours, out_rest) = out.as_chunks_mut::<4>();
    for (out, four) in out_fours.iter_mut().zip(fours) {
        *out = four.map(word);
    }
    for (out, &group) in out_rest.iter_mut().zip(rest) {
        *out = word(group);
    }
    0
}

/// Calls `each` with the sums of four rows after the other.
#[inline]
fn blocks(matrix: &Matrix<'_>, activations: &Activations<'_>, each: impl FnMut([i32; 4])) {
    let Matrix { weights, packing, .. } = *matrix;
    let words = activations.words();
    if words.is_empty() {
        return;
    }
    if packing.is_nibbles() {
        return blocks_of_nibbles(matrix, words, each);
    }
    widest_blocks(weights, packing.flip(), words, each);
}

/// The same of weights of 4 bits.
fn blocks_of_nibbles(matrix: &Matrix<'_>, words: &[u32], mut each: impl FnMut([i32; 4])) {
    for block in matrix.weights.chunks_exact((words.len() * 8).max(16)) {
        let mut sums = [0i32; 4];
        for (group, &[x, y]) in block.as_chunks::<16>().0.iter().zip(words.as_chunks::<2>().0) {
            for (sum, &w) in sums.iter_mut().zip(group.as_chunks::<4>().0) {
                let [v, w] = matrix.packing.widen(u32::from_le_bytes(w));
                *sum += dot(v, x) + dot(w, y);
            }
        }
        each(sums);
    }
}

#[cfg(all(target_arch = "aarch64", target_feature = "neon", target_endian = "little"))]
use super::neon::blocks as widest_blocks;
#[cfg(target_feature = "simd128")]
use super::simd128::blocks as widest_blocks;

#[cfg(not(any(
    all(target_arch = "aarch64", target_feature = "neon", target_endian = "little"),
    target_feature = "simd128"
)))]
fn widest_blocks(weights: &[u8], flip: u32, words: &[u32], mut each: impl FnMut([i32; 4])) {
    for block in weights.chunks_exact((words.len() * 16).max(16)) {
        let mut sums = [0i32; 4];
        for (group, &word) in block.as_chunks::<16>().0.iter().zip(words) {
            let x = word.to_le_bytes().map(|byte| i32::from(byte as i8));
            for (sum, w) in sums.iter_mut().zip(group.as_chunks::<4>().0) {
                let w = (u32::from_le_bytes(*w) ^ flip).to_le_bytes();
                *sum += w.iter().zip(x).map(|(&w, x)| i32::from(w as i8) * x).sum::<i32>();
            }
        }
        each(sums);
    }
}

/// Calls `each` for every row with its place, sum, multiplier and bias.
#[inline]
fn rows<T>(
    linear: &Linear<'_>,
    activations: &Activations<'_>,
    out: &mut [T],
    mut each: impl FnMut(&mut T, i32, i16, i32),
) {
    let biases = linear.biases.as_chunks::<4>().0.iter();
    let mut places =
        out.as_chunks_mut::<4>().0.iter_mut().zip(linear.matrix.multipliers.as_chunks::<4>().0).zip(biases);
    blocks(&linear.matrix, activations, |sums| {
        if let Some(((out, multipliers), biases)) = places.next() {
            for (((out, sum), &multiplier), &bias) in out.iter_mut().zip(sums).zip(multipliers).zip(biases) {
                each(out, sum, multiplier, bias);
            }
        }
    });
}

/// See [`super::plain::linear_relu`].
pub fn linear_relu(linear: &Linear<'_>, activations: &Activations<'_>, shift: u32, out: &mut [i8]) {
    widest!(
        vectors().for_weights(&linear.matrix),
        [avx512, avx2],
        linear_relu(linear, activations.words(), shift, out)
    );
    rows(linear, activations, out, |out, sum, multiplier, bias| {
        *out = saturate8(requantize(sum, multiplier, bias, shift));
    });
}

/// See [`super::plain::linear_add`].
pub fn linear_add(linear: &Linear<'_>, activations: &Activations<'_>, shift: u32, out: &mut [i16]) {
    widest!(vectors().for_weights(&linear.matrix), [avx512, avx2], linear_add(linear, activations.words(), shift, out));
    rows(linear, activations, out, |out, sum, multiplier, bias| {
        *out = saturate16(i32::from(*out).wrapping_add(requantize(sum, multiplier, bias, shift)));
    });
}

/// See [`super::plain::linear_scaled`].
pub fn linear_scaled(linear: &Linear<'_>, activations: &Activations<'_>, out: &mut [i32]) {
    widest!(vectors().for_weights(&linear.matrix), [avx512, avx2], linear_scaled(linear, activations.words(), out));
    rows(linear, activations, out, |out, sum, multiplier, bias| *out = scale(sum, multiplier).wrapping_add(bias));
}

/// See [`super::plain::add_scaled`].
pub fn add_scaled(matrix: &Matrix<'_>, activations: &Activations<'_>, out: &mut [i32]) {
    widest!(vectors().for_weights(matrix), [avx512, avx2], add_scaled(matrix, activations.words(), out));
    let mut places = out.as_chunks_mut::<4>().0.iter_mut().zip(matrix.multipliers.as_chunks::<4>().0);
    blocks(matrix, activations, |sums| {
        if let Some((out, multipliers)) = places.next() {
            for ((out, sum), &multiplier) in out.iter_mut().zip(sums).zip(multipliers) {
                *out = out.wrapping_add(scale(sum, multiplier));
            }
        }
    });
}
