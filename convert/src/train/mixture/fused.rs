//! The mixture's loss and its gradients in one loop over pixels, some side by side.
//!
//! For a component with log scale `s`, `i = e^-s`, and a value at distance `d` from the component's mean (its offset taken off):
//! `t = d * i`, `z± = t ± i / 2`, and its probability is `F(z+) * F(-z-) * (1 - e^-i)`. With `u = e^-|z+|` and
//! `w = e^-|z-|` that is `q / ((1 + u) (1 + w)) * e^(-s - max(-z+, 0) - max(z-, 0))`, `q = (1 - e^-i) / i`: a factor near 1
//! beside an exponent that can be large. The lowest value has no part in z-, the highest none in z+.

use multiversion::multiversion;

use super::prediction::TAPS;
use super::{COEFFICIENT, SCALES, Task, eighth};
use crate::train::lanes::{exp, ln};
use crate::train::upsample::known;

/// Pixels side by side.
const LANES: usize = 16;

/// A number of each pixel.
type Lanes = [f32; LANES];

/// Most channels and components.
const CHANNELS: usize = 4;
const COMPONENTS: usize = 10;

/// Nats in all, and the gradients of the mean nats an image: of the outputs `[outputs, rows of a map]` and of the prediction `[channels, 5 * channels]`.
pub fn loss(task: &Task<'_>, outputs: &[f32], linear: &[f32]) -> (f64, Vec<f32>, Vec<f32>) {
    let batch = &task.batch;
    let [groups, images, height, width] =
        [batch.groups, batch.images, batch.height, batch.width].map(|size| size as usize);
    let mut gradient = vec![0.0; outputs.len()];
    let mut sums = vec![[0.0; LANES]; linear.len()];
    let mut nats = 0.0;
    for row in 0..groups * height {
        let run = Run {
            channels: usize::from(task.config.channels),
            components: usize::from(task.config.components),
            share: 1.0 / batch.count() as f32,
            images,
            known: if known(task.config, (width, height), row % height * width) {
                task.config.factor.into()
            } else {
                0
            },
            highest: (task.config.levels - 1) as f32,
            eighth: eighth(task.config),
            linear,
            planes: &task.planes,
            pixels: groups * height * width * images,
            first_pixel: row * width * images,
            outputs,
            rows: batch.rows() as usize,
            first_row: batch.first_row(row),
            count: width * images,
        };
        nats += over_run(&run, &mut gradient, &mut sums);
    }
    (nats, gradient, sums.iter().map(|sum| sum.iter().sum()).collect())
}

/// The pixels of an image row, of all images of a group: they follow one another.
struct Run<'a> {
    channels: usize,
    components: usize,
    /// The gradients' unit.
    share: f32,
    /// Images side by side.
    images: usize,
    /// Of so many columns the smaller images hold the first one's pixels; 0 if they hold none of the run's.
    known: usize,
    highest: f32,
    eighth: f32,
    linear: &'a [f32],
    planes: &'a [f32],
    /// Numbers of a plane, and the run's first one.
    pixels: usize,
    first_pixel: usize,
    outputs: &'a [f32],
    /// Numbers of an output, and the run's first one.
    rows: usize,
    first_row: usize,
    count: usize,
}

/// Some pixels of a run.
#[derive(Clone, Copy)]
struct Span {
    start: usize,
    count: usize,
}

impl Run<'_> {
    /// Numbers of a plane; zeros behind the run's end.
    #[inline(always)]
    fn plane(&self, plane: usize, span: Span) -> Lanes {
        load(self.planes, plane * self.pixels + self.first_pixel, span)
    }

    /// Numbers of an output.
    #[inline(always)]
    fn output(&self, output: usize, span: Span) -> Lanes {
        load(self.outputs, output * self.rows + self.first_row, span)
    }

    #[inline(always)]
    fn store(&self, gradient: &mut [f32], output: usize, span: Span, numbers: &Lanes) {
        let place = output * self.rows + self.first_row + span.start;
        gradient[place..place + span.count].copy_from_slice(&numbers[..span.count]);
    }

    /// The gradients' unit at each pixel: nothing where it is known.
    #[inline(always)]
    fn shares(&self, span: Span) -> Lanes {
        let mut shares = [self.share; LANES];
        if self.known > 0 {
            for (l, share) in shares.iter_mut().enumerate() {
                if ((span.start + l) / self.images).is_multiple_of(self.known) {
                    *share = 0.0;
                }
            }
        }
        shares
    }

    /// The coefficients of a channel.
    fn coefficients(&self, channel: usize) -> &[f32] {
        let all = TAPS * self.channels;
        &self.linear[channel * all..][..(TAPS - 1) * self.channels + channel]
    }

    /// Value minus prediction.
    #[inline(always)]
    fn residual(&self, channel: usize, span: Span) -> Lanes {
        let value = self.plane((TAPS - 1) * self.channels + channel, span);
        let mut rest = value.map(f64::from);
        for (plane, &coefficient) in self.coefficients(channel).iter().enumerate() {
            let numbers = self.plane(plane, span);
            for l in 0..LANES {
                rest[l] -= f64::from(coefficient) * f64::from(numbers[l]);
            }
        }
        rest.map(|rest| rest as f32)
    }
}

