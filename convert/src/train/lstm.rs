//! One layer's recurrences, by the walk over pixels or by waves.

use tch::{Kind, Tensor};

use super::maps::{Batch, Tap, to_vec};
use super::recurrence::Recurrence;
use super::waves::{self, Waves};
use crate::config::{Architecture, NetworkConfig};

/// How a recurrence is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Walk {
    /// Pixel by pixel, in Rust: for processors.
    Pixels,
    /// Wave by wave, by tensor operations: for devices. Wants a batch of one group.
    Waves,
}

/// A layer's recurrences after their forward pass: one, or the two directions of a BiLSTM.
#[derive(Debug)]
pub struct Lstm {
    /// Hidden states, a map a direction.
    pub hidden: Vec<Tensor>,
    kept: Kept,
}

#[derive(Debug)]
enum Kept {
    Pixels(Vec<(Recurrence, Vec<f32>, Vec<f32>)>),
    Waves(Waves, waves::Kept),
}

/// Offsets of the hidden states that a direction reads.
pub fn taps(architecture: Architecture, kernel: i64, from_right: bool) -> Vec<Tap> {
    match (architecture, from_right) {
        (Architecture::DiagonalBilstm, false) => vec![(-1, 0), (0, -1)],
        (Architecture::DiagonalBilstm, true) => vec![(-1, 0), (0, 1)],
        _ => (0..kernel).map(|tap| (-1, tap - kernel / 2)).collect(),
    }
}

/// One direction's walk over pixels.
pub fn recurrence(
    architecture: Architecture,
    batch: Batch,
    kernel: i64,
    hidden: usize,
    from_right: bool,
) -> Recurrence {
    let cell = match (architecture, from_right) {
        (Architecture::DiagonalBilstm, false) => (0, -1),
        (Architecture::DiagonalBilstm, true) => (0, 1),
        _ => (-1, 0),
    };
    Recurrence { batch, hidden, taps: taps(architecture, kernel, from_right), cell, from_right }
}

impl Lstm {
    /// Runs over input-to-state maps, one a direction, with `[4h, taps * h]` weights; hidden maps are of `kind`.
    pub fn forward(
        walk: Walk,
        config: &NetworkConfig,
        batch: Batch,
        gates: &[Tensor],
        weights: &[&Tensor],
        kind: Kind,
    ) -> Self {
        let (kernel, hidden) = (i64::from(config.kernel), usize::from(config.hidden));
        if walk == Walk::Waves {
            let waves = Waves::new(config.architecture, batch, kernel, hidden as i64, gates[0].device());
            let (hidden, kept) = waves.forward(gates, weights, kind);
            return Self { hidden, kept: Kept::Waves(waves, kept) };
        }
        let (mut maps, mut kept) = (Vec::new(), Vec::new());
        for (direction, (gates, weights)) in gates.iter().zip(weights).enumerate() {
            let device = gates.device();
            let recurrence = recurrence(config.architecture, batch, kernel, hidden, direction == 1);
            let mut gates = to_vec(gates);
            let mut cells = vec![0.0; gates.len() / 4];
            let mut states = vec![0.0; gates.len() / 4];
            recurrence.forward(&to_vec(&weights.tr()), &mut gates, &mut cells, &mut states);
            maps.push(Tensor::from_slice(&states).view([batch.rows(), -1]).to_device(device).to_kind(kind));
            kept.push((recurrence, gates, cells));
        }
        Self { hidden: maps, kept: Kept::Pixels(kept) }
    }

    /// From the hidden maps' gradients to those of the input-to-state maps.
    pub fn backward(self, batch: Batch, gradients: &[&Tensor], weights: &[&Tensor]) -> Vec<Tensor> {
        let (kind, device) = (self.hidden[0].kind(), self.hidden[0].device());
        match self.kept {
            Kept::Waves(waves, kept) => waves.backward(&kept, gradients, weights, kind),
            Kept::Pixels(kept) => kept
                .into_iter()
                .zip(gradients.iter().zip(weights))
                .map(|((recurrence, mut gates, mut cells), (gradient, weights))| {
                    recurrence.backward(&to_vec(weights), &mut gates, &mut cells, &mut to_vec(gradient));
                    let gates = Tensor::from_slice(&gates).view([batch.rows(), -1]).to_device(device).to_kind(kind);
                    batch.clear(&gates);
                    gates
                })
                .collect(),
        }
    }
}
