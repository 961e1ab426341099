//! AVX-512 with VNNI for one image: sixteen rows at a time, from weights to results.

use core::arch::x86_64::*;

use super::plain;
use crate::blob::{Linear, Matrix, Packing};
use crate::fixed::SIGMOID_TABLE;

#[cfg(test)]
std::thread_local! {
    /// Set by tests of what runs without AVX-512.
    pub static HIDDEN: core::cell::Cell<bool> = const { core::cell::Cell::new(false) };
}

/// Whether this processor has the instructions.
#[inline]
pub fn is_here() -> bool {
    #[cfg(test)]
    if HIDDEN.get() {
        return false;
    }
    std::is_x86_feature_detected!("avx512vnni")
        && std::is_x86_feature_detected!("avx512bw")
        && std::is_x86_feature_detected!("avx512f")
}

/// What turns the bytes of weights into weight + 128, unsigned.
#[inline]
pub fn unsigned(packing: Packing) -> u32 {
    packing.flip() ^ 0x8080_8080
}

/// Four words, each in a quarter of its own, as often as a block has rows.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn spread(words: __m512i) -> __m512i {
    _mm512_permutexvar_epi32(_mm512_set_epi32(3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0), words)
}

/// Up to sixteen 32-bit words, zeros after them.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn load_words(words: &[u32]) -> __m512i {
    // SAFETY: the mask covers no more than the slice.
    unsafe { _mm512_maskz_loadu_epi32(mask(words.len()), words.as_ptr().cast()) }
}

/// The first `count` of sixteen.
#[inline]
fn mask(count: usize) -> u16 {
    ((1u32 << count.min(16)) - 1) as u16
}

/// 128 for every activation, in all sixteen places: weights become weight + 128.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn offset(words: &[u32]) -> __m512i {
    let mut total = _mm512_setzero_si512();
    let (full, tail) = words.as_chunks::<16>();
    for words in full {
        // SAFETY: 64 bytes are read; the load is unaligned.
        let words = unsafe { _mm512_loadu_si512(words.as_ptr().cast()) };
        total = _mm512_dpbusd_epi32(total, _mm512_set1_epi8(-128), words);
    }
    if !tail.is_empty() {
        total = _mm512_dpbusd_epi32(total, _mm512_set1_epi8(-128), load_words(tail));
    }
    total = _mm512_add_epi32(total, _mm512_shuffle_i32x4::<0b01_00_11_10>(total, total));
    total = _mm512_add_epi32(total, _mm512_shuffle_i32x4::<0b10_11_00_01>(total, total));
    total = _mm512_add_epi32(total, _mm512_shuffle_epi32::<0b01_00_11_10>(total));
    _mm512_add_epi32(total, _mm512_shuffle_epi32::<0b10_11_00_01>(total))
}

/// The sums of `BLOCKS` blocks of four rows, less the offset. `group` holds as many bytes.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn sums<const BLOCKS: usize>(group: &[u8], flip: u32, words: &[u32], offset: __m512i) -> __m512i {
    let block_bytes = 16 * words.len();
    if group.len() < BLOCKS * block_bytes {
        return offset;
    }
    let flip = _mm512_set1_epi32(flip as i32);
    let mut totals = [_mm512_setzero_si512(); 4];
    let (fours, tail) = words.as_chunks::<4>();
    for (chunk, four) in fours.iter().enumerate() {
        // SAFETY: sixteen bytes are read; the load is unaligned.
        let x = spread(_mm512_zextsi128_si512(unsafe { _mm_loadu_si128(four.as_ptr().cast()) }));
        for (block, total) in totals.iter_mut().take(BLOCKS).enumerate() {
            // SAFETY: `group` holds BLOCKS blocks, and a block 64 bytes for every four words.
            let w = unsafe { _mm512_loadu_si512(group.as_ptr().add(block * block_bytes + 64 * chunk).cast()) };
            *total = _mm512_dpbusd_epi32(*total, _mm512_xor_si512(w, flip), x);
        }
    }
    if !tail.is_empty() {
        let x = spread(load_words(tail));
        for (block, total) in totals.iter_mut().take(BLOCKS).enumerate() {
            // SAFETY: the mask covers what is left of the block, 16 bytes for each word of the tail.
            let w = unsafe {
                let place = group.as_ptr().add(block * block_bytes + 64 * fours.len());
                _mm512_maskz_loadu_epi32(mask(4 * tail.len()), place.cast())
            };
            *total = _mm512_dpbusd_epi32(*total, _mm512_xor_si512(w, flip), x);
        }
    }
    // A total holds four rows four times, for every fourth group of columns.
    let halves = |a, b| _mm512_add_epi32(_mm512_shuffle_i32x4::<0x44>(a, b), _mm512_shuffle_i32x4::<0xee>(a, b));
    let [a, b, c, d] = totals;
    let (ab, cd) = (halves(a, b), halves(c, d));
    let total = _mm512_add_epi32(_mm512_shuffle_i32x4::<0x88>(ab, cd), _mm512_shuffle_i32x4::<0xdd>(ab, cd));
    _mm512_sub_epi32(total, offset)
}

