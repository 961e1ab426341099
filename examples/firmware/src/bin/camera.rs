//! A camera's frames, coded as their rows come and sent as packets, of which a lost one costs its tile and nothing else.
//!
//! The camera is a few pictures in flash, the radio the board's serial line: `packet` and hexadecimal digits, a line each. Both stand
//! behind the traits of `strip.rs`, where a driver goes. `pixelrnn receive` rebuilds the frames from what was printed.
#![no_std]
#![no_main]

#[path = "../boards/mod.rs"]
mod boards;
#[path = "../registers.rs"]
mod registers;
#[path = "../stack.rs"]
mod stack;
#[path = "../strip.rs"]
mod strip;
#[path = "../text.rs"]
#[allow(dead_code, reason = "no image is printed")]
mod text;

#[cfg(target_arch = "arm")]
use cortex_m as _;
#[cfg(feature = "defmt")]
use defmt_semihosting as _;
use panic_halt as _;

use core::convert::Infallible;

#[cfg(target_arch = "arm")]
use cortex_m_rt::entry;
use pixelrnn::Model;
use pixelrnn::codec::Header;
#[cfg(target_arch = "riscv32")]
use riscv_rt::entry;

use strip::{Buffers, FrameError, Radio, RowSource, send_frame};

// The model, the frames, the tiles' and the packets' size, as `build.rs` fixed them.
include!(concat!(env!("OUT_DIR"), "/camera.rs"));

/// A frame in flash that comes row by row.
struct Flash {
    rest: &'static [Value],
}

impl RowSource<Value> for Flash {
    type Error = ();

    fn read(&mut self, row: &mut [Value]) -> Result<(), ()> {
        let (next, rest) = self.rest.split_at_checked(row.len()).ok_or(())?;
        row.iter_mut().zip(next).for_each(|(place, &value)| *place = value);
        self.rest = rest;
        Ok(())
    }
}

/// The serial line.
struct Serial;

impl Radio for Serial {
    type Error = Infallible;

    fn send(&mut self, packet: &[u8]) -> Result<(), Infallible> {
        text::write("packet ");
        packet.iter().for_each(|&byte| text::byte(byte));
        text::write("\n");
        Ok(())
    }
}

#[entry]
fn main() -> ! {
    stack::paint();
    boards::start();
    static mut STATE: [u32; STATE_WORDS] = [0; STATE_WORDS];
    static mut STRIP: [Value; STRIP_VALUES] = [0; STRIP_VALUES];
    // SAFETY: `main` runs once; nothing else names the buffers.
    let (Some(state), Some(strip)) = (unsafe { ((&raw mut STATE).as_mut(), (&raw mut STRIP).as_mut()) }) else {
        boards::end(4)
    };
    let code = send_all(&mut Buffers { state, strip });
    text::line("state ", size_of::<[u32; STATE_WORDS]>() as u32);
    text::line("strip ", size_of::<[Value; STRIP_VALUES]>() as u32);
    text::line("stack ", stack::used());
    text::line("room ", stack::size());
    text::write(if code == 0 { "done\n" } else { "error\n" });
    boards::end(code)
}

/// Sends every frame; returns the exit code.
fn send_all(buffers: &mut Buffers<'_, Value>) -> i32 {
    let Ok(model) = Model::load(MODEL) else { return 1 };
    let Some(header) = Header::tiled(&model, FRAME, TILE) else { return 2 };
    for (number, &rest) in FRAMES.iter().enumerate() {
        match send_frame::<PACKET, _, _, _>((&model, &header, number as u8), &mut Flash { rest }, &mut Serial, buffers)
        {
            Ok(()) => {}
            Err(FrameError::Camera(())) => return 3,
            Err(FrameError::Radio(never)) => match never {},
            Err(FrameError::Begin(_) | FrameError::Stream(_)) => return 4,
        }
    }
    0
}
