//! Marks what a counter of instructions in QEMU counts: see `tests/instructions/icnt.c`.

#[cfg(feature = "qemu")]
use core::arch::asm;

/// Runs `work` as a region.
#[inline(always)]
pub fn counted<T>(work: impl FnOnce() -> T) -> T {
    begin();
    let result = work();
    end();
    result
}

#[inline(always)]
fn begin() {
    #[cfg(all(feature = "qemu", target_arch = "arm"))]
    // SAFETY: moves a register to itself.
    unsafe {
        asm!("mov r12, r12")
    }
    #[cfg(all(feature = "qemu", target_arch = "riscv32"))]
    // SAFETY: writes the register that is always zero.
    unsafe {
        asm!("lui zero, 1")
    }
}

#[inline(always)]
fn end() {
    #[cfg(all(feature = "qemu", target_arch = "arm"))]
    // SAFETY: moves a register to itself.
    unsafe {
        asm!("mov r11, r11")
    }
    #[cfg(all(feature = "qemu", target_arch = "riscv32"))]
    // SAFETY: writes the register that is always zero.
    unsafe {
        asm!("lui zero, 2")
    }
}
