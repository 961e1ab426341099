//! Runs on processors that are no microcontroller's: first every kernel is compared with the plain one, then two images are
//! drawn of every model and printed as the firmware prints them. Ends with 0 if there was no difference.
#![no_std]
#![no_main]

#[cfg_attr(target_arch = "aarch64", path = "aarch64.rs")]
#[cfg_attr(target_arch = "wasm32", path = "wasm32.rs")]
mod boards;
#[path = "../../instructions/src/check.rs"]
mod check;
#[path = "../../../examples/firmware/src/drawing.rs"]
mod drawing;
#[path = "../../../examples/firmware/src/text.rs"]
mod text;

use core::fmt::Write;

use panic_halt as _;
use pixelrnn::sample;

use drawing::{Drawing, Memory};

/// A model, and the size of its images.
struct Job {
    name: &'static str,
    model: &'static [u8],
    width: u32,
    height: u32,
}

static JOBS: &[Job] = include!(concat!(env!("OUT_DIR"), "/jobs.rs"));
/// Words of state: more than any of the models needs.
const STATE_WORDS: usize = 8 << 10;
/// Values of the scales but the largest: the same.
const SMALL_VALUES: usize = 4 << 10;
/// Images of a model; with classes one of each if those are more.
const COUNT: u32 = 2;

struct Console;

impl Write for Console {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        text::write(text);
        Ok(())
    }
}

/// Does everything; returns the exit code.
fn run() -> i32 {
    let differences = check::differences(&mut |case| {
        let _ = writeln!(Console, "DIFFERENT {case}");
    });
    let drawn = JOBS.iter().all(|job| draw(job).is_some());
    i32::from(differences > 0) | i32::from(!drawn) << 1
}

fn draw(job: &Job) -> Option<()> {
    let drawing = Drawing::open(job.model, |_| {}).ok()?;
    let mut memory = Memory { state: &mut [0; STATE_WORDS], small: &mut [0; SMALL_VALUES] };
    for seed in 1..=drawing.images(COUNT) {
        text::named("model ", job.name);
        text::line("seed ", seed);
        drawing.image((job.width, job.height), seed, &mut memory, sample::next).ok()?;
    }
    Some(())
}
