//! Codes and decodes images on a microcontroller: the coded bytes leave, as hexadecimal digits, while an image is drawn; none is ever held.
//!
//! Of a model of several scales all are drawn into a buffer first, then coded; what it decodes is printed too.
//!
//! For every model of `PIXELRNN_MODEL`, it draws and codes `PIXELRNN_COUNT` images, and decodes the file that
//! `PIXELRNN_CODED` names for it. The tests compare both with the workstation, bit for bit.
#![no_std]
#![no_main]

#[path = "../boards/mod.rs"]
mod boards;
#[path = "../code_scales.rs"]
mod code_scales;
#[path = "../registers.rs"]
mod registers;
#[path = "../settings.rs"]
mod settings;
#[path = "../stack.rs"]
mod stack;
#[path = "../text.rs"]
mod text;

#[cfg(target_arch = "arm")]
use cortex_m as _;
#[cfg(feature = "defmt")]
use defmt_semihosting as _;
use panic_halt as _;

use core::convert::Infallible;

#[cfg(target_arch = "arm")]
use cortex_m_rt::entry;
use pixelrnn::codec::{CodeError, DecodeError, Decoder, Encoder, Header, Next};
use pixelrnn::{Model, Seeded, Stream, sample};
use rand_core::SeedableRng;
#[cfg(target_arch = "riscv32")]
use riscv_rt::entry;

use settings::{BOARD, COUNT, JOBS, Job, SEED, STATE_WORDS};
use text::Image;

#[entry]
fn main() -> ! {
    stack::paint();
    boards::start();
    static mut STATE: [u32; STATE_WORDS] = [0; STATE_WORDS];
    // SAFETY: `main` runs once; nothing else names the buffer.
    let Some(state) = (unsafe { (&raw mut STATE).as_mut() }) else { boards::end(3) };
    text::named("board ", BOARD);
    let mut code = 0;
    for job in &JOBS {
        text::named("model ", job.name);
        if code_scales::are_several(job) {
            code |= code_scales::run(job, state);
            continue;
        }
        let Ok(model) = Model::load(job.model) else {
            text::write("error: the model does not load\n");
            code = 1;
            continue;
        };
        text::write("coded ");
        if encode(&model, job, state).is_err() {
            text::write(" error");
            code = 2;
        }
        text::write("\n");
        // An error may end a row early: its name begins a line.
        match decode(&model, job, state) {
            Ok(()) => text::write("decoded\n"),
            Err(DecodeError::Damaged) => text::write("\ndamaged\n"),
            Err(DecodeError::Truncated) => text::write("\ntruncated\n"),
            Err(DecodeError::WrongModel { .. }) => text::write("\nwrong model\n"),
            Err(_) => text::write("\nother error\n"),
        }
    }
    text::line("state ", size_of_val(state) as u32);
    text::line("stack ", stack::used());
    text::line("room ", stack::size());
    text::write("done\n");
    boards::end(code)
}

fn send(byte: u8) -> Result<(), Infallible> {
    text::byte(byte);
    Ok(())
}

/// The class of all images, of a model with classes: the one that the first seed stands for.
fn class(model: &Model<'_>) -> Option<u16> {
    SEED.checked_rem(model.classes().into()).map(|class| class as u16)
}

/// Draws images and codes each in the same pass, a group each.
#[inline(never)]
fn encode(model: &Model<'_>, job: &Job, state: &mut [u32]) -> Result<(), CodeError<Infallible>> {
    let header = Header::new(model, job.width, job.height).ok_or(CodeError::WrongSize)?;
    let mut encoder = Encoder::with_header(header.of_class(class(model)), send)?;
    for number in 0..COUNT {
        let mut random = Seeded::seed_from_u64(u64::from(SEED.wrapping_add(number)));
        let begun = Stream::begin_class(model, class(model), job.width, job.height, state);
        let mut stream = begun.map_err(|_| CodeError::WrongStream)?;
        while !stream.is_complete() {
            let value = sample::draw(&stream.predict()?, &mut random);
            encoder.value(&mut stream, value)?;
        }
        encoder.end_group()?;
    }
    encoder.finish().map(drop)
}

/// Decodes what the workstation coded, and prints each image; `checked` vouches for those before it.
#[inline(never)]
fn decode(model: &Model<'_>, job: &Job, state: &mut [u32]) -> Result<(), DecodeError<Infallible>> {
    let mut decoder = Decoder::begin(model, job.coded)?;
    let (width, height, class) = (decoder.header().width(), decoder.header().height(), decoder.header().class);
    loop {
        match decoder.next()? {
            Next::Image => {
                let begun = Stream::begin_class(model, class, width, height, state);
                let mut stream = begun.map_err(|_| DecodeError::WrongStream)?;
                let mut image = Image::new();
                image.scale(model, width);
                while !stream.is_complete() {
                    image.push(decoder.value(&mut stream)?);
                }
                text::write("crc ");
                text::hexadecimal(image.end());
                text::write("\n");
            }
            Next::Checked => text::write("checked\n"),
            Next::End => return Ok(()),
        }
    }
}
