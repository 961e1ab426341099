//! The head of a softmax a channel over all levels; for 2 levels of a sigmoid.

mod fused;
mod tensors;

use tch::Tensor;

use super::layers::{Gradients, Loss, Pass};
use super::memory::numbers;
use super::weights::Weight;
use crate::config::NetworkConfig;

/// Its weights.
pub fn weights(config: &NetworkConfig) -> Vec<Weight> {
    let (features, maps) = (2 * i64::from(config.hidden), i64::from(config.head));
    let rows = i64::from(config.channels) * config.output_rows(0) as i64;
    vec![
        Weight::linear(config, "head.hidden".into(), maps, features),
        Weight::linear(config, "head.output".into(), rows, maps),
    ]
}

/// The loss, and the way back.
pub fn forward<'a>(pass: &'a Pass<'_>, input: Tensor) -> Loss<'a> {
    let hidden = hidden(pass, &input);
    let (nats, gradient) = loss(pass, &pass.linear(&hidden, "head.output").run());
    let back = move |gradients: &mut Gradients| {
        let gradient = gradient.to_kind(pass.network.kind);
        gradients.linear("head.output", &hidden, &gradient);
        let gradient = pass.linear_gradient(&gradient, "head.output").through(&hidden).run();
        gradients.linear("head.hidden", &input, &gradient);
        pass.linear_gradient(&gradient, "head.hidden").through(&input).run()
    };
    Loss { nats, back: Box::new(back) }
}

/// The head's feature maps.
fn hidden(pass: &Pass<'_>, input: &Tensor) -> Tensor {
    pass.rounded(&pass.linear(input, "head.hidden").relu().run())
}

/// Probabilities of every level, channel by channel; of two levels that of the second. Compact.
pub fn probabilities(pass: &Pass<'_>, input: &Tensor) -> Tensor {
    let logits = pass.linear(&hidden(pass, input), "head.output").run();
    tensors::probabilities(pass.config(), &pass.batch.compact(&logits))
}

/// Nats of each image, and the gradient of their mean, of a map of logits: in one loop on processors, else by libtorch.
fn loss(pass: &Pass<'_>, logits: &Tensor) -> (Vec<f64>, Tensor) {
    let numbers = if pass.taught.is_some() { None } else { numbers(logits) };
    let Some(numbers) = numbers else { return tensors::loss(pass, logits) };
    let (nats, gradient) = fused::loss(pass, numbers);
    (nats, Tensor::from_slice(&gradient).view_as(logits))
}

#[cfg(test)]
mod tests {
    use tch::{Device, Kind};

    use super::super::images::Examples;
    use super::super::lstm::Walk;
    use super::super::network::Network;
    use super::super::parameters;
    use super::*;
    use crate::config::Architecture;

    #[test]
    fn the_fused_loop_gives_what_tensors_give() {
        for (levels, channels, factor) in [(2, 1, 0), (2, 3, 2), (5, 1, 0), (17, 3, 0), (256, 4, 4)] {
            let config = NetworkConfig {
                levels,
                channels,
                factor,
                upsampled: if factor == 0 { 0 } else { 4 },
                ..NetworkConfig::plain(Architecture::PixelCnn, 16, 1)
            };
            let parameters = parameters::initialize(&config, 1, Device::Cpu);
            let network = Network::new(config, parameters, Kind::Float, Walk::Pixels);
            let batch = network.batch(6, 3, 3, 7);
            let values: Vec<u16> =
                (0..6 * 21 * usize::from(channels)).map(|n| ((n * n * 7919) % levels as usize) as u16).collect();
            let columns = i64::from(channels) * network.config.output_rows(0) as i64;
            let logits = Tensor::randn([batch.rows(), columns], (Kind::Float, Device::Cpu)) * 8.0;
            let weights = [1.0, 0.5, -0.25, 0.0, 2.0, 1.5];
            let examples = Examples { weights: &weights, ..(&values).into() };
            let pass = Pass::new(&network, batch, examples, true);
            let (nats, gradient) = loss(&pass, &logits);
            let (expected, plain) = tensors::loss(&pass, &logits);
            let near = |(a, b): (&f64, &f64)| (a / b - 1.0).abs() < 1e-5;
            assert!(nats.iter().zip(&expected).all(near), "{nats:?} fused, {expected:?} by tensors");
            assert_eq!(nats.len(), 6);
            let worst = (gradient - plain).abs().max().double_value(&[]);
            assert!(worst < 1e-5, "{levels} levels, {channels} channels: {worst} apart");
        }
    }
}