/// Calls `each` with sixteen rows' sums after the other: with up to sixteen, in the end.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn rows(weights: &[u8], flip: u32, words: &[u32], mut each: impl FnMut(__m512i)) {
    let offset = offset(words);
    let block_bytes = (16 * words.len()).max(16);
    // `max` again: the compiler cannot know that the product does not wrap to 0, which would be a panic.
    let mut groups = weights.chunks_exact((4 * block_bytes).max(64));
    for group in &mut groups {
        each(sums::<4>(group, flip, words, offset));
    }
    let rest = groups.remainder();
    match rest.len() / block_bytes {
        1 => each(sums::<1>(rest, flip, words, offset)),
        2 => each(sums::<2>(rest, flip, words, offset)),
        3 => each(sums::<3>(rest, flip, words, offset)),
        _ => {}
    }
}

/// [`fixed::scale`](crate::fixed::scale) of sixteen sums: multipliers are not negative, as loading a blob checks.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
pub fn scale(sums: __m512i, multipliers: __m512i) -> __m512i {
    // The sum's 24 bits in the upper three bytes: two half words, of which the upper is signed.
    let shifted = _mm512_slli_epi32::<8>(sums);
    let high = _mm512_madd_epi16(shifted, _mm512_slli_epi32::<16>(multipliers));
    _mm512_add_epi32(high, _mm512_mulhi_epu16(shifted, multipliers))
}

// Whole vectors are loaded and stored without masks: masked stores are slow, and not forwarded to the loads after them.

/// Up to sixteen 16-bit integers, widened.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn load16(values: &[i16]) -> __m512i {
    if let Some(values) = values.first_chunk::<16>() {
        // SAFETY: 32 bytes are read; the load is unaligned.
        return _mm512_cvtepi16_epi32(unsafe { _mm256_loadu_si256(values.as_ptr().cast()) });
    }
    // SAFETY: the mask covers no more than the slice.
    let values = unsafe { _mm512_maskz_loadu_epi16(u32::from(mask(values.len())), values.as_ptr()) };
    _mm512_cvtepi16_epi32(_mm512_castsi512_si256(values))
}

/// Up to sixteen 32-bit integers.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn load32(values: &[i32]) -> __m512i {
    match values.first_chunk::<16>() {
        // SAFETY: 64 bytes are read; the load is unaligned.
        Some(values) => unsafe { _mm512_loadu_si512(values.as_ptr().cast()) },
        // SAFETY: the mask covers no more than the slice.
        None => unsafe { _mm512_maskz_loadu_epi32(mask(values.len()), values.as_ptr()) },
    }
}

/// Stores up to sixteen, cut to 8 bits.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn store8(values: __m512i, out: &mut [i8]) {
    match out.first_chunk_mut::<16>() {
        // SAFETY: sixteen bytes are written; the store is unaligned.
        Some(out) => unsafe { _mm_storeu_si128(out.as_mut_ptr().cast(), _mm512_cvtepi32_epi8(values)) },
        // SAFETY: the mask covers no more than the slice.
        None => unsafe { _mm512_mask_cvtepi32_storeu_epi8(out.as_mut_ptr(), mask(out.len()), values) },
    }
}

