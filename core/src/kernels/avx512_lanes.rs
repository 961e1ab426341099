//! AVX-512 with VNNI for sixteen images at once: an image has a 32-bit place of every vector, from weights to results.

use core::arch::x86_64::*;

use super::avx512::{scale, sigmoid, tanh, unsigned};
use super::frequencies::frequencies_of_each;
use super::plain::start;
use super::x86_64::LANES;
use crate::blob::{Linear, Matrix};
use crate::fixed::ZERO_POINT;
use crate::temperature::Temperature;

/// Four columns' values, sixteen images each, to the images' words of four columns.
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
pub fn interleave(values: &[i8], words: &mut [u32]) {
    let quarters = _mm512_set_epi32(15, 11, 7, 3, 14, 10, 6, 2, 13, 9, 5, 1, 12, 8, 4, 0);
    let bytes = _mm512_broadcast_i32x4(_mm_set_epi8(15, 11, 7, 3, 14, 10, 6, 2, 13, 9, 5, 1, 12, 8, 4, 0));
    for (words, values) in words.as_chunks_mut::<LANES>().0.iter_mut().zip(values.as_chunks::<64>().0) {
        // SAFETY: 64 bytes are read, and as many written; neither needs an alignment.
        unsafe {
            let values = _mm512_permutexvar_epi32(quarters, _mm512_loadu_si512(values.as_ptr().cast()));
            _mm512_storeu_si512(words.as_mut_ptr().cast(), _mm512_shuffle_epi8(values, bytes));
        }
    }
}

/// The sums of `BLOCKS` blocks of four rows, from `start` on. `weights` holds as many bytes.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn sums<const BLOCKS: usize>(
    weights: &[u8],
    flip: __m512i,
    words: &[[u32; LANES]],
    start: __m512i,
) -> [[__m512i; 4]; BLOCKS] {
    let block_bytes = 16 * words.len();
    let mut sums = [[start; 4]; BLOCKS];
    if weights.len() < BLOCKS * block_bytes {
        return sums;
    }
    for (group, words) in words.iter().enumerate() {
        // SAFETY: 64 bytes are read; the load is unaligned.
        let x = unsafe { _mm512_loadu_si512(words.as_ptr().cast()) };
        for (block, sums) in sums.iter_mut().enumerate() {
            for (row, sum) in sums.iter_mut().enumerate() {
                // SAFETY: `weights` holds BLOCKS blocks of 16 bytes a group, four a row.
                let w = unsafe {
                    weights.as_ptr().add(block * block_bytes + 16 * group + 4 * row).cast::<i32>().read_unaligned()
                };
                *sum = _mm512_dpbusd_epi32(*sum, _mm512_xor_si512(_mm512_set1_epi32(w), flip), x);
            }
        }
    }
    sums
}

/// Calls `finish` for every row: its sums, scaled; its number; its place.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn products<T>(
    matrix: &Matrix<'_>,
    words: &[u32],
    out: &mut [T],
    mut finish: impl FnMut(__m512i, usize, &mut [T; LANES]),
) {
    let words = words.as_chunks::<LANES>().0;
    let mut start = _mm512_setzero_si512();
    for words in words {
        // SAFETY: 64 bytes are read; the load is unaligned.
        let x = unsafe { _mm512_loadu_si512(words.as_ptr().cast()) };
        start = _mm512_dpbusd_epi32(start, _mm512_set1_epi8(-128), x);
    }
    let start = _mm512_sub_epi32(_mm512_setzero_si512(), start);
    // Were it known that its words are all the same, the compiler would flip before it broadcasts, in two instructions.
    let flip = core::hint::black_box(_mm512_set1_epi32(unsigned(matrix.packing) as i32));
    let mut each = |row: usize, sums: __m512i, out: &mut [T; LANES]| {
        let multiplier = matrix.multipliers.get(row).copied().unwrap_or(0);
        finish(scale(sums, _mm512_set1_epi32(i32::from(multiplier))), row, out);
    };
    let block_bytes = (16 * words.len()).max(16);
    let (sixteens, rest) = out.as_chunks_mut::<LANES>().0.as_chunks_mut::<16>();
    let (first, last) = matrix.weights.split_at_checked(sixteens.len() * 4 * block_bytes).unwrap_or_default();
    for (number, (out, weights)) in sixteens.iter_mut().zip(first.chunks_exact((4 * block_bytes).max(64))).enumerate() {
        let sums = sums::<4>(weights, flip, words, start);
        for (row, (out, &sums)) in out.iter_mut().zip(sums.as_flattened()).enumerate() {
            each(16 * number + row, sums, out);
        }
    }
    let before = 16 * sixteens.len();
    for (number, (out, weights)) in
        rest.as_chunks_mut::<4>().0.iter_mut().zip(last.chunks_exact(block_bytes)).enumerate()
    {
        let [sums] = sums::<1>(weights, flip, words, start);
        for (row, (out, sums)) in out.iter_mut().zip(sums).enumerate() {
            each(before + 4 * number + row, sums, out);
        }
    }
}

/// A row's bias, for every image.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn bias(linear: &Linear<'_>, row: usize) -> __m512i {
    _mm512_set1_epi32(linear.biases.get(row).copied().unwrap_or(0))
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn load16(values: &[i16; LANES]) -> __m512i {
    // SAFETY: 32 bytes are read; the load is unaligned.
    _mm512_cvtepi16_epi32(unsafe { _mm256_loadu_si256(values.as_ptr().cast()) })
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn load32(values: &[i32; LANES]) -> __m512i {
    // SAFETY: 64 bytes are read; the load is unaligned.
    unsafe { _mm512_loadu_si512(values.as_ptr().cast()) }
}

/// Cut to 8 bits.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn store8(values: __m512i, out: &mut [i8; LANES]) {
    // SAFETY: sixteen bytes are written; the store is unaligned.
    unsafe { _mm_storeu_si128(out.as_mut_ptr().cast(), _mm512_cvtepi32_epi8(values)) }
}

