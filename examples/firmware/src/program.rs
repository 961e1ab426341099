//! The program, the same on every board.

use pixelrnn::{BeginError, LoadError, Model, Seeded, Stream, StreamError, sample};
use rand_core::SeedableRng;

use crate::region::counted;
use crate::settings::{BOARD, COUNT, JOBS, Job, SEED, STATE_WORDS};
use crate::text::Image;
use crate::{stack, text};

/// Why nothing, or not everything, was drawn.
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(not(feature = "defmt"), allow(dead_code, reason = "only the log shows the details"))]
enum Failure {
    Load(LoadError),
    Begin(BeginError),
    Draw(StreamError),
}

/// Draws all images; returns the exit code.
pub fn run() -> i32 {
    static mut STATE: [u32; STATE_WORDS] = [0; STATE_WORDS];
    let state = &raw mut STATE;
    // SAFETY: called once, from `main`; nothing else names the buffer.
    let state = unsafe { &mut *state };
    text::named("board ", BOARD);
    let result = JOBS.iter().try_for_each(|job| draw(job, state));
    let (code, outcome) = match &result {
        Ok(()) => (0, "done\n"),
        Err(Failure::Load(_)) => (1, "error: the model does not load\n"),
        Err(Failure::Begin(_)) => (2, "error: the image does not begin\n"),
        Err(Failure::Draw(_)) => (3, "error: the image was not completed\n"),
    };
    #[cfg(feature = "defmt")]
    if let Err(failure) = &result {
        defmt::error!("{}", failure);
    }
    text::line("state ", size_of_val(state) as u32);
    text::line("stack ", stack::used());
    text::line("room ", stack::size());
    text::write(outcome);
    code
}

#[inline(never)]
fn draw(job: &Job, state: &mut [u32]) -> Result<(), Failure> {
    let model = Model::load(job.model).map_err(Failure::Load)?;
    #[cfg(feature = "defmt")]
    defmt::info!("model {=u32:08x}, {}, {=usize} bytes", model.fingerprint(), model.architecture(), job.model.len());
    draw_all(&model, job, state)
}

// Not inlined: loading's stack is free again here.
#[inline(never)]
fn draw_all(model: &Model<'_>, job: &Job, state: &mut [u32]) -> Result<(), Failure> {
    // An image of each class at least: one of seed s is of class s modulo their number.
    for number in 0..COUNT.max(model.classes().into()) {
        let seed = SEED.wrapping_add(number);
        text::named("model ", job.name);
        text::line("seed ", seed);
        let mut random = Seeded::seed_from_u64(u64::from(seed));
        let class = seed.checked_rem(model.classes().into()).map(|class| class as u16);
        let begun = Stream::begin_class(model, class, job.width, job.height, state);
        let mut stream = begun.map_err(Failure::Begin)?;
        let mut image = Image::new(model, job.width);
        while !stream.is_complete() {
            let value = counted(|| sample::next(&mut stream, &mut random));
            image.push(value.map_err(Failure::Draw)?);
        }
        let crc = image.end();
        #[cfg(feature = "defmt")]
        defmt::info!("seed {=u32}: crc {=u32:08x}", seed, crc);
        text::write("crc ");
        text::hexadecimal(crc);
        text::write("\n");
    }
    Ok(())
}
