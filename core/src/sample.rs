//! Drawing values and images from a model.

use rand_core::Rng;

use crate::distribution::Distribution;
use crate::stream::{Stream, StreamError, Streams};
use crate::value::Value;

/// A small seedable generator: the same seed draws the same image on every machine.
///
/// ```
/// use pixelrnn::Seeded;
/// use rand_core::SeedableRng;
/// let generator = Seeded::seed_from_u64(1);
/// # let _ = generator;
/// ```
pub type Seeded = rand_xoshiro::Xoshiro128PlusPlus;

/// Draws a value: one 32-bit random number, no division.
pub fn draw<R: Rng + ?Sized>(distribution: &Distribution<'_>, rng: &mut R) -> u16 {
    let target = (u64::from(rng.next_u32()) * u64::from(distribution.total())) >> 32;
    distribution.find(target as u32)
}

/// Draws the next value of an image, and observes it: one step of a main loop.
///
/// # Errors
/// [`StreamError::PastEnd`] once the image is complete.
pub fn next<R: Rng + ?Sized>(stream: &mut Stream<'_>, rng: &mut R) -> Result<u16, StreamError> {
    let value = draw(&stream.predict()?, rng);
    stream.observe(value)?;
    Ok(value)
}

/// Draws the next value of several images at once, each from its own generator, and observes them.
///
/// # Errors
/// [`StreamError::PastEnd`] once the images are complete.
pub fn next_of_each<R: Rng, const N: usize>(
    streams: &mut Streams<'_, N>,
    rngs: &mut [R; N],
) -> Result<[u16; N], StreamError> {
    let distributions = streams.predict()?;
    let mut values = [0; N];
    for (image, (value, rng)) in values.iter_mut().zip(rngs).enumerate() {
        *value = draw(&distributions.of(image), rng);
    }
    streams.observe(&values)?;
    Ok(values)
}

/// Draws values into `image` until it is full or the stream's image complete; returns how many.
pub fn fill<R: Rng + ?Sized, V: Value>(stream: &mut Stream<'_>, rng: &mut R, image: &mut [V]) -> usize {
    let mut drawn = 0;
    for place in image {
        match next(stream, rng) {
            Ok(value) => *place = V::from_level(value),
            Err(_) => break,
        }
        drawn += 1;
    }
    drawn
}