/// Saturated to 16 bits.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn store16(values: __m512i, out: &mut [i16; LANES]) {
    // SAFETY: 32 bytes are written; the store is unaligned.
    unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), _mm512_cvtsepi32_epi16(values)) }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn store32(values: __m512i, out: &mut [i32; LANES]) {
    // SAFETY: 64 bytes are written; the store is unaligned.
    unsafe { _mm512_storeu_si512(out.as_mut_ptr().cast(), values) }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn clamp(values: __m512i, least: i32, most: i32) -> __m512i {
    _mm512_min_epi32(_mm512_max_epi32(values, _mm512_set1_epi32(least)), _mm512_set1_epi32(most))
}

/// See [`plain::linear_relu`](super::plain::linear_relu).
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
pub fn linear_relu(linear: &Linear<'_>, words: &[u32], shift: u32, out: &mut [i8]) {
    let shift = _mm_cvtsi32_si128((shift & 31) as i32);
    products(&linear.matrix, words, out, |scaled, row, out| {
        let values = _mm512_sra_epi32(_mm512_add_epi32(scaled, bias(linear, row)), shift);
        store8(clamp(values, -127, 127), out);
    });
}

/// See [`plain::linear_add`](super::plain::linear_add).
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
pub fn linear_add(linear: &Linear<'_>, words: &[u32], shift: u32, stream: &mut [i16]) {
    let shift = _mm_cvtsi32_si128((shift & 31) as i32);
    products(&linear.matrix, words, stream, |scaled, row, out| {
        let values = _mm512_sra_epi32(_mm512_add_epi32(scaled, bias(linear, row)), shift);
        store16(_mm512_add_epi32(load16(out), values), out);
    });
}

/// See [`plain::linear_scaled`](super::plain::linear_scaled).
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
pub fn linear_scaled(linear: &Linear<'_>, words: &[u32], out: &mut [i32]) {
    products(&linear.matrix, words, out, |scaled, row, out| {
        store32(_mm512_add_epi32(scaled, bias(linear, row)), out);
    });
}

/// See [`plain::add_scaled`](super::plain::add_scaled).
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
pub fn add_scaled(matrix: &Matrix<'_>, words: &[u32], out: &mut [i32]) {
    products(matrix, words, out, |scaled, _, out| store32(_mm512_add_epi32(scaled, load32(out)), out));
}

/// See [`plain::quantize`](super::plain::quantize).
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
pub fn quantize(stream: &[i16], multipliers: &[i16], shift: u32, out: &mut [i8]) {
    quantize_around(0, stream, multipliers, shift, out);
}

/// See [`plain::quantize_relu`](super::plain::quantize_relu).
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
pub fn quantize_relu(stream: &[i16], multipliers: &[i16], shift: u32, out: &mut [i8]) {
    quantize_around(ZERO_POINT, stream, multipliers, shift, out);
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn quantize_around(zero_point: i8, stream: &[i16], multipliers: &[i16], shift: u32, out: &mut [i8]) {
    let count = _mm_cvtsi32_si128((shift & 31) as i32);
    let start = _mm512_set1_epi32(start(zero_point, shift));
    let features = stream.as_chunks::<LANES>().0.iter().zip(multipliers);
    for (out, (values, &multiplier)) in out.as_chunks_mut::<LANES>().0.iter_mut().zip(features) {
        let product = _mm512_mullo_epi32(load16(values), _mm512_set1_epi32(i32::from(multiplier)));
        store8(clamp(_mm512_sra_epi32(_mm512_add_epi32(product, start), count), -127, 127), out);
    }
}

/// See [`plain::lstm_cell`](super::plain::lstm_cell).
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
pub fn lstm_cell(gates: &[i32], shift: u32, cell: &mut [i16], hidden: &mut [i8]) {
    let count = _mm_cvtsi32_si128((shift & 31) as i32);
    let half = |bit: i32| _mm512_set1_epi32(1 << bit);
    let units = gates.as_chunks::<LANES>().0.as_chunks::<4>().0;
    let states = cell.as_chunks_mut::<LANES>().0.iter_mut().zip(hidden.as_chunks_mut::<LANES>().0);
    for (unit, (cell, hidden)) in units.iter().zip(states) {
        let [o, f, i, g] = unit.each_ref().map(|gate| _mm512_sra_epi32(load32(gate), count));
        let kept = _mm512_mullo_epi32(sigmoid(f), load16(cell));
        let added = _mm512_srai_epi32::<4>(_mm512_mullo_epi32(sigmoid(i), tanh(g)));
        let after = _mm512_srai_epi32::<15>(_mm512_add_epi32(_mm512_add_epi32(kept, added), half(14)));
        let after = clamp(after, -32768, 32767);
        let shown = _mm512_mullo_epi32(sigmoid(o), tanh(after));
        let shown = clamp(_mm512_srai_epi32::<23>(_mm512_add_epi32(shown, half(22))), -127, 127);
        store16(after, cell);
        store8(shown, hidden);
    }
}

/// The plain frequencies, which the compiler turns into this instruction set's.
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
pub fn frequencies<const N: usize>(logits: &mut [[i32; N]], temperature: Temperature) -> [u32; N] {
    frequencies_of_each(logits, temperature)
}
