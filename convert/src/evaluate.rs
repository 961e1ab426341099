//! Negative log-likelihood of images, of the integer engine and of the float twin, on all cores.

use indicatif::ProgressBar;
use pixelrnn::Model;
use rayon::prelude::*;

use crate::data::Picture;
use crate::float::{Image, Network, Silent};
use crate::many::{ManyError, given, in_groups, sums};

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
