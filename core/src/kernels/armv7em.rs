//! ARMv7E-M with its DSP extension (Cortex-M4, M7, and M33 where it has it): two weights a half word.
//!
//! A word of packed weights holds the half words `256 b + a` and `256 d + c` (a, c: offset by 128; b, d: signed).
//! With activations x of columns a, b, c, d prepared as XB = (xb, xd) and U = (256 xa - xb, 256 xc - xd), each a pair of
//! half words,
//!
//! ```text
//! SMLAD(word, XB) + SMLAD(UXTB16(word), U) = 256 (a xa + b xb + c xc + d xd)
//! ```
//!
//! is three instructions for four products. Sums are 256 times too large, and start from what the offset of 128 adds;
//! SMLAWB, `addend + (sum * multiplier >> 16)`, is then exactly `fixed::scale` and the addition of a bias.

use core::arch::{asm, naked_asm};

use super::pass::Pass;
use super::plain::start;

/// XB and U.
pub const WORDS_PER_FOUR: usize = 2;

/// Writes activations as XB and U; returns what their sums must start from.
#[inline]
pub fn expand(groups: &[[i8; 4]], out: &mut [u32]) -> i32 {
    let count = groups.len().min(out.len() / 2);
    if count == 0 {
        return 0;
    }
    let mut even = 0i32;
    // SAFETY: reads `count` groups of four bytes (LDR takes any address), writes `count` pairs of words.
    unsafe {
        asm!(
            "lsls {odd}, {left}, #31",
            "beq 2f",
            "ldr {word}, [{from}], #4",
            "sxtb16 {odd}, {word}, ror #8",
            "and {word}, {mask}, {word}, lsl #8",
            "smlad {even}, {word}, {ones}, {even}",
            "ssub16 {word}, {word}, {odd}",
            "strd {odd}, {word}, [{to}], #8",
            "subs {left}, {left}, #1",
            "beq 3f",
            "2:",
            "ldr {word}, [{from}], #4",
            "sxtb16 {odd}, {word}, ror #8",
            "and {word}, {mask}, {word}, lsl #8",
            "smlad {even}, {word}, {ones}, {even}",
            "ssub16 {word}, {word}, {odd}",
            "strd {odd}, {word}, [{to}], #8",
            "ldr {word}, [{from}], #4",
            "sxtb16 {odd}, {word}, ror #8",
            "and {word}, {mask}, {word}, lsl #8",
            "smlad {even}, {word}, {ones}, {even}",
            "ssub16 {word}, {word}, {odd}",
            "strd {odd}, {word}, [{to}], #8",
            "subs {left}, {left}, #2",
            "bne 2b",
            "3:",
            from = inout(reg) groups.as_ptr() => _,
            to = inout(reg) out.as_mut_ptr() => _,
            left = inout(reg) count => _,
            word = out(reg) _,
            odd = out(reg) _,
            even = inout(reg) even,
            mask = in(reg) 0xff00_ff00_u32,
            ones = in(reg) 0x0001_0001,
            options(nostack),
        );
    }
    even.wrapping_mul(-128)
}

/// See [`super::pass::quantize_relu`]; lengths are multiples of 4. Two products are summed with what rounds them in an instruction each; all loads and stores are of words, at any address. -128 becomes
/// -127: the sums are one less, and four of them get it back side by side, saturating.
#[inline(never)]
pub fn quantize_around(zero_point: i8, stream: &[i16], multipliers: &[i16], shift: u32, out: &mut [i8]) {
    let count = stream.len().min(multipliers.len()).min(out.len()) / 4;
    if count == 0 {
        return;
    }
    // SAFETY: reads and writes `count` times four values.
    unsafe {
        asm!(
            "2:",
            "ldr {a}, [{stream}], #4",
            "ldr {b}, [{multipliers}], #4",
            "smlabb {four}, {a}, {b}, {start}",
            "smlatt {next}, {a}, {b}, {start}",
            "ldr {a}, [{stream}], #4",
            "ldr {b}, [{multipliers}], #4",
            "asrs {four}, {four}, {shift}",
            "asrs {next}, {next}, {shift}",
            "ssat {four}, #8, {four}",
            "ssat {next}, #8, {next}",
            "bfi {four}, {next}, #8, #8",
            "smlabb {next}, {a}, {b}, {start}",
            "smlatt {a}, {a}, {b}, {start}",
            "asrs {next}, {next}, {shift}",
            "asrs {a}, {a}, {shift}",
            "ssat {next}, #8, {next}",
            "ssat {a}, #8, {a}",
            "bfi {four}, {next}, #16, #8",
            "bfi {four}, {a}, #24, #8",
            "qadd8 {four}, {four}, {ones}",
            "str {four}, [{out}], #4",
            "subs {left}, {left}, #1",
            "bne 2b",
            stream = inout(reg) stream.as_ptr() => _,
            multipliers = inout(reg) multipliers.as_ptr() => _,
            out = inout(reg) out.as_mut_ptr() => _,
            left = inout(reg) count => _,
            start = in(reg) start(zero_point, shift).wrapping_sub(1 << (shift & 31)),
            shift = in(reg) shift & 31,
            ones = in(reg) 0x0101_0101_u32,
            a = out(reg) _,
            b = out(reg) _,
            four = out(reg) _,
            next = out(reg) _,
            options(nostack),
        );
    }
}

