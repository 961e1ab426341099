//! The hot loops. `plain` is the meaning; every other file is the same numbers, faster, on one instruction set.
//!
//! # Packing `rows4`
//!
//! Weights of a matrix of R rows (outputs) and K columns (inputs), both multiples of 4, lie in blocks of four rows:
//!
//! ```text
//! block of rows 4b..4b+4 | columns 4k..4k+4 | row 4b: 4 bytes, row 4b+1: 4 bytes, row 4b+2: …, row 4b+3: …
//! ```
//!
//! Bytes of even columns hold `weight + 128` (unsigned), those of odd columns the weight itself (two's complement).
//! A half word is then `256 * odd + even + 128`, which the ARMv7E-M kernel multiplies two weights at a time with.
//! Weights and activations lie in -127..=127.

mod plain;
#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod x86_64;

use crate::blob::{Linear, Matrix};

pub use plain::{
    add_requantized, add_scaled, lstm_cell, quantize, quantize_relu, requantize_logits, requantize_relu,
    scale_with_bias,
};

/// Words of scratch that `columns` activations need, on any target.
pub const fn activation_words(columns: usize) -> usize {
    columns / 2
}

/// A vector of int8 activations in the form that the matrix kernel of this target reads, built piece by piece in the caller's scratch.
///
/// A piece's length is a multiple of 4; what does not fit the scratch is dropped, which a checked model never causes.
pub struct Activations<'a> {
    scratch: &'a mut [u32],
    used: usize,
}

impl<'a> Activations<'a> {
    /// Starts an empty vector.
    #[inline]
    pub fn new(scratch: &'a mut [u32]) -> Self {
        Self { scratch, used: 0 }
    }

    /// Appends activations.
    #[inline]
    pub fn push(&mut self, values: &[i8]) {
        let (groups, _) = values.as_chunks::<4>();
        let free = self.scratch.get_mut(self.used..).unwrap_or_default();
        for (word, group) in free.iter_mut().zip(groups) {
            *word = u32::from_le_bytes(group.map(|value| value as u8));
        }
        self.used += groups.len();
    }

    /// Appends zeros: what lies outside the image.
    #[inline]
    pub fn push_zeros(&mut self, count: usize) {
        let free = self.scratch.get_mut(self.used..).unwrap_or_default();
        for word in free.iter_mut().take(count / 4) {
            *word = 0;
        }
        self.used += count / 4;
    }

    #[inline]
    fn as_words(&self) -> &[u32] {
        self.scratch.get(..self.used).unwrap_or_default()
    }
}

/// Multiplies a matrix by a vector: `accumulators[row] = sum of weight * activation`.
#[inline]
pub fn multiply(matrix: &Matrix<'_>, activations: &Activations<'_>, accumulators: &mut [i32]) {
    let words = activations.as_words();
    debug_assert_eq!(words.len() * 4, matrix.columns);
    #[cfg(all(feature = "std", target_arch = "x86_64"))]
    if x86_64::multiply(matrix.weights, words, accumulators) {
        return;
    }
    plain::multiply(matrix.weights, words, accumulators);
}

/// [`multiply`], then [`requantize_relu`].
#[inline]
pub fn linear_relu(
    linear: &Linear<'_>,
    activations: &Activations<'_>,
    shift: u32,
    accumulators: &mut [i32],
    out: &mut [i8],
) {
    multiply(&linear.matrix, activations, accumulators);
    requantize_relu(linear, shift, accumulators, out);
}

/// [`multiply`], then [`add_requantized`].
#[inline]
pub fn linear_add(
    linear: &Linear<'_>,
    activations: &Activations<'_>,
    shift: u32,
    accumulators: &mut [i32],
    out: &mut [i16],
) {
    multiply(&linear.matrix, activations, accumulators);
    add_requantized(linear, shift, accumulators, out);
}
