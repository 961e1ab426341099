//! The training loop and its run folder.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor};

use super::maps::Batch;
use super::network::Network;
use super::optimizer::Memory;
use super::parameters::{self, Named};
use super::{TrainArguments, TrainError};
use crate::data::ImageSet;

/// Images in a group: what one thread takes at a time.
const GROUP: usize = 16;

/// Where a training stands.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
struct Progress {
    /// Steps made.
    steps: u64,
    /// Minutes trained.
    minutes: f64,
    /// Best validation, nats an image.
    best: Option<f64>,
}

/// A shuffle that depends on the seed and the epoch alone: a resumed run sees the images it would have seen.
struct Order {
    seed: u64,
    count: usize,
    epoch: Option<u64>,
    order: Vec<usize>,
}

impl Order {
    fn get(&mut self, place: u64) -> usize {
        let epoch = place / self.count as u64;
        if self.epoch != Some(epoch) {
            let mut state = self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ epoch;
            let mut next = || {
                state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mut z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                z ^ (z >> 31)
            };
            self.order = (0..self.count).collect();
            for last in (1..self.count).rev() {
                self.order.swap(last, (next() % (last as u64 + 1)) as usize);
            }
            self.epoch = Some(epoch);
        }
        self.order[(place % self.count as u64) as usize]
    }
}