/// What the assembler must know: a target of ARMv8-M Mainline need not have the DSP extension.
#[cfg(dsp_of_armv8m)]
macro_rules! processor {
    () => {
        ".cpu cortex-m33"
    };
}
#[cfg(not(dsp_of_armv8m))]
macro_rules! processor {
    () => {
        ""
    };
}

/// Multiplies one word of each of four rows by XB (r11) and U (r12): 56 bytes of code.
macro_rules! group {
    () => {
        "ldrd r11, r12, [r1], #8
         ldm.w r0!, {{r7-r10}}
         smlad r3, r7, r11, r3
         uxtb16 r7, r7
         smlad r3, r7, r12, r3
         smlad r4, r8, r11, r4
         uxtb16 r8, r8
         smlad r4, r8, r12, r4
         smlad r5, r9, r11, r5
         uxtb16 r9, r9
         smlad r5, r9, r12, r5
         smlad r6, r10, r11, r6
         uxtb16 r10, r10
         smlad r6, r10, r12, r6"
    };
}

/// `scale(sum) + addend` for the four rows; needs r1, r2 and r7 to r12.
macro_rules! scale_and_add {
    () => {
        "ldrd r1, r2, [lr, #16]
         ldm r1!, {{r7-r10}}
         ldrd r11, r12, [r2], #8
         strd r1, r2, [lr, #16]
         smlawb r3, r3, r11, r7
         smlawt r4, r4, r11, r8
         smlawb r5, r5, r12, r9
         smlawt r6, r6, r12, r10"
    };
}

/// A kernel: for every block of four rows the sums, in r3 to r6, then the lines given, which may use r1, r2 and r7 to r12.
///
/// lr holds the pass, r0 the weights; the loop is unrolled four times and entered so that the columns come out even.
macro_rules! kernel {
    ($name:ident, $($line:expr,)*) => {
        /// # Safety
        /// The pass is one that [`Pass`] has checked, with `out` of the kernel's type.
        #[unsafe(naked)]
        pub unsafe extern "C" fn $name(pass: &mut Pass) {
            naked_asm!(
                processor!(),
                "push {{r4-r11, lr}}",
                "mov lr, r0",
                "ldr r1, [lr, #36]",
                "rsbs r1, r1, #0",
                "and r1, r1, #3",
                "movs r2, #56",
                "adr r3, 3f",
                "mla r1, r1, r2, r3",
                "orr r1, r1, #1",
                "str r1, [lr, #36]",
                "ldr r0, [lr, #12]",
                "2:",
                "ldm lr, {{r1, r2, r3}}",
                "ldr r12, [lr, #36]",
                "mov r4, r3",
                "mov r5, r3",
                "mov r6, r3",
                "bx r12",
                ".balign 4",
                "3:",
                group!(),
                group!(),
                group!(),
                group!(),
                "cmp r1, r2",
                "bne 3b",
                $($line,)*
                "ldr r2, [lr, #32]",
                "cmp r0, r2",
                "bne 2b",
                "pop {{r4-r11, pc}}",
            )
        }
    };
}

/// The three kernels of whatever `kernel!` makes of them.
macro_rules! kernels {
    () => {
        kernel! { relu,
            scale_and_add!(),
            "ldrd r1, r2, [lr, #24]
     asrs r3, r2
     asrs r4, r2
     asrs r5, r2
     asrs r6, r2
     ssat r3, #8, r3
     ssat r4, #8, r4
     ssat r5, #8, r5
     ssat r6, #8, r6
     mov r7, #0x01010101
     bfi r3, r4, #8, #8
     bfi r3, r5, #16, #8
     bfi r3, r6, #24, #8
     qsub8 r3, r3, r7
     qadd8 r3, r3, r7
     str r3, [r1], #4
     str r1, [lr, #24]",
        }

        kernel! { add,
            scale_and_add!(),
            "ldrd r1, r2, [lr, #24]
     ldrd r7, r8, [r1]
     asrs r3, r2
     asrs r4, r2
     asrs r5, r2
     asrs r6, r2
     sxtah r3, r3, r7
     sxtah r4, r4, r7, ror #16
     sxtah r5, r5, r8
     sxtah r6, r6, r8, ror #16
     ssat r3, #16, r3
     ssat r4, #16, r4
     ssat r5, #16, r5
     ssat r6, #16, r6
     pkhbt r3, r3, r4, lsl #16
     pkhbt r5, r5, r6, lsl #16
     strd r3, r5, [r1], #8
     str r1, [lr, #24]",
        }

        kernel! { scaled,
            scale_and_add!(),
            "ldr r1, [lr, #24]
     stm r1!, {{r3-r6}}
     str r1, [lr, #24]",
        }
    };
}
kernels! {}

#[cfg(nibbles)]
#[path = "armv7em_nibbles.rs"]
pub mod nibbles;
