//! A network begun from a smaller one, which it equals at first (Net2Net, Chen, Goodfellow and Shlens 2016): it trains on
//! from there, instead of from nothing.

use tch::{Device, Tensor};

use super::TrainArguments;
use super::parameters::{self, Named, Weight, weights};
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

/// Writes a small weight into a large one: every gate's, tap's and vector's first elements are those of the small one.
fn embed(named: &Named, small: &Weight, grown: &Named, large: &Weight) {
    let gates = if large.name.ends_with("_to_state") { 4 } else { 1 };
    let name = format!("{}.weight", large.name);
    let values = named[&name].to_device(Device::Cpu).view([gates, small.rows / gates, small.taps, small.inputs]);
    let space = grown[&name].view([gates, large.rows / gates, large.taps, large.inputs]);
    let rows = space.narrow(1, 0, small.rows / gates);
    let added = large.inputs - small.inputs;
    let _ = rows.narrow(3, small.inputs, added).zero_();
    copy(&rows.narrow(3, 0, small.inputs), &values);
    if large.bias {
        let name = format!("{}.bias", large.name);
        let space = grown[&name].view([gates, large.rows / gates]).narrow(1, 0, small.rows / gates);
        copy(&space, &named[&name].to_device(Device::Cpu).view([gates, small.rows / gates]));
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
    use crate::train::lstm::Walk;
    use crate::train::network::Network;

    fn loss(config: &NetworkConfig, parameters: Named) -> (f64, Named) {
        let network = Network { config: config.clone(), parameters, kind: Kind::Float, walk: Walk::Pixels };
        let images = Tensor::arange(16 * 5 * 6, (Kind::Int64, Device::Cpu)).remainder(3).clamp(0, 1);
        let images = images.to_kind(Kind::Uint8).view([16, 5, 6]);
        network.loss(network.batch(16, 8, 5, 6), &images, true)
    }

    #[test]
    fn a_grown_network_computes_the_same_and_learns() {
        for architecture in [Architecture::PixelCnn, Architecture::RowLstm, Architecture::DiagonalBilstm] {
            let from = NetworkConfig {
                architecture,
                levels: 2,
                channels: 1,
                hidden: 4,
                blocks: 2,
                head: 8,
                kernel: 3,
                skip: true,
                components: 0,
            };
            let to = NetworkConfig { hidden: 12, blocks: 3, head: 16, ..from.clone() };
            let mut small = parameters::initialize(&from, 5, Device::Cpu);
            small.values_mut().for_each(|value| *value = &*value + value.randn_like() * 0.3);
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
