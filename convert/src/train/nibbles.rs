//! Training for blocks' weights of 4 bits: what is seen of them is rounded in every step, with gradients as if it were not
//! (straight-through: Bengio, Léonard and Courville, 2013, arXiv 1308.3432).
//!
//! The weights to begin from are rounded by the exporter, which carries a weight's error on to those behind it. From then on each row keeps
//! its steps.

use tch::Tensor;

use super::TrainError;
use super::network::weights;
use super::parameters::{self, Named};
use super::weights::Weight;
use crate::commands::export;
use crate::config::NetworkConfig;
use crate::data::{Levels, Picture};
use crate::float;
use crate::quantize::Bits;

/// The largest integer: sixteen times it is one of 8 bits.
const MOST: i64 = 7;

/// Training images by which the first rounding is judged.
const CALIBRATION: u32 = 512;

/// What a step of each weight of 4 bits stands for, by name; nothing with 8.
#[derive(Debug, Default)]
pub struct Steps(Named);

impl Steps {
    /// The steps on which each row of blocks' weights lies.
    pub fn of(named: &Named, config: &NetworkConfig) -> Self {
        let blocks = weights(config).into_iter().map(|weight| format!("{}.weight", weight.name));
        let blocks = blocks.filter(|name| name.starts_with("blocks."));
        Self(blocks.filter_map(|name| Some((name.clone(), steps(named.get(&name)?)))).collect())
    }

    /// The weights as they are seen.
    pub fn seen(&self, named: &Named) -> Named {
        let see = |(name, tensor): (&String, &Tensor)| {
            let seen = self.0.get(name).map_or_else(|| tensor.shallow_clone(), |steps| round(tensor, steps));
            (name.clone(), seen)
        };
        named.iter().map(see).collect()
    }
}

fn round(matrix: &Tensor, steps: &Tensor) -> Tensor {
    (matrix / steps).round_().clamp_(-MOST, MOST) * steps
}

/// What a step of each row stands for, if its largest weight is some whole number of steps: the one that fits best.
fn steps(matrix: &Tensor) -> Tensor {
    let largest = matrix.abs().amax([1i64].as_slice(), true).clamp_min(1e-12);
    let lost = |steps: &Tensor| (round(matrix, steps) - matrix).square().sum_dim_intlist([1i64].as_slice(), true, None);
    let mut best = &largest / MOST;
    for count in (MOST / 2 + 1..MOST).rev() {
        let tried = &largest / count;
        let is_better = lost(&tried).lt_tensor(&lost(&best));
        best = tried.where_self(&is_better, &best);
    }
    best
}

/// Weights whose blocks the exporter rounded, by some of the training images; `sampled` images are drawn from.
///
/// # Errors
/// A network whose blocks cannot have weights of 4 bits, images that are not its own.
pub fn begin(named: &Named, config: &NetworkConfig, images: Vec<Picture>, sampled: bool) -> Result<Named, TrainError> {
    let bytes = parameters::documented_bytes(named, config)?;
    let network = float::Network::from_safetensors(config.clone(), &bytes).map_err(TrainError::Argument)?;
    let spread = if sampled { Levels::Sample } else { Levels::Asis };
    let images = export::levels(&network, export::thinned(images, CALIBRATION), spread);
    let images = images.map_err(|error| TrainError::Argument(error.to_string()))?;
    let rounded = export::quantized(&network, &images, Bits::Four).map_err(TrainError::Argument)?.dequantized;
    Ok(with_blocks(named, config, &rounded.block_tensors()))
}

/// The weights, with blocks' from their documented form.
fn with_blocks(named: &Named, config: &NetworkConfig, blocks: &[float::Tensor]) -> Named {
    let matrix = |weight: &Weight| {
        let name = format!("{}.weight", weight.name);
        let block = blocks.iter().find(|block| block.name == name)?;
        let kernel = Tensor::from_slice(&block.values).view(weight.disk_shape().as_slice());
        Some((name, weight.matrix_of(&kernel).to_device(named["first.weight"].device())))
    };
    let rest = named.iter().map(|(name, tensor)| (name.clone(), tensor.shallow_clone()));
    rest.chain(weights(config).iter().filter_map(matrix)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Architecture;
    use crate::train::maps::to_vec;
    use crate::train::network;

    /// Rows whose largest weight is 7, 6, 5 and 4 steps; the last is of a mask that hides all.
    #[test]
    fn rows_that_lie_on_steps_stay_there() {
        let whole = [7.0f32, -1.0, 3.0, 6.0, 5.0, -2.0, 3.0, -5.0, 1.0, 4.0, 1.0, -3.0, 0.0, 0.0, 0.0];
        let matrix = (Tensor::from_slice(&whole) * 0.3).view([5, 3]);
        let steps = steps(&matrix);
        let found = to_vec(&steps);
        assert!(found[..4].iter().all(|step| (step - 0.3).abs() < 1e-6), "{found:?}");
        assert!(round(&matrix, &steps).allclose(&matrix, 1e-6, 1e-6, false));
    }

    #[test]
    fn blocks_are_seen_in_few_steps_and_all_else_as_it_is() {
        let config = NetworkConfig { skip: true, ..NetworkConfig::plain(Architecture::RowLstm, 8, 2) };
        let named = parameters::initialize(&config, 3, tch::Device::Cpu);
        let picture = Picture::grey(8, (0..64).map(|place| place * place % 5 / 3).collect());
        let begun = begin(&named, &config, vec![picture], false).unwrap();
        let steps = Steps::of(&begun, &config);
        let moved: Named = begun.iter().map(|(name, tensor)| (name.clone(), tensor * 0.93)).collect();
        let seen = steps.seen(&moved);
        assert!(network::weights(&config).iter().any(|weight| weight.name.ends_with("skip")));
        for (name, tensor) in &seen {
            if name.starts_with("blocks.") && name.ends_with("weight") {
                let whole = tensor / &steps.0[name];
                assert!(
                    whole.allclose(&whole.round(), 1e-4, 1e-4, false) && whole.abs().max().double_value(&[]) < 7.01,
                    "{name}"
                );
                assert!(!tensor.equal(&moved[name]), "{name}");
            } else {
                assert!(tensor.equal(&moved[name]), "{name}");
            }
        }
    }

    /// Words hold eight weights.
    #[test]
    fn features_that_fill_no_words_are_refused() {
        let config = NetworkConfig { hidden: 4, ..crate::train::twin_tests::SHAPE };
        let named = parameters::initialize(&config, 3, tch::Device::Cpu);
        let error = begin(&named, &config, vec![Picture::grey(8, vec![1; 64])], false).unwrap_err();
        assert!(error.to_string().contains("multiple of 8"), "{error}");
    }
}
