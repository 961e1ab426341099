//! Random float networks, and pictures for them.

use pixelrnn_convert::config::{Architecture, NetworkConfig};
use pixelrnn_convert::data::ImageSet;
use pixelrnn_convert::float::{Block, Dense, Lstm, Network};

use crate::random::Numbers;

/// Uniform within ±`bound`.
fn uniform(numbers: &mut Numbers, bound: f32) -> f32 {
    numbers.within(1 << 20) as f32 / (1 << 20) as f32 * bound
}

fn dense(numbers: &mut Numbers, outputs: usize, inputs: usize, bias: f32) -> Dense {
    let bound = (3.0 / inputs as f32).sqrt();
    let weights = (0..outputs * inputs).map(|_| uniform(numbers, bound)).collect();
    Dense::new(inputs, weights, (0..outputs).map(|_| uniform(numbers, bias)).collect())
}

/// A network with weights as fresh ones have them.
pub fn network(config: &NetworkConfig, seed: u64) -> Network {
    let numbers = &mut Numbers(seed);
    let (h, m) = (usize::from(config.hidden), usize::from(config.head));
    let f = 2 * h;
    let lstm = |numbers: &mut Numbers, inputs: usize, states: usize| Lstm {
        input_to_state: dense(numbers, 4 * h, inputs, 1.0),
        state_to_state: dense(numbers, 4 * h, states, 0.0),
    };
    let block = |numbers: &mut Numbers| match config.architecture {
        Architecture::PixelCnn => {
            Block::PixelCnn { reduce: dense(numbers, h, f, 0.3), convolution: dense(numbers, h, 5 * h, 0.3) }
        }
        Architecture::RowLstm => Block::RowLstm(lstm(numbers, 2 * f, usize::from(config.kernel) * h)),
        Architecture::DiagonalBilstm => Block::DiagonalBilstm([lstm(numbers, f, 2 * h), lstm(numbers, f, 2 * h)]),
    };
    let first = dense(numbers, f, 24, 0.5);
    let blocks = (0..config.blocks)
        .map(|_| {
            let block = block(numbers);
            (block, dense(numbers, f, h, 0.1), config.skip.then(|| dense(numbers, f, h, 0.1)))
        })
        .collect();
    let outputs = if config.levels == 2 { 1 } else { usize::from(config.levels) };
    let (head_hidden, head_output) = (dense(numbers, m, f, 0.3), dense(numbers, outputs, m, 0.5));
    Network { config: config.clone(), first, blocks, head_hidden, head_output }
}

/// Pictures of discs, shaded.
pub fn pictures(count: usize, (width, height): (usize, usize), levels: u16, seed: u64) -> ImageSet {
    let mut numbers = Numbers(seed);
    let mut values = Vec::new();
    for _ in 0..count {
        let mut random = |most: usize| f64::from(numbers.below(most as u32 * 100)) / 100.0;
        let (x, y, radius) = (random(width), random(height), 1.0 + random(width.max(4) / 2));
        for place in 0..width * height {
            let (dx, dy) = ((place % width) as f64 - x, (place / width) as f64 - y);
            let inside = (1.2 - (dx * dx + dy * dy).sqrt() / radius).clamp(0.0, 1.0);
            values.push((inside * f64::from(levels - 1)).round() as u8);
        }
    }
    ImageSet { width, height, values }
}
