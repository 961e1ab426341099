//! `pixelrnn train --benchmark`: the time of steps, and under which conditions.

use std::path::Path;
use std::time::Instant;

use tch::Device;

use super::images::{Images, Size};
use super::network::Network;
use super::optimizer::Memory;
use super::order::{Look, Order};
use super::{TrainArguments, TrainError, parameters, run, step};
use crate::data::Picture;

/// Steps before those that are timed.
const WARM_UP: u32 = 2;

/// Times steps on images, on made-up ones if there are none.
///
/// # Errors
/// Arguments out of range, images that cannot be read.
pub fn benchmark(
    arguments: &TrainArguments,
    data: Option<&Path>,
    device: Device,
    steps: u32,
) -> Result<(), TrainError> {
    let (pictures, size, redraw, every, classes) = match data {
        Some(data) => {
            let images = Images::read(arguments, data)?;
            (images.training, images.validation.size, images.redraw, images.every, images.classes)
        }
        None => made_up(arguments),
    };
    let channels = pictures[0].channels as u8;
    let config = arguments.network(channels, classes);
    config.check().map_err(TrainError::Argument)?;
    let parameters = parameters::initialize(&config, arguments.seed as i64, device);
    let mut network = run::network(arguments, config, parameters, device);
    let mut order = Order::new(pictures, Look { size, flip: arguments.flip, redraw, every }, arguments.seed);
    let times = times(arguments, &mut network, &mut order, size, steps);
    print(arguments, &network, size, device, times);
    Ok(())
}

/// Images of 28x28 or the crop's size.
fn made_up(arguments: &TrainArguments) -> (Vec<Picture>, Size, bool, usize, u16) {
    let size = arguments.crop.map_or(Size { width: 28, height: 28 }, Size::from);
    let value = |n: usize| (n * n % 251 % arguments.levels as usize) as u16;
    let count = size.pixels() * usize::from(arguments.channels);
    let picture = |n: usize| Picture {
        height: size.height,
        channels: arguments.channels.into(),
        ..Picture::grey(size.width, (0..count).map(|place| value(place + n)).collect())
    };
    ((0..arguments.batch).map(picture).collect(), size, false, 1, 0)
}

/// Milliseconds of each step, forward, backward and update.
fn times(arguments: &TrainArguments, network: &mut Network, order: &mut Order, size: Size, steps: u32) -> Vec<f64> {
    let mut memory = Memory::default();
    let mut times = Vec::new();
    for number in 0..WARM_UP + steps {
        let start = Instant::now();
        let images = order.step(u64::from(number), arguments.batch);
        let (_, gradients) = step::loss(network, &images, size, true);
        step::update(network, &mut memory, arguments, 1e-4, &gradients);
        if number >= WARM_UP {
            times.push(start.elapsed().as_secs_f64() * 1000.0);
        }
    }
    times
}

fn print(arguments: &TrainArguments, network: &Network, size: Size, device: Device, mut times: Vec<f64>) {
    times.sort_by(f64::total_cmp);
    let mean = times.iter().sum::<f64>() / times.len() as f64;
    let config = &network.config;
    println!(
        "{}, h={}, {} blocks, head {}, {} levels, {} channels, {} components, {size}, batch {}, {:?}, {device:?}, {} threads:",
        config.architecture.name(),
        config.hidden,
        config.blocks,
        config.head,
        config.levels,
        config.channels,
        config.components,
        arguments.batch,
        network.kind,
        rayon::current_num_threads(),
    );
    println!(
        "{:.2} steps a second, {:.0} images a second; milliseconds a step: mean {mean:.1}, least {:.1}, median {:.1} \
         ({} steps, forward, backward and update)",
        1000.0 / mean,
        1000.0 / mean * arguments.batch as f64,
        times[0],
        times[times.len() / 2],
        times.len(),
    );
}
