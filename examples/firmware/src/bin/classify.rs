//! Tells classes on a microcontroller: of every model of `PIXELRNN_MODEL` that has some, it draws an image of each and says which class
//! it is likeliest of, by how much, and how likely it is at all.
//!
//! An image is held in bytes, so models have up to 256 levels. The tests compare what is found with the workstation, bit for bit.
#![no_std]
#![no_main]

#[path = "../boards/mod.rs"]
mod boards;
#[path = "../region.rs"]
mod region;
#[path = "../registers.rs"]
mod registers;
#[path = "../settings.rs"]
mod settings;
#[path = "../stack.rs"]
mod stack;
#[path = "../text.rs"]
#[allow(dead_code, reason = "no image is printed")]
mod text;

#[cfg(target_arch = "arm")]
use cortex_m as _;
#[cfg(feature = "defmt")]
use defmt_semihosting as _;
use panic_halt as _;

#[cfg(target_arch = "arm")]
use cortex_m_rt::entry;
use pixelrnn::classify::{self, Classified, ClassifyError};
use pixelrnn::{CodeLength, Model, Seeded, Stream, sample};
use rand_core::SeedableRng;
#[cfg(target_arch = "riscv32")]
use riscv_rt::entry;

use settings::{BOARD, CLASSES, COUNT, JOBS, Job, SEED, STATE_WORDS, VALUES};

/// What the program works in.
struct Memory {
    state: [u32; STATE_WORDS],
    image: [u8; VALUES],
    lengths: [CodeLength; CLASSES],
}

#[entry]
fn main() -> ! {
    stack::paint();
    boards::start();
    static mut MEMORY: Memory =
        Memory { state: [0; STATE_WORDS], image: [0; VALUES], lengths: [CodeLength::ZERO; CLASSES] };
    // SAFETY: `main` runs once; nothing else names the memory.
    let Some(memory) = (unsafe { (&raw mut MEMORY).as_mut() }) else { boards::end(3) };
    text::named("board ", BOARD);
    let mut code = 0;
    for job in &JOBS {
        text::named("model ", job.name);
        if run(job, memory).is_none() {
            text::write("error\n");
            code = 1;
        }
    }
    text::line("state ", size_of::<Memory>() as u32);
    text::line("stack ", stack::used());
    text::line("room ", stack::size());
    text::write("done\n");
    boards::end(code)
}

#[inline(never)]
fn run(job: &Job, memory: &mut Memory) -> Option<()> {
    run_model(&Model::load(job.model).ok()?, job, memory)
}

// Not inlined: loading's stack is free again here.
#[inline(never)]
fn run_model(model: &Model<'_>, job: &Job, memory: &mut Memory) -> Option<()> {
    let classes = u32::from(model.classes());
    for seed in (0..COUNT.max(classes)).map(|number| SEED.wrapping_add(number)) {
        let class = seed.checked_rem(classes)? as u16;
        let values = (job.width * job.height) as usize * usize::from(model.channels());
        let image = memory.image.get_mut(..values)?;
        draw(model, job, class, seed, &mut memory.state, image)?;
        let lengths = memory.lengths.get_mut(..classes as usize)?;
        let found = region::counted(|| find(model, job, &mut memory.state, image, lengths)).ok()?;
        let early = || classify::likeliest(model, job.width, job.height, &mut memory.state, image);
        let likeliest = region::counted(early).ok()?;
        text::line("drawn ", class.into());
        text::line("class ", found.class.into());
        text::line("early ", likeliest.0.into());
        [("nats ", found.length), ("margin ", found.margin), ("evidence ", found.evidence)].into_iter().for_each(show);
    }
    Some(())
}

/// An image of a class.
fn draw(model: &Model<'_>, job: &Job, class: u16, seed: u32, state: &mut [u32], image: &mut [u8]) -> Option<()> {
    let mut stream = Stream::begin_class(model, class, job.width, job.height, state).ok()?;
    let drawn = sample::fill(&mut stream, &mut Seeded::seed_from_u64(seed.into()), image);
    (drawn == image.len()).then_some(())
}

fn find(
    model: &Model<'_>,
    job: &Job,
    state: &mut [u32],
    image: &[u8],
    lengths: &mut [CodeLength],
) -> Result<Classified, ClassifyError> {
    classify::image(model, job.width, job.height, state, image, lengths)
}

/// A code length in 2^-16 bit, of which an image of a microcontroller has less than 2^32.
fn show((name, length): (&str, CodeLength)) {
    text::line(name, length.units().min(u32::MAX.into()) as u32);
}
