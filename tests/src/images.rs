//! Images that the checks draw from models, as whoever uses them would.

use pixelrnn::{Model, Pyramid, Seeded, Stream, Value, sample};
use rand_core::SeedableRng;

use crate::coded::{class, given, small};

/// Draws an image from a model, the same for the same seed: `width * height * channels` values. With classes it is of the one that the
/// seed stands for; of a model that is given smaller images, around one of the seed's.
///
/// # Panics
/// If the size is impossible.
pub fn drawn<V: Value>(model: &Model<'_>, width: u32, height: u32, seed: u64) -> Vec<V> {
    drawn_of(model, class(model, seed), (width, height), seed)
}

/// The same of all scales, the smallest first.
///
/// # Panics
/// If the size is impossible.
pub fn drawn_scales(pyramid: &Pyramid<'_>, size: (u32, u32), seed: u64) -> Vec<u16> {
    let mut state = vec![0; pyramid.state_words(size.0)];
    let mut images = vec![0; pyramid.values(size)];
    let class = class(&pyramid.models()[0], seed);
    let drawn = pyramid.draw(class, size, &mut state, &mut Seeded::seed_from_u64(seed), &mut images);
    drawn.expect("a possible size");
    images
}

/// The same of a class.
///
/// # Panics
/// If the size or the class is impossible.
pub fn drawn_of<V: Value>(model: &Model<'_>, class: Option<u16>, (width, height): (u32, u32), seed: u64) -> Vec<V> {
    let mut state = vec![0; model.state_words(width)];
    let small = small(model, (width, height), seed);
    let begun = Stream::begin_given(model, given(&small, class), width, height, &mut state);
    let mut stream = begun.expect("a possible size");
    let mut image = vec![V::from_level(0); (width * height) as usize * usize::from(model.channels())];
    sample::fill(&mut stream, &mut Seeded::seed_from_u64(seed), &mut image);
    image
}
