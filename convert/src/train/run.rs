//! The training loop and its run folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;
use tch::{Device, Kind, Tensor};

use super::checkpoint::{self, Checkpoint, Identity, Progress};
use super::log::{Entry, Log};
use super::lstm::Walk;
use super::network::Network;
use super::optimizer::Memory;
use super::order::Order;
use super::parameters::{self, Named};
use super::step::{self, MICRO};
use super::{TrainArguments, TrainError, device, grow, samples};
use crate::config::NetworkConfig;
use crate::data::levels::mutate;
use crate::data::{DataError, Levels, Picture, set};
use crate::{float, report};

fn write_json(path: &Path, value: &impl Serialize) -> Result<(), TrainError> {
    let text = serde_json::to_string_pretty(value).map_err(|error| TrainError::Argument(error.to_string()))?;
    Ok(report::write(path, (text + "\n").as_bytes())?)
}

fn check(arguments: &TrainArguments) -> Result<(), TrainError> {
    let wrong = |text: &str| Err(TrainError::Argument(text.into()));
    let above = |value: f64| value.is_finite() && value > 0.0;
    match arguments {
        TrainArguments { batch, .. } if batch % MICRO != 0 || !(MICRO..=65_536).contains(batch) => {
            wrong("--batch is a multiple of 16, 16 to 65536")
        }
        TrainArguments { minutes, .. } if !above(*minutes) => wrong("--minutes is above 0"),
        TrainArguments { steps: Some(0), .. } => wrong("--steps is above 0"),
        TrainArguments { benchmark: Some(0), .. } => wrong("--benchmark is above 0"),
        TrainArguments { rate, .. } if !above(*rate) => wrong("--rate is above 0"),
        TrainArguments { clip, .. } if !above(*clip) => wrong("--clip is above 0"),
        TrainArguments { decay, .. } if !(0.0..=1e3).contains(decay) => wrong("--decay is 0 or more"),
        TrainArguments { average, .. } if !average.is_finite() || *average < 1.0 => wrong("--average is 1 or more"),
        TrainArguments { mutate, .. } if !(0.0..=1.0).contains(mutate) => wrong("--mutate is 0 to 1"),
        TrainArguments { mutate, values: Levels::Sample, .. } if *mutate > 0.0 => {
            wrong("--mutate does not go with --values sample, which draws the values itself")
        }
        TrainArguments { every, .. } if !above(*every) => wrong("--every is above 0"),
        TrainArguments { threads, .. } if *threads > 1024 => wrong("--threads is at most 1024"),
        TrainArguments { samples, .. } if *samples > 10_000 => wrong("--samples is at most 10000"),
        _ => Ok(()),
    }
}

/// Training images, whether their grey values are drawn anew each epoch, and validation images.
fn images(arguments: &TrainArguments, data: &Path) -> Result<(Vec<Picture>, bool, Vec<Picture>), TrainError> {
    let (values, levels) = (arguments.values, arguments.levels);
    let redraw = values == Levels::Sample;
    // Drawn values are checked here, and drawn when a step wants them.
    let grey = arguments.options.read(data)?;
    let data = values.apply(grey.clone(), levels)?;
    let (mut data, mut valid) = match &arguments.valid {
        Some(path) => (if redraw { grey } else { data }, values.apply(arguments.options.read(path)?, levels)?),
        None => {
            let (mut data, mut grey) = (data, grey);
            let valid = data.split_off(data.len() - data.len() / 10);
            grey.truncate(data.len());
            (if redraw { grey } else { data }, valid)
        }
    };
    if arguments.mutate > 0.0 {
        mutate(&mut data, arguments.mutate, levels, arguments.seed);
        mutate(&mut valid, arguments.mutate, levels, !arguments.seed);
    }
    set::check_channels(&data, 1, set::MODEL).map_err(DataError::from)?;
    set::check_channels(&valid, 1, set::MODEL).map_err(DataError::from)?;
    if set::common_size(&data).is_none() || set::common_size(&data) != set::common_size(&valid) {
        return Err(TrainError::Argument("training and validation images are of different sizes".into()));
    }
    if data.len() < arguments.batch || valid.len() < MICRO {
        return Err(TrainError::Argument(format!(
            "{} training and {} validation images are too few: --batch {} and {MICRO} are needed",
            data.len(),
            valid.len(),
            arguments.batch
        )));
    }
    Ok((data, redraw, valid))
}

