//! AVX2 for one image: eight rows a vector, from weights to results, where AVX-512 is not at hand.

use core::arch::x86_64::*;

use super::avx2_lanes::{self, multiply, scale};
use super::plain;
use crate::blob::{Linear, Matrix};

/// The sums of `BLOCKS` blocks of four rows, two blocks a vector. `group` holds as many bytes.
#[inline]
#[target_feature(enable = "avx2")]
fn sums<const BLOCKS: usize>(group: &[u8], flip: __m256i, spread: __m256i, words: &[u32]) -> [__m256i; 2] {
    let block_bytes = 16 * words.len();
    let mut totals = [_mm256_setzero_si256(); 4];
    if group.len() < BLOCKS * block_bytes {
        return [totals[0]; 2];
    }
    let (pairs, tail) = words.as_chunks::<2>();
    for (chunk, pair) in pairs.iter().enumerate() {
        // SAFETY: eight bytes are read, from an address of any kind.
        let pair = unsafe { pair.as_ptr().cast::<i64>().read_unaligned() };
        let x = _mm256_shuffle_epi8(_mm256_set1_epi64x(pair), spread);
        for (block, total) in totals.iter_mut().take(BLOCKS).enumerate() {
            // SAFETY: `group` holds BLOCKS blocks, and a block 32 bytes for every two words.
            let w = unsafe { _mm256_loadu_si256(group.as_ptr().add(block * block_bytes + 32 * chunk).cast()) };
            *total = _mm256_add_epi32(*total, multiply(_mm256_xor_si256(w, flip), x));
        }
    }
    if let [word] = tail {
        let x = _mm256_zextsi128_si256(_mm_set1_epi32(*word as i32));
        for (block, total) in totals.iter_mut().take(BLOCKS).enumerate() {
            // SAFETY: behind the pairs a block has sixteen bytes more for the last word.
            let w = unsafe { _mm_loadu_si128(group.as_ptr().add(block * block_bytes + 32 * pairs.len()).cast()) };
            *total = _mm256_add_epi32(*total, multiply(_mm256_xor_si256(_mm256_zextsi128_si256(w), flip), x));
        }
    }
    let [a, b, c, d] = totals;
    [halves_added(a, b), halves_added(c, d)]
}

/// Each one's halves, added: the first's, then the second's.
#[inline]
#[target_feature(enable = "avx2")]
fn halves_added(first: __m256i, second: __m256i) -> __m256i {
    let lower = _mm256_permute2x128_si256::<0x20>(first, second);
    _mm256_add_epi32(lower, _mm256_permute2x128_si256::<0x31>(first, second))
}

/// Calls `each` with eight rows' sums after the other: with four, in the end.
#[inline]
#[target_feature(enable = "avx2")]
fn rows(mut weights: &[u8], flip: u32, words: &[u32], mut each: impl FnMut(__m256i)) {
    let flip = _mm256_set1_epi32(flip as i32);
    // 32 bytes hold four rows by eight columns: the first word of activations serves the lower half, the second the upper.
    // Were that order known, the compiler would make two instructions of it.
    let spread = core::hint::black_box(_mm256_set_epi64x(
        0x0706_0504_0706_0504,
        0x0706_0504_0706_0504,
        0x0302_0100_0302_0100,
        0x0302_0100_0302_0100,
    ));
    let block_bytes = (16 * words.len()).max(16);
    // Not in chunks, whose number is a division: matrices are small.
    while let Some((group, rest)) = weights.split_at_checked(4 * block_bytes) {
        sums::<4>(group, flip, spread, words).into_iter().for_each(&mut each);
        weights = rest;
    }
    if let Some((group, rest)) = weights.split_at_checked(2 * block_bytes) {
        each(sums::<2>(group, flip, spread, words)[0]);
        weights = rest;
    }
    if weights.len() >= block_bytes {
        each(sums::<1>(weights, flip, spread, words)[0]);
    }
}

/// Eight 16-bit integers, or four, widened.
#[inline]
#[target_feature(enable = "avx2")]
fn load16(values: &[i16]) -> __m256i {
    let values = match (values.first_chunk::<8>(), values.first_chunk::<4>()) {
        // SAFETY: sixteen bytes are read; the load is unaligned.
        (Some(values), _) => unsafe { _mm_loadu_si128(values.as_ptr().cast()) },
        // SAFETY: eight bytes are read; the load is unaligned.
        (None, Some(values)) => unsafe { _mm_loadl_epi64(values.as_ptr().cast()) },
        (None, None) => _mm_setzero_si128(),
    };
    _mm256_cvtepi16_epi32(values)
}

