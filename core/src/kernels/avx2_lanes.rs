//! AVX2 for sixteen images at once, where AVX-512 is not at hand: eight images a vector.

use core::arch::x86_64::*;

use super::frequencies::frequencies_of_each;
use super::plain::start;
use super::x86_64::LANES;
use crate::blob::{Linear, Matrix};
use crate::fixed::{SIGMOID_TABLE, ZERO_POINT};
use crate::temperature::Temperature;

/// Four columns' values, sixteen images each, to the images' words of four columns.
#[target_feature(enable = "avx2")]
pub fn interleave(values: &[i8], words: &mut [u32]) {
    for (words, values) in words.as_chunks_mut::<LANES>().0.iter_mut().zip(values.as_chunks::<64>().0) {
        // SAFETY: each reads sixteen of the 64 bytes; loads need no alignment.
        let [a, b, c, d] = [0, 16, 32, 48].map(|at| unsafe { _mm_loadu_si128(values.as_ptr().add(at).cast()) });
        let (ab, cd) = (_mm_unpacklo_epi8(a, b), _mm_unpacklo_epi8(c, d));
        let (ab_high, cd_high) = (_mm_unpackhi_epi8(a, b), _mm_unpackhi_epi8(c, d));
        let four = [
            _mm_unpacklo_epi16(ab, cd),
            _mm_unpackhi_epi16(ab, cd),
            _mm_unpacklo_epi16(ab_high, cd_high),
            _mm_unpackhi_epi16(ab_high, cd_high),
        ];
        for (words, four) in words.as_chunks_mut::<4>().0.iter_mut().zip(four) {
            // SAFETY: sixteen bytes are written; the store is unaligned.
            unsafe { _mm_storeu_si128(words.as_mut_ptr().cast(), four) }
        }
    }
}

/// Sixteen 32-bit numbers.
type Pair = [__m256i; 2];

/// Products of weights and activations, those of four columns added.
#[inline]
#[target_feature(enable = "avx2")]
pub fn multiply(w: __m256i, x: __m256i) -> __m256i {
    // Bytes without a sign by bytes with one: a weight's sign goes to the activation, which is at least -127 and has room for it.
    // Two products are 2 * 128 * 127 at most, and fit half words.
    let pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(w), _mm256_sign_epi8(x, w));
    _mm256_madd_epi16(pairs, _mm256_set1_epi16(1))
}

/// The sums of a block of four rows. `weights` holds as many bytes.
#[inline]
#[target_feature(enable = "avx2")]
fn sums(weights: &[u8], flip: __m256i, words: &[[u32; LANES]]) -> [Pair; 4] {
    let mut sums = [[_mm256_setzero_si256(); 2]; 4];
    for (words, group) in words.iter().zip(weights.as_chunks::<16>().0) {
        // SAFETY: each reads 32 of the 64 bytes; loads need no alignment.
        let x = [0, 8].map(|at| unsafe { _mm256_loadu_si256(words.as_ptr().add(at).cast()) });
        for (sums, w) in sums.iter_mut().zip(group.as_chunks::<4>().0) {
            let w = _mm256_xor_si256(_mm256_set1_epi32(i32::from_le_bytes(*w)), flip);
            for (sum, x) in sums.iter_mut().zip(x) {
                *sum = _mm256_add_epi32(*sum, multiply(w, x));
            }
        }
    }
    sums
}

/// Calls `finish` for every row: its sums, scaled; its number; its place.
#[inline]
#[target_feature(enable = "avx2")]
fn products<T>(
    matrix: &Matrix<'_>,
    words: &[u32],
    out: &mut [T],
    mut finish: impl FnMut(Pair, usize, &mut [T; LANES]),
) {
    let words = words.as_chunks::<LANES>().0;
    // Were it known that its words are all the same, the compiler would flip before it broadcasts, in two instructions.
    let flip = core::hint::black_box(_mm256_set1_epi32(matrix.packing.flip() as i32));
    let places = out.as_chunks_mut::<LANES>().0.as_chunks_mut::<4>().0.iter_mut();
    let places = places.zip(matrix.multipliers.as_chunks::<4>().0);
    let blocks = matrix.weights.chunks_exact((16 * words.len()).max(16));
    for (number, (block, (out, multipliers))) in blocks.zip(places).enumerate() {
        let sums = sums(block, flip, words);
        for (row, ((out, sums), &multiplier)) in out.iter_mut().zip(sums).zip(multipliers).enumerate() {
            let multiplier = _mm256_set1_epi32(i32::from(multiplier));
            finish(sums.map(|sums| scale(sums, multiplier)), 4 * number + row, out);
        }
    }
}

/// [`fixed::scale`](crate::fixed::scale) of eight sums: multipliers are not negative, as loading a blob checks.
#[inline]
#[target_feature(enable = "avx2")]
pub fn scale(sums: __m256i, multipliers: __m256i) -> __m256i {
    // The sum's 24 bits in the upper three bytes: two half words, of which the upper is signed.
    let shifted = _mm256_slli_epi32::<8>(sums);
    let high = _mm256_madd_epi16(shifted, _mm256_slli_epi32::<16>(multipliers));
    _mm256_add_epi32(high, _mm256_mulhi_epu16(shifted, multipliers))
}

