//! Digits on the micro:bit v2: the 5x5 LEDs show the middle of a drawn image; button A asks for the next, B for the one before.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use embedded_hal::digital::InputPin;
use microbit::Board;
use microbit::display::blocking::Display;
use microbit::hal::Timer;
use panic_halt as _;
use pixelrnn::{Model, Seeded, Stream, sample};
use rand_core::SeedableRng;

static MODEL: &[u8] = pixelrnn::include_model!(concat!(env!("OUT_DIR"), "/model.prnn"));

const SIDE: usize = 28;
/// Words: what `pixelrnn inspect` says for the width, and some to spare.
const STATE_WORDS: usize = 4096;
/// Image pixels along a side of what one LED shows: together the middle 20x20, where MNIST has its digit.
const BLOCK: usize = 4;
const MARGIN: usize = (SIDE - 5 * BLOCK) / 2;

/// Draws the image of a seed; `None` for a model that does not load or needs more state.
fn draw(seed: u64, state: &mut [u32]) -> Option<[u8; SIDE * SIDE]> {
    let model = Model::load(MODEL).ok()?;
    let mut stream = Stream::begin(&model, SIDE as u32, SIDE as u32, state).ok()?;
    let mut image = [0; SIDE * SIDE];
    sample::fill(&mut stream, &mut Seeded::seed_from_u64(seed), &mut image);
    Some(image)
}

/// An LED is lit where at least a third of the pixels it stands for are.
fn middle(image: &[u8; SIDE * SIDE]) -> [[u8; 5]; 5] {
    core::array::from_fn(|led_row| {
        core::array::from_fn(|led_column| {
            let rows = image.chunks_exact(SIDE).skip(MARGIN + led_row * BLOCK).take(BLOCK);
            let pixels = rows.flat_map(|row| row.iter().skip(MARGIN + led_column * BLOCK).take(BLOCK));
            u8::from(3 * pixels.filter(|&&value| value != 0).count() >= BLOCK * BLOCK)
        })
    })
}

#[entry]
fn main() -> ! {
    static mut STATE: [u32; STATE_WORDS] = [0; STATE_WORDS];
    let Some(board) = Board::take() else {
        loop {
            cortex_m::asm::wfi();
        }
    };
    let mut timer = Timer::new(board.TIMER0);
    let mut display = Display::new(board.display_pins);
    let (mut a, mut b) = (board.buttons.button_a, board.buttons.button_b);
    let mut seed = 1u64;
    loop {
        // A cross: nothing was drawn.
        let cross = [[1, 0, 0, 0, 1], [0, 1, 0, 1, 0], [0, 0, 1, 0, 0], [0, 1, 0, 1, 0], [1, 0, 0, 0, 1]];
        let leds = draw(seed, STATE).map_or(cross, |image| middle(&image));
        seed = loop {
            display.show(&mut timer, leds, 50);
            // Pressed is low.
            if a.is_low().unwrap_or(false) {
                break seed.wrapping_add(1);
            }
            if b.is_low().unwrap_or(false) {
                break seed.wrapping_sub(1);
            }
        };
        // Until the button is released, so that a press is one image.
        display.clear();
        while a.is_low().unwrap_or(false) || b.is_low().unwrap_or(false) {}
    }
}
