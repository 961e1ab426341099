//! What a training does at a validation, and at its end.

use indicatif::ProgressBar;
use tch::Kind;

use super::checkpoint::Best;
use super::images::Pieces;
use super::log::Entry;
use super::network::Network;
use super::parameters::{self, Named};
use super::training::{Recent, Training};
use super::{TrainError, samples, schedule, step, telling};
use crate::{float, report};

/// The best weights' file.
const MODEL: &str = "model.safetensors";

/// Images that are classified at a validation: each is computed once a class.
const CLASSIFIED: usize = 200;

/// At most so many of a set's images, spread evenly over it (sets are often sorted).
fn spread(set: &Pieces, limit: usize) -> Vec<usize> {
    let count = set.len().min(limit.max(1));
    (0..count).map(|place| place * set.len() / count).collect()
}

/// Mean nats of at most so many images.
fn nats(network: &Network, set: &Pieces, limit: usize) -> f64 {
    const AT_ONCE: usize = 256;
    let indices = spread(set, limit);
    let count = indices.len();
    let mut sum = 0.0;
    for indices in indices.chunks(AT_ONCE) {
        sum += step::loss(network, &set.gather(indices), set.size, false).0 * indices.len() as f64;
    }
    sum / count as f64
}

impl Training<'_> {
    /// Measures the averaged weights, keeps them if they are the best, draws a sheet, and makes a checkpoint.
    pub(super) fn validate(&mut self, recent: &Recent, bar: &ProgressBar) -> Result<(), TrainError> {
        let averaged = self.like(&self.memory.averaged(&self.network.parameters));
        let nats = nats(&averaged, &self.validation, self.arguments.valid_limit);
        if !nats.is_finite() {
            return Err(TrainError::NotFinite { what: "the validation".into(), step: self.progress.steps });
        }
        let bytes = parameters::documented_bytes(&averaged.parameters, &averaged.config)?;
        self.keep_best(nats, &bytes)?;
        self.progress.finished |= self.is_stuck();
        let entry = self.entry(recent, nats, self.accuracy(&averaged));
        self.log.add(entry)?;
        self.log.draw(&self.out.join("curve.png"), self.in_bits())?;
        self.checkpoint()?;
        bar.suspend(|| self.print(&entry));
        if self.arguments.samples > 0 { self.sheet(&bytes) } else { Ok(()) }
    }

    /// A network of the same shape, with other weights, in float; rounded if the training will ever be, so that validations compare.
    fn like(&self, parameters: &Named) -> Network {
        let network = Network { kind: Kind::Float, ..self.network.with(self.steps.seen(parameters)) };
        Network { rounds: self.arguments.round_from.is_some(), ..network }
    }

    fn keep_best(&mut self, nats: f64, bytes: &[u8]) -> Result<(), TrainError> {
        self.progress.validations += 1;
        if self.progress.best.is_some_and(|best| nats >= best.nats) {
            self.progress.worse += 1;
            return Ok(());
        }
        self.progress.best = Some(Best { nats, steps: self.progress.steps });
        self.progress.worse = 0;
        Ok(report::write(&self.out.join(MODEL), bytes)?)
    }

    /// The share of some images that a network classifies right, if it has classes.
    fn accuracy(&self, network: &Network) -> Option<f64> {
        let Self { validation, arguments, .. } = self;
        let images = validation.gather(&spread(validation, arguments.valid_limit.min(CLASSIFIED)));
        (network.config.classes > 0).then(|| telling::accuracy(network, &images, validation.size))
    }

    fn entry(&self, recent: &Recent, nats: f64, accuracy: Option<f64>) -> Entry {
        let seen = self.progress.steps as f64 * self.arguments.batch as f64;
        Entry {
            step: self.progress.steps,
            minutes: self.progress.minutes,
            epoch: seen / self.order.len() as f64,
            rate: schedule::rate(self.arguments, &self.progress),
            training: recent.nats / f64::from(recent.steps),
            validation: nats,
            accuracy,
            milliseconds: recent.time.as_secs_f64() * 1000.0 / f64::from(recent.steps),
        }
    }

    fn print(&self, entry: &Entry) {
        let classified = |accuracy| format!(", {:.1} % classified right", 100.0 * accuracy);
        println!(
            "step {}, minute {:.1}, epoch {:.2}: {} on validation{}, {:.0} ms a step",
            entry.step,
            entry.minutes,
            entry.epoch,
            self.figure(entry.validation),
            entry.accuracy.map_or_else(String::new, classified),
            entry.milliseconds
        );
    }

    /// Draws images from weights on their way into a file.
    fn sheet(&self, bytes: &[u8]) -> Result<(), TrainError> {
        let folder = self.out.join("samples");
        std::fs::create_dir_all(&folder).map_err(|source| TrainError::Write { path: folder.clone(), source })?;
        let config = self.network.config.clone();
        let twin = float::Network::from_safetensors(config, bytes).map_err(TrainError::Argument)?;
        let path = folder.join(format!("{:08}.png", self.progress.steps));
        let examples = self.validation.examples(self.arguments.samples, self.network.config.classes);
        samples::save(&twin, &examples, self.arguments.seed, &path)
    }

    /// Says what the run's model is worth, on all validation images.
    pub(super) fn conclude(&self) -> Result<(), TrainError> {
        let Some(best) = self.progress.best else { return Ok(()) };
        let path = self.out.join(MODEL);
        let error = |reason: String| TrainError::Read { path: path.clone(), reason };
        let bytes = std::fs::read(&path).map_err(|source| error(source.to_string()))?;
        let device = self.network.parameters["first.weight"].device();
        let weights = parameters::from_documented(&self.network.config, &bytes, device).map_err(error)?;
        let nats = nats(&self.like(&weights), &self.validation, usize::MAX);
        println!(
            "{} on all {} validation images: {MODEL} holds the averaged weights of step {}, the best of {} validations",
            self.figure(nats),
            self.validation.len(),
            best.steps,
            self.progress.validations
        );
        Ok(())
    }
}
