//! A photograph on a Raspberry Pi Pico with a 240x240 ST7789 display: coded in flash, each pixel shown as it is decoded.
#![no_std]
#![no_main]

#[path = "../board.rs"]
mod board;

use embedded_graphics_core::draw_target::DrawTarget;
use embedded_graphics_core::geometry::Point;
use embedded_graphics_core::pixelcolor::{Rgb565, RgbColor};
use embedded_hal::delay::DelayNs;
use panic_halt as _;
use pixelrnn::codec::{Decoder, Next};
use pixelrnn::draw::{Placement, rgb565};
use pixelrnn::{Model, Stream};

static MODEL: &[u8] = pixelrnn::include_model!(concat!(env!("OUT_DIR"), "/photo_model.prnn"));
/// The photograph, as a device would have sent it.
static CODED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/photo.prnz"));
// Words of state at a tile's width.
include!(concat!(env!("OUT_DIR"), "/photo.rs"));

/// Pixels of a side of the display.
const SIDE: u32 = 240;

/// A picture in the middle of the display, as large as whole zooms allow.
fn placement(width: u32, height: u32) -> Placement {
    let zoom = (SIDE / width.max(height).max(1)).max(1);
    let margin = |length: u32| (SIDE.saturating_sub(zoom * length) / 2) as i32;
    Placement { top_left: Point::new(margin(width), margin(height)), zoom }
}

struct Photo<'s> {
    state: &'s mut [u32],
}

impl Photo<'_> {
    /// Decodes the photograph, tile by tile; `None` if it is not this model's, or damaged.
    fn show<D: DrawTarget<Color = Rgb565>>(&mut self, display: &mut D) -> Option<()> {
        let model = Model::load(MODEL).ok()?;
        let mut decoder = Decoder::begin(&model, CODED).ok()?;
        let placement = placement(decoder.header().width(), decoder.header().height());
        loop {
            match decoder.next().ok()? {
                Next::Image => {}
                Next::Checked => continue,
                Next::End => return Some(()),
            }
            let tile = decoder.tile();
            let Ok(mut stream) = Stream::begin(&model, tile.width, tile.height, self.state) else { return None };
            while !stream.is_complete() {
                let (column, row) = (tile.left + stream.column(), tile.top + stream.row());
                let mut pixel = [0; 3];
                for value in &mut pixel {
                    *value = decoder.value(&mut stream).ok()?;
                }
                placement.pixel(display, column, row, rgb565(pixel, model.levels())).ok()?;
            }
        }
    }
}

impl board::Program for Photo<'_> {
    fn run<D: DrawTarget<Color = Rgb565>>(mut self, display: &mut D, timer: &mut impl DelayNs) -> Option<()> {
        loop {
            display.clear(Rgb565::BLACK).ok()?;
            // What a check did not vouch for is not left standing.
            if self.show(display).is_none() {
                display.clear(Rgb565::RED).ok()?;
            }
            timer.delay_ms(10_000);
        }
    }
}

#[rp2040_hal::entry]
fn main() -> ! {
    static mut STATE: [u32; STATE_WORDS] = [0; STATE_WORDS];
    board::with_display(Photo { state: STATE });
    loop {
        cortex_m::asm::wfi();
    }
}