/// Eight 32-bit integers, or four.
#[inline]
#[target_feature(enable = "avx2")]
fn load32(values: &[i32]) -> __m256i {
    match (values.first_chunk::<8>(), values.first_chunk::<4>()) {
        // SAFETY: 32 bytes are read; the load is unaligned.
        (Some(values), _) => unsafe { _mm256_loadu_si256(values.as_ptr().cast()) },
        // SAFETY: sixteen bytes are read; the load is unaligned.
        (None, Some(values)) => _mm256_zextsi128_si256(unsafe { _mm_loadu_si128(values.as_ptr().cast()) }),
        (None, None) => _mm256_setzero_si256(),
    }
}

/// Eight numbers, saturated to 16 bits.
#[inline]
#[target_feature(enable = "avx2")]
fn saturate16(values: __m256i) -> __m128i {
    _mm_packs_epi32(_mm256_castsi256_si128(values), _mm256_extracti128_si256::<1>(values))
}

/// Stores eight, or four, saturated to 8 bits.
#[inline]
#[target_feature(enable = "avx2")]
fn store8(values: __m256i, out: &mut [i8]) {
    let values = saturate16(values);
    let bytes = _mm_max_epi8(_mm_packs_epi16(values, values), _mm_set1_epi8(-127));
    if let Some(out) = out.first_chunk_mut::<8>() {
        // SAFETY: eight bytes are written; the store is unaligned.
        unsafe { _mm_storel_epi64(out.as_mut_ptr().cast(), bytes) }
    } else if let Some(out) = out.first_chunk_mut::<4>() {
        *out = _mm_cvtsi128_si32(bytes).to_le_bytes().map(|byte| byte as i8);
    }
}

/// Stores eight, or four, saturated to 16 bits.
#[inline]
#[target_feature(enable = "avx2")]
fn store16(values: __m256i, out: &mut [i16]) {
    let values = saturate16(values);
    if let Some(out) = out.first_chunk_mut::<8>() {
        // SAFETY: sixteen bytes are written; the store is unaligned.
        unsafe { _mm_storeu_si128(out.as_mut_ptr().cast(), values) }
    } else if let Some(out) = out.first_chunk_mut::<4>() {
        // SAFETY: eight bytes are written; the store is unaligned.
        unsafe { _mm_storel_epi64(out.as_mut_ptr().cast(), values) }
    }
}

/// Stores eight, or four.
#[inline]
#[target_feature(enable = "avx2")]
fn store32(values: __m256i, out: &mut [i32]) {
    if let Some(out) = out.first_chunk_mut::<8>() {
        // SAFETY: 32 bytes are written; the store is unaligned.
        unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), values) }
    } else if let Some(out) = out.first_chunk_mut::<4>() {
        // SAFETY: sixteen bytes are written; the store is unaligned.
        unsafe { _mm_storeu_si128(out.as_mut_ptr().cast(), _mm256_castsi256_si128(values)) }
    }
}

/// Calls `finish` for every eight rows: their sums, scaled; their addends, if there are any; their place.
#[inline]
#[target_feature(enable = "avx2")]
fn products<T>(
    matrix: &Matrix<'_>,
    biases: &[i32],
    words: &[u32],
    out: &mut [T],
    mut finish: impl FnMut(__m256i, __m256i, &mut [T]),
) {
    let mut places = out.chunks_mut(8).zip(matrix.multipliers.chunks(8));
    let mut biases = biases.chunks(8);
    rows(matrix.weights, matrix.packing.flip(), words, |sums| {
        let Some((out, multipliers)) = places.next() else { return };
        finish(scale(sums, load16(multipliers)), load32(biases.next().unwrap_or_default()), out);
    });
}

/// See [`plain::linear_relu`].
#[target_feature(enable = "avx2")]
pub fn linear_relu(linear: &Linear<'_>, words: &[u32], shift: u32, out: &mut [i8]) {
    let shift = _mm_cvtsi32_si128((shift & 31) as i32);
    products(&linear.matrix, linear.biases, words, out, |scaled, biases, out| {
        store8(_mm256_sra_epi32(_mm256_add_epi32(scaled, biases), shift), out);
    });
}

