//! `log.csv` and the curve drawn from it.

use std::path::{Path, PathBuf};

use super::TrainError;
use crate::report::{self, curve};

const HEADER: &str = "step,minutes,epoch,rate,train_nats,valid_nats,milliseconds_a_step,train_bits_per_dim,valid_bits_per_dim,valid_accuracy";

/// The log of a run: a line a validation.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    lines: Vec<String>,
    /// Values of an image.
    pixels: usize,
}

/// A validation.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Steps made.
    pub step: u64,
    /// Minutes trained.
    pub minutes: f64,
    /// Passes over the training images.
    pub epoch: f64,
    /// The learning rate.
    pub rate: f64,
    /// Mean nats a training image since the entry before; not a number if there was no step.
    pub training: f64,
    /// Mean nats a validation image.
    pub validation: f64,
    /// Share of some validation images that were classified right; nothing without classes.
    pub accuracy: Option<f64>,
    /// Mean milliseconds a step since the entry before.
    pub milliseconds: f64,
}

impl Log {
    /// Opens a run's log. Lines of steps behind `steps` are dropped: a killed run had logged them, and will make them again.
    ///
    /// # Errors
    /// A log that cannot be read.
    pub fn open(path: &Path, steps: u64, pixels: usize) -> Result<Self, TrainError> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(TrainError::Read { path: path.to_path_buf(), reason: error.to_string() }),
        };
        let step = |line: &str| line.split(',').next().and_then(|step| step.parse::<u64>().ok());
        let kept = text.lines().filter(|line| step(line).is_some_and(|step| step > 0 && step <= steps));
        Ok(Self { path: path.to_path_buf(), lines: kept.map(String::from).collect(), pixels })
    }

    /// Nats an image as bits a dimension.
    pub fn bits(&self, nats: f64) -> f64 {
        nats / (self.pixels as f64 * std::f64::consts::LN_2)
    }

    /// Adds an entry, and writes the file whole.
    ///
    /// # Errors
    /// What the file system says.
    pub fn add(&mut self, entry: Entry) -> Result<(), TrainError> {
        let Entry { step, minutes, epoch, rate, training, validation, accuracy, milliseconds } = entry;
        let accuracy = accuracy.map_or_else(String::new, |accuracy| format!("{accuracy:.4}"));
        let (training_bits, validation_bits) = (self.bits(training), self.bits(validation));
        self.lines.push(format!(
            "{step},{minutes:.2},{epoch:.2},{rate:.2e},{training:.3},{validation:.3},{milliseconds:.0},\
             {training_bits:.5},{validation_bits:.5},{accuracy}"
        ));
        let text: String = std::iter::once(HEADER)
            .chain(self.lines.iter().map(String::as_str))
            .flat_map(|line| [line, "\n"])
            .collect();
        Ok(report::write(&self.path, text.as_bytes())?)
    }

    /// Draws the curve: in bits a dimension, or in nats an image.
    ///
    /// # Errors
    /// What the file system says.
    pub fn draw(&self, path: &Path, in_bits: bool) -> Result<(), TrainError> {
        let (training, validation, unit) = if in_bits { (7, 8, "bits a dimension") } else { (4, 5, "nats an image") };
        let points: Vec<curve::Point> = self
            .lines
            .iter()
            .filter_map(|line| {
                let fields: Vec<f64> = line.split(',').map(|field| field.parse().unwrap_or(f64::NAN)).collect();
                Some(curve::Point {
                    minutes: *fields.get(1)?,
                    training: *fields.get(training)?,
                    validation: *fields.get(validation)?,
                })
            })
            .filter(|point| point.minutes.is_finite())
            .collect();
        Ok(curve::save(&points, unit, path)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_run_logged_too_early_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.csv");
        let entry = |step| Entry {
            step,
            minutes: step as f64,
            epoch: 0.5,
            rate: 1e-3,
            training: 100.0,
            validation: 2.0 * std::f64::consts::LN_2 * 64.0,
            accuracy: Some(0.5),
            milliseconds: 5.0,
        };
        let mut log = Log::open(&path, 0, 64).unwrap();
        for step in [10, 20, 30] {
            log.add(entry(step)).unwrap();
        }
        let mut log = Log::open(&path, 20, 64).unwrap();
        log.add(entry(25)).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let steps: Vec<&str> = text.lines().filter_map(|line| line.split(',').next()).collect();
        assert_eq!(steps, ["step", "10", "20", "25"]);
        assert!(text.lines().all(|line| line.split(',').count() == 10));
        assert!(text.ends_with(",2.00000,0.5000\n"));
        log.draw(&folder.path().join("curve.png"), true).unwrap();
        assert!(image::open(folder.path().join("curve.png")).is_ok());
    }
}
