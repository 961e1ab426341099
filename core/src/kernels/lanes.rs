//! The kernels of `N` images at once, which lie side by side: an element of a slice holds a value of each image.
//!
//! One image is the instruction set's own business. Sixteen fill the vectors of AVX-512 and AVX2: a load of weights serves them
//! all, and gates, requantizing and the rest need no shuffling. Any other number, or processor, gets loops in plain Rust.

use super::frequencies::frequencies_of_each;
use super::plain;
#[cfg(all(feature = "std", target_arch = "x86_64"))]
use super::x86_64::{Vectors, vectors_for};
use crate::blob::{Linear, Matrix, Packing};
use crate::fixed::{ZERO_POINT, requantize, saturate8, saturate16, scale};
use crate::temperature::Temperature;

/// Images that gain most from being computed at once on this machine; 1 if none do.
pub fn best() -> usize {
    #[cfg(all(feature = "std", target_arch = "x86_64"))]
    if vectors_for(super::x86_64::LANES) != Vectors::None {
        return super::x86_64::LANES;
    }
    1
}

/// A vector of int8 activations of each image, built piece by piece in the caller's scratch: see [`super::Activations`].
///
/// A word holds four activations of an image; of several images, their words for the same columns lie side by side.
pub struct Activations<'a, const N: usize>(super::Activations<'a>);

impl<'a, const N: usize> Activations<'a, N> {
    /// Starts an empty vector. The scratch has [`super::activation_words`] words for each image.
    #[inline]
    pub fn new(scratch: &'a mut [u32]) -> Self {
        Self(super::Activations::new(scratch))
    }

    /// An empty vector for products with weights of a packing: see [`super::Activations::for_weights`].
    #[inline]
    pub fn for_weights(scratch: &'a mut [u32], packing: Packing) -> Self {
        Self(super::Activations::for_weights(scratch, packing))
    }

    /// A vector of one piece for such products.
    #[inline]
    pub fn of_packing(scratch: &'a mut [u32], packing: Packing, values: &[[i8; N]]) -> Self {
        if !cfg!(nibbles) {
            return Self::of(scratch, values);
        }
        let mut activations = Self::for_weights(scratch, packing);
        activations.push(values);
        activations
    }

    /// Starts again in the same scratch.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// A vector of one piece.
    #[inline]
    pub fn of(scratch: &'a mut [u32], values: &[[i8; N]]) -> Self {
        let mut activations = Self::new(scratch);
        activations.push(values);
        activations
    }

    /// Appends activations, a multiple of 4.
    #[inline]
    pub fn push(&mut self, values: &[[i8; N]]) {
        if N == 1 {
            return self.0.push(values.as_flattened());
        }
        let Some(free) = self.take(values.len()) else { return };
        widest!(vectors_for(N), [avx512_lanes, avx2_lanes], interleave(values.as_flattened(), free));
        for (words, group) in free.as_chunks_mut::<N>().0.iter_mut().zip(values.as_chunks::<4>().0) {
            for (image, word) in words.iter_mut().enumerate() {
                *word = u32::from_le_bytes(group.map(|values| values[image] as u8));
            }
        }
    }

    /// Appends [zeros behind a ReLU](ZERO_POINT), a multiple of 4: what lies outside the image.
    pub fn push_nothing(&mut self, count: usize) {
        // Pieces that weights of 4 bits may be multiplied with are multiples of 8.
        for _ in 0..count / 8 {
            self.push(&[[ZERO_POINT; N]; 8]);
        }
        if count % 8 >= 4 {
            self.push(&[[ZERO_POINT; N]; 4]);
        }
    }

    /// Appends zeros of signed activations: what lies outside the image.
    #[inline]
    pub fn push_zeros(&mut self, count: usize) {
        if N == 1 {
            return self.0.push_zeros(count);
        }
        if let Some(free) = self.take(count) {
            free.fill(0);
        }
    }