/// See [`plain::linear_add`].
#[target_feature(enable = "avx2")]
pub fn linear_add(linear: &Linear<'_>, words: &[u32], shift: u32, out: &mut [i16]) {
    let shift = _mm_cvtsi32_si128((shift & 31) as i32);
    products(&linear.matrix, linear.biases, words, out, |scaled, biases, out| {
        let values = _mm256_sra_epi32(_mm256_add_epi32(scaled, biases), shift);
        store16(_mm256_add_epi32(load16(out), values), out);
    });
}

/// See [`plain::linear_scaled`].
#[target_feature(enable = "avx2")]
pub fn linear_scaled(linear: &Linear<'_>, words: &[u32], out: &mut [i32]) {
    products(&linear.matrix, linear.biases, words, out, |scaled, biases, out| {
        store32(_mm256_add_epi32(scaled, biases), out);
    });
}

/// See [`plain::add_scaled`].
#[target_feature(enable = "avx2")]
pub fn add_scaled(matrix: &Matrix<'_>, words: &[u32], out: &mut [i32]) {
    products(matrix, &[], words, out, |scaled, _, out| store32(_mm256_add_epi32(scaled, load32(out)), out));
}

/// See [`plain::quantize_relu`], which the compiler turns into this instruction set's.
#[target_feature(enable = "avx2")]
pub fn quantize_relu(stream: &[i16], multipliers: &[i16], shift: u32, out: &mut [i8]) {
    plain::quantize_relu(stream, multipliers, shift, out);
}

/// See [`plain::quantize`].
#[target_feature(enable = "avx2")]
pub fn quantize(stream: &[i16], multipliers: &[i16], shift: u32, out: &mut [i8]) {
    plain::quantize(stream, multipliers, shift, out);
}

/// See [`plain::lstm_cell`]: eight units at a time.
#[target_feature(enable = "avx2")]
pub fn lstm_cell(gates: &[i32], shift: u32, cell: &mut [i16], hidden: &mut [i8]) {
    let count = _mm_cvtsi32_si128((shift & 31) as i32);
    // Transposing within halves leaves the even units before the odd ones.
    let order = _mm256_set_epi32(7, 5, 3, 1, 6, 4, 2, 0);
    let back = _mm256_set_epi32(7, 3, 6, 2, 5, 1, 4, 0);
    let (eights, rest) = gates.as_chunks::<32>();
    let (cells, cell_rest) = cell.split_at_mut(cell.len().min(8 * eights.len()));
    let (shown, hidden_rest) = hidden.split_at_mut(hidden.len().min(8 * eights.len()));
    let states = cells.as_chunks_mut::<8>().0.iter_mut().zip(shown.as_chunks_mut::<8>().0);
    for (gates, (cell, hidden)) in eights.iter().zip(states) {
        // SAFETY: each reads 32 of the 128 bytes; loads need no alignment.
        let [a, b, c, d] = [0, 8, 16, 24]
            .map(|at| unsafe { _mm256_sra_epi32(_mm256_loadu_si256(gates.as_ptr().add(at).cast()), count) });
        let (ab, cd) = (_mm256_unpacklo_epi32(a, b), _mm256_unpacklo_epi32(c, d));
        let (ab_high, cd_high) = (_mm256_unpackhi_epi32(a, b), _mm256_unpackhi_epi32(c, d));
        let gates = [
            _mm256_unpacklo_epi64(ab, cd),
            _mm256_unpackhi_epi64(ab, cd),
            _mm256_unpacklo_epi64(ab_high, cd_high),
            _mm256_unpackhi_epi64(ab_high, cd_high),
        ];
        // SAFETY: sixteen bytes are read; the load is unaligned.
        let before = _mm256_cvtepi16_epi32(unsafe { _mm_loadu_si128(cell.as_ptr().cast()) });
        let (after, shown) = avx2_lanes::cells(gates, _mm256_permutevar8x32_epi32(before, order));
        // Both fit 16 bits: cells in the lower four of each half, hidden states in the upper.
        let both =
            _mm256_packs_epi32(_mm256_permutevar8x32_epi32(after, back), _mm256_permutevar8x32_epi32(shown, back));
        let both = _mm256_permute4x64_epi64::<0b11_01_10_00>(both);
        let shown = _mm256_extracti128_si256::<1>(both);
        // SAFETY: sixteen and eight bytes are written; the stores are unaligned.
        unsafe {
            _mm_storeu_si128(cell.as_mut_ptr().cast(), _mm256_castsi256_si128(both));
            _mm_storel_epi64(hidden.as_mut_ptr().cast(), _mm_packs_epi16(shown, shown));
        }
    }
    plain::lstm_cell(rest, shift, cell_rest, hidden_rest);
}
