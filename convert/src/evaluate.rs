//! Negative log-likelihood of image sets, of the integer engine and of the float twin, on all cores.

use indicatif::ProgressBar;
use pixelrnn::{Model, Temperature};
use rayon::prelude::*;

use crate::data::ImageSet;
use crate::float::{Image, Network, Silent};
use crate::many::{AT_ONCE, ManyError, for_each_pixel};

/// Nats of each of up to [`AT_ONCE`] images under the integer model: the sum of `-ln(frequency / total)`. They are as large as the
/// first.
///
/// # Errors
/// An image that the model cannot take.
pub fn integer_nats(model: &Model<'_>, width: usize, images: &[&[u8]]) -> Result<Vec<f64>, ManyError> {
    let pixels = images.first().map_or(0, |image| image.len());
    let size = (width as u32, (pixels / width.max(1)) as u32);
    let mut nats = vec![0.0; images.len()];
    let mut values: Vec<_> = images.iter().map(|image| image.iter()).collect();
    for_each_pixel(model, size, Temperature::ONE, images.len(), |image, distribution| {
        let value = values[image].next().copied().unwrap_or_default();
        nats[image] -= (f64::from(distribution.frequency(value)) / f64::from(distribution.total())).ln();
        value
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
        .par_chunks(AT_ONCE)
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
