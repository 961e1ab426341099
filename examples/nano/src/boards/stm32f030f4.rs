//! STM32F030F4 (Cortex-M0, 20 pins): USART1's TX on PA9; 115,200 baud of the internal 8 MHz clock.

use crate::registers;

const RCC_AHBENR: usize = 0x4002_1014;
const RCC_APB2ENR: usize = 0x4002_1018;
const GPIOA_MODER: usize = 0x4800_0000;
const GPIOA_AFRH: usize = 0x4800_0024;
const USART1_CR1: usize = 0x4001_3800;
const USART1_BRR: usize = 0x4001_380c;
const USART1_ISR: usize = 0x4001_381c;
const USART1_TDR: usize = 0x4001_3828;

/// Starts the USART.
pub fn start() {
    // Clocks of port A and USART1.
    registers::modify(RCC_AHBENR, 1 << 17, !0);
    registers::modify(RCC_APB2ENR, 1 << 14, !0);
    // PA9: alternate function 1.
    registers::modify(GPIOA_MODER, 3 << 18, 2 << 18);
    registers::modify(GPIOA_AFRH, 0xf0, 0x10);
    registers::write(USART1_BRR, 8_000_000 / 115_200);
    // Transmitter, enabled.
    registers::write(USART1_CR1, 1 << 3 | 1);
}

/// Waits until there is room, and sends a byte.
pub fn write(byte: u8) {
    while registers::read(USART1_ISR) & 1 << 7 == 0 {}
    registers::write(USART1_TDR, u32::from(byte));
}
