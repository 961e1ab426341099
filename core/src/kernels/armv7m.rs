//! ARMv7-M (Cortex-M3), and ARMv8-M Mainline without its DSP extension: multiply and add in one instruction,
//! and a byte of a word extracted in another.
//!
//! Activations are a word each, 256 times too large, and so are the sums; the upper half of SMULL with a multiplier that is
//! shifted by 16 is then exactly `fixed::scale`.

use core::arch::{asm, naked_asm};

use super::pass::Pass;
use super::plain::start;

/// One word an activation.
pub const WORDS_PER_FOUR: usize = 4;

/// Writes activations in the form that the products read; returns what their sums must start from.
#[inline]
pub fn expand(groups: &[[i8; 4]], out: &mut [u32]) -> i32 {
    let mut even = 0i32;
    super::for_each_group(groups, out, |[a, b, c, d]| {
        even += a + c;
        [a << 8, b << 8, c << 8, d << 8]
    });
    even.wrapping_mul(-128 * 256)
}

/// A value in `$to`, clamped to eight bits; needs `b`.
macro_rules! quantized {
    ($to:literal) => {
        concat!(
            "ldrsh {",
            $to,
            "}, [{stream}], #2\nldrsh {b}, [{multipliers}], #2\nmla {",
            $to,
            "}, {",
            $to,
            "}, {b}, {start}\nasrs {",
            $to,
            "}, {",
            $to,
            "}, {shift}\nssat {",
            $to,
            "}, #8, {",
            $to,
            "}"
        )
    };
}

/// See [`super::pass::quantize_relu`]; lengths are multiples of 4.
#[inline(never)]
pub fn quantize_around(zero_point: i8, stream: &[i16], multipliers: &[i16], shift: u32, out: &mut [i8]) {
    let count = stream.len().min(multipliers.len()).min(out.len()) / 4;
    if count == 0 {
        return;
    }
    // SAFETY: reads and writes `count` times four values, the last by words at any address.
    unsafe {
        asm!(
            "2:",
            quantized!("four"),
            quantized!("a"),
            "bfi {four}, {a}, #8, #8",
            quantized!("a"),
            "bfi {four}, {a}, #16, #8",
            quantized!("a"),
            "bfi {four}, {a}, #24, #8",
            "orr {a}, {four}, #0x80808080",
            "sub {a}, {a}, #0x01010101",
            "bic {a}, {four}, {a}",
            "and {a}, {a}, #0x80808080",
            "add {four}, {four}, {a}, lsr #7",
            "str {four}, [{out}], #4",
            "subs {left}, {left}, #1",
            "bne 2b",
            stream = inout(reg) stream.as_ptr() => _,
            multipliers = inout(reg) multipliers.as_ptr() => _,
            out = inout(reg) out.as_mut_ptr() => _,
            left = inout(reg) count => _,
            start = in(reg) start(zero_point, shift),
            shift = in(reg) shift & 31,
            a = out(reg) _,
            b = out(reg) _,
            four = out(reg) _,
            options(nostack),
        );
    }
}

/// Adds four products, of the weights in `$word` and of r9 to r12, to a row's sum: 32 bytes of code; needs r2.
macro_rules! row {
    ($word:literal, $sum:literal) => {
        concat!(
            "uxtb.w r2, ",
            $word,
            "\n",
            "mla ",
            $sum,
            ", r2, r9, ",
            $sum,
            "\n",
            "sbfx r2, ",
            $word,
            ", #8, #8\n",
            "mla ",
            $sum,
            ", r2, r10, ",
            $sum,
            "\n",
            "uxtb.w r2, ",
            $word,
            ", ror #16\n",
            "mla ",
            $sum,
            ", r2, r11, ",
            $sum,
            "\n",
            "asr.w ",
            $word,
            ", ",
            $word,
            ", #24\n",
            "mla ",
            $sum,
            ", ",
            $word,
            ", r12, ",
            $sum,
            "\n",
        )
    };
}

/// A group of four columns: 140 bytes of code.
macro_rules! group {
    () => {
        concat!(
            "ldm.w r1!, {{r9-r12}}\n",
            "ldm.w r0!, {{r7, r8}}\n",
            row!("r7", "r3"),
            row!("r8", "r4"),
            "ldm.w r0!, {{r7, r8}}\n",
            row!("r7", "r5"),
            row!("r8", "r6"),
        )
    };
}

/// `scale(sum) + addend` for the four rows; needs r1, r2 and r7 to r12.
macro_rules! scale_and_add {
    () => {
        "ldrd r1, r2, [lr, #16]
         ldm r1!, {{r7-r10}}
         ldrd r11, r12, [r2], #8
         strd r1, r2, [lr, #16]
         lsls r1, r11, #16
         smull r1, r2, r3, r1
         adds r3, r2, r7
         bfc r11, #0, #16
         smull r1, r2, r4, r11
         add r4, r2, r8
         lsls r1, r12, #16
         smull r1, r2, r5, r1
         add r5, r2, r9
         bfc r12, #0, #16
         smull r1, r2, r6, r12
         add r6, r2, r10"
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
                "push {{r4-r11, lr}}",
                "mov lr, r0",
                "ldr r1, [lr, #36]",
                "rsbs r1, r1, #0",
                "and r1, r1, #3",
                "movs r2, #140",
                "adr r3, 3f",
                "mla r1, r1, r2, r3",
                "orr r1, r1, #1",
                "str r1, [lr, #36]",
                "ldr r0, [lr, #12]",
                "2:",
                "ldr r12, [lr, #36]",
                "ldr r1, [lr]",
                "ldr r3, [lr, #8]",
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
                "ldr r2, [lr, #4]",
                "cmp r1, r2",
                "bne.w 3b",
                $($line,)*
                "ldr r2, [lr, #32]",
                "cmp r0, r2",
                "bne.w 2b",
                "pop {{r4-r11, pc}}",
            )
        }
    };
}

// -128 becomes -127: the one negative byte whose other bits are zeros, which a borrow tells.
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
     bfi r3, r4, #8, #8
     bfi r3, r5, #16, #8
     bfi r3, r6, #24, #8
     orr r7, r3, #0x80808080
     sub r7, r7, #0x01010101
     bic r7, r3, r7
     and r7, r7, #0x80808080
     add r3, r3, r7, lsr #7
     str r3, [r1], #4
     str r1, [lr, #24]",
}

kernel! { add,
    scale_and_add!(),
    "ldrd r1, r2, [lr, #24]
     asrs r3, r2
     asrs r4, r2
     asrs r5, r2
     asrs r6, r2
     ldrsh r7, [r1]
     ldrsh r8, [r1, #2]
     ldrsh r9, [r1, #4]
     ldrsh r10, [r1, #6]
     add r3, r3, r7
     add r4, r4, r8
     add r5, r5, r9
     add r6, r6, r10
     ssat r3, #16, r3
     ssat r4, #16, r4
     ssat r5, #16, r5
     ssat r6, #16, r6
     strh r3, [r1], #2
     strh r4, [r1], #2
     strh r5, [r1], #2
     strh r6, [r1], #2
     str r1, [lr, #24]",
}

kernel! { scaled,
    scale_and_add!(),
    "ldr r1, [lr, #24]
     stm r1!, {{r3-r6}}
     str r1, [lr, #24]",
}
