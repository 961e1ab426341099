//! BBC micro:bit (nRF51822, Cortex-M0): the UART's TX on P0.24, which the interface chip shows as a USB serial port; 115,200 baud.

use crate::registers;

const TX_PIN: u32 = 24;
const GPIO_DIRSET: usize = 0x5000_0518;
const UART_STARTTX: usize = 0x4000_2008;
const UART_TXDRDY: usize = 0x4000_211c;
const UART_ENABLE: usize = 0x4000_2500;
const UART_PSELTXD: usize = 0x4000_250c;
const UART_TXD: usize = 0x4000_251c;
const UART_BAUDRATE: usize = 0x4000_2524;

/// Starts the UART.
pub fn start() {
    registers::write(GPIO_DIRSET, 1 << TX_PIN);
    registers::write(UART_PSELTXD, TX_PIN);
    registers::write(UART_BAUDRATE, 0x01d7_e000);
    registers::write(UART_ENABLE, 4);
    registers::write(UART_STARTTX, 1);
}

/// Sends a byte, and waits until it is gone.
pub fn write(byte: u8) {
    registers::write(UART_TXDRDY, 0);
    registers::write(UART_TXD, u32::from(byte));
    while registers::read(UART_TXDRDY) == 0 {}
}
