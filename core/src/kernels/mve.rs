//! MVE (Cortex-M55, M85): sixteen columns of four rows at a time.
//!
//! VLD40 to VLD43 take four rows' words apart on loading, so that a vector holds sixteen columns of one row. VMLADAVA adds sixteen
//! products to a row's sum. Of weights with the offset, flipping the sign bits of even columns takes it off before; kernels
//! without the flips are there for weights without.
//! VMULH of the sum, shifted by 8, and of the multiplier, shifted by 16, is exactly `fixed::scale`.

use core::arch::naked_asm;

use super::pass::Pass;
use super::plain::start;

/// Four activations a word, as they are.
pub const WORDS_PER_FOUR: usize = 1;

/// Copies activations: the form that the products read. Their sums start from 0.
#[inline]
pub fn expand(groups: &[[i8; 4]], out: &mut [u32]) -> i32 {
    let count = groups.len().min(out.len());
    let (from, to) = (groups.as_ptr(), out.as_mut_ptr());
    // SAFETY: `count` times four bytes are readable and writable, by words if they begin at one.
    unsafe {
        match from.addr() & 3 {
            0 => copy_words(from.cast(), to, count),
            _ => copy_bytes(from.cast(), to.cast(), 4 * count),
        }
    }
    0
}

/// See [`super::plain::copy`].
#[inline]
pub fn copy(from: &[i8], to: &mut [i8]) {
    let count = from.len().min(to.len());
    let (from, to) = (from.as_ptr(), to.as_mut_ptr());
    // SAFETY: `count` bytes are readable and writable, by words if they are whole ones.
    unsafe {
        match (from.addr() | to.addr() | count) & 3 {
            0 => copy_words(from.cast(), to.cast(), count / 4),
            _ => copy_bytes(from, to, count),
        }
    }
}

