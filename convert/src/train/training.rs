//! The training loop.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use tch::{Device, Tensor};

use super::begin::Beginning;
use super::checkpoint::{self, Checkpoint, Identity, Progress};
use super::images::{Images, Pieces};
use super::log::Log;
use super::network::Network;
use super::nibbles::Steps;
use super::optimizer::Memory;
use super::order::{Look, Order};
use super::schedule::{done, rate};
use super::{TrainArguments, TrainError, run, step, teacher, telling};

/// A training and its folder.
pub struct Training<'a> {
    pub(super) arguments: &'a TrainArguments,
    pub(super) out: PathBuf,
    pub(super) order: Order,
    pub(super) validation: Pieces,
    identity: Identity,
    pub(super) network: Network,
    pub(super) steps: Steps,
    pub(super) memory: Memory,
    pub(super) progress: Progress,
    pub(super) log: Log,
    stop: Arc<AtomicBool>,
}

/// What was seen since the last validation.
#[derive(Default)]
pub struct Recent {
    /// Sum of the steps' nats.
    pub nats: f64,
    /// Steps.
    pub steps: u32,
    /// Time they took.
    pub time: Duration,
}

impl<'a> Training<'a> {
    /// Reads everything, and makes the folder if there is none.
    ///
    /// # Errors
    /// Images, weights or a checkpoint that cannot be read or do not fit, a folder that cannot be written.
    pub fn begin(arguments: &'a TrainArguments, data: &Path, out: &Path, device: Device) -> Result<Self, TrainError> {
        let Images { training, redraw, every, validation, classes } = Images::read(arguments, data)?;
        let mut beginning = Beginning::read(arguments, (validation.channels as u8, classes), device)?;
        let steps = beginning.round(arguments, &training)?;
        let teacher = teacher::read(arguments, &beginning.config, device)?;
        let look = Look { size: validation.size, flip: arguments.flip, redraw, every };
        let identity = beginning.identity(arguments, &training, look);
        let Checkpoint { parameters, memory, progress } =
            beginning.state(&out.join("checkpoint.safetensors"), &identity, device)?;
        std::fs::create_dir_all(out).map_err(|source| TrainError::Write { path: out.to_path_buf(), source })?;
        beginning.write(arguments, out)?;
        let log =
            Log::open(&out.join("log.csv"), progress.steps, beginning.config.unknown_values(validation.size.into()))?;
        let mut network = run::network(arguments, beginning.config, parameters, device);
        network.teacher = teacher;
        let order = Order::new(training, look, arguments.seed);
        let (out, stop) = (out.to_path_buf(), signals()?);
        Ok(Self { arguments, out, order, validation, identity, network, steps, memory, progress, log, stop })
    }

    /// Trains to the end, or until a signal comes.
    ///
    /// # Errors
    /// A training that diverges, files that cannot be written.
    pub fn run(mut self) -> Result<(), TrainError> {
        let weights: usize = self.network.parameters.values().map(Tensor::numel).sum();
        println!("{} training images, {} to validate, {weights} weights", self.order.len(), self.validation.len());
        if self.progress.steps > 0 {
            println!("going on from step {}, minute {:.1}", self.progress.steps, self.progress.minutes);
        }
        let bar = self.bar();
        let stopped = self.steps(&bar)?;
        bar.finish_and_clear();
        if stopped {
            self.checkpoint()?;
            println!("stopped at step {}; the same command goes on from there", self.progress.steps);
            return Ok(());
        }
        self.conclude()
    }

