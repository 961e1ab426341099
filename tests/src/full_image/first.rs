//! The first convolution.

use pixelrnn::blob::First;

use super::arithmetic::{add16, requantized};
use super::{Maps, Walk};

/// What the convolution reads of a value: the plane of high bits, or of low ones.
pub fn read(value: i64, levels: i64, plane: usize) -> i64 {
    let low = 64 - (levels - 1).leading_zeros() as i64 - 8;
    match (levels, plane) {
        (0..=128, _) => value,
        (_, 0) => (value >> low).max(1) - 128,
        _ if low > 7 => (value & ((1 << low) - 1)) >> (low - 7),
        _ => value & ((1 << low) - 1),
    }
}

/// Fills the residual stream: with what the image's class adds, then with the products.
pub fn run(layer: &First, walk: &mut Walk<'_>, maps: &mut Maps) {
    let (channels, levels, groups) = (maps.image.features, i64::from(walk.network.levels), walk.network.groups);
    let planes = if levels > 256 { 2 } else { 1 };
    let columns = |group: usize| 24 * channels + group.next_multiple_of(4);
    let mut linears = Vec::new();
    for group in 0..groups {
        for plane in 0..planes {
            linears.push((group, plane, walk.section.linear(walk.share(walk.network.features), columns(group))));
        }
    }
    let class = walk.take_class(walk.network.features);
    let half = (1i64 << layer.shifts[0]) >> 1;
    let class: Vec<i64> =
        class.iter().map(|addend| ((addend + half) >> layer.shifts[0]).clamp(-32768, 32767)).collect();
    for at in maps.stream.positions() {
        maps.stream.set(at.0, at.1, &class);
    }
    let taps: Vec<(i64, i64)> = (0..24).map(|tap| (tap / 7 - 3, tap % 7 - 3)).collect();
    for (group, plane, linear) in linears {
        let mut image = maps.image.like(channels);
        image.values = maps.image.values.iter().map(|&value| read(value, levels, plane)).collect();
        for (row, column) in image.positions() {
            let mut values = Vec::new();
            for channel in 0..channels {
                values.extend(taps.iter().map(|tap| image.at(row + tap.0, column + tap.1)[channel]));
            }
            values.extend(&image.at(row, column)[..group]);
            values.resize(columns(group), 0);
            let mut sums = maps.stream.group((row, column), group, groups);
            add16(&mut sums, &requantized(&linear, &values, layer.shifts[plane]));
            maps.stream.set_group((row, column), group, &sums);
        }
    }
}
