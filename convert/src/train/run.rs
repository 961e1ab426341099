//! The training loop and its run folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;
use tch::{Device, Kind, Tensor};

use super::benchmark::benchmark;
use super::checkpoint::{self, Checkpoint, Identity, Progress};
use super::images::{Images, Pieces};
use super::log::{Entry, Log};
use super::lstm::Walk;
use super::network::Network;
use super::optimizer::Memory;
use super::order::{Look, Order};
use super::parameters::{self, Named};
use super::{TrainArguments, TrainError, device, grow, step};
use crate::config::NetworkConfig;
use crate::report;

fn write_json(path: &Path, value: &impl Serialize) -> Result<(), TrainError> {
    let text = serde_json::to_string_pretty(value).map_err(|error| TrainError::Argument(error.to_string()))?;
    Ok(report::write(path, (text + "\n").as_bytes())?)
}

/// The weights that `--init` names, and the shape of the network they belong to.
fn init(arguments: &TrainArguments, path: &Path, channels: u8, device: Device) -> Result<(NetworkConfig, Named), TrainError> {
    let error = |path: &Path, reason: String| TrainError::Read { path: path.to_path_buf(), reason };
    let read = |path: &Path| std::fs::read(path).map_err(|source| error(path, source.to_string()));
    let bytes = read(path)?;
    let beside = [path.with_extension("json"), path.with_file_name("config.json")];
    let (config, hint) = match beside.iter().find(|config| config.exists()) {
        Some(beside) => {
            let config = serde_json::from_slice(&read(beside)?).map_err(|reason| error(beside, reason.to_string()))?;
            (config, "")
        }
        None => (arguments.network(channels), " asked for, and no config lies beside it"),
    };
    let weights = parameters::from_documented(&config, &bytes, device).map_err(|reason| {
        error(path, format!("it does not hold the weights of the network{hint}: {reason}"))
    })?;
    Ok((config, weights))
}

/// Trains, from the start or from the run folder's checkpoint.
///
/// # Errors
/// Arguments out of range, images or files that cannot be read or written, a training that diverges.
pub fn run(arguments: &TrainArguments) -> Result<(), TrainError> {
    arguments.check()?;
    let device = device::choose(&arguments.device)?;
    let threads = rayon::ThreadPoolBuilder::new()
        .num_threads(arguments.threads)
        .start_handler(move |_| {
            if device == Device::Cpu {
                // Each thread works through a micro-batch of its own; libtorch's threads, a setting of every thread that
                // calls it, would only stand in the way.
                tch::set_num_threads(1);
            }
        })
        .build()
        .map_err(|error| TrainError::Argument(format!("cannot start threads: {error}")))?;
    threads.install(|| match (arguments.benchmark, &arguments.data, &arguments.out) {
        (Some(steps), data, _) => benchmark(arguments, data.as_deref(), device, steps),
        (None, Some(data), Some(out)) => Run::begin(arguments, data, out, device)?.train(),
        _ => Err(TrainError::Argument("--data and --out are needed".into())),
    })
}

/// A network as the arguments want it computed.
pub fn network(arguments: &TrainArguments, config: NetworkConfig, parameters: Named, device: Device) -> Network {
    let kind = if arguments.bfloat16 { Kind::BFloat16 } else { Kind::Float };
    let walk = if device == Device::Cpu { Walk::Pixels } else { Walk::Waves };
    Network::new(config, parameters, kind, walk)
}

/// A training and its folder.
struct Run<'a> {
    arguments: &'a TrainArguments,
    out: PathBuf,
    order: Order,
    valid: Pieces,
    identity: Identity,
    network: Network,
    memory: Memory,
    progress: Progress,
    log: Log,
    stop: Arc<AtomicBool>,
}

/// What was seen since the last validation.
#[derive(Default)]
struct Recent {
    nats: f64,
    steps: u32,
    time: Duration,
}

