//! x86-64 with AVX-512 VNNI or AVX2, chosen at run time.

use core::arch::x86_64::*;

/// Calls `each` with the sums of every block of four rows, if this processor has the instructions; else gives it back.
#[inline]
pub fn blocks<F: FnMut([i32; 4])>(weights: &[u8], words: &[u32], each: F) -> Result<(), F> {
    if std::is_x86_feature_detected!("avx512vnni") && std::is_x86_feature_detected!("avx512f") {
        // SAFETY: the features were just detected.
        unsafe { blocks_vnni(weights, words, each) };
    } else if std::is_x86_feature_detected!("avx2") {
        // SAFETY: the feature was just detected.
        unsafe { blocks_avx2(weights, words, each) };
    } else {
        return Err(each);
    }
    Ok(())
}

/// One 64-byte load holds four rows by sixteen columns, one `vpdpbusd` multiplies them.
#[target_feature(enable = "avx512f,avx512vnni")]
fn blocks_vnni(weights: &[u8], words: &[u32], mut each: impl FnMut([i32; 4])) {
    // Even columns are stored as weight + 128 already; the odd ones become so by flipping the sign bit.
    let flip = _mm512_set1_epi32(0x8000_8000_u32 as i32);
    let spread = _mm512_set_epi32(3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0);
    let (full, tail) = words.as_chunks::<4>();
    let tail_mask = ((1u32 << (4 * tail.len())) - 1) as u16;
    let ones = _mm512_set1_epi8(1);
    let mut offset = _mm512_setzero_si512();
    for x in words.chunks(4) {
        offset = _mm512_dpbusd_epi32(offset, ones, load_words(x));
    }
    let offset = 128 * _mm512_reduce_add_epi32(offset);
    for block in weights.chunks_exact((words.len() * 16).max(16)) {
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
        each(lanes(_mm_sub_epi32(quarter, _mm_set1_epi32(offset))));
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

/// 32 bytes hold four rows by eight columns; even and odd columns are multiplied as 16-bit numbers.
#[target_feature(enable = "avx2")]
fn blocks_avx2(weights: &[u8], words: &[u32], mut each: impl FnMut([i32; 4])) {
    let low_bytes = _mm256_set1_epi16(0xff);
    let offset = _mm256_set1_epi16(128);
    let multiply = |total, w: __m256i, x: __m256i| {
        let even = _mm256_sub_epi16(_mm256_and_si256(w, low_bytes), offset);
        let even_x = _mm256_srai_epi16::<8>(_mm256_slli_epi16::<8>(x));
        let total = _mm256_add_epi32(total, _mm256_madd_epi16(even, even_x));
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
            // The upper half's weights count as -128, its activations are 0.
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
