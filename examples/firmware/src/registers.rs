//! Device registers by their addresses.

/// Reads a register.
#[allow(dead_code, reason = "not every board waits for a flag")]
pub fn read(address: usize) -> u32 {
    // SAFETY: the boards pass addresses of 32-bit device registers only, which no Rust object occupies.
    unsafe { (address as *const u32).read_volatile() }
}

/// Writes a register.
#[allow(dead_code, reason = "not every board has 32-bit registers")]
pub fn write(address: usize, value: u32) {
    // SAFETY: as for `read`.
    unsafe { (address as *mut u32).write_volatile(value) }
}

/// Sets bits of a register where `mask` has ones to those of `value`.
#[allow(dead_code, reason = "not every board shares registers")]
pub fn modify(address: usize, mask: u32, value: u32) {
    write(address, (read(address) & !mask) | (value & mask));
}
