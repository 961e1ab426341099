//! Arm's MPS2 and MPS3 boards: the first CMSDK UART.

use crate::registers;

/// Secure addresses where the core starts in the secure state.
const UART: usize = if cfg!(feature = "mps2-an505") {
    0x5020_0000
} else if cfg!(feature = "mps3-an547") {
    0x5930_3000
} else {
    0x4000_4000
};
const DATA: usize = UART;
const STATE: usize = UART + 4;
const CONTROL: usize = UART + 8;
const DIVIDER: usize = UART + 16;

/// Starts the UART.
pub fn start() {
    // 115,200 baud of 25 MHz.
    registers::write(DIVIDER, 25_000_000 / 115_200);
    registers::write(CONTROL, 1);
}

/// Waits until there is room, and sends a byte.
pub fn write(byte: u8) {
    while registers::read(STATE) & 1 != 0 {}
    registers::write(DATA, u32::from(byte));
}