fn write(path: &Path, text: &str) -> Result<(), TrainError> {
    let error = |source| TrainError::Write { path: path.to_path_buf(), source };
    let part = path.with_extension("part");
    std::fs::write(&part, text).map_err(error)?;
    std::fs::rename(&part, path).map_err(error)
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<(), TrainError> {
    let text = serde_json::to_string_pretty(value).map_err(|error| TrainError::Argument(error.to_string()))?;
    write(path, &(text + "\n"))
}

fn read_json<T: for<'d> Deserialize<'d>>(path: &Path) -> Result<T, TrainError> {
    let error = |reason: String| TrainError::Read { path: path.to_path_buf(), reason };
    let text = std::fs::read_to_string(path).map_err(|source| error(source.to_string()))?;
    serde_json::from_str(&text).map_err(|source| error(source.to_string()))
}

fn check(arguments: &TrainArguments) -> Result<(), TrainError> {
    let wrong = |text: &str| Err(TrainError::Argument(text.into()));
    match arguments {
        TrainArguments { levels, .. } if !(2..=256).contains(levels) => wrong("--levels is 2 to 256"),
        TrainArguments { hidden, .. } if hidden % 4 != 0 || !(4..=256).contains(hidden) => {
            wrong("--hidden is a multiple of 4, 4 to 256")
        }
        TrainArguments { blocks, .. } if !(1..=16).contains(blocks) => wrong("--blocks is 1 to 16"),
        TrainArguments { head, .. } if head % 4 != 0 || !(4..=1024).contains(head) => {
            wrong("--head is a multiple of 4, 4 to 1024")
        }
        TrainArguments { kernel, .. } if kernel % 2 == 0 || *kernel < 3 => wrong("--kernel is odd, 3 or more"),
        TrainArguments { batch, .. } if batch % GROUP != 0 || *batch == 0 => wrong("--batch is a multiple of 16"),
        TrainArguments { minutes, .. } if !minutes.is_finite() || *minutes <= 0.0 => wrong("--minutes is above 0"),
        _ => Ok(()),
    }
}

/// A batch of images as a tensor.
fn batch_of(network: &Network, set: &ImageSet, indices: &[usize], device: Device) -> (Batch, Tensor) {
    let pixels = set.pixels();
    let values: Vec<u8> = indices.iter().flat_map(|&index| &set.values[index * pixels..][..pixels]).copied().collect();
    let batch = network.batch(indices.len(), GROUP, set.height, set.width);
    (batch, Tensor::from_slice(&values).view([batch.count(), batch.height, batch.width]).to_device(device))
}

/// Mean nats of the first images of a set, as many as make whole groups.
fn validate(network: &Network, set: &ImageSet, limit: usize, device: Device) -> f64 {
    let count = set.len().min(limit.max(GROUP)) / GROUP * GROUP;
    let indices: Vec<usize> = (0..count).map(|place| place * set.len() / count.max(1)).collect();
    let mut sum = 0.0;
    for indices in indices.chunks(8 * GROUP) {
        let (batch, images) = batch_of(network, set, indices, device);
        sum += network.loss(batch, &images, false).0 * indices.len() as f64;
    }
    sum / count.max(1) as f64
}

/// Trains, from the start or from the run folder's checkpoint.
///
/// # Errors
/// Arguments out of range, images or files that cannot be read or written.
pub fn run(arguments: &TrainArguments) -> Result<(), TrainError> {
    check(arguments)?;
    let device = match arguments.device.as_str() {
        "cpu" => Device::Cpu,
        "cuda" if tch::Cuda::is_available() => Device::Cuda(0),
        "cuda" => return Err(TrainError::Argument("libtorch sees no CUDA device; --device cpu trains without".into())),
        other => return Err(TrainError::Argument(format!("--device is cpu or cuda, not {other}"))),
    };
    if arguments.threads > 0 {
        tch::set_num_threads(arguments.threads as i32);
        // Fails only if some pool was made already; then that one serves.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(arguments.threads).build_global();
    }
    let levels = arguments.levels;
    let data = arguments.values.apply(ImageSet::read(&arguments.data)?, levels)?;
    let (data, valid) = match &arguments.valid {
        Some(path) => (data, arguments.values.apply(ImageSet::read(path)?, levels)?),
        None => {
            let held_out = data.len() / 10;
            data.split_last(held_out)
        }
    };
    if data.len() < arguments.batch || valid.len() < GROUP {
        return Err(TrainError::Argument(format!(
            "{} training and {} validation images are too few for --batch {}",
            data.len(),
            valid.len(),
            arguments.batch
        )));
    }

    let out = &arguments.out;
    std::fs::create_dir_all(out).map_err(|source| TrainError::Write { path: out.clone(), source })?;
    let config = arguments.network();
    let checkpoint = out.join("checkpoint.safetensors");
    let mut memory = Memory::default();
    let mut progress = Progress::default();
    let parameters = if checkpoint.exists() {
        let kept = read_json(&out.join("config.json"))?;
        if config != kept {
            return Err(TrainError::Argument(format!(
                "{} holds another network: {kept:?}; name another folder, or the same shape",
                out.display()
            )));
        }
        progress = read_json(&out.join("checkpoint.json"))?;
        memory.steps = progress.steps;
        let mut parameters = Named::new();
        for (name, tensor) in parameters::load_tensors(&checkpoint, device)? {
            match name.strip_prefix("parameter/") {
                Some(name) => parameters.insert(name.into(), tensor),
                None => memory.tensors.insert(name, tensor),
            };
        }
        println!("going on from step {}, minute {:.1}", progress.steps, progress.minutes);
        parameters
    } else {
        parameters::initialize(&config, arguments.seed as i64, device)
    };
    write_json(&out.join("config.json"), &config)?;
    write_json(&out.join("train.json"), arguments)?;
    let kind = if arguments.bfloat16 { Kind::BFloat16 } else { Kind::Float };
    let mut network = Network { config: config.clone(), parameters, kind };
    let weights: usize = network.parameters.values().map(Tensor::numel).sum();
    println!("{} training images, {} to validate, {weights} weights", data.len(), valid.len());

    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&stop))
            .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&stop)))
            .map_err(|source| TrainError::Argument(format!("cannot catch signals: {source}")))?;
    }
    let mut order = Order { seed: arguments.seed, count: data.len(), epoch: None, order: Vec::new() };
    let bar = indicatif::ProgressBar::new((arguments.minutes * 60.0) as u64);
    bar.set_style(
        indicatif::ProgressStyle::with_template("{bar:30} {pos}/{len} s, {eta} left: {msg}")
            .unwrap_or_else(|_| indicatif::ProgressStyle::default_bar()),
    );
    let mut log = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(out.join("log.csv"))
        .map_err(|source| TrainError::Write { path: out.join("log.csv"), source })?;
    if progress.steps == 0 {
        let _ = writeln!(log, "step,minutes,epoch,rate,train_nats,valid_nats,milliseconds_a_step");
    }

    let mut last = Instant::now();
    let mut recent = (0.0, 0u32, Duration::ZERO);
    loop {
        let done = progress.minutes / arguments.minutes;
        let ending = done >= 1.0 || stop.load(Ordering::Relaxed);
        let due = recent.2.as_secs_f64() >= arguments.every * 60.0;
        if due || (ending && recent.1 > 0) {
            let averaged =
                Network { config: config.clone(), parameters: memory.averaged(&network.parameters), kind: Kind::Float };
            let limit = if done >= 1.0 { valid.len() } else { arguments.valid_limit };
            let nats = validate(&averaged, &valid, limit, device);
            let epoch = (progress.steps as f64 * arguments.batch as f64) / data.len() as f64;
            let train = recent.0 / f64::from(recent.1);
            let milliseconds = recent.2.as_secs_f64() * 1000.0 / f64::from(recent.1);
            let rate = rate_at(arguments, done, progress.steps);
            let line = format!(
                "{},{:.2},{epoch:.2},{rate:.2e},{train:.3},{nats:.3},{milliseconds:.0}",
                progress.steps, progress.minutes
            );
            bar.suspend(|| println!("{line}"));
            writeln!(log, "{line}").map_err(|source| TrainError::Write { path: out.join("log.csv"), source })?;
            if progress.best.is_none_or(|best| nats < best) || done >= 1.0 {
                progress.best = Some(nats);
                parameters::save(&averaged.parameters, &config, &out.join("model.safetensors"))?;
            }
            let mut all =
                memory.tensors.iter().map(|(name, tensor)| (name.clone(), tensor.shallow_clone())).collect::<Named>();
            for (name, tensor) in &network.parameters {
                all.insert(format!("parameter/{name}"), tensor.shallow_clone());
            }
            parameters::save_tensors(&all, &checkpoint)?;
            write_json(&out.join("checkpoint.json"), &progress)?;
            recent = (0.0, 0, Duration::ZERO);
            last = Instant::now();
        }
        if ending {
            break;
        }
        let start = progress.steps * arguments.batch as u64;
        let indices: Vec<usize> = (0..arguments.batch as u64).map(|n| order.get(start + n)).collect();
        let (batch, images) = batch_of(&network, &data, &indices, device);
        let (loss, gradients) = network.loss(batch, &images, true);
        let rate = rate_at(arguments, done, progress.steps);
        memory.step(arguments.optimizer, &mut network.parameters, &gradients, rate, arguments.decay, arguments.clip);
        memory.average(&network.parameters, arguments.average);
        progress.steps += 1;
        let took = last.elapsed();
        last = Instant::now();
        progress.minutes += took.as_secs_f64() / 60.0;
        recent = (recent.0 + loss, recent.1 + 1, recent.2 + took);
        bar.set_position((progress.minutes * 60.0) as u64);
        bar.set_message(format!("{:.2} nats an image", recent.0 / f64::from(recent.1)));
    }
    bar.finish_and_clear();
    if let Some(best) = progress.best {
        println!("{best:.3} nats on validation after {} steps, {:.1} minutes", progress.steps, progress.minutes);
    }
    Ok(())
}

/// A short rise, then half a cosine over the time given.
fn rate_at(arguments: &TrainArguments, done: f64, steps: u64) -> f64 {
    let rise = ((steps + 1) as f64 / 100.0).min(1.0);
    arguments.rate * rise * (0.5 + 0.5 * (std::f64::consts::PI * done.min(1.0)).cos()).max(0.003)
}
