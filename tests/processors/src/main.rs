//! Runs on processors that are no microcontroller's: first every kernel is compared with the plain one, then two images are
//! drawn of every model and printed as the firmware prints them. Ends with 0 if there was no difference.
#![no_std]
#![no_main]

#[cfg_attr(target_arch = "aarch64", path = "aarch64.rs")]
#[cfg_attr(target_arch = "wasm32", path = "wasm32.rs")]
mod boards;
#[path = "../../instructions/src/check.rs"]
mod check;
#[path = "../../../examples/firmware/src/text.rs"]
mod text;

use core::fmt::Write;

use panic_halt as _;
use pixelrnn::{Model, Seeded, Stream, sample};
use rand_core::SeedableRng;

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
    let model = Model::load(job.model).ok()?;
    let mut state = [0; STATE_WORDS];
    for seed in 1..=COUNT.max(model.classes().into()) {
        text::named("model ", job.name);
        text::line("seed ", seed);
        let mut random = Seeded::seed_from_u64(u64::from(seed));
        let class = (seed as u16).checked_rem(model.classes());
        let mut stream = Stream::begin_class(&model, class, job.width, job.height, &mut state).ok()?;
        let mut image = text::Image::new(&model, job.width);
        while !stream.is_complete() {
            image.push(sample::next(&mut stream, &mut random).ok()?);
        }
        text::write("crc ");
        text::hexadecimal(image.end());
        text::write("\n");
    }
    Some(())
}