    /// The place of `count` more columns of several images.
    fn take(&mut self, count: usize) -> Option<&mut [u32]> {
        let super::Activations { scratch, used, columns, .. } = &mut self.0;
        let free = scratch.get_mut(*used..*used + count / 4 * N)?;
        *used += free.len();
        *columns += count;
        Some(free)
    }
}

/// Four products of the bytes of two words.
#[inline(always)]
pub(super) fn dot(weights: u32, activations: u32) -> i32 {
    let both = weights.to_le_bytes().into_iter().zip(activations.to_le_bytes());
    both.map(|(w, x)| i32::from(w as i8) * i32::from(x as i8)).sum()
}

/// Calls `each` for every row with its place, the images' sums, its multiplier and its number.
fn rows<T, const N: usize>(
    matrix: &Matrix<'_>,
    activations: &Activations<'_, N>,
    out: &mut [[T; N]],
    mut each: impl FnMut(&mut [T; N], [i32; N], i16, usize),
) {
    let (words, packing) = (activations.0.words().as_chunks::<N>().0, matrix.packing);
    let blocks = matrix.weights.chunks_exact(packing.bytes_of(16 * words.len()).max(16));
    let places = out.as_chunks_mut::<4>().0.iter_mut().zip(matrix.multipliers.as_chunks::<4>().0);
    for ((number, block), (out, multipliers)) in blocks.enumerate().zip(places) {
        let mut sums = [[0i32; N]; 4];
        for (group, words) in block.as_chunks::<16>().0.iter().zip(words.chunks(packing.columns() / 4)) {
            for (sums, &w) in sums.iter_mut().zip(group.as_chunks::<4>().0) {
                for (w, words) in packing.widen(u32::from_le_bytes(w)).into_iter().zip(words) {
                    sums.iter_mut().zip(words).for_each(|(sum, &x)| *sum += dot(w, x));
                }
            }
        }
        for (row, ((out, sums), &multiplier)) in out.iter_mut().zip(sums).zip(multipliers).enumerate() {
            each(out, sums, multiplier, 4 * number + row);
        }
    }
}

/// See [`super::plain::linear_relu`].
#[inline]
pub fn linear_relu<const N: usize>(
    linear: &Linear<'_>,
    activations: &Activations<'_, N>,
    shift: u32,
    out: &mut [[i8; N]],
) {
    if N == 1 {
        return super::linear_relu(linear, &activations.0, shift, out.as_flattened_mut());
    }
    widest!(
        vectors_for(N).for_weights(&linear.matrix),
        [avx512_lanes, avx2_lanes],
        linear_relu(linear, activations.0.words(), shift, out.as_flattened_mut())
    );
    rows(&linear.matrix, activations, out, |out, sums, multiplier, row| {
        let bias = linear.biases.get(row).copied().unwrap_or(0);
        *out = sums.map(|sum| saturate8(requantize(sum, multiplier, bias, shift)));
    });
}

/// See [`super::plain::linear_add`].
#[inline]
pub fn linear_add<const N: usize>(
    linear: &Linear<'_>,
    activations: &Activations<'_, N>,
    shift: u32,
    stream: &mut [[i16; N]],
) {
    if N == 1 {
        return super::linear_add(linear, &activations.0, shift, stream.as_flattened_mut());
    }
    widest!(
        vectors_for(N).for_weights(&linear.matrix),
        [avx512_lanes, avx2_lanes],
        linear_add(linear, activations.0.words(), shift, stream.as_flattened_mut())
    );
    rows(&linear.matrix, activations, stream, |out, sums, multiplier, row| {
        let bias = linear.biases.get(row).copied().unwrap_or(0);
        for (out, sum) in out.iter_mut().zip(sums) {
            *out = saturate16(i32::from(*out).wrapping_add(requantize(sum, multiplier, bias, shift)));
        }
    });
}

