//! Losses and gradients of whole batches.
//!
//! On processors a batch is split into micro-batches: each is one thread's work from the images to the gradients, small enough
//! that its maps stay near the core, and threads meet once a step. Sums are taken in the order of the images, so that the
//! result does not depend on the number of threads.

use rayon::prelude::*;
use tch::{Device, Tensor};

use super::lstm::Walk;
use super::network::Network;
use super::parameters::Named;

/// Images of a micro-batch; batches are a multiple of it.
pub const MICRO: usize = 16;

/// Mean nats an image over whole micro-batches of values, and the gradients if asked for.
pub fn loss(
    network: &Network,
    values: &[u16],
    (width, height): (usize, usize),
    device: Device,
    with_gradients: bool,
) -> (f64, Named) {
    let pixels = width * height;
    let one = |network: &Network, values: &[u16], group: usize| {
        let batch = network.batch(values.len() / pixels, group, height, width);
        let images = Tensor::from_slice(&values.iter().map(|&value| i32::from(value)).collect::<Vec<_>>())
            .view([batch.count(), batch.height, batch.width])
            .to_device(device);
        network.loss(batch, &images, with_gradients)
    };
    if network.walk == Walk::Waves {
        return one(network, values, values.len() / pixels);
    }
    // Tensors may go to another thread, but not be shared by two: each gets handles of its own.
    let parts: Vec<(Network, &[u16])> =
        values.chunks(MICRO * pixels).map(|values| (network.shallow_clone(), values)).collect();
    let count = parts.len() as f64;
    let parts: Vec<(f64, Named)> =
        parts.into_par_iter().map(|(network, values)| one(&network, values, MICRO)).collect();
    let (mut loss, mut sum) = (0.0, Named::new());
    for (nats, gradients) in parts {
        loss += nats / count;
        for (name, gradient) in gradients {
            match sum.entry(name) {
                std::collections::btree_map::Entry::Vacant(entry) => {
                    entry.insert(gradient / count);
                }
                std::collections::btree_map::Entry::Occupied(mut entry) => *entry.get_mut() += gradient / count,
            }
        }
    }
    (loss, sum)
}

#[cfg(test)]
mod tests {
    use tch::Kind;

    use super::super::parameters;
    use super::*;
    use crate::config::{Architecture, NetworkConfig};

    #[test]
    fn micro_batches_add_up_to_the_batch() {
        let config = NetworkConfig {
            architecture: Architecture::DiagonalBilstm,
            levels: 3,
            channels: 1,
            hidden: 4,
            blocks: 2,
            head: 4,
            kernel: 3,
            skip: false,
            components: 0,
        };
        let parameters = parameters::initialize(&config, 3, Device::Cpu);
        let mut network = Network { config, parameters, kind: Kind::Float, walk: Walk::Pixels };
        let values: Vec<u16> = (0..4 * MICRO * 12).map(|n| (n * n % 7 % 3) as u16).collect();
        let (loss, gradients) = super::loss(&network, &values, (4, 3), Device::Cpu, true);
        network.walk = Walk::Waves;
        let (whole, whole_gradients) = super::loss(&network, &values, (4, 3), Device::Cpu, true);
        assert!((loss - whole).abs() < 1e-4, "{loss} by parts, {whole} as a whole");
        for (name, gradient) in &gradients {
            let worst = (gradient - &whole_gradients[name]).abs().max().double_value(&[]);
            assert!(worst < 1e-4, "{name}: {worst} apart");
        }
    }
}
