//! The Pico's parts: clocks, a timer, and the display on SPI0.

use embedded_graphics_core::draw_target::DrawTarget;
use embedded_graphics_core::pixelcolor::Rgb565;
use embedded_hal::delay::DelayNs;
use embedded_hal_bus::spi::ExclusiveDevice;
use mipidsi::Builder;
use mipidsi::interface::SpiInterface;
use mipidsi::models::ST7789;
use mipidsi::options::ColorInversion;
use rp2040_hal::clocks::{Clock, init_clocks_and_plls};
use rp2040_hal::fugit::RateExtU32;
use rp2040_hal::gpio::{FunctionSpi, Pins};
use rp2040_hal::{Sio, Spi, Timer, Watchdog, pac};

#[expect(unsafe_code, reason = "a section's name")]
#[unsafe(link_section = ".boot2")]
#[used]
static BOOT_LOADER: [u8; 256] = rp2040_boot2::BOOT_LOADER_GENERIC_03H;

/// The Pico's crystal.
const CRYSTAL_HERTZ: u32 = 12_000_000;

/// Lets a program use a 240x240 display and a timer; returns when it does, or if the board's parts are not to be had.
pub fn with_display<P: Program>(program: P) -> Option<()> {
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
    program.run(&mut display, &mut timer)
}

/// What is shown.
pub trait Program {
    /// Shows it; `None` once the display does not answer.
    fn run<D: DrawTarget<Color = Rgb565>>(self, display: &mut D, timer: &mut impl DelayNs) -> Option<()>;
}
