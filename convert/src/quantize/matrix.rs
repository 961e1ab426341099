//! A float matrix to int8 weights and a scale a row.
//!
//! Rounding is not to the nearest: column by column, the error made so far is carried into the columns not yet rounded,
//! by what calibration saw of how the inputs move together (the optimal brain surgeon's update, as in GPTQ,
//! Frantar et al. 2022, arXiv 2210.17323).

use super::correlation::Correlation;

/// How weights become integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rounding {
    /// Carrying errors on to later columns, where a correlation is known.
    #[default]
    Compensated,
    /// To the nearest.
    Nearest,
}

/// Bits of weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum, serde::Serialize, serde::Deserialize)]
pub enum Bits {
    /// -127 to 127.
    #[default]
    #[value(name = "8")]
    #[serde(rename = "8")]
    Eight,
    /// 16 times -7 to 7.
    #[value(name = "4")]
    #[serde(rename = "4")]
    Four,
}

impl Bits {
    /// Whether there are eight.
    pub const fn is_eight(&self) -> bool {
        matches!(self, Self::Eight)
    }

    /// The largest integer, and what lies between two.
    const fn most_and_step(self) -> (f64, f64) {
        match self {
            Self::Eight => (127.0, 1.0),
            Self::Four => (7.0, 16.0),
        }
    }

    /// What shares of the least scale at which no weight is clipped are tried: few steps are better spent on the many small weights,
    /// and weights that were trained to lie on steps may not reach the last.
    fn shares(self) -> impl Iterator<Item = f64> {
        let (count, trained): (u32, &[f64]) =
            if self == Self::Four { (SHARES, &[7.0 / 6.0, 7.0 / 5.0, 7.0 / 4.0]) } else { (1, &[]) };
        (0..count).map(|place| 1.0 - 0.5 * f64::from(place) / f64::from(SHARES)).chain(trained.iter().copied())
    }
}

const SHARES: u32 = 25;

/// Int8 weights, `[rows, columns]`, and what one step of each row stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct Integers {
    /// In -127..=127.
    pub weights: Vec<i8>,
    /// One a row.
    pub scales: Vec<f64>,
}

/// Quantizes rows of `columns` real weights. An input's integer `x` stands for `x * input_scales[k]`,
/// so that `sum of weight * x`, times the row's scale, is the product.
pub fn quantize(
    rows: &[f32],
    input_scales: &[f64],
    correlation: Option<&Correlation>,
    (rounding, bits): (Rounding, Bits),
) -> Integers {
    let columns = input_scales.len();
    let factor = match rounding {
        Rounding::Compensated => correlation.and_then(|correlation| correlation.inverse_factor(input_scales)),
        Rounding::Nearest => None,
    };
    let (most, step) = bits.most_and_step();
    let mut out = Integers { weights: Vec::with_capacity(rows.len()), scales: Vec::new() };
    for row in rows.chunks_exact(columns.max(1)) {
        let folded: Vec<f64> = row.iter().zip(input_scales).map(|(w, scale)| f64::from(*w) * scale).collect();
        let largest = folded.iter().fold(0.0, |largest: f64, w| largest.max(w.abs()));
        // The engine's accumulators hold 24 bits: a row of many large weights needs coarser steps.
        let norm: f64 = folded.iter().map(|w| w.abs()).sum();
        let least = step * norm * 127.0 / (0.95 * f64::from(1 << 23));
        let tried = bits.shares().map(|share| {
            let scale = (largest.max(1e-12) / most * share).max(least);
            (scale, round(folded.clone(), scale, most, factor.as_deref()))
        });
        let Some((scale, rounded)) = tried.min_by(|(_, a), (_, b)| a.loss.total_cmp(&b.loss)) else { continue };
        out.weights.extend(rounded.integers.into_iter().map(|integer| (integer * step) as i8));
        out.scales.push(scale / step);
    }
    out
}

/// A row in steps of a scale, and what that loses.
struct Rounded {
    integers: Vec<f64>,
    loss: f64,
}

fn round(mut folded: Vec<f64>, scale: f64, most: f64, factor: Option<&[f64]>) -> Rounded {
    let columns = folded.len();
    let mut rounded = Rounded { integers: Vec::with_capacity(columns), loss: 0.0 };
    for k in 0..columns {
        let integer = (folded[k] / scale).round().clamp(-most, most);
        let mut error = folded[k] - integer * scale;
        if let Some(factor) = factor {
            error /= factor[k * columns + k];
            for later in k + 1..columns {
                folded[later] -= error * factor[k * columns + later];
            }
        }
        rounded.loss += error * error;
        rounded.integers.push(integer);
    }
    rounded
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Inputs that move together: compensation must lose less than rounding to the nearest.
    #[test]
    fn compensation_loses_less() {
        let mut state = 1u64;
        let mut random = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
        };
        let (rows, columns) = (8, 24);
        let weights: Vec<f32> = (0..rows * columns).map(|_| random()).collect();
        let inputs: Vec<Vec<f32>> = (0..3000)
            .map(|_| {
                let shared = random() * 100.0;
                (0..columns).map(|_| shared + random() * 20.0).collect()
            })
            .collect();
        let mut correlation = Correlation::default();
        inputs.iter().for_each(|input| correlation.add(input, columns));
        let scales = vec![1.0; columns];
        let loss = |rounding| {
            let integers = quantize(&weights, &scales, Some(&correlation), (rounding, Bits::Eight));
            let mut loss = 0.0;
            for input in &inputs {
                for row in 0..rows {
                    let error: f64 = (0..columns)
                        .map(|k| {
                            let quantized = f64::from(integers.weights[row * columns + k]) * integers.scales[row];
                            (quantized - f64::from(weights[row * columns + k])) * f64::from(input[k])
                        })
                        .sum();
                    loss += error * error;
                }
            }
            loss
        };
        assert!(loss(Rounding::Compensated) < 0.5 * loss(Rounding::Nearest));
    }
}
