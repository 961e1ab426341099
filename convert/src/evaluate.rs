//! Negative log-likelihood of image sets, of the integer engine and of the float twin, on all cores.

use indicatif::ProgressBar;
use pixelrnn::{BeginError, Model, Stream, StreamError};
use rayon::prelude::*;

use crate::data::ImageSet;
use crate::float::{Image, Network, Silent};

/// Why an image was not scored by the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScoreError {
    /// The image was not begun.
    #[error(transparent)]
    Begin(#[from] BeginError),
    /// A value is not one of the model's.
    #[error(transparent)]
    Stream(#[from] StreamError),
}

/// Nats of one image under the integer model: the sum of `-ln(frequency / total)`.
///
/// # Errors
/// An image that the model cannot take.
pub fn integer_nats(model: &Model<'_>, width: usize, values: &[u8]) -> Result<f64, ScoreError> {
    let height = values.len() / width.max(1);
    let mut state = vec![0; model.state_words(width as u32)];
    let mut stream = Stream::begin(model, width as u32, height as u32, &mut state)?;
    let mut nats = 0.0;
    for &value in values {
        let distribution = stream.predict()?;
        nats -= (f64::from(distribution.frequency(value)) / f64::from(distribution.total())).ln();
        stream.observe(value)?;
    }
    Ok(nats)
}

/// Mean nats an image of the integer model.
///
/// # Errors
/// Images that the model cannot take.
pub fn integer(model: &Model<'_>, images: &ImageSet, bar: &ProgressBar) -> Result<f64, ScoreError> {
    let all: Vec<&[u8]> = images.images().collect();
    let sums: Result<Vec<f64>, ScoreError> = all
        .par_iter()
        .map(|values| {
            let nats = integer_nats(model, images.width, values);
            bar.inc(1);
            nats
        })
        .collect();
    Ok(sums?.iter().sum::<f64>() / all.len().max(1) as f64)
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
