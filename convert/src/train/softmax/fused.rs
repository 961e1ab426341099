//! The loss of softmaxes and its gradient in one loop over pixels.

use multiversion::multiversion;

use crate::train::lanes::{exp, lanes, lanes_mut, ln};
use crate::train::layers::Pass;

/// Levels side by side.
const LANES: usize = 16;

/// Nats of each image, and the gradient of their mean, of a map of logits.
pub fn loss(pass: &Pass<'_>, logits: &[f32]) -> (Vec<f64>, Vec<f32>) {
    let batch = &pass.batch;
    let columns = logits.len() / batch.rows() as usize;
    let mut gradient = vec![0.0; logits.len()];
    let pixels = (batch.height * batch.width) as usize;
    let mut nats = vec![0.0; batch.count() as usize];
    for (place, values) in pass.examples.values.chunks_exact(usize::from(pass.config().channels)).enumerate() {
        if pass.is_known(place) {
            continue;
        }
        let start = batch.row(place) * columns;
        let image = place / pixels;
        let (logits, gradient) = (&logits[start..][..columns], &mut gradient[start..][..columns]);
        nats[image] += over_pixel(values, logits, gradient, pass.share(image));
    }
    (nats, gradient)
}

/// A pixel, channel by channel; `share` is the gradients' unit.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2+fma", "x86_64+avx2+fma", "aarch64+neon"))]
fn over_pixel(values: &[u16], logits: &[f32], gradient: &mut [f32], share: f32) -> f64 {
    let each = logits.len() / values.len();
    let mut nats = 0.0;
    for (channel, &value) in values.iter().enumerate() {
        let (logits, gradient) = (&logits[channel * each..][..each], &mut gradient[channel * each..][..each]);
        nats += f64::from(match each {
            1 => sigmoid(value, logits[0], &mut gradient[0], share),
            _ => softmax(value.into(), logits, gradient, share),
        });
    }
    nats
}

/// Two levels by one logit.
#[inline(always)]
fn sigmoid(value: u16, logit: f32, gradient: &mut f32, share: f32) -> f32 {
    let value = f32::from(value);
    let small = exp(-logit.abs());
    let one = if logit > 0.0 { 1.0 } else { small } / (1.0 + small);
    *gradient = (one - value) * share;
    ln(1.0 + small) + logit.max(0.0) - logit * value
}

#[inline(always)]
fn softmax(value: usize, logits: &[f32], gradient: &mut [f32], share: f32) -> f32 {
    let most = largest(logits);
    let (head, tail) = gradient.split_at_mut(logits.len() / LANES * LANES);
    let rest = &logits[head.len()..];
    let mut sums = [0.0; LANES];
    for (weights, logits) in lanes_mut::<LANES>(head).iter_mut().zip(lanes::<LANES>(logits)) {
        for l in 0..LANES {
            weights[l] = exp(logits[l] - most);
            sums[l] += weights[l];
        }
    }
    for (weight, logit) in tail.iter_mut().zip(rest) {
        *weight = exp(logit - most);
    }
    let sum = sums.iter().sum::<f32>() + tail.iter().sum::<f32>();
    for weight in gradient.iter_mut() {
        *weight *= share / sum;
    }
    gradient[value] -= share;
    ln(sum) + most - logits[value]
}

#[inline(always)]
fn largest(logits: &[f32]) -> f32 {
    let mut most = [f32::MIN; LANES];
    let groups = lanes::<LANES>(logits);
    for logits in groups {
        for l in 0..LANES {
            most[l] = most[l].max(logits[l]);
        }
    }
    most.iter().chain(&logits[groups.len() * LANES..]).copied().fold(f32::MIN, f32::max)
}
