//! Digits on an STM32 Nucleo-F401RE, as text on the ST-Link's serial port; the blue button asks for the next.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use panic_halt as _;
use pixelrnn::{Model, Seeded, Stream, sample};
use rand_core::SeedableRng;
use stm32f4xx_hal::pac;
use stm32f4xx_hal::prelude::*;
use stm32f4xx_hal::rcc::Config;

static MODEL: &[u8] = pixelrnn::include_model!(concat!(env!("OUT_DIR"), "/model.prnn"));

const SIDE: u32 = 28;
/// Words: what `pixelrnn inspect` says for the width, and some to spare.
const STATE_WORDS: usize = 8192;

/// Draws the image of a seed, each pixel sent as it comes: two characters, so that it looks square.
/// `None` for a model that does not load, or needs more state.
fn draw(seed: u64, state: &mut [u32], mut send: impl FnMut(u8)) -> Option<()> {
    let model = Model::load(MODEL).ok()?;
    let mut stream = Stream::begin(&model, SIDE, SIDE, state).ok()?;
    let mut random = Seeded::seed_from_u64(seed);
    while !stream.is_complete() {
        let value = sample::next(&mut stream, &mut random).ok()?;
        b"  ##".chunks_exact(2).nth(usize::from(value != 0))?.iter().for_each(|&byte| send(byte));
        if stream.column() == 0 {
            b"\r\n".iter().for_each(|&byte| send(byte));
        }
    }
    Some(())
}

/// Draws one image a press of the button; returns only if the board's parts are not to be had, or nothing can be drawn.
fn run(state: &mut [u32]) -> Option<()> {
    let peripherals = pac::Peripherals::take()?;
    let mut rcc = peripherals.RCC.freeze(Config::hsi().sysclk(84.MHz()));
    let gpioa = peripherals.GPIOA.split(&mut rcc);
    let gpioc = peripherals.GPIOC.split(&mut rcc);
    let button = gpioc.pc13.into_input();
    let mut serial = peripherals.USART2.tx(gpioa.pa2, 115_200.bps(), &mut rcc).ok()?;
    for seed in 1.. {
        draw(seed, state, |byte| {
            let _ = nb::block!(serial.write(byte));
        })?;
        // Pressed is low.
        while button.is_high() {}
        while button.is_low() {}
    }
    Some(())
}

#[entry]
fn main() -> ! {
    static mut STATE: [u32; STATE_WORDS] = [0; STATE_WORDS];
    run(STATE);
    loop {
        cortex_m::asm::wfi();
    }
}
