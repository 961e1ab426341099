//! Negative log-likelihood of image sets, of the integer engine and of the float twin, on all cores.

use indicatif::ProgressBar;
use pixelrnn::Model;
use rayon::prelude::*;

use crate::data::ImageSet;
use crate::float::{Image, Network, Silent};
use crate::many::{ManyError, for_each_known_pixel, share};

/// Nats of each of some images under the integer model: the sum of `-ln(frequency / total)`. They are as large as the first.
///
/// # Errors
/// An image that the model cannot take.
pub fn integer_nats(model: &Model<'_>, width: usize, images: &[&[u8]]) -> Result<Vec<f64>, ManyError> {
    let mut nats = vec![0.0; images.len()];
    for_each_known_pixel(model, width, images, |image, distribution, value| {
        nats[image] -= (f64::from(distribution.frequency(value)) / f64::from(distribution.total())).ln();
    })?;
    Ok(nats)
}

/// Mean nats an image of the integer model.
///
/// # Errors
/// Images that the model cannot take.
pub fn integer(model: &Model<'_>, images: &ImageSet, bar: &ProgressBar) -> Result<f64, ManyError> {
    let all: Vec<&[u8]> = images.images().collect();
    let sums: Result<Vec<Vec<f64>>, ManyError> = all
        .par_chunks(share(all.len()))
        .map(|images_at_once| {
            let nats = integer_nats(model, images.width, images_at_once);
            bar.inc(images_at_once.len() as u64);
            nats
        })
        .collect();
    Ok(sums?.iter().flatten().sum::<f64>() / all.len().max(1) as f64)
}

/// Mean nats an image of the float twin.
pub fn float(network: &Network, images: &ImageSet, bar: &ProgressBar) -> f64 {
    let all: Vec<&[u8]> = images.images().collect();
    let sums: Vec<f64> = all
        .par_iter()
        .map(|values| {
            let nats = Image::score(network, images.width, images.height, values, &mut Silent);
            bar.inc(1);
            nats
        })
        .collect();
    sums.iter().sum::<f64>() / all.len().max(1) as f64
}
