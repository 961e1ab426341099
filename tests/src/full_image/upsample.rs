//! The upsampling network, over the whole small image.

use pixelrnn::blob::Upsample;

use super::Walk;
use super::arithmetic::{relu8, requantized};
use super::first::read;
use super::map::Map;

/// The image at the rows and columns that are multiples of the factor.
fn sampled(image: &Map, factor: i64) -> Map {
    let side = |side: i64| (side + factor - 1) / factor;
    let mut small = Map::new(side(image.width), side(image.height), image.features);
    for (row, column) in small.positions() {
        small.set(row, column, &image.at(row * factor, column * factor));
    }
    small
}

/// The features of every pixel.
pub fn run(layer: &Upsample, walk: &mut Walk<'_>, image: &Map) -> Map {
    let (u, factor, levels) = (usize::from(layer.features), walk.network.factor as i64, i64::from(walk.network.levels));
    let mut small = sampled(image, factor);
    small.values.iter_mut().for_each(|value| *value = read(*value, levels, 0));
    let convolution = walk.section.linear(u, (9 * small.features).next_multiple_of(4));
    let mut hidden = small.like(u);
    for (row, column) in small.positions() {
        let mut window = Vec::new();
        for channel in 0..small.features {
            let taps = (-1..=1).flat_map(|down| (-1..=1).map(move |right| (down, right)));
            window.extend(taps.map(|(down, right)| small.at(row + down, column + right)[channel]));
        }
        window.resize(window.len().next_multiple_of(4), 0);
        hidden.set(row, column, &relu8(requantized(&convolution, &window, layer.shifts[0])));
    }
    let mut all = image.like(u);
    for down in 0..factor {
        for right in 0..factor {
            let linear = walk.section.linear(u, u);
            for (row, column) in small.positions() {
                let (at_row, at_column) = (row * factor + down, column * factor + right);
                if at_row < all.height && at_column < all.width {
                    let features = relu8(requantized(&linear, &hidden.at(row, column), layer.shifts[1]));
                    all.set(at_row, at_column, &features);
                }
            }
        }
    }
    all
}
