//! ARMv6-M, weights of 4 bits: a half word is taken apart by a shift a product.
//!
//! A half word of packed weights is H = `4096 d + 256 c + 16 b + a` (a, b, c: offset by 8; d: signed). Shifted right by 0, 4, 8 and
//! 12 bits it still holds all that lies above, which the activation of the place below takes off again:
//!
//! ```text
//! H xa + (H >> 4) (xb - 16 xa) + (H >> 8) (xc - 16 xb) + (H >> 12) (xd - 16 xc) = a xa + b xb + c xc + d xd
//! ```
//!
//! Activations are 4096 times too large, and so are the sums: 16 times those of weights of 8 bits, as the weights stand for.

use core::arch::naked_asm;

use super::Pass;

/// Writes activations in the form that the products read; returns what their sums must start from.
pub fn expand(groups: &[[i8; 4]], out: &mut [u32]) -> i32 {
    let mut offset = 0i32;
    let pairs = groups.as_chunks::<2>().0.iter();
    for (out, [even, odd]) in out.as_chunks_mut::<8>().0.iter_mut().zip(pairs) {
        let (halves, _) = out.as_chunks_mut::<4>();
        for (half, at) in halves.iter_mut().zip([0, 2]) {
            let [a, b, c, d] = [even[at], odd[at], even[at + 1], odd[at + 1]].map(i32::from);
            offset += a + b + c;
            *half = [a, b - 16 * a, c - 16 * b, d - 16 * c].map(|x| (x << 12) as u32);
        }
    }
    offset.wrapping_mul(-8 * 4096)
}

/// Adds four products, of the half word in `$half` and of r3 to r6, to a row's sum; needs r1.
macro_rules! half {
    ($half:literal, $sum:literal) => {
        concat!(
            "asrs r1, ",
            $half,
            ", #12\n",
            "muls r1, r6, r1\n",
            "add ",
            $sum,
            ", r1\n",
            "asrs r1, ",
            $half,
            ", #8\n",
            "muls r1, r5, r1\n",
            "add ",
            $sum,
            ", r1\n",
            "asrs r1, ",
            $half,
            ", #4\n",
            "muls r1, r4, r1\n",
            "add ",
            $sum,
            ", r1\n",
            "muls ",
            $half,
            ", r3, ",
            $half,
            "\n",
            "add ",
            $sum,
            ", ",
            $half,
            "\n",
        )
    };
}

/// Four rows' lower or upper halves, which `$take` makes of a word.
macro_rules! halves {
    ($take:literal, $argument:literal) => {
        concat!(
            "mov r1, r12\n",
            "ldm r1!, {{r3-r6}}\n",
            "mov r12, r1\n",
            "ldm r0!, {{r2, r7}}\n",
            $take,
            " r2, r2",
            $argument,
            "\n",
            half!("r2", "r8"),
            $take,
            " r7, r7",
            $argument,
            "\n",
            half!("r7", "r9"),
            "ldm r0!, {{r2, r7}}\n",
            $take,
            " r2, r2",
            $argument,
            "\n",
            half!("r2", "r10"),
            $take,
            " r7, r7",
            $argument,
            "\n",
            half!("r7", "r11"),
        )
    };
}

/// A group of eight columns of four rows.
macro_rules! group {
    () => {
        concat!(halves!("sxth", ""), "subs r0, #16\n", halves!("asrs", ", #16"))
    };
}

kernel! { relu, relu_row, "4" }
kernel! { add, add_row, "8" }
kernel! { scaled, scaled_row, "16" }
