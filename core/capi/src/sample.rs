//! Drawing values and images.

use core::convert::Infallible;

use pixelrnn::{Seeded, Value, sample};
use rand_core::{SeedableRng, TryRng};

use crate::handle::{clear, get_mut, pixelrnn_generator, pixelrnn_stream, put};
use crate::memory::{place, place_if_any, slice_mut};
use crate::result::{answer, pixelrnn_result};
use crate::stream::{holds, stream_mut};

/// Seeds a generator: the same seed draws the same image on every machine, from C as from Rust.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_seed(generator: *mut pixelrnn_generator, seed: u64) -> pixelrnn_result {
    // SAFETY: the handle is the caller's promise.
    answer(|| unsafe {
        let slot = clear(generator)?;
        put(generator, slot, Seeded::seed_from_u64(seed));
        Ok(())
    })
}

/// The next 32 random bits of a generator.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_random(generator: *mut pixelrnn_generator, number: *mut u32) -> pixelrnn_result {
    // SAFETY: handle and place are the caller's promise.
    answer(|| unsafe {
        let generator = get_mut(generator)?;
        let number = place(number)?;
        let Ok(next) = generator.try_next_u32();
        number.set(next);
        Ok(())
    })
}

/// Draws the next value with a generator, and observes it: one step of a main loop.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_sample_next(
    stream: *mut pixelrnn_stream,
    generator: *mut pixelrnn_generator,
    value: *mut u16,
) -> pixelrnn_result {
    // SAFETY: handles and place are the caller's promise.
    answer(|| unsafe {
        let (stream, generator, value) = (stream_mut(stream)?, get_mut(generator)?, place(value)?);
        value.set(sample::next(stream, generator)?);
        Ok(())
    })
}

/// Draws the next value with 32 random bits of the caller's, say a hardware generator's, and observes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_sample_next_with(
    stream: *mut pixelrnn_stream,
    random: u32,
    value: *mut u16,
) -> pixelrnn_result {
    // SAFETY: handle and place are the caller's promise.
    answer(|| unsafe {
        let (stream, value) = (stream_mut(stream)?, place(value)?);
        value.set(sample::next(stream, &mut Given(random))?);
        Ok(())
    })
}

/// Draws into a buffer of either type.
///
/// # Safety
/// Handles, buffer and place that are not null are good.
unsafe fn sample_values<V: Value>(
    stream: *mut pixelrnn_stream,
    generator: *mut pixelrnn_generator,
    values: *mut V,
    count: usize,
    drawn: *mut usize,
) -> pixelrnn_result {
    // SAFETY: the caller's promise.
    answer(|| unsafe {
        let (stream, generator) = (stream_mut(stream)?, get_mut(generator)?);
        let values = slice_mut(values, count)?;
        let place = place_if_any(drawn)?;
        holds::<V>(stream.levels())?;
        if stream.is_complete() {
            return Err(pixelrnn_result::PIXELRNN_ERROR_PAST_END);
        }
        let number = sample::fill(stream, generator, values);
        if let Some(place) = place {
            place.set(number);
        }
        Ok(())
    })
}

/// Draws the rest of the image into `values`: row by row, pixel by pixel, channel by channel.
///
/// For models of up to 256 levels. `count` may be less than what is left: then that many are drawn, and the next call
/// goes on. `drawn`, which may be null, becomes the number of values drawn.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_sample_u8(
    stream: *mut pixelrnn_stream,
    generator: *mut pixelrnn_generator,
    values: *mut u8,
    count: usize,
    drawn: *mut usize,
) -> pixelrnn_result {
    // SAFETY: handles, buffer and place are the caller's promise.
    unsafe { sample_values(stream, generator, values, count, drawn) }
}

/// The same as `pixelrnn_sample_u8`, for any model.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixelrnn_sample_u16(
    stream: *mut pixelrnn_stream,
    generator: *mut pixelrnn_generator,
    values: *mut u16,
    count: usize,
    drawn: *mut usize,
) -> pixelrnn_result {
    // SAFETY: handles, buffer and place are the caller's promise.
    unsafe { sample_values(stream, generator, values, count, drawn) }
}

/// A generator of one number.
struct Given(u32);

impl TryRng for Given {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.0)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from(self.0))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for (byte, &given) in bytes.iter_mut().zip(self.0.to_le_bytes().iter().cycle()) {
            *byte = given;
        }
        Ok(())
    }
}