impl<'a> Run<'a> {
    fn begin(arguments: &'a TrainArguments, data: &Path, out: &Path, device: Device) -> Result<Self, TrainError> {
        let checkpoint = out.join("checkpoint.safetensors");
        let Images { training, redraw, validation } = Images::read(arguments, data)?;
        let channels = validation.channels as u8;
        let begun = match &arguments.init {
            Some(path) => Some(init(arguments, path, channels, device)?),
            None => None,
        };
        let mut config = begun.as_ref().map_or_else(|| arguments.network(channels), |(config, _)| config.clone());
        if arguments.grow {
            config = grow::shape(&config, arguments).map_err(TrainError::Argument)?;
        }
        config.check().map_err(TrainError::Argument)?;
        if (config.levels, config.channels) != (arguments.levels, channels) {
            return Err(TrainError::Argument(format!(
                "the weights to begin from are for --levels {} and {} channels, not {} and {channels}",
                config.levels, config.channels, arguments.levels
            )));
        }
        let look = Look { size: validation.size, flip: arguments.flip, redraw };
        let identity = Identity {
            network: config.clone(),
            seed: arguments.seed,
            batch: arguments.batch,
            optimizer: arguments.optimizer,
            images: Identity::of(&training),
            look,
        };
        std::fs::create_dir_all(out).map_err(|source| TrainError::Write { path: out.to_path_buf(), source })?;
        let Checkpoint { parameters, memory, progress } = if checkpoint.exists() {
            checkpoint::load(&checkpoint, &identity, device)?
        } else {
            let parameters = match &begun {
                Some((from, weights)) => grow::grow(weights, from, &config, arguments.seed as i64, device),
                None => parameters::initialize(&config, arguments.seed as i64, device),
            };
            Checkpoint { parameters, memory: Memory::default(), progress: Progress::default() }
        };
        write_json(&out.join("config.json"), &config)?;
        write_json(&out.join("train.json"), arguments)?;
        let log = Log::open(&out.join("log.csv"), progress.steps, validation.values_each())?;
        let network = network(arguments, config, parameters, device);

        let stop = Arc::new(AtomicBool::new(false));
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            // The first signal asks for an end, the second ends at once.
            signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&stop))
                .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&stop)))
                .map_err(|source| TrainError::Argument(format!("cannot catch signals: {source}")))?;
        }
        let order = Order::new(training, look, arguments.seed);
        let out = out.to_path_buf();
        Ok(Self { arguments, out, order, valid: validation, identity, network, memory, progress, log, stop })
    }

    /// Share of the training that is done.
    fn done(&self) -> f64 {
        match self.arguments.steps {
            Some(steps) => self.progress.steps as f64 / steps as f64,
            None => self.progress.minutes / self.arguments.minutes,
        }
    }

    /// Above 2 levels, bits a dimension are what is usually told.
    const fn in_bits(&self) -> bool {
        self.network.config.levels > 2
    }

    /// A likelihood in the unit that fits the levels.
    fn figure(&self, nats: f64) -> String {
        if self.in_bits() {
            format!("{:.4} bits a dimension", self.log.bits(nats))
        } else {
            format!("{nats:.3} nats an image")
        }
    }

    fn bar(&self) -> indicatif::ProgressBar {
        let (length, template) = match self.arguments.steps {
            Some(steps) => (steps, "{bar:30} {pos}/{len} steps, {eta} left: {msg}"),
            None => ((self.arguments.minutes * 60.0) as u64, "{bar:30} {pos}/{len} s, {eta} left: {msg}"),
        };
        let style = indicatif::ProgressStyle::with_template(template);
        let bar = indicatif::ProgressBar::new(length)
            .with_style(style.unwrap_or_else(|_| indicatif::ProgressStyle::default_bar()));
        self.show(&bar, &Recent::default());
        bar.reset_eta();
        bar
    }

    fn show(&self, bar: &indicatif::ProgressBar, recent: &Recent) {
        bar.set_position(match self.arguments.steps {
            Some(_) => self.progress.steps,
            None => (self.progress.minutes * 60.0) as u64,
        });
        if recent.steps > 0 {
            bar.set_message(self.figure(recent.nats / f64::from(recent.steps)));
        }
    }

    fn train(mut self) -> Result<(), TrainError> {
        let weights: usize = self.network.parameters.values().map(Tensor::numel).sum();
        println!("{} training images, {} to validate, {weights} weights", self.order.len(), self.valid.len());
        if self.progress.steps > 0 {
            println!("going on from step {}, minute {:.1}", self.progress.steps, self.progress.minutes);
        }
        let bar = self.bar();
        let mut recent = Recent::default();
        let mut last = Instant::now();
        loop {
            let ending = self.done() >= 1.0;
            self.progress.finished &= ending;
            if self.stop.load(Ordering::Relaxed) {
                self.checkpoint()?;
                bar.finish_and_clear();
                println!("stopped at step {}; the same command goes on from there", self.progress.steps);
                return Ok(());
            }
            if self.progress.finished {
                break;
            }
            if ending || recent.time.as_secs_f64() >= self.arguments.every * 60.0 {
                self.progress.finished = ending;
                self.validate(&recent, &bar)?;
                recent = Recent::default();
                last = Instant::now();
                continue;
            }
            let rate = rate_at(self.arguments, self.done(), self.progress.steps);
            recent.nats += self.step(rate)?;
            recent.steps += 1;
            let took = last.elapsed();
            last = Instant::now();
            recent.time += took;
            self.progress.minutes += took.as_secs_f64() / 60.0;
            self.show(&bar, &recent);
        }
        bar.finish_and_clear();
        if let Some(best) = self.progress.best {
            let Progress { steps, minutes, .. } = self.progress;
            println!("{} on validation after {steps} steps, {minutes:.1} minutes", self.figure(best));
        }
        Ok(())
    }

    /// One step; gives the nats before it.
    fn step(&mut self, rate: f64) -> Result<f64, TrainError> {
        let values = self.order.step(self.progress.steps, self.arguments.batch);
        let (loss, gradients) = step::loss(&self.network, &values, self.valid.size, true);
        let diverged = |what: &str| TrainError::NotFinite { what: what.into(), step: self.progress.steps };
        if !loss.is_finite() {
            return Err(diverged("the likelihood"));
        }
        let norm = step::update(&mut self.network, &mut self.memory, self.arguments, rate, &gradients);
        if !norm.is_finite() {
            return Err(diverged("the gradient"));
        }
        self.progress.steps += 1;
        Ok(loss)
    }

    fn checkpoint(&self) -> Result<(), TrainError> {
        let path = self.out.join("checkpoint.safetensors");
        checkpoint::save(&path, &self.identity, &self.network.parameters, &self.memory, &self.progress)
    }

    /// Measures the averaged weights, keeps them if they are the best, draws a sheet, and makes a checkpoint.
    fn validate(&mut self, recent: &Recent, bar: &indicatif::ProgressBar) -> Result<(), TrainError> {
        let config = &self.network.config;
        let averages = self.memory.averaged(&self.network.parameters);
        let averaged = Network::new(config.clone(), averages, Kind::Float, self.network.walk);
        let limit = if self.progress.finished { self.valid.len() } else { self.arguments.valid_limit };
        let nats = step::validate(&averaged, &self.valid, limit);
        let steps = self.progress.steps;
        if !nats.is_finite() {
            return Err(TrainError::NotFinite { what: "the validation".into(), step: steps });
        }
        let bytes = parameters::documented_bytes(&averaged.parameters, config)?;
        // The last word is that of the end, over all images.
        if self.progress.finished || self.progress.best.is_none_or(|best| nats < best) {
            self.progress.best = Some(nats);
            report::write(&self.out.join("model.safetensors"), &bytes)?;
        }
        let entry = Entry {
            step: steps,
            minutes: self.progress.minutes,
            epoch: steps as f64 * self.arguments.batch as f64 / self.order.len() as f64,
            rate: rate_at(self.arguments, self.done(), steps),
            training: recent.nats / f64::from(recent.steps),
            validation: nats,
            milliseconds: recent.time.as_secs_f64() * 1000.0 / f64::from(recent.steps),
        };
        self.log.add(entry)?;
        self.log.draw(&self.out.join("curve.png"), self.in_bits())?;
        self.checkpoint()?;
        bar.suspend(|| {
            println!(
                "step {steps}, minute {:.1}, epoch {:.2}: {} on validation, {:.0} ms a step",
                entry.minutes,
                entry.epoch,
                self.figure(nats),
                entry.milliseconds
            );
        });
        Ok(())
    }
}

/// A short rise, then half a cosine over the time given.
fn rate_at(arguments: &TrainArguments, done: f64, steps: u64) -> f64 {
    let rise = ((steps + 1) as f64 / 100.0).min(1.0);
    arguments.rate * rise * (0.5 + 0.5 * (std::f64::consts::PI * done.min(1.0)).cos()).max(0.003)
}