/// Stores up to sixteen, saturated to 16 bits.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn store16(values: __m512i, out: &mut [i16]) {
    match out.first_chunk_mut::<16>() {
        // SAFETY: 32 bytes are written; the store is unaligned.
        Some(out) => unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), _mm512_cvtsepi32_epi16(values)) },
        // SAFETY: the mask covers no more than the slice.
        None => unsafe { _mm512_mask_cvtsepi32_storeu_epi16(out.as_mut_ptr(), mask(out.len()), values) },
    }
}

/// Stores up to sixteen.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn store32(values: __m512i, out: &mut [i32]) {
    match out.first_chunk_mut::<16>() {
        // SAFETY: 64 bytes are written; the store is unaligned.
        Some(out) => unsafe { _mm512_storeu_si512(out.as_mut_ptr().cast(), values) },
        // SAFETY: the mask covers no more than the slice.
        None => unsafe { _mm512_mask_storeu_epi32(out.as_mut_ptr(), mask(out.len()), values) },
    }
}

/// Calls `finish` for every sixteen rows: their sums, scaled; their addends, if there are any; their place.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn products<T>(
    matrix: &Matrix<'_>,
    biases: &[i32],
    words: &[u32],
    out: &mut [T],
    mut finish: impl FnMut(__m512i, __m512i, &mut [T]),
) {
    let mut places = out.chunks_mut(16).zip(matrix.multipliers.chunks(16));
    let mut biases = biases.chunks(16);
    rows(matrix.weights, unsigned(matrix.packing), words, |sums| {
        let Some((out, multipliers)) = places.next() else { return };
        finish(scale(sums, load16(multipliers)), load32(biases.next().unwrap_or_default()), out);
    });
}

/// See [`plain::linear_relu`].
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
pub fn linear_relu(linear: &Linear<'_>, words: &[u32], shift: u32, out: &mut [i8]) {
    let shift = _mm_cvtsi32_si128((shift & 31) as i32);
    products(&linear.matrix, linear.biases, words, out, |scaled, biases, out| {
        let values = _mm512_sra_epi32(_mm512_add_epi32(scaled, biases), shift);
        let values = _mm512_min_epi32(_mm512_max_epi32(values, _mm512_set1_epi32(-127)), _mm512_set1_epi32(127));
        store8(values, out);
    });
}

/// See [`plain::linear_add`].
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
pub fn linear_add(linear: &Linear<'_>, words: &[u32], shift: u32, out: &mut [i16]) {
    let shift = _mm_cvtsi32_si128((shift & 31) as i32);
    products(&linear.matrix, linear.biases, words, out, |scaled, biases, out| {
        let values = _mm512_sra_epi32(_mm512_add_epi32(scaled, biases), shift);
        store16(_mm512_add_epi32(load16(out), values), out);
    });
}

/// See [`plain::linear_scaled`].
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
pub fn linear_scaled(linear: &Linear<'_>, words: &[u32], out: &mut [i32]) {
    products(&linear.matrix, linear.biases, words, out, |scaled, biases, out| {
        store32(_mm512_add_epi32(scaled, biases), out);
    });
}

/// See [`plain::add_scaled`].
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
pub fn add_scaled(matrix: &Matrix<'_>, words: &[u32], out: &mut [i32]) {
    products(matrix, &[], words, out, |scaled, _, out| store32(_mm512_add_epi32(scaled, load32(out)), out));
}

/// See [`plain::quantize_relu`], which the compiler turns into this instruction set's.
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
pub fn quantize_relu(stream: &[i16], multipliers: &[i16], shift: u32, out: &mut [i8]) {
    plain::quantize_relu(stream, multipliers, shift, out);
}

/// See [`plain::quantize`].
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
pub fn quantize(stream: &[i16], multipliers: &[i16], shift: u32, out: &mut [i8]) {
    plain::quantize(stream, multipliers, shift, out);
}

