//! Linux on AArch64, by system calls alone: what QEMU's user mode runs without a library.

use core::arch::{asm, naked_asm};

const WRITE: usize = 64;
const EXIT: usize = 93;

/// # Safety
/// The arguments are those of the call.
unsafe fn system_call(number: usize, arguments: [usize; 3]) {
    let [a, b, c] = arguments;
    // SAFETY: see above; a call changes no register but x0.
    unsafe { asm!("svc #0", in("x8") number, inout("x0") a => _, in("x1") b, in("x2") c, options(nostack)) }
}

/// Writes a byte to the standard output.
pub fn write(byte: u8) {
    // SAFETY: one byte is read.
    unsafe { system_call(WRITE, [1, (&raw const byte).addr(), 1]) }
}

extern "C" fn main() -> ! {
    let code = crate::run();
    loop {
        // SAFETY: ends the process.
        unsafe { system_call(EXIT, [code as usize, 0, 0]) }
    }
}

/// Where Linux starts the process, with its stack ready.
///
/// # Safety
/// Called by Linux.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn _start() -> ! {
    naked_asm!("mov x29, #0", "mov x30, #0", "b {main}", main = sym main)
}
