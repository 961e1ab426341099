//! Negative log-likelihood of images, of the integer engine and of the float twin, on all cores.

use indicatif::ProgressBar;
use pixelrnn::{Model, Pyramid, PyramidError};
use rayon::prelude::*;

use crate::data::Picture;
use crate::float::{Image, Network, Silent};
use crate::many::{ManyError, given, in_groups, sums};
use crate::pyramid::scale_of;

/// Nats of all images together under the integer model, the sum of `-ln(frequency / total)`: of a model with classes given each
/// image's, or if that is not known of the mean probability under all.
///
/// # Errors
/// Images that the model cannot take.
pub fn integer(model: &Model<'_>, pictures: &[Picture], bar: &ProgressBar) -> Result<f64, ManyError> {
    Ok(each_integer(model, pictures, bar)?.iter().sum())
}

/// The same of each image.
///
/// # Errors
/// Images that the model cannot take.
pub fn each_integer(model: &Model<'_>, pictures: &[Picture], bar: &ProgressBar) -> Result<Vec<f64>, ManyError> {
    Ok(each(&integer_given(model, pictures, bar)?))
}

/// The same of each image for each class that it is given.
///
/// # Errors
/// Images that the model cannot take.
pub fn integer_given(model: &Model<'_>, pictures: &[Picture], bar: &ProgressBar) -> Result<GivenNats, ManyError> {
    in_groups(pictures, bar, |images| {
        sums(
            model,
            images,
            |image| image.class,
            |nats: &mut f64, distribution, value| {
                *nats -= (f64::from(distribution.frequency(value)) / f64::from(distribution.total())).ln();
            },
        )
    })
}

/// Nats of each image under models of one or several scales, of all scales together.
///
/// # Errors
/// Scales that do not go together, images that they cannot take.
pub fn each_of_scales(models: &[Model<'_>], pictures: &[Picture], bar: &ProgressBar) -> Result<Vec<f64>, ScalesError> {
    // A network that is given a smaller image is evaluated alone, too.
    if let [model] = models {
        return Ok(each_integer(model, pictures, bar)?);
    }
    let (pyramid, mut all) = (Pyramid::new(models)?, vec![Vec::new(); pictures.len()]);
    for (scale, model) in models.iter().enumerate() {
        let scaled: Vec<Picture> = pictures.iter().map(|picture| scale_of(&pyramid, scale, picture)).collect();
        add(&mut all, integer_given(model, &scaled, bar)?);
    }
    Ok(each(&all))
}

/// Why models of several scales did not evaluate images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScalesError {
    /// They do not go together.
    #[error(transparent)]
    Scales(#[from] PyramidError),
    /// The engine refused an image.
    #[error(transparent)]
    Engine(#[from] ManyError),
}

/// Adds a scale's nats to those of the scales before, or to none.
pub fn add(all: &mut GivenNats, scale: GivenNats) {
    for (all, scale) in all.iter_mut().zip(scale) {
        all.resize(scale.len(), 0.0);
        all.iter_mut().zip(scale).for_each(|(all, scale)| *all += scale);
    }
}

/// Nats of each image, in it one number for each class that it is given: its own, if that is not known all.
pub type GivenNats = Vec<Vec<f64>>;

/// Nats of each image from those given classes.
pub fn each(given: &GivenNats) -> Vec<f64> {
    given.iter().map(|nats| of_mixture(nats)).collect()
}

/// Nats of an image that may be of any class, each as likely as the others, from those given each class.
pub fn of_mixture(nats: &[f64]) -> f64 {
    if let [nats] = nats {
        return *nats;
    }
    let least = nats.iter().copied().fold(f64::INFINITY, f64::min);
    let sum: f64 = nats.iter().map(|nats| (least - nats).exp()).sum();
    least - (sum / nats.len() as f64).ln()
}

/// Nats of all images together under the float twin.
pub fn float(network: &Network, pictures: &[Picture], bar: &ProgressBar) -> f64 {
    each_float(network, pictures, bar).iter().sum()
}

/// The same of each image.
pub fn each_float(network: &Network, pictures: &[Picture], bar: &ProgressBar) -> Vec<f64> {
    each(&float_given(network, pictures, bar))
}

/// The same of each image for each class that it is given.
pub fn float_given(network: &Network, pictures: &[Picture], bar: &ProgressBar) -> GivenNats {
    let of_picture = |picture: &Picture| {
        let nats = |class| Image::score(network, picture, class, &mut Silent);
        let nats = given(network.config.classes, picture.class).into_iter().map(nats).collect();
        bar.inc(1);
        nats
    };
    pictures.par_iter().map(of_picture).collect()
}