#[inline(always)]
fn load(numbers: &[f32], first: usize, span: Span) -> Lanes {
    let numbers = &numbers[first + span.start..][..span.count];
    let mut lanes = [0.0; LANES];
    if let Some(whole) = numbers.first_chunk::<LANES>() {
        lanes = *whole;
    } else {
        lanes[..span.count].copy_from_slice(numbers);
    }
    lanes
}

/// Nats of a run. Writes the outputs' gradient and adds to the prediction's.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2+fma", "x86_64+avx2+fma", "aarch64+neon"))]
fn over_run(run: &Run, gradient: &mut [f32], sums: &mut [Lanes]) -> f64 {
    let mut nats = 0.0;
    for start in (0..run.count).step_by(LANES) {
        let span = Span { start, count: LANES.min(run.count - start) };
        nats += over_span(run, span, gradient, sums);
    }
    nats
}

#[inline(always)]
fn over_span(run: &Run<'_>, span: Span, gradient: &mut [f32], sums: &mut [Lanes]) -> f64 {
    let (mut residuals, mut slopes) = ([[0.0; LANES]; CHANNELS], [[0.0; LANES]; CHANNELS]);
    let (mut output, mut nats) = (0, 0.0);
    for channel in 0..run.channels {
        residuals[channel] = run.residual(channel, span);
        let all = over_channel(run, span, (channel, output), &residuals, &mut slopes, gradient);
        let shares = run.shares(span);
        let counted = all[..span.count].iter().zip(shares).filter(|(_, share)| *share > 0.0);
        nats += counted.map(|(&nats, _)| f64::from(nats)).sum::<f64>();
        output += run.components * (3 + channel);
    }
    for channel in 0..run.channels {
        let sums = &mut sums[channel * TAPS * run.channels..][..(TAPS - 1) * run.channels + channel];
        for (plane, sum) in sums.iter_mut().enumerate() {
            let numbers = run.plane(plane, span);
            for l in 0..LANES {
                sum[l] -= slopes[channel][l] * numbers[l];
            }
        }
    }
    nats
}

/// A component at some pixels.
#[derive(Clone, Copy)]
struct Component {
    /// Weight logit.
    logit: Lanes,
    /// Its probability times the mixture's unnormalized weight is `factor * e^exponent`.
    exponent: Lanes,
    factor: Lanes,
    /// Slopes of the log probability by `t` and by the log scale.
    by_middle: Lanes,
    by_scale: Lanes,
    inverse: Lanes,
}

const NOTHING: Component = Component {
    logit: [0.0; LANES],
    exponent: [0.0; LANES],
    factor: [0.0; LANES],
    by_middle: [0.0; LANES],
    by_scale: [0.0; LANES],
    inverse: [0.0; LANES],
};

/// Nats of a channel whose first output is given. Adds the slopes by the residuals, its own and those of the channels before.
#[inline(always)]
fn over_channel(
    run: &Run<'_>,
    span: Span,
    (channel, first): (usize, usize),
    residuals: &[Lanes; CHANNELS],
    slopes: &mut [Lanes; CHANNELS],
    gradient: &mut [f32],
) -> Lanes {
    let value = run.plane((TAPS - 1) * run.channels + channel, span);
    let mut components = [NOTHING; COMPONENTS];
    for (k, component) in components[..run.components].iter_mut().enumerate() {
        let output = first + k * (3 + channel);
        let offset = run.output(output + 1, span);
        let mut distance = residuals[channel];
        for l in 0..LANES {
            distance[l] -= run.eighth * offset[l];
        }
        for (before, residual) in residuals[..channel].iter().enumerate() {
            let coefficient = run.output(output + 3 + before, span);
            for l in 0..LANES {
                distance[l] -= coefficient[l].clamp(-COEFFICIENT, COEFFICIENT) * residual[l];
            }
        }
        *component = evaluate([0, 2].map(|n| run.output(output + n, span)), &distance, &value, run.highest);
    }
    let (nats, shares) = share(&components[..run.components], &run.shares(span));
    for (k, (component, [prior, posterior])) in components[..run.components].iter().zip(&shares).enumerate() {
        let output = first + k * (3 + channel);
        let by_distance = spread(run, span, output, component, [prior, posterior], gradient);
        for l in 0..LANES {
            slopes[channel][l] += by_distance[l];
        }
        for before in 0..channel {
            let output = output + 3 + before;
            let coefficient = run.output(output, span);
            let mut by_coefficient = [0.0; LANES];
            for l in 0..LANES {
                let held = coefficient[l].clamp(-COEFFICIENT, COEFFICIENT);
                slopes[before][l] -= held * by_distance[l];
                by_coefficient[l] =
                    hold(coefficient[l], -residuals[before][l] * by_distance[l], [-COEFFICIENT, COEFFICIENT]);
            }
            run.store(gradient, output, span, &by_coefficient);
        }
    }
    nats
}

