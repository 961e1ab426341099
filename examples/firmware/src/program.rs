//! The program, the same on every board.

use pixelrnn::{Seeded, Stream, StreamError, sample};

use crate::drawing::{Drawing, Failure, Memory};
use crate::region::counted;
use crate::settings::{BOARD, COUNT, JOBS, Job, SEED, SMALL_VALUES, STATE_WORDS};
use crate::{stack, text};

/// Draws all images; returns the exit code.
pub fn run() -> i32 {
    static mut STATE: [u32; STATE_WORDS] = [0; STATE_WORDS];
    static mut SMALL: [u16; SMALL_VALUES] = [0; SMALL_VALUES];
    let (state, small) = (&raw mut STATE, &raw mut SMALL);
    // SAFETY: called once, from `main`; nothing else names the buffers.
    let mut memory = unsafe { Memory { state: &mut *state, small: &mut *small } };
    text::named("board ", BOARD);
    let result = JOBS.iter().try_for_each(|job| draw(job, &mut memory));
    let (code, outcome) = match &result {
        Ok(()) => (0, "done\n"),
        Err(Failure::Load(_)) => (1, "error: the model does not load\n"),
        Err(Failure::Begin(_)) => (2, "error: the image does not begin\n"),
        Err(Failure::Draw(_)) => (3, "error: the image was not completed\n"),
    };
    #[cfg(feature = "defmt")]
    match &result {
        Ok(()) => {}
        Err(Failure::Load(error)) => defmt::error!("{}", error),
        Err(Failure::Begin(error)) => defmt::error!("{}", error),
        Err(Failure::Draw(error)) => defmt::error!("{}", error),
    }
    text::line("state ", (size_of_val(memory.state) + size_of_val(memory.small)) as u32);
    text::line("stack ", stack::used());
    text::line("room ", stack::size());
    text::write(outcome);
    code
}

fn draw(job: &Job, memory: &mut Memory<'_>) -> Result<(), Failure> {
    let drawing = Drawing::open(job.model, |_model| {
        #[cfg(feature = "defmt")]
        defmt::info!(
            "model {=u32:08x}, {}, {=usize} bytes",
            _model.fingerprint(),
            _model.architecture(),
            job.model.len()
        );
    })?;
    for number in 0..drawing.images(COUNT) {
        let seed = SEED.wrapping_add(number);
        text::named("model ", job.name);
        text::line("seed ", seed);
        let _crc = drawing.image((job.width, job.height), seed, memory, next_value)?;
        #[cfg(feature = "defmt")]
        defmt::info!("seed {=u32}: crc {=u32:08x}", seed, _crc);
    }
    Ok(())
}

fn next_value(stream: &mut Stream<'_>, random: &mut Seeded) -> Result<u16, StreamError> {
    counted(|| sample::next(stream, random))
}
