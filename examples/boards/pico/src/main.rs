//! Digits on a Raspberry Pi Pico with a 240x240 ST7789 display, each pixel shown as it is drawn.
#![no_std]
#![no_main]

use embedded_graphics_core::draw_target::DrawTarget;
use embedded_graphics_core::geometry::Point;
use embedded_graphics_core::pixelcolor::{Rgb565, RgbColor};
use embedded_hal::delay::DelayNs;
use embedded_hal_bus::spi::ExclusiveDevice;
use mipidsi::Builder;
use mipidsi::interface::SpiInterface;
use mipidsi::models::ST7789;
use mipidsi::options::ColorInversion;
use panic_halt as _;
use pixelrnn::draw::{Placement, gray};
use pixelrnn::{Model, Seeded, Stream, sample};
use rand_core::SeedableRng;
use rp2040_hal::clocks::{Clock, init_clocks_and_plls};
use rp2040_hal::fugit::RateExtU32;
use rp2040_hal::gpio::{FunctionSpi, Pins};
use rp2040_hal::{Sio, Spi, Timer, Watchdog, pac};

#[expect(unsafe_code, reason = "a section's name")]
#[unsafe(link_section = ".boot2")]
#[used]
static BOOT_LOADER: [u8; 256] = rp2040_boot2::BOOT_LOADER_GENERIC_03H;

static MODEL: &[u8] = pixelrnn::include_model!(concat!(env!("OUT_DIR"), "/model.prnn"));

/// The Pico's crystal.
const CRYSTAL_HERTZ: u32 = 12_000_000;
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

/// Draws one image after the other; returns only if the board's parts are not to be had.
fn run(state: &mut [u32]) -> Option<()> {
    let mut peripherals = pac::Peripherals::take()?;
    let mut watchdog = Watchdog::new(peripherals.WATCHDOG);
    let clocks = init_clocks_and_plls(
        CRYSTAL_HERTZ,
        peripherals.XOSC,
        peripherals.CLOCKS,
        peripherals.PLL_SYS,
        peripherals.PLL_USB,
        &mut peripherals.RESETS,
        &mut watchdog,
    )
    .ok()?;
    let mut timer = Timer::new(peripherals.TIMER, &mut peripherals.RESETS, &clocks);
    let sio = Sio::new(peripherals.SIO);
    let pins = Pins::new(peripherals.IO_BANK0, peripherals.PADS_BANK0, sio.gpio_bank0, &mut peripherals.RESETS);

    let spi_pins = (pins.gpio19.into_function::<FunctionSpi>(), pins.gpio18.into_function::<FunctionSpi>());
    let spi = Spi::<_, _, _, 8>::new(peripherals.SPI0, spi_pins).init(
        &mut peripherals.RESETS,
        clocks.peripheral_clock.freq(),
        40.MHz(),
        embedded_hal::spi::MODE_3,
    );
    let device = ExclusiveDevice::new_no_delay(spi, pins.gpio17.into_push_pull_output()).ok()?;
    let mut buffer = [0u8; 256];
    let interface = SpiInterface::new(device, pins.gpio20.into_push_pull_output(), &mut buffer);
    let mut display = Builder::new(ST7789, interface)
        .reset_pin(pins.gpio21.into_push_pull_output())
        .display_size(240, 240)
        .invert_colors(ColorInversion::Inverted)
        .init(&mut timer)
        .ok()?;

    for seed in 1.. {
        display.clear(Rgb565::BLACK).ok()?;
        draw(seed, state, &mut display)?;
        timer.delay_ms(2_000);
    }
    Some(())
}

#[rp2040_hal::entry]
fn main() -> ! {
    static mut STATE: [u32; STATE_WORDS] = [0; STATE_WORDS];
    run(STATE);
    loop {
        cortex_m::asm::wfi();
    }
}
