//! Sheets of images drawn by the float twin while a network trains.

use std::path::Path;

use pixelrnn::Seeded;
use rand_core::{Rng, SeedableRng};
use rayon::prelude::*;

use super::TrainError;
use crate::data::Picture;
use crate::float::{Image, Network, Silent};
use crate::report;

/// Draws `count` images of a size, image n from seed + n, and writes them as a sheet.
///
/// # Errors
/// What the file system says.
pub fn save(
    network: &Network,
    (width, height): (usize, usize),
    count: usize,
    seed: u64,
    path: &Path,
) -> Result<(), TrainError> {
    let images: Vec<Picture> = (0..count as u64)
        .into_par_iter()
        .map(|number| draw(network, width, height, &mut Seeded::seed_from_u64(seed.wrapping_add(number))))
        .collect();
    let zoom = (84 / width.max(height).max(1)).clamp(1, 8);
    Ok(report::save_png(&report::sheet(&images, 8, zoom), path)?)
}

fn draw(network: &Network, width: usize, height: usize, random: &mut Seeded) -> Picture {
    let mut image = Image::begin(network, width, height);
    let values = (0..width * height)
        .map(|_| {
            let share = f64::from(random.next_u32()) / 2f64.powi(32);
            let value = choose(image.predict(&mut Silent), share);
            image.observe(value);
            value
        })
        .collect();
    report::shown(&Picture::grey(width, values), network.config.levels)
}

/// The value at which the sum of the probabilities first exceeds a share of the whole.
fn choose(logits: &[f32], share: f64) -> u16 {
    if let [logit] = *logits {
        return u16::from(share < 1.0 / (1.0 + f64::from(-logit).exp()));
    }
    let most = logits.iter().copied().fold(f32::MIN, f32::max);
    let weights: Vec<f64> = logits.iter().map(|&logit| f64::from(logit - most).exp()).collect();
    let mut left = share * weights.iter().sum::<f64>();
    let chosen = weights.iter().position(|weight| {
        left -= weight;
        left < 0.0
    });
    chosen.unwrap_or(weights.len() - 1) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_as_often_as_they_should() {
        let shares = || (0..1000).map(|n| (f64::from(n) + 0.5) / 1000.0);
        let logits = [1f32, 2.0, 5.0].map(f32::ln);
        let counts = [0, 1, 2].map(|value| shares().filter(|&share| choose(&logits, share) == value).count());
        assert_eq!(counts, [125, 250, 625]);
        assert_eq!(shares().filter(|&share| choose(&[3f32.ln()], share) == 1).count(), 750);
    }
}