/// See [`super::plain::linear_scaled`].
#[inline]
pub fn linear_scaled<const N: usize>(linear: &Linear<'_>, activations: &Activations<'_, N>, out: &mut [[i32; N]]) {
    if N == 1 {
        return super::linear_scaled(linear, &activations.0, out.as_flattened_mut());
    }
    widest!(
        vectors_for(N).for_weights(&linear.matrix),
        [avx512_lanes, avx2_lanes],
        linear_scaled(linear, activations.0.words(), out.as_flattened_mut())
    );
    rows(&linear.matrix, activations, out, |out, sums, multiplier, row| {
        let bias = linear.biases.get(row).copied().unwrap_or(0);
        *out = sums.map(|sum| scale(sum, multiplier).wrapping_add(bias));
    });
}

/// See [`super::plain::add_scaled`].
#[inline]
pub fn add_scaled<const N: usize>(matrix: &Matrix<'_>, activations: &Activations<'_, N>, out: &mut [[i32; N]]) {
    if N == 1 {
        return super::add_scaled(matrix, &activations.0, out.as_flattened_mut());
    }
    widest!(
        vectors_for(N).for_weights(matrix),
        [avx512_lanes, avx2_lanes],
        add_scaled(matrix, activations.0.words(), out.as_flattened_mut())
    );
    rows(matrix, activations, out, |out, sums, multiplier, _| {
        for (out, sum) in out.iter_mut().zip(sums) {
            *out = out.wrapping_add(scale(sum, multiplier));
        }
    });
}

/// See [`super::plain::quantize`].
#[inline]
pub fn quantize<const N: usize>(stream: &[[i16; N]], multipliers: &[i16], shift: u32, out: &mut [[i8; N]]) {
    if N == 1 {
        return super::quantize(stream.as_flattened(), multipliers, shift, out.as_flattened_mut());
    }
    widest!(
        vectors_for(N),
        [avx512_lanes, avx2_lanes],
        quantize(stream.as_flattened(), multipliers, shift, out.as_flattened_mut())
    );
    for ((out, values), &multiplier) in out.iter_mut().zip(stream).zip(multipliers) {
        *out = values.map(|value| plain::quantized(0, value, multiplier, shift));
    }
}

/// See [`super::plain::quantize_relu`].
#[inline]
pub fn quantize_relu<const N: usize>(stream: &[[i16; N]], multipliers: &[i16], shift: u32, out: &mut [[i8; N]]) {
    if N == 1 {
        return super::quantize_relu(stream.as_flattened(), multipliers, shift, out.as_flattened_mut());
    }
    widest!(
        vectors_for(N),
        [avx512_lanes, avx2_lanes],
        quantize_relu(stream.as_flattened(), multipliers, shift, out.as_flattened_mut())
    );
    for ((out, values), &multiplier) in out.iter_mut().zip(stream).zip(multipliers) {
        *out = values.map(|value| plain::quantized(ZERO_POINT, value, multiplier, shift));
    }
}

/// See [`super::plain::lstm_cell`].
#[inline]
pub fn lstm_cell<const N: usize>(gates: &[[i32; N]], shift: u32, cell: &mut [[i16; N]], hidden: &mut [[i8; N]]) {
    if N == 1 {
        return super::lstm_cell(gates.as_flattened(), shift, cell.as_flattened_mut(), hidden.as_flattened_mut());
    }
    widest!(
        vectors_for(N),
        [avx512_lanes, avx2_lanes],
        lstm_cell(gates.as_flattened(), shift, cell.as_flattened_mut(), hidden.as_flattened_mut())
    );
    for ((unit, cell), hidden) in gates.as_chunks::<4>().0.iter().zip(cell).zip(hidden) {
        for (image, (cell, hidden)) in cell.iter_mut().zip(hidden).enumerate() {
            (*cell, *hidden) = plain::cell(unit.map(|gate| gate[image]), shift, *cell);
        }
    }
}

/// Turns logits (Q11) into frequencies in place; returns each image's sum. See [`super::frequencies`].
#[inline]
pub fn frequencies<const N: usize>(logits: &mut [[i32; N]], temperature: Temperature) -> [u32; N] {
    if N == 1 {
        return [super::frequencies::frequencies(logits.as_flattened_mut(), temperature); N];
    }
    widest!(vectors_for(N), [avx512_lanes, avx2_lanes], frequencies(logits, temperature));
    frequencies_of_each(logits, temperature)
}