/// The weights that `--init` names, and the shape of the network they belong to.
fn init(arguments: &TrainArguments, path: &Path) -> Result<float::Network, TrainError> {
    let beside = [path.with_extension("json"), path.with_file_name("config.json")];
    if let Some(config) = beside.iter().find(|config| config.exists()) {
        return Ok(float::Network::read(config, path)?);
    }
    let bytes = std::fs::read(path)
        .map_err(|source| TrainError::Read { path: path.to_path_buf(), reason: source.to_string() })?;
    float::Network::from_safetensors(arguments.network(), &bytes).map_err(|reason| TrainError::Read {
        path: path.to_path_buf(),
        reason: format!(
            "it does not hold the weights of the network asked for, and no config lies beside it: {reason}"
        ),
    })
}

/// Mean nats of some images of a set, spread over it, as many as make whole micro-batches.
fn validate(network: &Network, set: &[Picture], limit: usize, device: Device) -> f64 {
    let count = set.len().min(limit.max(MICRO)) / MICRO * MICRO;
    let indices: Vec<usize> = (0..count).map(|place| place * set.len() / count.max(1)).collect();
    let mut sum = 0.0;
    for indices in indices.chunks(16 * MICRO) {
        let values: Vec<u16> = indices.iter().flat_map(|&n| &set[n].values).copied().collect();
        sum += step::loss(network, &values, set[0].size(), device, false).0 * indices.len() as f64;
    }
    sum / count.max(1) as f64
}

