//! Draws images of a model on a microcontroller, pixel by pixel, and prints them as text with their CRC-32.
//!
//! What is drawn is fixed at build time: see `build.rs` and the README.
#![no_std]
#![no_main]

mod boards;
mod drawing;
mod program;
mod region;
mod registers;
mod settings;
mod stack;
mod text;

#[cfg(target_arch = "arm")]
use cortex_m as _;
#[cfg(feature = "defmt")]
use defmt_semihosting as _;
use panic_halt as _;

#[cfg(target_arch = "arm")]
use cortex_m_rt::entry;
#[cfg(target_arch = "riscv32")]
use riscv_rt::entry;

#[entry]
fn main() -> ! {
    stack::paint();
    boards::start();
    let code = program::run();
    boards::end(code)
}
