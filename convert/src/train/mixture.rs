//! The head of a mixture of logistics a channel, around a linear prediction from the neighbours.
//!
//! Its rows are kept transposed, a row of numbers an output: pixels then lie side by side for the loss, which is one fused
//! loop on processors ([`fused`]) and tensor operations on devices ([`tensors`]).

mod fused;
mod prediction;
mod tensors;

use tch::{Device, Kind, Tensor};

use super::layers::{Gradients, Loss, Pass};
use super::maps::{Batch, relu_gradient, to_vec};
use super::weights::{Initial, Mask, Weight};
use crate::config::NetworkConfig;

/// Log scales that have an effect.
const SCALES: [f32; 2] = [-3.5, 12.0];

/// Largest coefficient of an earlier channel.
const COEFFICIENT: f32 = 3.99;

/// What an offset counts: eighths of the value range.
fn eighth(config: &NetworkConfig) -> f32 {
    config.levels.next_power_of_two() as f32 / 8.0
}

/// Its weights.
pub fn weights(config: &NetworkConfig) -> Vec<Weight> {
    let (features, maps, channels) = (2 * i64::from(config.hidden), i64::from(config.head), i64::from(config.channels));
    let bias = bias(config);
    let output = Weight::linear(config, "head.output".into(), bias.len() as i64, maps);
    let linear = Weight::linear(config, "head.linear".into(), channels, channels).over(5, &[5]);
    let linear = Weight { groups: channels, initial: Initial::Values(prediction::initial(config)), ..linear };
    vec![
        Weight::linear(config, "head.hidden".into(), maps, features),
        output.scaled(0.1).biased(Some(bias)),
        linear.masked(Mask::A).biased(None),
    ]
}

/// The output's biases at the beginning: components around the prediction, scales around what fits photographs.
fn bias(config: &NetworkConfig) -> Vec<f32> {
    let bits = (config.levels - 1).ilog2() + 1;
    let middle = ((bits as f32 - 8.0) * std::f32::consts::LN_2 + 3f32.ln()).max(-1.0);
    let components = config.components;
    let one = |channel: u8, component: u8| {
        // From -1 to 1.
        let place = if components == 1 { 0.0 } else { 2.0 * f32::from(component) / f32::from(components - 1) - 1.0 };
        let spread = [0.0, 0.0, middle + 1.5 * place];
        spread.into_iter().chain(std::iter::repeat_n(0.0, usize::from(channel)))
    };
    (0..config.channels).flat_map(|channel| (0..components).flat_map(move |k| one(channel, k))).collect()
}

/// The loss of a batch.
struct Outcome {
    /// Nats in all.
    nats: f64,
    /// The gradient of the mean nats an image, of the outputs, `[outputs, rows of a map]`.
    outputs: Tensor,
    /// That of the linear prediction, `[channels, 5 * channels]`.
    linear: Tensor,
}

/// What the loss is made of.
struct Task<'a> {
    config: &'a NetworkConfig,
    batch: Batch,
    /// Neighbours and values, see [`prediction::planes`].
    planes: Vec<f32>,
}

/// The loss, and the way back.
pub fn forward<'a>(pass: &'a Pass<'_>, input: Tensor) -> Loss<'a> {
    let kind = pass.network.kind;
    let hidden = pass.rounded(&pass.linear(&input, "head.hidden").relu().run());
    let weight = pass.weight("head.output").to_kind(kind);
    let bias = pass.bias("head.output").to_kind(kind).unsqueeze(1);
    let outputs = bias.addmm(&weight, &hidden.tr()).to_kind(Kind::Float);
    let planes = prediction::planes(&pass.batch, pass.examples.values, pass.config().levels);
    let task = Task { config: pass.config(), batch: pass.batch, planes };
    let Outcome { nats, outputs, linear } = loss(&task, &outputs, pass.weight("head.linear"), pass.device());
    let back = move |gradients: &mut Gradients| {
        let gradient = outputs.to_kind(kind);
        let gradient_of_weight = gradient.matmul(&hidden).to_kind(Kind::Float);
        let gradient_of_bias = gradient.sum_dim_intlist([1i64].as_slice(), false, Kind::Float);
        gradients.named.insert("head.output.weight".into(), gradient_of_weight);
        gradients.named.insert("head.output.bias".into(), gradient_of_bias);
        gradients.named.insert("head.linear.weight".into(), linear);
        let gradient = relu_gradient(&gradient.tr().matmul(&weight), &hidden);
        gradients.linear("head.hidden", &input, &gradient);
        pass.linear_gradient(&gradient, "head.hidden").through(&input).run()
    };
    Loss { nats: vec![nats], back: Box::new(back) }
}

fn loss(task: &Task<'_>, outputs: &Tensor, linear: &Tensor, device: Device) -> Outcome {
    if device != Device::Cpu {
        return tensors::loss(task, outputs, linear);
    }
    let (nats, gradient, linear_gradient) = fused::loss(task, &to_vec(outputs), &to_vec(linear));
    Outcome {
        nats,
        outputs: Tensor::from_slice(&gradient).view_as(outputs),
        linear: Tensor::from_slice(&linear_gradient).view_as(linear),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Architecture;

    /// The fused loop against libtorch's gradients of the formula, with outputs inside and outside their limits.
    #[test]
    fn the_fused_loop_gives_what_tensors_give() {
        for (levels, channels, components, factor) in
            [(2, 1, 1, 0), (5, 2, 3, 2), (256, 3, 5, 0), (4096, 1, 10, 4), (65_536, 4, 2, 0)]
        {
            let config = NetworkConfig {
                levels,
                channels,
                components,
                factor,
                upsampled: if factor == 0 { 0 } else { 4 },
                ..NetworkConfig::plain(Architecture::PixelCnn, 4, 1)
            };
            let batch =
                Batch { groups: 2, images: 3, height: 3, width: 7, channels: i64::from(channels), pad: 1, above: 1 };
            let count = 6 * 21 * usize::from(channels);
            let values: Vec<u16> = (0..count).map(|n| ((n * n * 7919) % levels as usize) as u16).collect();
            let bias = bias(&config);
            // The same in every run: others differ by more once in many.
            let numbers = bias.len() * batch.rows() as usize;
            let spread: Vec<f32> = (0..numbers).map(|n| (n * n * 7919 % 1009) as f32 / 63.0 - 8.0).collect();
            let spread = Tensor::from_slice(&spread).view([-1, batch.rows()]);
            let outputs = Tensor::from_slice(&bias).unsqueeze(1) + spread;
            let initial = Tensor::from_slice(&prediction::initial(&config)).view([i64::from(channels), -1]);
            let task = Task { config: &config, batch, planes: prediction::planes(&batch, &values, levels) };
            let fused = loss(&task, &outputs, &initial, Device::Cpu);
            let mut plain = tensors::loss(&task, &outputs, &initial);
            if let Some(read) = weights(&config)[2].read() {
                plain.linear *= read;
            }
            assert!((fused.nats / plain.nats - 1.0).abs() < 1e-5, "{} fused, {} by tensors", fused.nats, plain.nats);
            for (name, a, b) in
                [("outputs", &fused.outputs, &plain.outputs), ("prediction", &fused.linear, &plain.linear)]
            {
                let scale = b.abs().max().double_value(&[]);
                let worst = (a - b).abs().max().double_value(&[]);
                assert!(
                    worst < 1e-4 * scale,
                    "{levels} levels, {channels} channels, {name}: {worst} apart, of {scale}"
                );
            }
        }
    }
}
