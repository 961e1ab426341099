//! Netduino Plus 2 (STM32F405RG, Cortex-M4F): USART1's TX on PA9; 115,200 baud of the internal 16 MHz clock.

use crate::registers;

const RCC_AHB1ENR: usize = 0x4002_3830;
const RCC_APB2ENR: usize = 0x4002_3844;
const GPIOA_MODER: usize = 0x4002_0000;
const GPIOA_AFRH: usize = 0x4002_0024;
const USART1_SR: usize = 0x4001_1000;
const USART1_DR: usize = 0x4001_1004;
const USART1_BRR: usize = 0x4001_1008;
const USART1_CR1: usize = 0x4001_100c;

/// Starts the USART.
pub fn start() {
    registers::modify(RCC_AHB1ENR, 1, 1);
    registers::modify(RCC_APB2ENR, 1 << 4, !0);
    // PA9: alternate function 7.
    registers::modify(GPIOA_MODER, 3 << 18, 2 << 18);
    registers::modify(GPIOA_AFRH, 0xf0, 0x70);
    registers::write(USART1_BRR, 16_000_000 / 115_200);
    // Enabled, transmitter.
    registers::write(USART1_CR1, 1 << 13 | 1 << 3);
}

/// Waits until there is room, and sends a byte.
pub fn write(byte: u8) {
    while registers::read(USART1_SR) & 1 << 7 == 0 {}
    registers::write(USART1_DR, u32::from(byte));
}