/// Requantized rows, before they are saturated.
#[inline]
#[target_feature(enable = "avx2")]
fn requantized(scaled: Pair, linear: &Linear<'_>, row: usize, shift: u32) -> Pair {
    let bias = _mm256_set1_epi32(linear.biases.get(row).copied().unwrap_or(0));
    let shift = _mm_cvtsi32_si128((shift & 31) as i32);
    scaled.map(|scaled| _mm256_sra_epi32(_mm256_add_epi32(scaled, bias), shift))
}

/// Sixteen numbers, saturated to 16 bits, in order.
#[inline]
#[target_feature(enable = "avx2")]
fn saturate16([first, second]: Pair) -> __m256i {
    _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_packs_epi32(first, second))
}

#[inline]
#[target_feature(enable = "avx2")]
fn load16(values: &[i16; LANES]) -> Pair {
    // SAFETY: each reads sixteen of the 32 bytes; loads need no alignment.
    [0, 8].map(|at| unsafe { _mm256_cvtepi16_epi32(_mm_loadu_si128(values.as_ptr().add(at).cast())) })
}

/// Saturated to 16 bits.
#[inline]
#[target_feature(enable = "avx2")]
fn store16(values: Pair, out: &mut [i16; LANES]) {
    // SAFETY: 32 bytes are written; the store is unaligned.
    unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), saturate16(values)) }
}

/// Saturated to 8 bits.
#[inline]
#[target_feature(enable = "avx2")]
fn store8(values: Pair, out: &mut [i8; LANES]) {
    let values = saturate16(values);
    let bytes = _mm_packs_epi16(_mm256_castsi256_si128(values), _mm256_extracti128_si256::<1>(values));
    // SAFETY: sixteen bytes are written; the store is unaligned.
    unsafe { _mm_storeu_si128(out.as_mut_ptr().cast(), bytes) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn load32(values: &[i32; LANES]) -> Pair {
    // SAFETY: each reads 32 of the 64 bytes; loads need no alignment.
    [0, 8].map(|at| unsafe { _mm256_loadu_si256(values.as_ptr().add(at).cast()) })
}

#[inline]
#[target_feature(enable = "avx2")]
fn store32(values: Pair, out: &mut [i32; LANES]) {
    for (out, values) in out.as_chunks_mut::<8>().0.iter_mut().zip(values) {
        // SAFETY: 32 bytes are written; the store is unaligned.
        unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), values) }
    }
}

/// See [`plain::linear_relu`](super::plain::linear_relu).
#[target_feature(enable = "avx2")]
pub fn linear_relu(linear: &Linear<'_>, words: &[u32], shift: u32, out: &mut [i8]) {
    products(&linear.matrix, words, out, |scaled, row, out| {
        let values = requantized(scaled, linear, row, shift);
        store8(values.map(|values| clamp(values, -127, 127)), out);
    });
}

/// See [`plain::linear_add`](super::plain::linear_add).
#[target_feature(enable = "avx2")]
pub fn linear_add(linear: &Linear<'_>, words: &[u32], shift: u32, stream: &mut [i16]) {
    products(&linear.matrix, words, stream, |scaled, row, out| {
        let [first, second] = requantized(scaled, linear, row, shift);
        let before = load16(out);
        store16([_mm256_add_epi32(first, before[0]), _mm256_add_epi32(second, before[1])], out);
    });
}

/// See [`plain::linear_scaled`](super::plain::linear_scaled).
#[target_feature(enable = "avx2")]
pub fn linear_scaled(linear: &Linear<'_>, words: &[u32], out: &mut [i32]) {
    products(&linear.matrix, words, out, |scaled, row, out| store32(requantized(scaled, linear, row, 0), out));
}

/// See [`plain::add_scaled`](super::plain::add_scaled).
#[target_feature(enable = "avx2")]
pub fn add_scaled(matrix: &Matrix<'_>, words: &[u32], out: &mut [i32]) {
    products(matrix, words, out, |[first, second], _, out| {
        let before = load32(out);
        store32([_mm256_add_epi32(first, before[0]), _mm256_add_epi32(second, before[1])], out);
    });
}

/// Eight sigmoids in Q22, of Q11 inputs in 16 bits.
#[inline]
#[target_feature(enable = "avx2")]
fn sigmoid22(values: __m256i) -> __m256i {
    let knots = _mm256_add_epi32(_mm256_srai_epi32::<7>(values), _mm256_set1_epi32(256));
    let knots = _mm256_and_si256(knots, _mm256_set1_epi32(511));
    // SAFETY: the indices are 0 to 511, and the table holds as many words of four bytes.
    let entries = unsafe { _mm256_i32gather_epi32::<4>(SIGMOID_TABLE.as_ptr().cast(), knots) };
    let rest = _mm256_and_si256(values, _mm256_set1_epi32(127));
    // Both below 2^15: their product as half words is whole.
    let rise = _mm256_madd_epi16(_mm256_and_si256(entries, _mm256_set1_epi32(1023)), rest);
    _mm256_add_epi32(_mm256_srli_epi32::<10>(entries), rise)
}