/// Copies sixteen bytes at once, in units of `$bits`.
macro_rules! copy {
    ($(#[$doc:meta])* $name:ident, $unit:ty, $bits:literal, $load:literal, $store:literal) => {
        $(#[$doc])*
        #[unsafe(naked)]
        unsafe extern "C" fn $name(from: *const $unit, to: *mut $unit, count: usize) {
            naked_asm!(
                ".cpu cortex-m55",
                "push {{r7, lr}}",
                concat!("wlstp.", $bits, " lr, r2, 3f"),
                "2:",
                concat!($load, " q0, [r0], #16"),
                concat!($store, " q0, [r1], #16"),
                "letp lr, 2b",
                "3:",
                "pop {{r7, pc}}",
            )
        }
    };
}

copy! {
    /// # Safety
    /// `count` bytes are readable at `from` and writable at `to`.
    copy_bytes, i8, "8", "vldrb.u8", "vstrb.8"
}

copy! {
    /// A quarter of the accesses.
    ///
    /// # Safety
    /// `count` words are readable at `from` and writable at `to`.
    copy_words, u32, "32", "vldrw.u32", "vstrw.32"
}

/// A kernel: for every block of four rows `scale(sum) + addend` in q0, then `$finish`, which may use q1 and q2;
/// `$start` runs once.
///
/// r1 holds the pass, r3 the weights, r5 the activations, r7 how often there are sixteen columns, r9 how many words are left
/// after them, r0 the addends, r2 the multipliers, r4 the output, r11 the shift, negative.
/// VMLADAVA adds to registers of even number only.
///
/// `$flip` is what comes before a product of each of four vectors.
macro_rules! kernel {
    ($name:ident, $with_offset:ident, $signed:ident, $start:expr, $finish:expr) => {
        /// # Safety
        /// The pass is one that [`Pass`] has checked, with `out` of the kernel's type.
        #[inline]
        pub unsafe fn $name(pass: &mut Pass) {
            match pass.is_signed {
                // SAFETY: the caller's.
                true => unsafe { $signed(pass) },
                // SAFETY: the caller's.
                false => unsafe { $with_offset(pass) },
            }
        }

        kernel! { $with_offset, ["veor q0, q0, q5", "veor q1, q1, q5", "veor q2, q2, q5", "veor q3, q3, q5"], $start, $finish }
        kernel! { $signed, ["", "", "", ""], $start, $finish }
    };
    ($name:ident, [$flip0:literal, $flip1:literal, $flip2:literal, $flip3:literal], $start:expr, $finish:expr) => {
        /// # Safety
        /// The pass is one that [`Pass`] has checked, with `out` of the kernel's type.
        #[unsafe(naked)]
        unsafe extern "C" fn $name(pass: &mut Pass) {
            naked_asm!(
                ".cpu cortex-m55",
                "push {{r4-r11, lr}}",
                "sub sp, #4",
                "vpush {{d8-d15}}",
                "mov r1, r0",
                "ldr r3, [r1, #12]",
                "ldrd r0, r2, [r1, #16]",
                "ldrd r4, r11, [r1, #24]",
                "rsbs r11, r11, #0",
                "ldr r9, [r1, #36]",
                "lsrs r7, r9, #2",
                "and r9, r9, #3",
                "vmov.i16 q5, #0x80",
                "mov r12, #0",
                "vidup.u32 q6, r12, #4",
                "vshl.i32 q6, q6, #2",
                $start,
                "2:",
                "ldr r5, [r1]",
                "movs r6, #0",
                "mov r8, r6",
                "mov r10, r6",
                "mov r12, r6",
                "wls lr, r7, 4f",
                "3:",
                "vldrw.u32 q4, [r5], #16",
                "vld40.32 {{q0, q1, q2, q3}}, [r3]",
                "vld41.32 {{q0, q1, q2, q3}}, [r3]",
                "vld42.32 {{q0, q1, q2, q3}}, [r3]",
                "vld43.32 {{q0, q1, q2, q3}}, [r3]!",
                $flip0,
                "vmladava.s8 r12, q0, q4",
                $flip1,
                "vmladava.s8 r6, q1, q4",
                $flip2,
                "vmladava.s8 r8, q2, q4",
                $flip3,
                "vmladava.s8 r10, q3, q4",
                "le lr, 3b",
                "4:",
                "cmp r9, #0",
                "beq 5f",
                // The words left over: gathered, sixteen bytes apart.
                "vctp.32 r9",
                "add lr, r3, #4",
                "vpsttt",
                "vldrwt.u32 q4, [r5]",
                "vldrwt.u32 q0, [r3, q6]",
                "vldrwt.u32 q1, [lr, q6]",
                "add r3, r3, #8",
                "add lr, r3, #4",
                "vpstt",
                "vldrwt.u32 q2, [r3, q6]",
                "vldrwt.u32 q3, [lr, q6]",
                "sub r3, r3, #8",
                "add r3, r3, r9, lsl #4",
                $flip0,
                "vmladava.s8 r12, q0, q4",
                $flip1,
                "vmladava.s8 r6, q1, q4",
                $flip2,
                "vmladava.s8 r8, q2, q4",
                $flip3,
                "vmladava.s8 r10, q3, q4",
                "5:",
                "vmov q0[2], q0[0], r12, r8",
                "vmov q0[3], q0[1], r6, r10",
                "vldrh.s32 q1, [r2], #8",
                "vshl.i32 q0, q0, #8",
                "vshl.i32 q1, q1, #16",
                "vmulh.s32 q0, q0, q1",
                "vldrw.u32 q1, [r0], #16",
                "vadd.i32 q0, q0, q1",
                $finish,
                "ldr lr, [r1, #32]",
                "cmp r3, lr",
                "bne 2b",
                "vpop {{d8-d15}}",
                "add sp, #4",
                "pop {{r4-r11, pc}}",
            )
        }
    };
}

kernel! { relu, relu_with_offset, relu_signed,
    "vmov.i32 q7, #127",
    "vshl.s32 q0, r11
     vmvn.i32 q1, #126
     vmax.s32 q0, q0, q1
     vmin.s32 q0, q0, q7
     vstrb.32 q0, [r4], #4"
}

kernel! { add, add_with_offset, add_signed,
    "",
    "vshl.s32 q0, r11
     vldrh.s32 q1, [r4]
     vadd.i32 q0, q0, q1
     vqmovnb.s32 q1, q0
     vstrh.32 q1, [r4], #8"
}

kernel! { scaled, scaled_with_offset, scaled_signed, "", "vstrw.32 q0, [r4], #16" }

/// Quantizes four values at a time.
///
/// # Safety
/// `numbers` are a count, the negative shift and what to add before it; as many half words are readable at `stream` and
/// at `multipliers`, as many bytes writable at `out`.
#[unsafe(naked)]
unsafe extern "C" fn quantizer(stream: *const i16, multipliers: *const i16, out: *mut i8, numbers: &[i32; 3]) {
    naked_asm!(
        ".cpu cortex-m55",
        "push {{r4, r5, r7, lr}}",
        "ldm r3, {{r3, r4, r5}}",
        "vdup.32 q2, r5",
        "vmov.i32 q3, #127",
        "wlstp.32 lr, r3, 3f",
        "2:",
        "vldrh.s32 q0, [r0], #8",
        "vldrh.s32 q1, [r1], #8",
        "vmul.i32 q0, q0, q1",
        "vadd.i32 q0, q0, q2",
        "vshl.s32 q0, r4",
        "vmvn.i32 q1, #126",
        "vmax.s32 q0, q0, q1",
        "vmin.s32 q0, q0, q3",
        "vstrb.32 q0, [r2], #4",
        "letp lr, 2b",
        "3:",
        "pop {{r4, r5, r7, pc}}",
    )
}

/// See [`super::pass::quantize_relu`].
pub fn quantize_around(zero_point: i8, stream: &[i16], multipliers: &[i16], shift: u32, out: &mut [i8]) {
    let count = stream.len().min(multipliers.len()).min(out.len());
    let numbers = [count as i32, -((shift & 31) as i32), start(zero_point, shift)];
    // SAFETY: the count is the shortest slice's length.
    unsafe { quantizer(stream.as_ptr(), multipliers.as_ptr(), out.as_mut_ptr(), &numbers) }
}