/// A component from its weight logit and log scale, at a distance from its mean.
#[inline(always)]
fn evaluate([logit, scale]: [Lanes; 2], distance: &Lanes, value: &Lanes, highest: f32) -> Component {
    let mut component = Component { logit, ..NOTHING };
    for l in 0..LANES {
        let s = scale[l].clamp(SCALES[0], SCALES[1]);
        let i = exp(-s);
        let t = distance[l] * i;
        let (upper, lower) = (t + 0.5 * i, t - 0.5 * i);
        let is_lowest = if value[l] <= 0.0 { 1.0 } else { 0.0 };
        let is_highest = if value[l] >= highest { 1.0 } else { 0.0 };
        let (has_upper, has_lower) = (1.0 - is_highest, 1.0 - is_lowest);
        let inside = has_upper * has_lower;
        let (u, w) = (exp(-upper.abs()), exp(-lower.abs()));
        let e = exp(-i);
        // The difference quotient loses digits where i is small.
        let series = 1.0 - i * (1.0 / 2.0 - i * (1.0 / 6.0 - i * (1.0 / 24.0 - i * (1.0 / 120.0 - i * (1.0 / 720.0)))));
        let q = if i < 0.5 { series } else { (1.0 - e) / i };
        let over_upper = 1.0 / (1.0 + u);
        let over_lower = 1.0 / (1.0 + w);
        let above_upper = has_upper * over_upper * if upper >= 0.0 { u } else { 1.0 };
        let below_lower = has_lower * over_lower * if lower >= 0.0 { 1.0 } else { w };
        component.inverse[l] = i;
        component.exponent[l] = logit[l] - inside * s - has_upper * (-upper).max(0.0) - has_lower * lower.max(0.0);
        component.factor[l] =
            (inside * q + 1.0 - inside) * (has_upper * over_upper + is_highest) * (has_lower * over_lower + is_lowest);
        component.by_middle[l] = above_upper - below_lower;
        component.by_scale[l] =
            i * (below_lower * (distance[l] - 0.5) - above_upper * (distance[l] + 0.5)) - inside * e / q;
    }
    component
}

/// Nats, and each component's share before and after the value is known, in units.
#[inline(always)]
fn share(components: &[Component], units: &Lanes) -> (Lanes, [[Lanes; 2]; COMPONENTS]) {
    let (mut most, mut most_logit) = ([f32::MIN; LANES], [f32::MIN; LANES]);
    for component in components {
        for l in 0..LANES {
            most[l] = most[l].max(component.exponent[l]);
            most_logit[l] = most_logit[l].max(component.logit[l]);
        }
    }
    let mut shares = [[[0.0; LANES]; 2]; COMPONENTS];
    let (mut sum, mut sum_of_weights) = ([0.0; LANES], [0.0; LANES]);
    for (component, [prior, posterior]) in components.iter().zip(&mut shares) {
        for l in 0..LANES {
            prior[l] = exp(component.logit[l] - most_logit[l]);
            posterior[l] = component.factor[l] * exp(component.exponent[l] - most[l]);
            sum_of_weights[l] += prior[l];
            sum[l] += posterior[l];
        }
    }
    let mut nats = [0.0; LANES];
    for l in 0..LANES {
        nats[l] = ln(sum_of_weights[l] / sum[l]) + most_logit[l] - most[l];
        (sum[l], sum_of_weights[l]) = (units[l] / sum[l], units[l] / sum_of_weights[l]);
    }
    for [prior, posterior] in &mut shares[..components.len()] {
        for l in 0..LANES {
            prior[l] *= sum_of_weights[l];
            posterior[l] *= sum[l];
        }
    }
    (nats, shares)
}

/// Writes the slopes of the nats by a component's weight logit, offset and log scale; gives that by the distance.
#[inline(always)]
fn spread(
    run: &Run<'_>,
    span: Span,
    output: usize,
    component: &Component,
    [prior, posterior]: [&Lanes; 2],
    gradient: &mut [f32],
) -> Lanes {
    let (mut by_logit, mut by_offset, mut by_scale) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
    let mut by_distance = [0.0; LANES];
    let scale = run.output(output + 2, span);
    for l in 0..LANES {
        by_logit[l] = prior[l] - posterior[l];
        by_scale[l] = hold(scale[l], -posterior[l] * component.by_scale[l], SCALES);
        by_distance[l] = -posterior[l] * component.by_middle[l] * component.inverse[l];
        by_offset[l] = -run.eighth * by_distance[l];
    }
    for (n, slope) in [by_logit, by_offset, by_scale].iter().enumerate() {
        run.store(gradient, output + n, span, slope);
    }
    by_distance
}

/// No slope for a number outside its limits that would move further out.
#[inline(always)]
fn hold(x: f32, slope: f32, [low, high]: [f32; 2]) -> f32 {
    let stays = (x > high && slope < 0.0) || (x < low && slope > 0.0);
    if stays { 0.0 } else { slope }
}
