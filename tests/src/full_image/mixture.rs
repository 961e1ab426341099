//! The head that mixes logistic distributions, in wide integers.

use pixelrnn::blob::Mixture;
use pixelrnn::fixed::{exp2_negative, logistic};

use super::arithmetic::{ZERO_POINT, relu8, requantized};
use super::map::Map;
use super::{Expected, Maps, Walk};

/// A component: its weight (Q15), mean (Q12), and the multiplier that a distance loses `down` and then `shift` bits around.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    weight: i128,
    mean: i128,
    mantissa: i128,
    down: u32,
    shift: u32,
}

/// A channel's mixture at a pixel.
#[derive(Debug, Clone)]
pub struct Parts {
    parts: Vec<Part>,
    levels: u32,
}

impl Parts {
    /// Sum of the frequencies below a value.
    pub fn cumulative(&self, value: u32) -> u32 {
        if value == 0 || value >= self.levels {
            return if value == 0 { 0 } else { 1 << 24 };
        }
        let border = i128::from(value) * 4096 - 2048;
        let below = |part: &Part| {
            let distance = ((border - part.mean) >> part.down).clamp(-(1 << 20), (1 << 20) - 1);
            part.weight * i128::from(logistic(((distance * part.mantissa) >> part.shift) as i32))
        };
        let share = (self.parts.iter().map(below).sum::<i128>() >> 15) as u32;
        let bits = 32 - (self.levels - 1).leading_zeros();
        value + share - (share >> (24 - bits))
    }

    /// Levels.
    pub fn levels(&self) -> u32 {
        self.levels
    }
}

/// The values at W, N, NW, NE of every channel, as far as they are inside, else what stands for them.
fn neighbours(image: &Map, (row, column): (i64, i64), half: i64) -> Vec<Vec<i64>> {
    let west = || image.at(row, column - 1);
    let north = || image.at(row - 1, column);
    match (row, column) {
        (0, 0) => vec![vec![half; image.features]; 4],
        (0, _) => vec![west(); 4],
        _ => {
            let inside = column + 1 < image.width;
            let north_east = if inside { image.at(row - 1, column + 1) } else { north() };
            let (west, north_west) =
                if column == 0 { (north(), north()) } else { (west(), image.at(row - 1, column - 1)) };
            vec![west, north(), north_west, north_east]
        }
    }
}

fn predictions(coefficients: &[i32], image: &Map, at: (i64, i64), half: i64) -> Vec<i128> {
    let mut coefficients = coefficients.iter().map(|&coefficient| i128::from(coefficient));
    let around = neighbours(image, at, half);
    let own = image.at(at.0, at.1);
    let mut next = |value: &i64| coefficients.next().expect("a coefficient a value") * i128::from(*value);
    let mut all = Vec::new();
    for channel in 0..image.features {
        let sum: i128 = around.iter().flatten().chain(&own[..channel]).map(&mut next).sum();
        all.push((sum >> 4).clamp(-(1 << 29), 1 << 29));
    }
    all
}

fn exp2_fraction(x: i128) -> i128 {
    2 * i128::from(exp2_negative(65_536 - x.rem_euclid(65_536) as u32))
}

fn part(row: &[i64], prediction: i128, residuals: &[i128], levels: u32) -> Part {
    let exponent = (i128::from(row[2].clamp(-7168, 24_576)) * 23_637) >> 9;
    // Eighths of the value range: Q11 times 2^bits / 8, as Q12.
    let range = 1i128 << (32 - (levels - 1).leading_zeros());
    let mut mean = prediction + ((i128::from(row[1]) * range) >> 2);
    for (residual, &coefficient) in residuals.iter().zip(&row[3..]) {
        mean += (i128::from(coefficient.clamp(-8171, 8171)) * residual) >> 11;
    }
    let power = (4 << 16) - exponent;
    let (mantissa, whole) = (exp2_fraction(power) >> 6, power >> 16);
    Part {
        weight: 0,
        mean: mean.clamp(-(1 << 29), 1 << 29),
        mantissa,
        down: (-whole).max(0) as u32,
        shift: (10 - whole).min(10) as u32,
    }
}

fn weights(parts: &mut [Part], logits: &[i64]) {
    let most = *logits.iter().max().expect("at least one component");
    let powers: Vec<i128> = logits
        .iter()
        .map(|logit| i128::from(exp2_negative((((most - logit).clamp(0, 20 << 11) as u64 * 94_548) >> 11) as u32)))
        .collect();
    let inverse = (1 << 31) / powers.iter().sum::<i128>();
    for (part, power) in parts.iter_mut().zip(powers) {
        part.weight = (power * inverse) >> 16;
    }
    let rest = (1 << 15) - parts.iter().map(|part| part.weight).sum::<i128>();
    let most = parts.iter().map(|part| part.weight).max();
    let heaviest = parts.iter_mut().find(|part| Some(part.weight) == most);
    heaviest.expect("at least one component").weight += rest;
}

/// A mixture for every value.
pub fn run(layer: &Mixture, walk: &mut Walk<'_>, maps: &mut Maps) -> Vec<Expected> {
    let (f, m, channels) = (walk.network.features, usize::from(layer.maps), walk.network.channels);
    let components = usize::from(layer.components);
    maps.add_skips();
    let mut input = maps.stream.like(f);
    walk.quantize(maps, 0, layer.shifts[0], ZERO_POINT, &mut input);
    let hidden = walk.section.linear(m, f);
    let rows: usize = (0..channels).map(|channel| components * (3 + channel)).sum();
    let output = walk.section.linear(rows.next_multiple_of(4), m);
    let count = (0..channels).map(|channel| 4 * channels + channel).sum();
    let coefficients = walk.section.coefficients(count);
    let levels = walk.network.levels;
    let half = 1i64 << (31 - (levels - 1).leading_zeros());
    let mut all = Vec::new();
    for at in input.positions() {
        let maps_here = relu8(requantized(&hidden, &input.at(at.0, at.1), layer.shifts[1]));
        let outputs: Vec<i64> = requantized(&output, &maps_here, layer.shifts[2])
            .iter()
            .map(|value| value.clamp(&-32768, &32767))
            .copied()
            .collect();
        let predictions = predictions(coefficients, &maps.image, at, half);
        let own = maps.image.at(at.0, at.1);
        let residuals: Vec<i128> = own.iter().zip(&predictions).map(|(&v, p)| i128::from(v) * 4096 - p).collect();
        let mut rest = &outputs[..];
        for channel in 0..channels {
            let (here, later) = rest.split_at(components * (3 + channel));
            rest = later;
            let each: Vec<&[i64]> = here.chunks(3 + channel).collect();
            let mut parts: Vec<Part> =
                each.iter().map(|row| part(row, predictions[channel], &residuals[..channel], levels)).collect();
            weights(&mut parts, &each.iter().map(|row| row[0]).collect::<Vec<_>>());
            all.push(Expected::Mixture(Parts { parts, levels }));
        }
    }
    all
}