    /// Steps and validations until the end; whether a signal came before it.
    fn steps(&mut self, bar: &ProgressBar) -> Result<bool, TrainError> {
        let mut recent = Recent::default();
        let mut last = Instant::now();
        loop {
            let ending = self.is_stuck() || done(self.arguments, &self.progress) >= 1.0;
            self.progress.finished &= ending;
            if self.stop.load(Ordering::Relaxed) || self.progress.finished {
                return Ok(!self.progress.finished);
            }
            if ending || recent.time.as_secs_f64() >= self.arguments.every * 60.0 {
                self.progress.finished = ending;
                self.validate(&recent, bar)?;
                recent = Recent::default();
                last = Instant::now();
                continue;
            }
            recent.nats += self.step()?;
            recent.steps += 1;
            let took = last.elapsed();
            last = Instant::now();
            recent.time += took;
            self.progress.minutes += took.as_secs_f64() / 60.0;
            self.show(bar, &recent);
        }
    }

    /// Whether nothing got better for too long.
    pub(super) fn is_stuck(&self) -> bool {
        self.arguments.patience.is_some_and(|patience| self.progress.worse >= patience)
    }

    /// One step; gives the nats before it.
    fn step(&mut self) -> Result<f64, TrainError> {
        let from = self.arguments.round_from;
        self.network.rounds = from.is_some_and(|share| done(self.arguments, &self.progress) >= share);
        let images = self.order.step(self.progress.steps, self.arguments.batch);
        let seen = self.network.with(self.steps.seen(&self.network.parameters));
        let (loss, mut gradients) = step::loss(&seen, &images, self.validation.size, true);
        if self.arguments.classify_weight > 0.0 {
            let TrainArguments { classify_weight, classify_images, .. } = *self.arguments;
            let size = self.validation.size;
            let (_, more) = telling::loss(&seen, &images, size, classify_images, classify_weight);
            step::add(&mut gradients, more, 1.0);
        }
        let diverged = |what: &str| TrainError::NotFinite { what: what.into(), step: self.progress.steps };
        if !loss.is_finite() {
            return Err(diverged("the likelihood"));
        }
        let rate = rate(self.arguments, &self.progress);
        let norm = step::update(&mut self.network, &mut self.memory, self.arguments, rate, &gradients);
        if !norm.is_finite() {
            return Err(diverged("the gradient"));
        }
        self.progress.steps += 1;
        Ok(loss)
    }

    /// Writes everything to go on from.
    pub(super) fn checkpoint(&self) -> Result<(), TrainError> {
        let path = self.out.join("checkpoint.safetensors");
        checkpoint::save(&path, &self.identity, &self.network.parameters, &self.memory, &self.progress)
    }

    /// Above 2 levels, bits a dimension are what is usually told.
    pub(super) const fn in_bits(&self) -> bool {
        self.network.config.levels > 2
    }

    /// A likelihood in the unit that fits the levels.
    pub(super) fn figure(&self, nats: f64) -> String {
        if self.in_bits() {
            format!("{:.4} bits a dimension", self.log.bits(nats))
        } else {
            format!("{nats:.3} nats an image")
        }
    }

    fn bar(&self) -> ProgressBar {
        let (length, template) = match self.arguments.steps {
            Some(steps) => (steps, "{bar:30} {pos}/{len} steps, {eta} left: {msg}"),
            None => ((self.arguments.minutes * 60.0) as u64, "{bar:30} {pos}/{len} s, {eta} left: {msg}"),
        };
        let style = ProgressStyle::with_template(template);
        let bar = ProgressBar::new(length).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        self.show(&bar, &Recent::default());
        bar.reset_eta();
        bar
    }

    fn show(&self, bar: &ProgressBar, recent: &Recent) {
        bar.set_position(match self.arguments.steps {
            Some(_) => self.progress.steps,
            None => (self.progress.minutes * 60.0) as u64,
        });
        if recent.steps > 0 {
            bar.set_message(self.figure(recent.nats / f64::from(recent.steps)));
        }
    }
}

/// A flag that the first Ctrl-C or SIGTERM sets; the second ends the program at once.
fn signals() -> Result<Arc<AtomicBool>, TrainError> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&stop))
            .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&stop)))
            .map_err(|source| TrainError::Argument(format!("cannot catch signals: {source}")))?;
    }
    Ok(stop)
}
