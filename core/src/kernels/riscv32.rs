//! RV32IM: loads of half words with an offset, and registers for four rows' sums.
//!
//! As on ARMv6-M a half word of packed weights is H = `256 b + a` (a: offset by 128, b: signed), and with U = 256 xa - xb
//! `H xb + a U = 256 (a xa + b xb)`: a load serves two multiply-adds. Sums are 256 times too large; MULH of such a sum and of
//! the multiplier, shifted by 16, is exactly `fixed::scale`.

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

/// Adds four products, of the weights at `$at` after a2 and of t0 to t3, to a row's sum.
macro_rules! row {
    ($sum:literal, $at:literal) => {
        concat!(
            "lh t4, ",
            $at,
            "(a2)\n",
            "lh t5, ",
            $at,
            "+2(a2)\n",
            "andi t6, t4, 255\n",
            "mul t4, t4, t0\n",
            "add ",
            $sum,
            ", ",
            $sum,
            ", t4\n",
            "mul t6, t6, t1\n",
            "andi t4, t5, 255\n",
            "add ",
            $sum,
            ", ",
            $sum,
            ", t6\n",
            "mul t5, t5, t2\n",
            "mul t4, t4, t3\n",
            "add ",
            $sum,
            ", ",
            $sum,
            ", t5\n",
            "add ",
            $sum,
            ", ",
            $sum,
            ", t4\n",
        )
    };
}

/// t4 = `scale($sum) + addend` of row `$row` of the block, and what the kernel does with it.
macro_rules! finished {
    ($sum:literal, $row:literal, $finish:ident) => {
        concat!(
            "lh t4, 2*",
            $row,
            "(s1)\n",
            "lw t6, 4*",
            $row,
            "(s0)\n",
            "slli t4, t4, 16\n",
            "mulh t4, ",
            $sum,
            ", t4\n",
            "add t4, t4, t6\n",
            $finish!($row),
        )
    };
}

/// Stores t4 as it is.
macro_rules! scaled_row {
    ($row:literal) => {
        concat!("sw t4, 4*", $row, "(s2)\n")
    };
}

/// Stores t4 >> shift, of -127 to 127.
macro_rules! relu_row {
    ($row:literal) => {
        concat!(
            "sra t4, t4, s3\n",
            "bge t4, t2, 4f\n",
            "mv t4, t2\n",
            "4:\n",
            "ble t4, t0, 4f\n",
            "mv t4, t0\n",
            "4:\n",
            "sb t4, ",
            $row,
            "(s2)\n",
        )
    };
}

/// Adds t4 >> shift to a half word, saturating.
macro_rules! add_row {
    ($row:literal) => {
        concat!(
            "sra t4, t4, s3\n",
            "lh t5, 2*",
            $row,
            "(s2)\n",
            "add t4, t4, t5\n",
            "slli t5, t4, 16\n",
            "srai t5, t5, 16\n",
            "beq t5, t4, 4f\n",
            "srai t4, t4, 31\n",
            "xor t4, t4, t1\n",
            "4:\n",
            "sh t4, 2*",
            $row,
            "(s2)\n",
        )
    };
}

/// A kernel: for every block of four rows the sums, in a4 to a7, then `$finish` for each row with s2 at the block's place,
/// which is `$bytes` long.
///
/// a0 holds the pass, a1 and a3 where the activations are and end, a2 and s4 the same of the weights, s0 the addends,
/// s1 the multipliers, s2 the output, s3 the shift.
macro_rules! kernel {
    ($name:ident, $finish:ident, $bytes:literal) => {
        /// # Safety
        /// The pass is one that [`Pass`] has checked, with `out` of the kernel's type.
        #[unsafe(naked)]
        pub unsafe extern "C" fn $name(pass: &mut Pass) {
            naked_asm!(
                // The assembler is not told what the target has.
                ".option push",
                ".option arch, +m",
                "addi sp, sp, -32",
                "sw s0, 0(sp)",
                "sw s1, 4(sp)",
                "sw s2, 8(sp)",
                "sw s3, 12(sp)",
                "sw s4, 16(sp)",
                "lw a3, 4(a0)",
                "lw a2, 12(a0)",
                "lw s0, 16(a0)",
                "lw s1, 20(a0)",
                "lw s2, 24(a0)",
                "lw s3, 28(a0)",
                "lw s4, 32(a0)",
                "2:",
                "lw a1, 0(a0)",
                "lw a4, 8(a0)",
                "mv a5, a4",
                "mv a6, a4",
                "mv a7, a4",
                "3:",
                "lw t0, 0(a1)",
                "lw t1, 4(a1)",
                "lw t2, 8(a1)",
                "lw t3, 12(a1)",
                row!("a4", "0"),
                row!("a5", "4"),
                row!("a6", "8"),
                row!("a7", "12"),
                "addi a1, a1, 16",
                "addi a2, a2, 16",
                "bne a1, a3, 3b",
                "li t0, 127",
                "li t2, -127",
                "li t1, 0x7fff",
                finished!("a4", "0", $finish),
                finished!("a5", "1", $finish),
                finished!("a6", "2", $finish),
                finished!("a7", "3", $finish),
                "addi s0, s0, 16",
                "addi s1, s1, 8",
                concat!("addi s2, s2, ", $bytes),
                "bne a2, s4, 2b",
                "lw s0, 0(sp)",
                "lw s1, 4(sp)",
                "lw s2, 8(sp)",
                "lw s3, 12(sp)",
                "lw s4, 16(sp)",
                "addi sp, sp, 32",
                "ret",
                ".option pop",
            )
        }
    };
}

kernel! { relu, relu_row, "4" }
kernel! { add, add_row, "8" }
kernel! { scaled, scaled_row, "16" }
