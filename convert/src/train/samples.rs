//! Sheets of images drawn by the float twin while a network trains.

use std::path::Path;

use pixelrnn::Seeded;
use rand_core::{Rng, SeedableRng};
use rayon::prelude::*;

use super::TrainError;
use crate::data::Picture;
use crate::float::{Conditions, Image, Network, Silent};
use crate::report;

/// Draws an image like each of some examples (of their size, class and, if the network asks for it, what they hold every few pixels),
/// image n from seed + n, and writes them as a sheet.
///
/// # Errors
/// What the file system says.
pub fn save(network: &Network, examples: &[Picture], seed: u64, path: &Path) -> Result<(), TrainError> {
    let images: Vec<Picture> = examples
        .par_iter()
        .enumerate()
        .map(|(number, example)| draw(network, example, &mut Seeded::seed_from_u64(seed.wrapping_add(number as u64))))
        .collect();
    let largest = examples.iter().map(|example| example.width.max(example.height)).max();
    let zoom = (84 / largest.unwrap_or(1).max(1)).clamp(1, 8);
    Ok(report::save_png(&report::sheet(&images, 8, zoom), path)?)
}

fn draw(network: &Network, example: &Picture, random: &mut Seeded) -> Picture {
    let small = example.sampled(network.config.factor);
    let given = Conditions { class: example.class, small: small.as_ref().map(|small| small.values.as_slice()) };
    let mut image = Image::begin(network, given, example.size());
    let value = |known: &u16| {
        let share = f64::from(random.next_u32()) / 2f64.powi(32);
        let is_known = image.is_known();
        let drawn = image.predict(&mut Silent).find(share);
        let value = if is_known { *known } else { drawn };
        image.observe(value);
        value
    };
    let values = example.values.iter().map(value).collect();
    report::shown(&Picture { values, ..example.clone() }, network.config.levels)
}
