//! A network begun from a smaller one, which it equals at first (Net2Net, Chen, Goodfellow and Shlens 2016): it trains on
//! from there, instead of from nothing.

use tch::{Device, Tensor};

use super::TrainArguments;
use super::network::weights;
use super::parameters::{self, Named};
use super::weights::Weight;
use crate::config::NetworkConfig;

/// The shape of a network begun from one of shape `from`, with the sizes that the arguments give.
///
/// # Errors
/// A size below that of the weights to begin from, in words.
pub fn shape(
    from: &NetworkConfig,
    &TrainArguments { hidden, blocks, head, .. }: &TrainArguments,
) -> Result<NetworkConfig, String> {
    if hidden < from.hidden || blocks < from.blocks || head < from.head {
        return Err(format!(
            "a network grows: --hidden {}, --blocks {} and --head {} at least",
            from.hidden, from.blocks, from.head
        ));
    }
    Ok(NetworkConfig { hidden, blocks, head, ..from.clone() })
}

/// Weights of the shape `to` that compute what `named`, of the shape `from`, computes: features that are there read nothing
/// of the new ones, and new blocks add nothing. All else of the new weights is drawn, so that gradients reach them.
pub fn grow(named: &Named, from: &NetworkConfig, to: &NetworkConfig, seed: i64, device: Device) -> Named {
    let mut grown = parameters::initialize(to, seed, Device::Cpu);
    let before = weights(from);
    for weight in weights(to) {
        if let Some(small) = before.iter().find(|small| small.name == weight.name) {
            embed(named, small, &grown, &weight);
        } else if weight.name.ends_with("expand") || weight.name.ends_with("skip") {
            let _ = grown[&format!("{}.weight", weight.name)].shallow_clone().zero_();
        }
    }
    grown.values_mut().for_each(|value| *value = value.to_device(device));
    grown
}

/// Writes a small weight into a large one: the first features of every gate, group and tap are those of the small one, and read
/// nothing of the new ones.
fn embed(named: &Named, small: &Weight, grown: &Named, large: &Weight) {
    let rows = |weight: &Weight| weight.rows / weight.gates / weight.groups;
    // What does not grow stays where it is: classes are not shared out among groups.
    let parts = if small.inputs == large.inputs { 1 } else { large.groups };
    let inputs = |weight: &Weight| weight.inputs / parts;
    let shape = |weight: &Weight| [weight.gates, weight.groups, rows(weight), weight.taps, parts, inputs(weight)];
    let name = format!("{}.weight", large.name);
    let space = grown[&name].view(shape(large)).narrow(2, 0, rows(small));
    let _ = space.narrow(5, inputs(small), inputs(large) - inputs(small)).zero_();
    let values = named[&name].to_device(Device::Cpu).view(shape(small));
    copy(&space.narrow(5, 0, inputs(small)), &values);
    if large.bias.is_some() {
        let name = format!("{}.bias", large.name);
        let space = grown[&name].view([large.gates, large.groups, rows(large)]).narrow(2, 0, rows(small));
        copy(&space, &named[&name].to_device(Device::Cpu).view([small.gates, small.groups, rows(small)]));
    }
}

fn copy(to: &Tensor, from: &Tensor) {
    to.shallow_clone().copy_(from);
}

#[cfg(test)]
mod tests {
    use tch::Kind;

    use super::*;
    use crate::config::Architecture;
    use crate::train::images::Examples;
    use crate::train::lstm::Walk;
    use crate::train::network::Network;

    fn loss(config: &NetworkConfig, parameters: Named) -> (f64, Named) {
        let network = Network::new(config.clone(), parameters, Kind::Float, Walk::Pixels);
        let count = 16 * 5 * 6 * usize::from(config.channels);
        let images: Vec<u16> = (0..count).map(|n| (n % 3).min(1) as u16).collect();
        let classes: Vec<u16> = (0..16).filter_map(|n: u16| n.checked_rem(config.classes)).collect();
        network.loss(network.batch(16, 8, 5, 6), Examples { classes: &classes, ..(&images).into() }, true)
    }

    #[test]
    fn a_grown_network_computes_the_same_and_learns() {
        let heads = [(1, 0, 0, 0), (2, 0, 3, 0), (2, 3, 2, 2), (2, 0, 0, 4)];
        for (architecture, (channels, components, classes, factor)) in
            Architecture::ALL.into_iter().flat_map(|architecture| heads.map(|head| (architecture, head)))
        {
            let from = NetworkConfig {
                channels,
                skip: true,
                components,
                classes,
                factor,
                upsampled: if factor == 0 { 0 } else { 4 },
                ..NetworkConfig::plain(architecture, 8, 2)
            };
            let to = NetworkConfig { hidden: 16, blocks: 3, head: 16, ..from.clone() };
            let mut small = parameters::initialize(&from, 5, Device::Cpu);
            small.values_mut().for_each(|value| *value = &*value + value.randn_like() * 0.3);
            parameters::hide(&mut small, &parameters::masks(&from, Device::Cpu));
            let large = grow(&small, &from, &to, 6, Device::Cpu);
            let shapes: Vec<_> = large.iter().map(|(name, value)| (name.clone(), value.size())).collect();
            let mut expected = parameters::shapes(&to);
            expected.sort();
            assert_eq!(shapes, expected);
            let (before, _) = loss(&from, small);
            let (after, gradients) = loss(&to, large);
            assert!((before - after).abs() < 1e-4 * before, "{architecture:?}: {before} nats before, {after} after");
            for (name, gradient) in gradients {
                let waits = name.starts_with("blocks.2") && !name.contains("expand") && !name.contains("skip");
                let learns = gradient.abs().max().double_value(&[]) > 0.0;
                assert_eq!(learns, !waits, "{architecture:?}: {name}, which waits for the product after it: {waits}");
            }
        }
    }
}
