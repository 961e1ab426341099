//! Negative log-likelihood of images, of the integer engine and of the float twin, on all cores.

use indicatif::ProgressBar;
use pixelrnn::Model;
use rayon::prelude::*;

use crate::data::Picture;
use crate::float::{Image, Network, Silent};
use crate::many::{ManyError, for_each_known_value, groups};

/// Nats of all images together under the integer model: the sum of `-ln(frequency / total)`.
///
/// # Errors
/// Images that the model cannot take.
pub fn integer(model: &Model<'_>, pictures: &[Picture], bar: &ProgressBar) -> Result<f64, ManyError> {
    let of_group = |numbers: &Vec<usize>| {
        let images: Vec<&Picture> = numbers.iter().map(|&number| &pictures[number]).collect();
        let nats = integer_nats(model, &images);
        bar.inc(images.len() as u64);
        nats
    };
    let nats: Vec<f64> = groups(pictures).par_iter().map(of_group).collect::<Result<_, _>>()?;
    Ok(nats.iter().sum())
}

/// Nats of images of one size.
fn integer_nats(model: &Model<'_>, images: &[&Picture]) -> Result<f64, ManyError> {
    let mut nats = 0.0;
    for_each_known_value(model, images, |_, distribution, value| {
        nats -= (f64::from(distribution.frequency(value)) / f64::from(distribution.total())).ln();
    })?;
    Ok(nats)
}

/// Nats of all images together under the float twin.
pub fn float(network: &Network, pictures: &[Picture], bar: &ProgressBar) -> f64 {
    let of_picture = |picture: &Picture| {
        let nats = Image::score(network, picture.width, picture.height, &picture.values, &mut Silent);
        bar.inc(1);
        nats
    };
    let nats: Vec<f64> = pictures.par_iter().map(of_picture).collect();
    nats.iter().sum()
}
