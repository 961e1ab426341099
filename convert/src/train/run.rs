//! Where a training begins: its threads, its device, and what is asked for.

use tch::{Device, Kind};

use super::benchmark::benchmark;
use super::lstm::Walk;
use super::network::Network;
use super::parameters::Named;
use super::training::Training;
use super::{TrainArguments, TrainError, device, memory};
use crate::config::NetworkConfig;

/// Trains, from the start or from the run folder's checkpoint.
///
/// # Errors
/// Arguments out of range, images or files that cannot be read or written, a training that diverges.
pub fn run(arguments: &TrainArguments) -> Result<(), TrainError> {
    arguments.check()?;
    memory::keep();
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
        (None, Some(data), Some(out)) => Training::begin(arguments, data, out, device)?.run(),
        _ => Err(TrainError::Argument("--data and --out are needed".into())),
    })
}

/// A network as the arguments want it computed.
pub fn network(arguments: &TrainArguments, config: NetworkConfig, parameters: Named, device: Device) -> Network {
    let kind = if arguments.bfloat16 { Kind::BFloat16 } else { Kind::Float };
    let walk = if device == Device::Cpu { Walk::Pixels } else { Walk::Waves };
    Network::new(config, parameters, kind, walk)
}
