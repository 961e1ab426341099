//! Images that the checks draw from models, as whoever uses them would.

use pixelrnn::{Model, Seeded, Stream, Value, sample};
use rand_core::SeedableRng;

/// Draws an image from a model, the same for the same seed: `width * height * channels` values.
///
/// # Panics
/// If the size is impossible.
pub fn drawn<V: Value>(model: &Model<'_>, width: u32, height: u32, seed: u64) -> Vec<V> {
    let mut state = vec![0; model.state_words(width)];
    let mut stream = Stream::begin(model, width, height, &mut state).expect("a possible size");
    let mut image = vec![V::from_level(0); (width * height) as usize * usize::from(model.channels())];
    sample::fill(&mut stream, &mut Seeded::seed_from_u64(seed), &mut image);
    image
}
