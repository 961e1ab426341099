//! Losses and gradients of whole batches.
//!
//! On processors a batch is split into micro-batches: each is one thread's work from the images to the gradients, small enough
//! that its maps stay near the core, and threads meet once a step. Sums are taken in the order of the images, so that the
//! result does not depend on the number of threads.

use std::collections::btree_map::Entry;

use rayon::prelude::*;

use super::TrainArguments;
use super::images::{Examples, Size};
use super::lstm::Walk;
use super::maps::Batch;
use super::network::Network;
use super::optimizer::Memory;
use super::parameters::{self, Named};

/// Images of a micro-batch: at least two, of at most 16 images and 32,768 pixels if there are more than one.
fn micro(count: usize, size: Size) -> usize {
    count.div_ceil(2).min(16).min(32_768 / size.pixels().max(1)).max(1)
}

/// The micro-batches of some images, each with handles of the network's weights for a thread of its own.
fn parts<'e>(network: &Network, examples: Examples<'e>, size: Size) -> Vec<(Network, Examples<'e>)> {
    let each = size.pixels() * usize::from(network.config.channels);
    let Examples { values, classes, weights } = examples;
    let micro = micro(values.len() / each, size);
    let classes = classes.chunks(micro).chain(std::iter::repeat(&[][..]));
    let weights = weights.chunks(micro).chain(std::iter::repeat(&[][..]));
    let parts = values.chunks(micro * each).zip(classes.zip(weights));
    let parts = parts.map(|(values, (classes, weights))| Examples { values, classes, weights });
    // Tensors may go to another thread, but not be shared by two.
    parts.map(|part| (network.shallow_clone(), part)).collect()
}

/// The sizes of a batch of some images, as one group.
fn batch(network: &Network, examples: &Examples<'_>, size: Size) -> Batch {
    let count = examples.values.len() / size.pixels() / usize::from(network.config.channels);
    network.batch(count, count, size.height, size.width)
}

/// Mean nats an image, and the gradients if asked for.
pub fn loss<'e>(
    network: &Network,
    examples: impl Into<Examples<'e>>,
    size: Size,
    with_gradients: bool,
) -> (f64, Named) {
    let examples = examples.into();
    let one = |network: &Network, examples: Examples<'_>| {
        network.loss(batch(network, &examples, size), examples, with_gradients)
    };
    if network.walk == Walk::Waves {
        return one(network, examples);
    }
    let share = |part: &Examples<'_>| part.values.len() as f64 / examples.values.len() as f64;
    let parts: Vec<(f64, (f64, Named))> = parts(network, examples, size)
        .into_par_iter()
        .map(|(network, part)| (share(&part), one(&network, part)))
        .collect();
    let (mut loss, mut sum) = (0.0, Named::new());
    for (share, (nats, gradients)) in parts {
        loss += nats * share;
        add(&mut sum, gradients, share);
    }
    (loss, sum)
}

/// Adds a share of gradients to others.
pub fn add(sum: &mut Named, gradients: Named, share: f64) {
    for (name, gradient) in gradients {
        match sum.entry(name) {
            Entry::Vacant(entry) => {
                entry.insert(gradient * share);
            }
            Entry::Occupied(mut entry) => *entry.get_mut() += gradient * share,
        }
    }
}

/// Nats of each image.
pub fn nats_of_each<'e>(network: &Network, examples: impl Into<Examples<'e>>, size: Size) -> Vec<f64> {
    let parts = parts(network, examples.into(), size).into_par_iter();
    let nats: Vec<Vec<f64>> = parts.map(|(network, part)| network.nats(batch(&network, &part, size), part)).collect();
    nats.concat()
}

/// Moves a network's weights and their average; gives the gradients' norm. If that is not finite, nothing moves.
pub fn update(
    network: &mut Network,
    memory: &mut Memory,
    arguments: &TrainArguments,
    rate: f64,
    gradients: &Named,
) -> f64 {
    let norm = memory.step(&arguments.settings(rate), &mut network.parameters, gradients);
    parameters::hide(&mut network.parameters, &network.masks);
    memory.average(&network.parameters, arguments.average);
    norm
}

#[cfg(test)]
mod tests {
    use tch::{Device, Kind};

    use super::super::parameters;
    use super::*;
    use crate::config::{Architecture, NetworkConfig};

    #[test]
    fn micro_batches_add_up_to_the_batch() {
        let config = NetworkConfig { levels: 3, ..NetworkConfig::plain(Architecture::DiagonalBilstm, 4, 2) };
        let parameters = parameters::initialize(&config, 3, Device::Cpu);
        let mut network = Network::new(config, parameters, Kind::Float, Walk::Pixels);
        for count in [64, 37] {
            let size = Size { width: 4, height: 3 };
            let values: Vec<u16> = (0..count * 12).map(|n| (n * n % 7 % 3) as u16).collect();
            network.walk = Walk::Pixels;
            let (loss, gradients) = super::loss(&network, &values, size, true);
            network.walk = Walk::Waves;
            let (whole, whole_gradients) = super::loss(&network, &values, size, true);
            assert!((loss - whole).abs() < 1e-4, "{loss} by parts, {whole} as a whole");
            for (name, gradient) in &gradients {
                let worst = (gradient - &whole_gradients[name]).abs().max().double_value(&[]);
                assert!(worst < 1e-4, "{name}: {worst} apart");
            }
        }
    }
}
