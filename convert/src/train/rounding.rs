//! Rounding activations while a network trains, so that its weights learn to live with what int8 leaves of them.
//!
//! Forward, a feature is rounded to 254 steps of the range that it has in the batch at hand: from zero behind a ReLU, else on both sides
//! of it; backward, the gradient passes as
//! if it were not (the straight-through estimator: Bengio et al., 2013, arXiv 1308.3432).

use tch::Tensor;

/// Steps of a range.
const STEPS: f64 = 254.0;

/// A map's features, each rounded to its own steps.
pub fn to_int8(map: &Tensor) -> Tensor {
    let largest = map.abs().amax([0i64].as_slice(), true).clamp_min(1e-6);
    let sides = map.amin([0i64].as_slice(), true).lt(0.0).to_kind(map.kind()) + 1.0;
    let step = largest * sides / STEPS;
    (map / &step).round_() * step
}

#[cfg(test)]
mod tests {
    use tch::{Device, Kind};

    use super::*;

    #[test]
    fn features_are_rounded_to_their_own_steps() {
        let map = Tensor::from_slice(&[127.0f32, 0.0, 63.4, 2.54, -12.6, 0.006]).view([3, 2]);
        let rounded = Tensor::from_slice(&[127.0f32, 0.0, 63.0, 2.54, -13.0, 0.01]).view([3, 2]);
        assert!(to_int8(&map).allclose(&rounded, 1e-6, 1e-6, false));
        let zeros = Tensor::zeros([4, 3], (Kind::Float, Device::Cpu));
        assert!(to_int8(&zeros).equal(&zeros));
    }
}
