//! Negative log-likelihood of image sets, of the integer engine and of the float twin, on all cores.

use indicatif::ProgressBar;
use pixelrnn::{BeginError, Model, Stream, StreamError, compute_together};
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

/// Images that a thread works at in step: two groups that share loads of weights, so that one fills the other's pauses.
pub const IN_STEP: usize = 8;

/// Begins images that will be computed in step: a state for each, and the streams in them.
///
/// # Errors
/// A size that the engine does not take.
pub fn in_step<'s>(
    model: &'s Model<'s>,
    (width, height): (u32, u32),
    states: &'s mut [Vec<u32>],
) -> Result<Vec<Stream<'s>>, BeginError> {
    let begin = |state: &'s mut Vec<u32>| {
        state.resize(model.state_words(width), 0);
        Stream::begin(model, width, height, state)
    };
    states.iter_mut().map(begin).collect()
}

/// Nats of each of some images under the integer model: the sum of `-ln(frequency / total)`. They are as large as the first.
///
/// # Errors
/// An image that the model cannot take.
pub fn integer_nats(model: &Model<'_>, width: usize, images: &[&[u8]]) -> Result<Vec<f64>, ScoreError> {
    let pixels = images.first().map_or(0, |image| image.len());
    let mut states = vec![Vec::new(); images.len()];
    let mut streams = in_step(model, (width as u32, (pixels / width.max(1)) as u32), &mut states)?;
    let mut nats = vec![0.0; images.len()];
    for pixel in 0..pixels {
        compute_together(&mut streams);
        for ((stream, nats), image) in streams.iter_mut().zip(&mut nats).zip(images) {
            let value = image.get(pixel).copied().unwrap_or_default();
            let distribution = stream.predict()?;
            *nats -= (f64::from(distribution.frequency(value)) / f64::from(distribution.total())).ln();
            stream.observe(value)?;
        }
    }
    Ok(nats)
}

/// Mean nats an image of the integer model.
///
/// # Errors
/// Images that the model cannot take.
pub fn integer(model: &Model<'_>, images: &ImageSet, bar: &ProgressBar) -> Result<f64, ScoreError> {
    let all: Vec<&[u8]> = images.images().collect();
    let sums: Result<Vec<Vec<f64>>, ScoreError> = all
        .par_chunks(IN_STEP)
        .map(|images_in_step| {
            let nats = integer_nats(model, images.width, images_in_step);
            bar.inc(images_in_step.len() as u64);
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
