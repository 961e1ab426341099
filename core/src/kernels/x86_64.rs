//! x86-64 with AVX2, where AVX-512 is not at hand: sums of four rows, and wider vectors for the rest.

use core::arch::x86_64::*;

use super::{avx2_lanes, avx512, plain};

/// Images at once that fill vectors: sixteen of 32 bits with AVX-512, twice eight with AVX2.
pub const LANES: usize = 16;

/// What computes several images at once on this processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vectors {
    /// [`avx512_lanes`](super::avx512_lanes).
    Avx512,
    /// [`avx2_lanes`](super::avx2_lanes).
    Avx2,
    /// Plain loops.
    None,
}

/// What computes so many images.
#[inline]
pub fn vectors_for(images: usize) -> Vectors {
    match images {
        LANES if avx512::is_here() => Vectors::Avx512,
        LANES if std::is_x86_feature_detected!("avx2") => Vectors::Avx2,
        _ => Vectors::None,
    }
}

/// Calls `each` with the sums of every block of four rows, if this processor has the instructions; else gives it back.
#[inline]
pub fn blocks<F: FnMut([i32; 4])>(weights: &[u8], flip: u32, words: &[u32], each: F) -> Result<(), F> {
    if !std::is_x86_feature_detected!("avx2") {
        return Err(each);
    }
    // SAFETY: the feature was just detected.
    unsafe { blocks_avx2(weights, flip, words, each) };
    Ok(())
}

/// See [`plain::quantize_relu`].
#[inline]
pub fn quantize_relu(stream: &[i16], multipliers: &[i16], shift: u32, out: &mut [i8]) {
    match avx512::is_here() {
        // SAFETY: the processor has the instructions.
        true => unsafe { avx512::quantize_relu(stream, multipliers, shift, out) },
        false => plain::quantize_relu(stream, multipliers, shift, out),
    }
}

/// See [`plain::quantize`].
#[inline]
pub fn quantize(stream: &[i16], multipliers: &[i16], shift: u32, out: &mut [i8]) {
    match avx512::is_here() {
        // SAFETY: the processor has the instructions.
        true => unsafe { avx512::quantize(stream, multipliers, shift, out) },
        false => plain::quantize(stream, multipliers, shift, out),
    }
}

/// See [`plain::lstm_cell`].
#[inline]
pub fn lstm_cell(gates: &[i32], shift: u32, cell: &mut [i16], hidden: &mut [i8]) {
    match avx512::is_here() {
        // SAFETY: the processor has the instructions.
        true => unsafe { avx512::lstm_cell(gates, shift, cell, hidden) },
        // SAFETY: the processor has the instructions.
        false if std::is_x86_feature_detected!("avx2") => unsafe { lstm_cell_avx2(gates, shift, cell, hidden) },
        false => plain::lstm_cell(gates, shift, cell, hidden),
    }
}