/// Trains, from the start or from the run folder's checkpoint.
///
/// # Errors
/// Arguments out of range, images or files that cannot be read or written, a training that diverges.
pub fn run(arguments: &TrainArguments) -> Result<(), TrainError> {
    check(arguments)?;
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

fn network(arguments: &TrainArguments, config: NetworkConfig, parameters: Named, device: Device) -> Network {
    let kind = if arguments.bfloat16 { Kind::BFloat16 } else { Kind::Float };
    Network { config, parameters, kind, walk: walk(device) }
}

fn walk(device: Device) -> Walk {
    if device == Device::Cpu { Walk::Pixels } else { Walk::Waves }
}

/// Times steps, and says under which conditions.
fn benchmark(arguments: &TrainArguments, data: Option<&Path>, device: Device, steps: u32) -> Result<(), TrainError> {
    let config = arguments.network();
    config.check().map_err(TrainError::Argument)?;
    let (set, redraw) = match data {
        Some(data) => images(arguments, data).map(|(set, redraw, _)| (set, redraw))?,
        None => {
            let value = |n: usize| (n * n % 251 % config.levels as usize) as u16;
            let image = |number| Picture::grey(28, (number * 784..(number + 1) * 784).map(value).collect());
            ((0..arguments.batch).map(image).collect(), false)
        }
    };
    let size = set[0].size();
    let mut order = Order::new(set, arguments.seed, redraw);
    let mut memory = Memory::default();
    let parameters = parameters::initialize(&config, arguments.seed as i64, device);
    let mut network = network(arguments, config, parameters, device);
    let mut times = Vec::new();
    const WARM_UP: u32 = 2;
    for number in 0..WARM_UP + steps {
        let start = Instant::now();
        let values = order.step(u64::from(number), arguments.batch);
        let (_, gradients) = step::loss(&network, &values, size, device, true);
        memory.step(arguments.optimizer, &mut network.parameters, &gradients, 1e-4, arguments.decay, arguments.clip);
        memory.average(&network.parameters, arguments.average);
        if number >= WARM_UP {
            times.push(start.elapsed().as_secs_f64() * 1000.0);
        }
    }
    times.sort_by(f64::total_cmp);
    let mean = times.iter().sum::<f64>() / times.len() as f64;
    println!(
        "{}, h={}, {} blocks, {} levels, {}x{}, batch {}, {:?}, {device:?}, {} threads:",
        network.config.architecture.name(),
        network.config.hidden,
        network.config.blocks,
        network.config.levels,
        size.0,
        size.1,
        arguments.batch,
        network.kind,
        rayon::current_num_threads(),
    );
    println!(
        "{:.2} steps a second, {:.0} images a second; milliseconds a step: mean {mean:.1}, least {:.1}, median {:.1} \
         ({steps} steps, forward, backward and update)",
        1000.0 / mean,
        1000.0 / mean * arguments.batch as f64,
        times[0],
        times[times.len() / 2],
    );
    Ok(())
}

/// A training and its folder.
struct Run<'a> {
    arguments: &'a TrainArguments,
    out: PathBuf,
    device: Device,
    order: Order,
    valid: Vec<Picture>,
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
        // A run that is gone on with has its weights already.
        let twin = match &arguments.init {
            Some(path) => Some(init(arguments, path)?),
            None => None,
        };
        let mut config = twin.as_ref().map_or_else(|| arguments.network(), |twin| twin.config.clone());
        if arguments.grow {
            config = grow::shape(&config, arguments).map_err(TrainError::Argument)?;
        }
        config.check().map_err(TrainError::Argument)?;
        if config.levels != arguments.levels {
            return Err(TrainError::Argument(format!(
                "the weights to begin from are for --levels {}, not {}",
                config.levels, arguments.levels
            )));
        }
        let (data, redraw, valid) = images(arguments, data)?;
        let identity = Identity {
            network: config.clone(),
            seed: arguments.seed,
            batch: arguments.batch,
            optimizer: arguments.optimizer,
            images: Identity::of(&data),
            redraw,
        };
        std::fs::create_dir_all(out).map_err(|source| TrainError::Write { path: out.to_path_buf(), source })?;
        let Checkpoint { parameters, memory, progress } = if checkpoint.exists() {
            checkpoint::load(&checkpoint, &identity, device)?
        } else {
            let parameters = match &twin {
                Some(twin) => {
                    let weights = parameters::from_twin(twin, device);
                    grow::grow(&weights, &twin.config, &config, arguments.seed as i64, device)
                }
                None => parameters::initialize(&config, arguments.seed as i64, device),
            };
            Checkpoint { parameters, memory: Memory::default(), progress: Progress::default() }
        };
        write_json(&out.join("config.json"), &config)?;
        write_json(&out.join("train.json"), arguments)?;
        let log = Log::open(&out.join("log.csv"), progress.steps, data[0].pixels())?;
        let network = network(arguments, config, parameters, device);

        let stop = Arc::new(AtomicBool::new(false));
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            // The first signal asks for an end, the second ends at once.
            signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&stop))
                .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&stop)))
                .map_err(|source| TrainError::Argument(format!("cannot catch signals: {source}")))?;
        }
        let order = Order::new(data, arguments.seed, redraw);
        let out = out.to_path_buf();
        Ok(Self { arguments, out, device, order, valid, identity, network, memory, progress, log, stop })
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
        println!("{} training images, {} to validate, {weights} weights", self.order.set().len(), self.valid.len());
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
        let TrainArguments { batch, optimizer, decay, clip, average, .. } = *self.arguments;
        let size = self.valid[0].size();
        let values = self.order.step(self.progress.steps, batch);
        let (loss, gradients) = step::loss(&self.network, &values, size, self.device, true);
        let diverged = |what: &str| TrainError::NotFinite { what: what.into(), step: self.progress.steps };
        if !loss.is_finite() {
            return Err(diverged("the likelihood"));
        }
        let norm = self.memory.step(optimizer, &mut self.network.parameters, &gradients, rate, decay, clip);
        if !norm.is_finite() {
            return Err(diverged("the gradient"));
        }
        self.memory.average(&self.network.parameters, average);
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
        let averaged = Network {
            config: config.clone(),
            parameters: self.memory.averaged(&self.network.parameters),
            kind: Kind::Float,
            walk: self.network.walk,
        };
        let limit = if self.progress.finished { self.valid.len() } else { self.arguments.valid_limit };
        let nats = validate(&averaged, &self.valid, limit, self.device);
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
            epoch: steps as f64 * self.arguments.batch as f64 / self.order.set().len() as f64,
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
        if self.arguments.samples == 0 {
            return Ok(());
        }
        let folder = self.out.join("samples");
        std::fs::create_dir_all(&folder).map_err(|source| TrainError::Write { path: folder.clone(), source })?;
        let twin = float::Network::from_safetensors(config.clone(), &bytes).map_err(TrainError::Argument)?;
        let path = folder.join(format!("{steps:08}.png"));
        samples::save(&twin, self.valid[0].size(), self.arguments.samples, self.arguments.seed, &path)
    }
}

/// A short rise, then half a cosine over the time given.
fn rate_at(arguments: &TrainArguments, done: f64, steps: u64) -> f64 {
    let rise = ((steps + 1) as f64 / 100.0).min(1.0);
    arguments.rate * rise * (0.5 + 0.5 * (std::f64::consts::PI * done.min(1.0)).cos()).max(0.003)
}
