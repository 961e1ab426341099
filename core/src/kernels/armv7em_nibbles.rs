//! ARMv7E-M with its DSP extension, weights of 4 bits: seven instructions for eight products.
//!
//! A half word of packed weights is H = `4096 d + 256 c + 16 b + a` (a, b, c: offset by 8; d: signed). With activations x of its
//! columns, P = xd, R = 256 xb - xd, S = 16 xc - xd and T = 16 xa - xb, which fit half words,
//!
//! ```text
//! H P + (H & 0xff) R + (H & 0xf00) S + (H << 8 & 0xf00) T = 4096 (a xa + b xb + c xc + d xd)
//! ```
//!
//! so that a word is eight products in four SMLAD, and three instructions take it apart. Sums are 4096 times too large: 16 times
//! those of weights of 8 bits, as the weights stand for.

use core::arch::{asm, naked_asm};

use super::Pass;

/// Writes activations as P, R, S and T; returns what their sums must start from.
#[inline]
pub fn expand(groups: &[[i8; 4]], out: &mut [u32]) -> i32 {
    let count = (groups.len() / 2).min(out.len() / 4);
    if count == 0 {
        return 0;
    }
    let mut offset = 0i32;
    // SAFETY: reads `count` times two groups of four bytes (LDR takes any address), writes `count` times four words.
    unsafe {
        asm!(
            "2:",
            "ldr {a}, [{from}], #4",
            "ldr {b}, [{from}], #4",
            // P = xd and R.
            "sxtb16 {p}, {b}, ror #8",
            "and {r}, {bytes}, {b}, lsl #8",
            "ssub16 {r}, {r}, {p}",
            "strd {p}, {r}, [{to}], #8",
            // 16 xc, then S.
            "sxtb16 {r}, {a}, ror #8",
            "and {r}, {sixteens}, {r}, lsl #4",
            "smlad {offset}, {r}, {ones}, {offset}",
            "ssub16 {r}, {r}, {p}",
            // 16 xa, then T.
            "sxtb16 {a}, {a}",
            "and {a}, {sixteens}, {a}, lsl #4",
            "smlad {offset}, {a}, {ones}, {offset}",
            "sxtb16 {b}, {b}",
            "ssub16 {a}, {a}, {b}",
            "strd {r}, {a}, [{to}], #8",
            // 16 xb.
            "and {b}, {sixteens}, {b}, lsl #4",
            "smlad {offset}, {b}, {ones}, {offset}",
            "subs {left}, {left}, #1",
            "bne 2b",
            from = inout(reg) groups.as_ptr() => _,
            to = inout(reg) out.as_mut_ptr() => _,
            left = inout(reg) count => _,
            a = out(reg) _,
            b = out(reg) _,
            p = out(reg) _,
            r = out(reg) _,
            offset = inout(reg) offset,
            bytes = in(reg) 0xff00_ff00_u32,
            sixteens = in(reg) 0xfff0_fff0_u32,
            ones = in(reg) 0x0001_0001,
            options(nostack),
        );
    }
    offset.wrapping_mul(-8 * 4096 / 16)
}

/// Adds eight products, of the weights in `$word`, to a row's sum: 28 bytes of code.
///
/// P, R, S and T are in r8 to r11, the mask of S and T in r12; needs lr.
macro_rules! row {
    ($word:literal, $sum:literal) => {
        concat!(
            "smlad ",
            $sum,
            ", ",
            $word,
            ", r8, ",
            $sum,
            "\n",
            "uxtb16 lr, ",
            $word,
            "\n",
            "smlad ",
            $sum,
            ", lr, r9, ",
            $sum,
            "\n",
            "and lr, r12, ",
            $word,
            "\n",
            "smlad ",
            $sum,
            ", lr, r10, ",
            $sum,
            "\n",
            "and.w ",
            $word,
            ", r12, ",
            $word,
            ", lsl #8\n",
            "smlad ",
            $sum,
            ", ",
            $word,
            ", r11, ",
            $sum,
            "\n",
        )
    };
}

/// A group of eight columns of four rows.
macro_rules! group {
    () => {
        concat!(
            "ldm.w r1!, {{r8-r11}}\n",
            "ldm r0!, {{r2, r7}}\n",
            row!("r2", "r3"),
            row!("r7", "r4"),
            "ldm r0!, {{r2, r7}}\n",
            row!("r2", "r5"),
            row!("r7", "r6"),
        )
    };
}

/// A kernel: for every block of four rows the sums, in r3 to r6, then the lines given, which may use r1, r2 and r7 to r12.
///
/// On the stack lie the activations' end and the pass; r0 holds the weights. The loop is unrolled twice, and entered in its middle
/// where the groups are odd.
macro_rules! kernel {
    ($name:ident, $($line:expr,)*) => {
        /// # Safety
        /// The pass is one that [`Pass`] has checked, of weights of 4 bits, with `out` of the kernel's type.
        #[unsafe(naked)]
        pub unsafe extern "C" fn $name(pass: &mut Pass) {
            naked_asm!(
                processor!(),
                "push {{r4-r11, lr}}",
                "ldr r1, [r0, #4]",
                "mov r2, r0",
                "push {{r1, r2}}",
                "ldr r0, [r0, #12]",
                "2:",
                "ldr lr, [sp, #4]",
                "ldr r1, [lr]",
                "ldr r3, [lr, #8]",
                "ldr r2, [lr, #36]",
                "mov r4, r3",
                "mov r5, r3",
                "mov r6, r3",
                "mov r12, #0x0f000f00",
                "lsls r2, r2, #31",
                "bne 4f",
                "3:",
                group!(),
                "4:",
                group!(),
                "ldr r2, [sp]",
                "cmp r1, r2",
                "bne 3b",
                "ldr lr, [sp, #4]",
                $($line,)*
                "ldr r2, [lr, #32]",
                "cmp r0, r2",
                "bne 2b",
                "add sp, #8",
                "pop {{r4-r11, pc}}",
            )
        }
    };
}

kernels! {}