/// Sixteen sigmoids in Q22, of Q11 inputs in 16 bits.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn sigmoid22(values: __m512i) -> __m512i {
    let knots = _mm512_add_epi32(_mm512_srai_epi32::<7>(values), _mm512_set1_epi32(256));
    let knots = _mm512_and_si512(knots, _mm512_set1_epi32(511));
    // SAFETY: the indices are 0 to 511, and the table holds as many words of four bytes.
    let entries = unsafe { _mm512_i32gather_epi32::<4>(knots, SIGMOID_TABLE.as_ptr().cast()) };
    let rest = _mm512_and_si512(values, _mm512_set1_epi32(127));
    let rise = _mm512_mullo_epi32(_mm512_and_si512(entries, _mm512_set1_epi32(1023)), rest);
    _mm512_add_epi32(_mm512_srli_epi32::<10>(entries), rise)
}

/// [`fixed::sigmoid`](crate::fixed::sigmoid) of sixteen.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
pub fn sigmoid(values: __m512i) -> __m512i {
    let values = _mm512_max_epi32(_mm512_min_epi32(values, _mm512_set1_epi32(32767)), _mm512_set1_epi32(-32768));
    _mm512_srli_epi32::<7>(sigmoid22(values))
}

/// [`fixed::tanh`](crate::fixed::tanh) of sixteen.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
pub fn tanh(values: __m512i) -> __m512i {
    let values = _mm512_max_epi32(_mm512_min_epi32(values, _mm512_set1_epi32(16383)), _mm512_set1_epi32(-16384));
    let doubled = sigmoid22(_mm512_add_epi32(values, values));
    _mm512_sub_epi32(_mm512_srli_epi32::<6>(doubled), _mm512_set1_epi32(32768))
}

/// See [`plain::lstm_cell`]: sixteen units at a time.
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
pub fn lstm_cell(gates: &[i32], shift: u32, cell: &mut [i16], hidden: &mut [i8]) {
    let count = _mm_cvtsi32_si128((shift & 31) as i32);
    // Transposing within quarters leaves unit 4r + q at place 4q + r; the same order leads back.
    let order = _mm512_set_epi32(15, 11, 7, 3, 14, 10, 6, 2, 13, 9, 5, 1, 12, 8, 4, 0);
    let half = |bit: i32| _mm512_set1_epi32(1 << bit);
    let units = gates.chunks(64).zip(cell.chunks_mut(16)).zip(hidden.chunks_mut(16));
    for ((gates, cell), hidden) in units {
        let quarter = |place: usize| {
            let four = gates.get(16 * place..).unwrap_or_default();
            _mm512_sra_epi32(load32(four), count)
        };
        let [a, b, c, d] = [0, 1, 2, 3].map(quarter);
        let (ab_low, ab_high) = (_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
        let (cd_low, cd_high) = (_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
        let o = _mm512_unpacklo_epi64(ab_low, cd_low);
        let f = _mm512_unpackhi_epi64(ab_low, cd_low);
        let i = _mm512_unpacklo_epi64(ab_high, cd_high);
        let g = _mm512_unpackhi_epi64(ab_high, cd_high);

        let before = _mm512_permutexvar_epi32(order, load16(cell));
        let kept = _mm512_mullo_epi32(sigmoid(f), before);
        let added = _mm512_srai_epi32::<4>(_mm512_mullo_epi32(sigmoid(i), tanh(g)));
        let after = _mm512_srai_epi32::<15>(_mm512_add_epi32(_mm512_add_epi32(kept, added), half(14)));
        let after = _mm512_max_epi32(_mm512_min_epi32(after, _mm512_set1_epi32(32767)), _mm512_set1_epi32(-32768));
        let shown = _mm512_mullo_epi32(sigmoid(o), tanh(after));
        let shown = _mm512_srai_epi32::<23>(_mm512_add_epi32(shown, half(22)));
        let shown = _mm512_max_epi32(_mm512_min_epi32(shown, _mm512_set1_epi32(127)), _mm512_set1_epi32(-127));

        store16(_mm512_permutexvar_epi32(order, after), cell);
        store8(_mm512_permutexvar_epi32(order, shown), hidden);
    }
}
