//! Digits on a Raspberry Pi Pico with a 240x240 ST7789 display, each pixel shown as it is drawn.
#![no_std]
#![no_main]

mod board;

use embedded_graphics_core::draw_target::DrawTarget;
use embedded_graphics_core::geometry::Point;
use embedded_graphics_core::pixelcolor::{Rgb565, RgbColor};
use embedded_hal::delay::DelayNs;
use panic_halt as _;
use pixelrnn::draw::{Placement, gray};
use pixelrnn::{Model, Seeded, Stream, sample};
use rand_core::SeedableRng;

static MODEL: &[u8] = pixelrnn::include_model!(concat!(env!("OUT_DIR"), "/model.prnn"));

const SIDE: u32 = 28;
/// Words: what `pixelrnn inspect` says for the width, and some to spare.
const STATE_WORDS: usize = 8192;
/// 28 pixels, 8 display pixels each, in the middle of 240.
const PLACEMENT: Placement = Placement { top_left: Point::new(8, 8), zoom: 8 };

/// Draws the image of a seed on the display; `None` for a model that does not load, or a display that does not answer.
fn draw<D: DrawTarget<Color = Rgb565>>(seed: u64, state: &mut [u32], display: &mut D) -> Option<()> {
    let model = Model::load(MODEL).ok()?;
    let mut stream = Stream::begin(&model, SIDE, SIDE, state).ok()?;
    let mut random = Seeded::seed_from_u64(seed);
    while !stream.is_complete() {
        let (column, row) = (stream.column(), stream.row());
        let value = sample::next(&mut stream, &mut random).ok()?;
        PLACEMENT.pixel(display, column, row, gray(value, model.levels()).into()).ok()?;
    }
    Some(())
}

struct Digits<'s> {
    state: &'s mut [u32],
}

impl board::Program for Digits<'_> {
    fn run<D: DrawTarget<Color = Rgb565>>(self, display: &mut D, timer: &mut impl DelayNs) -> Option<()> {
        for seed in 1.. {
            display.clear(Rgb565::BLACK).ok()?;
            draw(seed, self.state, display)?;
            timer.delay_ms(2_000);
        }
        Some(())
    }
}

#[rp2040_hal::entry]
fn main() -> ! {
    static mut STATE: [u32; STATE_WORDS] = [0; STATE_WORDS];
    board::with_display(Digits { state: STATE });
    loop {
        cortex_m::asm::wfi();
    }
}
