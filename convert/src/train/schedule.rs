//! How the learning rate moves over a training.

use super::TrainArguments;
use super::checkpoint::Progress;

/// Share of the training that is done.
pub fn done(arguments: &TrainArguments, progress: &Progress) -> f64 {
    match arguments.steps {
        Some(steps) => progress.steps as f64 / steps as f64,
        None => progress.minutes / arguments.minutes,
    }
}

/// The learning rate: a short rise, then half a cosine over the time given.
pub fn rate(arguments: &TrainArguments, progress: &Progress) -> f64 {
    let rise = ((progress.steps + 1) as f64 / 100.0).min(1.0);
    let fall = (std::f64::consts::PI * done(arguments, progress).min(1.0)).cos();
    arguments.rate * rise * (0.5 + 0.5 * fall).max(0.003)
}
