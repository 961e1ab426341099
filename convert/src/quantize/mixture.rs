//! The mixture head as integers: the network's outputs, and the linear prediction in full precision.

use pixelrnn::blob::{LayerDescription, Mixture as Description};

use super::body::{Body, Layer};
use super::context::Context;
use super::pack::Array;
use super::readout;
use crate::float::Mixture;

/// One of the linear prediction's coefficients: Q16.
const ONE: f64 = 65_536.0;
/// Largest magnitude of a coefficient.
const MOST: f64 = 4.0 * ONE;

pub fn quantize(weights: &Mixture, context: &Context<'_>) -> Layer<Mixture> {
    let (maps, components) = (context.config.head, context.config.components);
    let channels = usize::from(context.config.channels);
    let mut body = Body::new(context);
    let readout = readout::quantize(&weights.readout, context, &mut body);
    let mut linear = weights.linear.clone();
    let mut coefficients = Vec::new();
    for channel in 0..channels {
        let places = order(channels, channel);
        let integers = rounded(&places.iter().map(|&place| f64::from(linear.coefficients[place])).collect::<Vec<_>>());
        places.iter().zip(&integers).for_each(|(&place, &integer)| {
            linear.coefficients[place] = (f64::from(integer) / ONE) as f32;
        });
        coefficients.extend(integers);
    }
    body.add([Array::Coefficients(coefficients)].into_iter());
    let (arrays, shifts) = body.finish();
    let description = LayerDescription::Mixture(Description { maps, components, shifts });
    Layer { description, arrays, dequantized: Mixture { readout, linear } }
}

/// Where the coefficients of a channel lie, `[channels, channels, 5]`, in the blob's order: neighbour by neighbour, then the channels
/// before it at the pixel itself.
fn order(channels: usize, channel: usize) -> Vec<usize> {
    let place = |read: usize, tap: usize| (channel * channels + read) * 5 + tap;
    let neighbours = (0..4).flat_map(|tap| (0..channels).map(move |read| place(read, tap)));
    neighbours.chain((0..channel).map(|read| place(read, 4))).collect()
}

/// Q16 integers whose sum is the rounded sum: where all neighbours agree, as on a plain wall, nothing is lost. Those that lose most by
/// being rounded down are rounded up.
fn rounded(coefficients: &[f64]) -> Vec<i32> {
    let scaled: Vec<f64> = coefficients.iter().map(|one| (one * ONE).clamp(-MOST, MOST)).collect();
    let mut integers: Vec<i32> = scaled.iter().map(|one| one.floor() as i32).collect();
    let left =
        (scaled.iter().sum::<f64>().round() as i64 - integers.iter().map(|&one| i64::from(one)).sum::<i64>()).max(0);
    let mut by_loss: Vec<usize> = (0..scaled.len()).collect();
    let loss = |&place: &usize| scaled[place] - scaled[place].floor();
    by_loss.sort_by(|a, b| loss(b).total_cmp(&loss(a)));
    by_loss.iter().take(left as usize).for_each(|&place| integers[place] += 1);
    integers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_keeps_the_sum() {
        let coefficients = [0.683_331, 0.551_117, -0.320_003, 0.085_555, 1e-6, -1e-6];
        let integers = rounded(&coefficients);
        let sum: f64 = coefficients.iter().sum();
        assert_eq!(integers.iter().sum::<i32>(), (sum * ONE).round() as i32);
        for (integer, real) in integers.iter().zip(coefficients) {
            assert!((f64::from(*integer) - real * ONE).abs() < 1.0);
        }
        assert_eq!(rounded(&[1.0, 1.0, -1.0, 0.0]), [65_536, 65_536, -65_536, 0]);
        assert_eq!(rounded(&[9.0, -9.0]), [262_144, -262_144]);
    }
}
