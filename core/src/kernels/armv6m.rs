//! ARMv6-M (Cortex-M0, M0+) and ARMv8-M Baseline (M23): eight registers that can compute, one multiplication.
//!
//! A half word of packed weights is H = `256 b + a` (a: offset by 128, b: signed). With activations xa, xb of its columns,
//! and U = 256 xa - xb,
//!
//! ```text
//! H xb + a U = 256 (a xa + b xb)
//! ```
//!
//! so that a word is taken apart by four instructions: SXTH and ASR for the two H, UXTB for the two a. Bytes of a word that
//! was loaded by LDM cost less than LDRB and LDRSB, which moreover take no offset. Sums are 256 times too large.

use core::arch::naked_asm;

use super::pass::Pass;

/// xb and U of the lower half, then of the upper.
pub const WORDS_PER_FOUR: usize = 4;

/// Writes activations in the form that the products read; returns what their sums must start from.
#[inline]
pub fn expand(groups: &[[i8; 4]], out: &mut [u32]) -> i32 {
    let mut even = 0i32;
    super::for_each_group(groups, out, |[a, b, c, d]| {
        even += a + c;
        [b, (a << 8) - b, d, (c << 8) - d]
    });
    even.wrapping_mul(-128 * 256)
}

/// Adds four products, of the weights in `$word` and of r3 to r6, to a row's sum; needs r1.
macro_rules! row {
    ($word:literal, $sum:literal) => {
        concat!(
            "sxth r1, ",
            $word,
            "\n",
            "muls r1, r3, r1\n",
            "add ",
            $sum,
            ", r1\n",
            "uxtb r1, ",
            $word,
            "\n",
            "muls r1, r4, r1\n",
            "add ",
            $sum,
            ", r1\n",
            "asrs ",
            $word,
            ", ",
            $word,
            ", #16\n",
            "uxtb r1, ",
            $word,
            "\n",
            "muls ",
            $word,
            ", r5, ",
            $word,
            "\n",
            "add ",
            $sum,
            ", ",
            $word,
            "\n",
            "muls r1, r6, r1\n",
            "add ",
            $sum,
            ", r1\n",
        )
    };
}

/// A group of four columns of four rows.
macro_rules! group {
    () => {
        concat!(
            "mov r1, r12\n",
            "ldm r1!, {{r3-r6}}\n",
            "mov r12, r1\n",
            "ldm r0!, {{r2, r7}}\n",
            row!("r2", "r8"),
            row!("r7", "r9"),
            "ldm r0!, {{r2, r7}}\n",
            row!("r2", "r10"),
            row!("r7", "r11"),
        )
    };
}

/// r1 = `scale($sum) + addend` for a row whose multiplier is in `$multiplier`; needs r2, and r6 at the addends.
macro_rules! scale_and_add {
    ($sum:literal, $multiplier:literal) => {
        concat!(
            "mov r1, ",
            $sum,
            "\n",
            "asrs r2, r1, #16\n",
            "uxth r1, r1\n",
            "muls r2, ",
            $multiplier,
            ", r2\n",
            "muls r1, ",
            $multiplier,
            ", r1\n",
            "lsrs r1, r1, #16\n",
            "adds r1, r1, r2\n",
            "ldm r6!, {{r2}}\n",
            "adds r1, r1, r2\n",
        )
    };
}

/// Two rows: their multipliers, each one's sum in r1, and what the kernel does with it.
macro_rules! two_rows {
    ($first:literal, $second:literal, $finish:ident, $at:literal, $next:literal) => {
        concat!(
            "ldr r5, [r7, #20]\n",
            "ldm r5!, {{r3}}\n",
            "str r5, [r7, #20]\n",
            "uxth r5, r3\n",
            scale_and_add!($first, "r5"),
            $finish!($at),
            "lsrs r3, r3, #16\n",
            scale_and_add!($second, "r3"),
            $finish!($next),
        )
    };
}

/// Stores r1 as it is.
macro_rules! scaled_row {
    ($at:literal) => {
        concat!("str r1, [r0, #4*", $at, "]\n")
    };
}

/// Stores r1 >> r4, of -127 to 127.
macro_rules! relu_row {
    ($at:literal) => {
        concat!(
            "asrs r1, r4\n",
            "adds r1, #127\n",
            "asrs r2, r1, #31\n",
            "bics r1, r2\n",
            "cmp r1, #254\n",
            "ble 4f\n",
            "movs r1, #254\n",
            "4:\n",
            "subs r1, #127\n",
            "strb r1, [r0, #",
            $at,
            "]\n",
        )
    };
}

/// Adds r1 >> r4 to a half word, saturating.
macro_rules! add_row {
    ($at:literal) => {
        concat!(
            "asrs r1, r4\n",
            "ldrh r2, [r0, #2*",
            $at,
            "]\n",
            "sxth r2, r2\n",
            "adds r1, r1, r2\n",
            "sxth r2, r1\n",
            "cmp r2, r1\n",
            "beq 4f\n",
            "asrs r1, r1, #31\n",
            "ldr r2, =0x7fff\n",
            "eors r1, r2\n",
            "4:\n",
            "strh r1, [r0, #2*",
            $at,
            "]\n",
        )
    };
}

/// A kernel: for every block of four rows the sums, in r8 to r11, then `$finish` for each row with r0 at its place, which is
/// `$bytes` a block.
///
/// The pass lies on the stack's top; r0 holds the weights, r12 and lr where the activations are and end.
macro_rules! kernel {
    ($name:ident, $finish:ident, $bytes:literal) => {
        /// # Safety
        /// The pass is one that [`Pass`] has checked, with `out` of the kernel's type.
        #[unsafe(naked)]
        pub unsafe extern "C" fn $name(pass: &mut Pass) {
            naked_asm!(
                "push {{r4-r7, lr}}",
                "mov r4, r8",
                "mov r5, r9",
                "mov r6, r10",
                "mov r7, r11",
                "push {{r0, r4-r7}}",
                "ldr r0, [r0, #12]",
                "2:",
                "ldr r7, [sp]",
                "ldm r7!, {{r1, r2, r3}}",
                "mov r12, r1",
                "mov lr, r2",
                "mov r8, r3",
                "mov r9, r3",
                "mov r10, r3",
                "mov r11, r3",
                "3:",
                group!(),
                "cmp r12, lr",
                "bne 3b",
                "mov r12, r0",
                "ldr r7, [sp]",
                "ldr r6, [r7, #16]",
                "ldr r0, [r7, #24]",
                "ldr r4, [r7, #28]",
                two_rows!("r8", "r9", $finish, "0", "1"),
                two_rows!("r10", "r11", $finish, "2", "3"),
                concat!("adds r0, #", $bytes),
                "str r6, [r7, #16]",
                "str r0, [r7, #24]",
                "ldr r1, [r7, #32]",
                "mov r0, r12",
                "cmp r0, r1",
                "beq 5f",
                "b 2b",
                "5:",
                "pop {{r0, r4-r7}}",
                "mov r8, r4",
                "mov r9, r5",
                "mov r10, r6",
                "mov r11, r7",
                "pop {{r4-r7, pc}}",
                ".pool",
            )
        }
    };
}

kernel! { relu, relu_row, "4" }
kernel! { add, add_row, "8" }
kernel! { scaled, scaled_row, "16" }

#[cfg(nibbles)]
#[path = "armv6m_nibbles.rs"]
pub mod nibbles;
