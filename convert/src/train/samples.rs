//! Sheets of images drawn by the float twin while a network trains.

use std::path::Path;

use pixelrnn::Seeded;
use rand_core::{Rng, SeedableRng};
use rayon::prelude::*;

use super::TrainError;
use super::images::Size;
use crate::data::Picture;
use crate::float::{Image, Network, Silent};
use crate::report;

/// Draws `count` images of a size, image n from seed + n and of class n (the first again behind the last), and writes them as a
/// sheet.
///
/// # Errors
/// What the file system says.
pub fn save(network: &Network, size: Size, count: usize, seed: u64, path: &Path) -> Result<(), TrainError> {
    let images: Vec<Picture> = (0..count as u64)
        .into_par_iter()
        .map(|number| {
            let class = number.checked_rem(network.config.classes.into()).map(|class| class as u16);
            draw(network, class, size, &mut Seeded::seed_from_u64(seed.wrapping_add(number)))
        })
        .collect();
    let zoom = (84 / size.width.max(size.height).max(1)).clamp(1, 8);
    Ok(report::save_png(&report::sheet(&images, 8, zoom), path)?)
}

fn draw(network: &Network, class: Option<u16>, Size { width, height }: Size, random: &mut Seeded) -> Picture {
    let channels = usize::from(network.config.channels);
    let mut image = Image::begin(network, class, (width, height));
    let values = (0..width * height * channels)
        .map(|_| {
            let share = f64::from(random.next_u32()) / 2f64.powi(32);
            let value = image.predict(&mut Silent).find(share);
            image.observe(value);
            value
        })
        .collect();
    let picture = Picture { name: String::new(), width, height, channels, depth: 16, values, class };
    report::shown(&picture, network.config.levels)
}
