//! STM32VLDISCOVERY (STM32F100RB, Cortex-M3, 8 KB of RAM): USART1's TX on PA9; 115,200 baud of the internal 8 MHz clock.

use crate::registers;

const RCC_APB2ENR: usize = 0x4002_1018;
const GPIOA_CRH: usize = 0x4001_0804;
const USART1_SR: usize = 0x4001_3800;
const USART1_DR: usize = 0x4001_3804;
const USART1_BRR: usize = 0x4001_3808;
const USART1_CR1: usize = 0x4001_380c;

/// Starts the USART.
pub fn start() {
    // Clocks of port A and USART1.
    registers::modify(RCC_APB2ENR, 1 << 2 | 1 << 14, !0);
    // PA9: alternate function, push-pull, 50 MHz.
    registers::modify(GPIOA_CRH, 0xf0, 0xb0);
    registers::write(USART1_BRR, 8_000_000 / 115_200);
    // Enabled, transmitter.
    registers::write(USART1_CR1, 1 << 13 | 1 << 3);
}

/// Waits until there is room, and sends a byte.
pub fn write(byte: u8) {
    while registers::read(USART1_SR) & 1 << 7 == 0 {}
    registers::write(USART1_DR, u32::from(byte));
}
