//! x86-64 with AVX-512 VNNI, chosen at run time.

use core::arch::x86_64::*;

/// Multiplies if this processor has the instructions; says whether it did.
#[inline]
pub fn multiply(weights: &[u8], activations: &[u32], accumulators: &mut [i32]) -> bool {
    if !(std::is_x86_feature_detected!("avx512vnni") && std::is_x86_feature_detected!("avx512f")) {
        return false;
    }
    let block_bytes = activations.len() * 16;
    if block_bytes == 0 {
        return false;
    }
    let (sums, _) = accumulators.as_chunks_mut::<4>();
    // SAFETY: the features were just detected.
    unsafe { multiply_vnni(weights, block_bytes, activations, sums) };
    true
}

/// One 64-byte load holds four rows by sixteen columns, one `vpdpbusd` multiplies them.
#[target_feature(enable = "avx512f,avx512vnni")]
fn multiply_vnni(weights: &[u8], block_bytes: usize, activations: &[u32], sums: &mut [[i32; 4]]) {
    // Even columns are stored as weight + 128 already; the odd ones become so by flipping the sign bit.
    let flip = _mm512_set1_epi32(0x8000_8000_u32 as i32);
    let spread = _mm512_set_epi32(3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0);
    let (full, tail) = activations.as_chunks::<4>();
    let tail_mask = ((1u32 << (4 * tail.len())) - 1) as u16;
    let ones = _mm512_set1_epi8(1);
    let mut offset = _mm512_setzero_si512();
    for x in activations.chunks(4) {
        offset = _mm512_dpbusd_epi32(offset, ones, load_words(x));
    }
    let offset = 128 * _mm512_reduce_add_epi32(offset);
    for (block, sums) in weights.chunks_exact(block_bytes).zip(sums) {
        let mut total = _mm512_setzero_si512();
        let (chunks, rest) = block.as_chunks::<64>();
        for (chunk, x) in chunks.iter().zip(full) {
            // SAFETY: `chunk` is 64 readable bytes; the load is unaligned.
            let w = _mm512_xor_si512(unsafe { _mm512_loadu_si512(chunk.as_ptr().cast()) }, flip);
            total = _mm512_dpbusd_epi32(total, w, _mm512_permutexvar_epi32(spread, load_words(x)));
        }
        if !tail.is_empty() {
            // SAFETY: the mask covers exactly the bytes of `rest`, 16 for each word of `tail`.
            let w = unsafe { _mm512_maskz_loadu_epi32(tail_mask, rest.as_ptr().cast()) };
            let x = _mm512_permutexvar_epi32(spread, load_words(tail));
            total = _mm512_dpbusd_epi32(total, _mm512_xor_si512(w, flip), x);
        }
        let low = _mm256_add_epi32(_mm512_castsi512_si256(total), _mm512_extracti64x4_epi64::<1>(total));
        let quarter = _mm_add_epi32(_mm256_castsi256_si128(low), _mm256_extracti128_si256::<1>(low));
        let quarter = _mm_sub_epi32(quarter, _mm_set1_epi32(offset));
        // SAFETY: `sums` is 16 writable bytes; the store is unaligned.
        unsafe { _mm_storeu_si128(sums.as_mut_ptr().cast(), quarter) };
    }
}

/// Up to four words, zeros after them.
#[inline]
#[target_feature(enable = "avx512f,avx512vnni")]
fn load_words(words: &[u32]) -> __m512i {
    let mask = ((1u32 << words.len().min(4)) - 1) as u16;
    // SAFETY: the mask covers no more than the slice.
    unsafe { _mm512_maskz_loadu_epi32(mask, words.as_ptr().cast()) }
}

#[cfg(test)]
mod tests {
    use super::super::plain;

    #[test]
    fn equals_the_plain_kernel() {
        let mut state = 1u32;
        let mut next = || {
            state = state.wrapping_mul(1664525).wrapping_add(1013904223);
            state >> 24
        };
        for columns in [4, 8, 12, 16, 20, 24, 48, 64, 80, 160, 288] {
            for extreme in [false, true] {
                let rows = 12;
                let mut byte = |even: bool| {
                    let weight = if extreme { 127 } else { (next() as i32).min(254) - 127 };
                    if even { (weight + 128) as u8 } else { weight as i8 as u8 }
                };
                let weights: std::vec::Vec<u8> = (0..rows * columns).map(|n| byte(n % 2 == 0)).collect();
                let activations: std::vec::Vec<u32> = (0..columns / 4)
                    .map(|_| u32::from_le_bytes([0; 4].map(|_: u8| if extreme { -127i8 as u8 } else { next() as u8 })))
                    .map(|word| if word & 0xff == 0x80 { 0 } else { word })
                    .collect();
                let mut fast = std::vec![0; rows];
                let mut slow = std::vec![0; rows];
                if !super::multiply(&weights, &activations, &mut fast) {
                    std::eprintln!("this processor has no AVX-512 VNNI: nothing compared");
                    return;
                }
                plain::multiply(&weights, &activations, &mut slow);
                assert_eq!(fast, slow, "{columns} columns");
            }
        }
    }
}
