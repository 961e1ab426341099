//! AArch64: NEON, which every such processor has, and its dot products where they are at hand.

use core::arch::aarch64::*;
use core::arch::asm;

/// Calls `each` with the sums of every block of four rows.
#[inline]
pub fn blocks(weights: &[u8], flip: u32, words: &[u32], each: impl FnMut([i32; 4])) {
    #[cfg(feature = "std")]
    let has_dot_products = std::arch::is_aarch64_feature_detected!("dotprod");
    #[cfg(not(feature = "std"))]
    let has_dot_products = cfg!(target_feature = "dotprod");
    match has_dot_products {
        // SAFETY: the processor has the instructions.
        true => unsafe { blocks_by_dot_products(weights, flip, words, each) },
        // SAFETY: compiled for NEON.
        false => unsafe { blocks_by_pairs(weights, flip, words, each) },
    }
}

/// Four rows by four columns, in two's complement.
#[inline]
#[target_feature(enable = "neon")]
fn load(group: &[u8; 16], flip: u32) -> int8x16_t {
    // SAFETY: sixteen bytes are read; the load is unaligned.
    let bytes = unsafe { vld1q_u8(group.as_ptr()) };
    vreinterpretq_s8_u32(veorq_u32(vreinterpretq_u32_u8(bytes), vdupq_n_u32(flip)))
}

/// The four numbers of a vector.
#[inline]
#[target_feature(enable = "neon")]
fn lanes(vector: int32x4_t) -> [i32; 4] {
    let mut lanes = [0; 4];
    // SAFETY: `lanes` is sixteen writable bytes.
    unsafe { vst1q_s32(lanes.as_mut_ptr(), vector) };
    lanes
}

/// Two groups' products are added in 16 bits, where both fit: 2 * 127 * 127.
#[target_feature(enable = "neon")]
fn blocks_by_pairs(weights: &[u8], flip: u32, words: &[u32], mut each: impl FnMut([i32; 4])) {
    let spread = |word| vreinterpretq_s8_u32(vdupq_n_u32(word));
    let (pairs, tail) = words.as_chunks::<2>();
    for block in weights.chunks_exact((words.len() * 16).max(16)) {
        // Rows 0 and 1 in two halves each, rows 2 and 3 likewise.
        let (mut low, mut high) = (vdupq_n_s32(0), vdupq_n_s32(0));
        let (groups, _) = block.as_chunks::<16>();
        let (group_pairs, group_tail) = groups.as_chunks::<2>();
        for ([first, second], &[a, b]) in group_pairs.iter().zip(pairs) {
            let (first, second, a, b) = (load(first, flip), load(second, flip), spread(a), spread(b));
            let products = vmull_s8(vget_low_s8(first), vget_low_s8(a));
            low = vpadalq_s16(low, vmlal_s8(products, vget_low_s8(second), vget_low_s8(b)));
            high = vpadalq_s16(high, vmlal_high_s8(vmull_high_s8(first, a), second, b));
        }
        if let ([group], &[word]) = (group_tail, tail) {
            let (group, x) = (load(group, flip), spread(word));
            low = vpadalq_s16(low, vmull_s8(vget_low_s8(group), vget_low_s8(x)));
            high = vpadalq_s16(high, vmull_high_s8(group, x));
        }
        each(lanes(vpaddq_s32(low, high)));
    }
}

/// SDOT adds four columns' products to four rows.
#[target_feature(enable = "neon,dotprod")]
fn blocks_by_dot_products(weights: &[u8], flip: u32, words: &[u32], mut each: impl FnMut([i32; 4])) {
    for block in weights.chunks_exact((words.len() * 16).max(16)) {
        // Two sums, so that one need not wait for the other.
        let mut totals = [vdupq_n_s32(0); 2];
        for (place, (group, &word)) in block.as_chunks::<16>().0.iter().zip(words).enumerate() {
            let (group, x) = (load(group, flip), vdupq_n_u32(word));
            let [even, odd] = &mut totals;
            let total = if place % 2 == 0 { even } else { odd };
            // The intrinsic is not stable in the oldest compiler that is supported.
            // SAFETY: reads and writes the registers named.
            unsafe {
                asm!(
                    "sdot {0:v}.4s, {1:v}.16b, {2:v}.16b",
                    inout(vreg) *total, in(vreg) group, in(vreg) x,
                    options(pure, nomem, nostack, preserves_flags)
                );
            }
        }
        let [even, odd] = totals;
        each(lanes(vaddq_s32(even, odd)));
    }
}
