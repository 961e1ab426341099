//! Draws digits on the smallest microcontrollers, pixel by pixel, one after the other for ever, and prints them as text.
#![no_std]
#![no_main]

#[cfg_attr(feature = "microbit", path = "../../firmware/src/boards/microbit.rs")]
#[cfg_attr(feature = "stm32f030f4", path = "boards/stm32f030f4.rs")]
mod board;
mod drawing;
mod interrupts;
#[path = "../../firmware/src/registers.rs"]
mod registers;
mod routines;
mod settings;

use cortex_m as _;
use cortex_m_rt::entry;
use panic_halt as _;
use pixelrnn::{Model, Seeded};
use rand_core::SeedableRng;

static MODEL: &[u8] = pixelrnn::include_model!(concat!(env!("OUT_DIR"), "/model.prnn"));

#[entry]
fn main() -> ! {
    board::start();
    // Where it was loaded to: a copy would take the stack twice.
    if let Ok(model) = &Model::load(MODEL) {
        let mut random = Seeded::from_seed(settings::START);
        while drawing::image(model, &mut random).is_ok() {}
    }
    b"error\n".iter().for_each(|&byte| write(byte));
    loop {
        cortex_m::asm::wfi();
    }
}

// Not inlined: it is called in several places.
#[inline(never)]
fn write(byte: u8) {
    board::write(byte);
}
