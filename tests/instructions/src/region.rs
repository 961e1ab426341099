//! Regions that the plugin counts.

use core::arch::asm;

/// Runs `work` as a region with a name.
#[inline(always)]
pub fn region<T>(name: core::fmt::Arguments<'_>, work: impl FnOnce() -> T) -> T {
    crate::console::line(format_args!("REGION {name}"));
    begin();
    let result = work();
    end();
    result
}

#[cfg(target_arch = "arm")]
#[inline(always)]
fn begin() {
    // Three marks: where a block of code begins or ends at one, QEMU may run it without calling the plugin; the last
    // mark that it calls for counts, and marks themselves do not.
    // SAFETY: moves a register to itself.
    unsafe { asm!("mov r12, r12", "mov r12, r12", "mov r12, r12") }
}

#[cfg(target_arch = "arm")]
#[inline(always)]
fn end() {
    // Three marks, as at the beginning: the first that the plugin is called for counts.
    // SAFETY: moves a register to itself.
    unsafe { asm!("mov r11, r11", "mov r11, r11", "mov r11, r11") }
}

#[cfg(target_arch = "riscv32")]
#[inline(always)]
fn begin() {
    // SAFETY: writes the register that is always zero.
    unsafe { asm!("lui zero, 1") }
}

#[cfg(target_arch = "riscv32")]
#[inline(always)]
fn end() {
    // SAFETY: writes the register that is always zero.
    unsafe { asm!("lui zero, 2") }
}