/// Eight units at a time.
#[target_feature(enable = "avx2")]
fn lstm_cell_avx2(gates: &[i32], shift: u32, cell: &mut [i16], hidden: &mut [i8]) {
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

/// 32 bytes hold four rows by eight columns; even and odd columns are multiplied as 16-bit numbers.
#[target_feature(enable = "avx2")]
fn blocks_avx2(weights: &[u8], flip: u32, words: &[u32], mut each: impl FnMut([i32; 4])) {
    let flip = _mm256_set1_epi32(flip as i32);
    let even = |bytes| _mm256_srai_epi16::<8>(_mm256_slli_epi16::<8>(bytes));
    let multiply = |total, w: __m256i, x: __m256i| {
        let w = _mm256_xor_si256(w, flip);
        let total = _mm256_add_epi32(total, _mm256_madd_epi16(even(w), even(x)));
        let odd = _mm256_madd_epi16(_mm256_srai_epi16::<8>(w), _mm256_srai_epi16::<8>(x));
        _mm256_add_epi32(total, odd)
    };
    let (pairs, tail) = words.as_chunks::<2>();
    for block in weights.chunks_exact((words.len() * 16).max(16)) {
        let mut total = _mm256_setzero_si256();
        let (chunks, rest) = block.as_chunks::<32>();
        for (chunk, &[first, second]) in chunks.iter().zip(pairs) {
            // SAFETY: `chunk` is 32 readable bytes; the load is unaligned.
            let w = unsafe { _mm256_loadu_si256(chunk.as_ptr().cast()) };
            let x = _mm256_set_m128i(_mm_set1_epi32(second as i32), _mm_set1_epi32(first as i32));
            total = multiply(total, w, x);
        }
        if let ([word], Some(rest)) = (tail, rest.first_chunk::<16>()) {
            // SAFETY: `rest` is 16 readable bytes; the load is unaligned.
            let w = _mm256_zextsi128_si256(unsafe { _mm_loadu_si128(rest.as_ptr().cast()) });
            total = multiply(total, w, _mm256_zextsi128_si256(_mm_set1_epi32(*word as i32)));
        }
        each(lanes(_mm_add_epi32(_mm256_castsi256_si128(total), _mm256_extracti128_si256::<1>(total))));
    }
}

/// The four numbers of a vector.
#[inline]
#[target_feature(enable = "sse2")]
fn lanes(vector: __m128i) -> [i32; 4] {
    let mut lanes = [0; 4];
    // SAFETY: `lanes` is 16 writable bytes; the store is unaligned.
    unsafe { _mm_storeu_si128(lanes.as_mut_ptr().cast(), vector) };
    lanes
}

#[cfg(test)]
// What the processor at hand chooses.
mod tests {
    use std::vec::Vec;

    use super::super::lanes_tests::Numbers;
    use super::super::{Activations, add_scaled, linear_add, linear_relu, linear_scaled, lstm_cell, plain};
    use crate::blob::{Linear, Matrix, Packing};

    #[test]
    fn products_equal_the_plain_ones() {
        let mut numbers = Numbers(1);
        for columns in [4, 8, 12, 16, 20, 24, 32, 48, 64, 80, 160, 288] {
            for rows in [4, 8, 12, 16, 20, 64, 76] {
                for extreme in [false, true] {
                    let mut byte = |place: usize| {
                        let weight = if extreme { 127 } else { numbers.within(127) };
                        if place.is_multiple_of(2) { (weight + 128) as u8 } else { weight as i8 as u8 }
                    };
                    let weights: Vec<u8> = (0..rows * columns).map(&mut byte).collect();
                    let x: Vec<i8> =
                        (0..columns).map(|_| if extreme { -127 } else { numbers.within(127) as i8 }).collect();
                    let multipliers: Vec<i16> = (0..rows).map(|_| numbers.next(32768) as i16).collect();
                    let biases: Vec<i32> = (0..rows).map(|_| numbers.within(1 << 26)).collect();
                    let stream: Vec<i16> = (0..rows).map(|_| numbers.within(32767) as i16).collect();
                    let matrix =
                        Matrix { columns, multipliers: &multipliers, weights: &weights, packing: Packing::Rows4 };
                    let linear = Linear { biases: &biases, matrix };
                    let mut scratch = std::vec![0; columns];
                    let mut activations = Activations::new(&mut scratch);
                    activations.push(&x);
                    let case = std::format!("{rows} rows, {columns} columns, extreme {extreme}");
                    for shift in [0, 12, 17] {
                        let (mut fast, mut slow) = (std::vec![0; rows], std::vec![0; rows]);
                        linear_relu(&linear, &activations, shift, &mut fast);
                        plain::linear_relu(&linear, &x, shift, &mut slow);
                        assert_eq!(fast, slow, "{case}");
                        let (mut fast, mut slow) = (stream.clone(), stream.clone());
                        linear_add(&linear, &activations, shift, &mut fast);
                        plain::linear_add(&linear, &x, shift, &mut slow);
                        assert_eq!(fast, slow, "{case}");
                    }
                    let (mut fast, mut slow) = (std::vec![0; rows], std::vec![0; rows]);
                    linear_scaled(&linear, &activations, &mut fast);
                    plain::linear_scaled(&linear, &x, &mut slow);
                    assert_eq!(fast, slow, "{case}");
                    add_scaled(&matrix, &activations, &mut fast);
                    plain::add_scaled(&matrix, &x, &mut slow);
                    assert_eq!(fast, slow, "{case}");
                }
            }
        }
    }

    /// Also where AVX-512 is at hand, and would be chosen.
    #[test]
    fn sums_with_avx2_equal_the_plain_ones() {
        assert!(std::is_x86_feature_detected!("avx2"), "this machine cannot run the test");
        let mut numbers = Numbers(3);
        // With these `scale` leaves a sum as it is.
        let (multipliers, biases) = ([256; 8], [0; 8]);
        for columns in [4, 8, 12, 16, 20, 24, 48, 160, 288] {
            let x: Vec<i8> = (0..columns).map(|_| numbers.within(127) as i8).collect();
            let weights: Vec<u8> = (0..8 * columns)
                .map(|place| (numbers.within(127) + if place % 2 == 0 { 128 } else { 0 }) as u8)
                .collect();
            let linear = Linear {
                biases: &biases,
                matrix: Matrix { columns, multipliers: &multipliers, weights: &weights, packing: Packing::Rows4 },
            };
            let mut slow = [0; 8];
            plain::linear_scaled(&linear, &x, &mut slow);
            let mut scratch = std::vec![0; columns];
            let activations = Activations::of(&mut scratch, &x);
            let mut fast = Vec::new();
            assert!(
                super::blocks(&weights, Packing::Rows4.flip(), activations.words(), |sums| fast.extend(sums)).is_ok()
            );
            assert_eq!(fast, slow, "{columns} columns");
        }
    }

    #[test]
    fn cells_with_avx2_equal_the_plain_ones() {
        super::avx512::HIDDEN.set(true);
        cells_equal_the_plain_ones();
    }

    #[test]
    fn cells_equal_the_plain_ones() {
        let mut numbers = Numbers(2);
        for units in [4, 8, 12, 16, 20, 32, 36, 64] {
            for most in [1 << 9, 1 << 16, 1 << 24] {
                for shift in [0, 1, 9] {
                    let gates: Vec<i32> = (0..4 * units).map(|_| numbers.within(most)).collect();
                    let mut cells: [Vec<i16>; 2] = Default::default();
                    cells[0] = (0..units).map(|_| numbers.within(32767) as i16).collect();
                    cells[1] = cells[0].clone();
                    let mut hidden = [std::vec![0; units], std::vec![0; units]];
                    lstm_cell(&gates, shift, &mut cells[0], &mut hidden[0]);
                    plain::lstm_cell(&gates, shift, &mut cells[1], &mut hidden[1]);
                    assert_eq!(cells[0], cells[1], "{units} units");
                    assert_eq!(hidden[0], hidden[1], "{units} units");
                }
            }
        }
    }
}
