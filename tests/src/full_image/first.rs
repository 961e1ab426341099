//! The first convolution.

use pixelrnn::blob::First;

use super::arithmetic::{add16, requantized};
use super::{Maps, Walk};

/// What the convolution reads of a value: the plane of high bits, or of low ones.
fn read(value: i64, levels: i64, plane: usize) -> i64 {
    let low = 64 - (levels - 1).leading_zeros() as i64 - 8;
    match (levels, plane) {
        (0..=128, _) => value,
        (_, 0) => (value >> low).max(1) - 128,
        _ if low > 7 => (value & ((1 << low) - 1)) >> (low - 7),
        _ => value & ((1 << low) - 1),
    }
}

/// Fills the residual stream.
pub fn run(layer: &First, walk: &mut Walk<'_>, maps: &mut Maps) {
    let (channels, levels) = (maps.image.features, i64::from(walk.network.levels));
    let planes = if levels > 256 { 2 } else { 1 };
    let taps: Vec<(i64, i64)> = (0..24).map(|tap| (tap / 7 - 3, tap % 7 - 3)).collect();
    for group in 0..walk.network.groups {
        for plane in 0..planes {
            let columns = 24 * channels + group.next_multiple_of(4);
            let linear = walk.section.linear(walk.share(walk.network.features), columns);
            let mut image = maps.image.like(channels);
            image.values = maps.image.values.iter().map(|&value| read(value, levels, plane)).collect();
            for (row, column) in image.positions() {
                let mut values = Vec::new();
                for channel in 0..channels {
                    values.extend(taps.iter().map(|tap| image.at(row + tap.0, column + tap.1)[channel]));
                }
                values.extend(&image.at(row, column)[..group]);
                values.resize(columns, 0);
                let mut sums = match plane {
                    0 => vec![0; linear.biases.len()],
                    _ => maps.stream.group((row, column), group, walk.network.groups),
                };
                add16(&mut sums, &requantized(&linear, &values, layer.shifts[plane]));
                maps.stream.set_group((row, column), group, &sums);
            }
        }
    }
}
