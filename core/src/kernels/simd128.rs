//! WebAssembly with 128-bit vectors (`-C target-feature=+simd128`): four rows by four columns at a time.

use core::arch::wasm32::*;

/// Calls `each` with the sums of every block of four rows.
#[inline]
pub fn blocks(weights: &[u8], flip: u32, words: &[u32], mut each: impl FnMut([i32; 4])) {
    // Two's complement.
    let flip = u32x4_splat(flip);
    for block in weights.chunks_exact((words.len() * 16).max(16)) {
        // Rows 0 and 1 in two halves each, rows 2 and 3 likewise.
        let (mut low, mut high) = (i32x4_splat(0), i32x4_splat(0));
        for (group, &word) in block.as_chunks::<16>().0.iter().zip(words) {
            // SAFETY: sixteen bytes are read; the load is unaligned.
            let group = v128_xor(unsafe { v128_load(group.as_ptr().cast()) }, flip);
            let x = i16x8_extend_low_i8x16(u32x4_splat(word));
            low = i32x4_add(low, i32x4_dot_i16x8(i16x8_extend_low_i8x16(group), x));
            high = i32x4_add(high, i32x4_dot_i16x8(i16x8_extend_high_i8x16(group), x));
        }
        let sums = i32x4_add(i32x4_shuffle::<0, 2, 4, 6>(low, high), i32x4_shuffle::<1, 3, 5, 7>(low, high));
        each([
            i32x4_extract_lane::<0>(sums),
            i32x4_extract_lane::<1>(sums),
            i32x4_extract_lane::<2>(sums),
            i32x4_extract_lane::<3>(sums),
        ]);
    }
}
