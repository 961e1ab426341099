//! One layer's recurrences, by the walk over pixels or by waves.

use tch::Tensor;

use super::layers::{Gradients, Pass};
use super::maps::{Batch, Tap, to_vec};
use super::recurrence::Recurrence;
use super::waves::{self, Waves};
use crate::config::NetworkConfig;

/// How a recurrence is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Walk {
    /// Pixel by pixel, in Rust: for processors.
    Pixels,
    /// Wave by wave, by tensor operations: for devices. Wants a batch of one group.
    Waves,
}

/// In which direction states follow one another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Direction {
    /// Offsets of the hidden states that a state reads.
    pub taps: Vec<Tap>,
    /// Offset of the previous cell.
    pub cell: Tap,
    /// Whether rows are walked from the right.
    pub from_right: bool,
}

/// A layer's recurrences after their forward pass, one a direction.
#[derive(Debug)]
pub struct Lstm {
    /// Hidden states, a map a direction.
    pub hidden: Vec<Tensor>,
    /// Names of the state-to-state weights.
    names: Vec<String>,
    directions: Vec<Direction>,
    kept: Kept,
}

#[derive(Debug)]
enum Kept {
    Pixels(Vec<(Recurrence, Vec<f32>, Vec<f32>)>),
    Waves(Waves, waves::Kept),
}

/// Biases of the gates at the beginning: forget gates are open.
pub fn bias(config: &NetworkConfig) -> Vec<f32> {
    let h = usize::from(config.hidden);
    (0..4 * h).map(|row| if row / h == 1 { 1.0 } else { 0.0 }).collect()
}

impl Lstm {
    /// Runs over input-to-state maps, one a direction, with `[4h, taps * h]` weights of these names.
    pub fn forward(pass: &Pass<'_>, directions: Vec<Direction>, names: Vec<String>, gates: &[Tensor]) -> Self {
        let weights: Vec<&Tensor> = names.iter().map(|name| pass.weight(name)).collect();
        let (hidden, kept) = match pass.network.walk {
            Walk::Waves => {
                let waves = Waves::new(&directions, pass.batch, i64::from(pass.config().hidden), gates[0].device());
                let (hidden, kept) = waves.forward(gates, &weights, pass.network.kind);
                (hidden, Kept::Waves(waves, kept))
            }
            Walk::Pixels => {
                let run = |((direction, gates), weights)| forward(pass, direction, gates, weights);
                let (hidden, kept) = directions.iter().zip(gates).zip(weights).map(run).unzip();
                (hidden, Kept::Pixels(kept))
            }
        };
        Self { hidden, names, directions, kept }
    }

    /// From the hidden maps' gradients to those of the input-to-state maps; those of the weights are collected.
    pub fn backward(self, pass: &Pass<'_>, gradient: &[&Tensor], gradients: &mut Gradients) -> Vec<Tensor> {
        let weights: Vec<&Tensor> = self.names.iter().map(|name| pass.weight(name)).collect();
        let gates: Vec<Tensor> = match self.kept {
            Kept::Waves(waves, kept) => waves.backward(&kept, gradient, &weights, pass.network.kind),
            Kept::Pixels(kept) => kept
                .into_iter()
                .zip(gradient.iter().zip(weights))
                .map(|(kept, (gradient, weights))| backward(pass.batch, kept, gradient, weights))
                .collect(),
        };
        for (((name, direction), hidden), gates) in
            self.names.iter().zip(&self.directions).zip(&self.hidden).zip(&gates)
        {
            gradients.taps(name, hidden, &direction.taps, gates);
        }
        gates
    }
}

/// One direction by the walk over pixels: the hidden map, and what is kept.
fn forward(
    pass: &Pass<'_>,
    direction: &Direction,
    gates: &Tensor,
    weights: &Tensor,
) -> (Tensor, (Recurrence, Vec<f32>, Vec<f32>)) {
    let hidden = usize::from(pass.config().hidden);
    let recurrence = Recurrence { batch: pass.batch, hidden, direction: direction.clone() };
    let device = gates.device();
    let mut gates = to_vec(gates);
    let mut cells = vec![0.0; gates.len() / 4];
    let mut states = vec![0.0; gates.len() / 4];
    recurrence.forward(&to_vec(&weights.tr()), &mut gates, &mut cells, &mut states);
    let map = Tensor::from_slice(&states).view([pass.batch.rows(), -1]).to_device(device);
    (map.to_kind(pass.network.kind), (recurrence, gates, cells))
}

/// The gradient of one direction's input-to-state map.
fn backward(
    batch: Batch,
    (recurrence, mut gates, mut cells): (Recurrence, Vec<f32>, Vec<f32>),
    gradient: &Tensor,
    weights: &Tensor,
) -> Tensor {
    recurrence.backward(&to_vec(weights), &mut gates, &mut cells, &mut to_vec(gradient));
    let map = Tensor::from_slice(&gates).view([batch.rows(), -1]).to_device(gradient.device());
    let map = map.to_kind(gradient.kind());
    batch.clear(&map);
    map
}