#[inline]
#[target_feature(enable = "avx2")]
fn clamp(values: __m256i, least: i32, most: i32) -> __m256i {
    _mm256_min_epi32(_mm256_max_epi32(values, _mm256_set1_epi32(least)), _mm256_set1_epi32(most))
}

/// [`fixed::sigmoid`](crate::fixed::sigmoid) of eight.
#[inline]
#[target_feature(enable = "avx2")]
fn sigmoid(values: __m256i) -> __m256i {
    _mm256_srli_epi32::<7>(sigmoid22(clamp(values, -32768, 32767)))
}

/// [`fixed::tanh`](crate::fixed::tanh) of eight.
#[inline]
#[target_feature(enable = "avx2")]
fn tanh(values: __m256i) -> __m256i {
    let doubled = sigmoid22(_mm256_slli_epi32::<1>(clamp(values, -16384, 16383)));
    _mm256_sub_epi32(_mm256_srli_epi32::<6>(doubled), _mm256_set1_epi32(32768))
}

/// Cells after a step and hidden states, of eight.
#[inline]
#[target_feature(enable = "avx2")]
pub fn cells([o, f, i, g]: [__m256i; 4], before: __m256i) -> (__m256i, __m256i) {
    let kept = _mm256_mullo_epi32(sigmoid(f), before);
    let added = _mm256_srai_epi32::<4>(_mm256_mullo_epi32(sigmoid(i), tanh(g)));
    let sum = _mm256_add_epi32(_mm256_add_epi32(kept, added), _mm256_set1_epi32(1 << 14));
    let after = clamp(_mm256_srai_epi32::<15>(sum), -32768, 32767);
    let shown = _mm256_add_epi32(_mm256_mullo_epi32(sigmoid(o), tanh(after)), _mm256_set1_epi32(1 << 22));
    (after, clamp(_mm256_srai_epi32::<23>(shown), -127, 127))
}

/// See [`plain::lstm_cell`](super::plain::lstm_cell).
#[target_feature(enable = "avx2")]
pub fn lstm_cell(gates: &[i32], shift: u32, cell: &mut [i16], hidden: &mut [i8]) {
    let shift = _mm_cvtsi32_si128((shift & 31) as i32);
    let units = gates.as_chunks::<LANES>().0.as_chunks::<4>().0.iter();
    let states = cell.as_chunks_mut::<LANES>().0.iter_mut().zip(hidden.as_chunks_mut::<LANES>().0);
    for (unit, (cell, hidden)) in units.zip(states) {
        let gates = unit.each_ref().map(|gate| load32(gate).map(|gates| _mm256_sra_epi32(gates, shift)));
        let before = load16(cell);
        let (first, first_shown) = cells(gates.map(|[first, _]| first), before[0]);
        let (second, second_shown) = cells(gates.map(|[_, second]| second), before[1]);
        store16([first, second], cell);
        store8([first_shown, second_shown], hidden);
    }
}

/// Products with a multiplier, rounded, around a zero point.
#[inline]
#[target_feature(enable = "avx2")]
fn products_around(zero_point: i8, values: &[i16; LANES], multiplier: i16, shift: u32) -> Pair {
    let (multiplier, start) = (i32::from(multiplier), start(zero_point, shift));
    let shift = _mm_cvtsi32_si128((shift & 31) as i32);
    load16(values).map(|values| {
        let product = _mm256_mullo_epi32(values, _mm256_set1_epi32(multiplier));
        _mm256_sra_epi32(_mm256_add_epi32(product, _mm256_set1_epi32(start)), shift)
    })
}

/// See [`plain::quantize`](super::plain::quantize).
#[target_feature(enable = "avx2")]
pub fn quantize(stream: &[i16], multipliers: &[i16], shift: u32, out: &mut [i8]) {
    let features = stream.as_chunks::<LANES>().0.iter().zip(multipliers);
    for (out, (values, &multiplier)) in out.as_chunks_mut::<LANES>().0.iter_mut().zip(features) {
        store8(products_around(0, values, multiplier, shift).map(|values| clamp(values, -127, 127)), out);
    }
}

/// See [`plain::quantize_relu`](super::plain::quantize_relu).
#[target_feature(enable = "avx2")]
pub fn quantize_relu(stream: &[i16], multipliers: &[i16], shift: u32, out: &mut [i8]) {
    let features = stream.as_chunks::<LANES>().0.iter().zip(multipliers);
    for (out, (values, &multiplier)) in out.as_chunks_mut::<LANES>().0.iter_mut().zip(features) {
        store8(products_around(ZERO_POINT, values, multiplier, shift).map(|values| clamp(values, -127, 127)), out);
    }
}

/// The plain loops, which the compiler turns into this instruction set's.
///
/// See [`super::frequencies`].
#[target_feature(enable = "avx2")]
pub fn frequencies<const N: usize>(logits: &mut [[i32; N]], temperature: Temperature) -> [u32; N] {
    frequencies_of_each(logits, temperature)
}
