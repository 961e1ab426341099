//! The products as one loop over rows, which differ in what is done with a row's number: the fewest bytes of code, for weights in any packing.

use super::instruction_set::WORDS_PER_FOUR;
use super::{Activations, Linear, Matrix};
use crate::fixed::{saturate8, saturate16, scale};

/// Writes four activations a word, as they are, where another form would take as many words as the instruction set's.
#[inline]
pub fn expand(groups: &[[i8; 4]], out: &mut [u32]) -> i32 {
    for ([out, ..], group) in out.as_chunks_mut::<WORDS_PER_FOUR>().0.iter_mut().zip(groups) {
        *out = u32::from_le_bytes(group.map(|value| value as u8));
    }
    0
}

/// Shows every row, and its sum times its multiplier, with its bias if there is one.
#[inline(never)]
fn rows(matrix: &Matrix<'_>, biases: &[i32], activations: &Activations<'_>, each: &mut dyn FnMut(usize, i32)) {
    for (row, &multiplier) in matrix.multipliers.iter().enumerate() {
        let mut sum = 0;
        for (group, [word, ..]) in activations.words().as_chunks::<WORDS_PER_FOUR>().0.iter().enumerate() {
            for (weight, x) in matrix.weights_at(row, group).into_iter().zip(word.to_le_bytes()) {
                sum += i32::from(weight) * i32::from(x as i8);
            }
        }
        each(row, scale(sum, multiplier).wrapping_add(biases.get(row).copied().unwrap_or(0)));
    }
}

/// The same for every place of `out`.
#[inline]
fn products<T>(
    (matrix, biases): (&Matrix<'_>, &[i32]),
    activations: &Activations<'_>,
    out: &mut [T],
    put: impl Fn(&mut T, i32),
) {
    rows(matrix, biases, activations, &mut |row, value| {
        if let Some(place) = out.get_mut(row) {
            put(place, value);
        }
    });
}

/// See [`super::plain::linear_relu`].
pub fn linear_relu(linear: &Linear<'_>, activations: &Activations<'_>, shift: u32, out: &mut [i8]) {
    products((&linear.matrix, linear.biases), activations, out, |place, value| {
        *place = saturate8(value >> (shift & 31));
    });
}

/// See [`super::plain::linear_add`].
pub fn linear_add(linear: &Linear<'_>, activations: &Activations<'_>, shift: u32, stream: &mut [i16]) {
    products((&linear.matrix, linear.biases), activations, stream, |place, value| {
        *place = saturate16(i32::from(*place).wrapping_add(value >> (shift & 31)));
    });
}

/// See [`super::plain::linear_scaled`].
pub fn linear_scaled(linear: &Linear<'_>, activations: &Activations<'_>, out: &mut [i32]) {
    products((&linear.matrix, linear.biases), activations, out, |place, value| *place = value);
}

/// See [`super::plain::add_scaled`].
pub fn add_scaled(matrix: &Matrix<'_>, activations: &Activations<'_>, out: &mut [i32]) {
    products((matrix, &[]), activations, out, |place, value| *place = place.wrapping_add(value));
}
