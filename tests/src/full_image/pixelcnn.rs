//! PixelCNN's block.

use pixelrnn::blob::PixelCnn;

use super::arithmetic::{ZERO_POINT, relu8, requantized, requantized_with};
use super::{Maps, Walk};

/// Adds to the residual stream; the convolution reads pixels so many rows and columns away.
pub fn run(layer: &PixelCnn, distance: i64, walk: &mut Walk<'_>, maps: &mut Maps) {
    let (f, h, groups) = (walk.network.features, usize::from(layer.hidden), walk.network.groups);
    let [mut input, mut reduced, mut inner] = [f, h, h].map(|features| maps.stream.like(features));
    reduced.outside = ZERO_POINT;
    let mut sections = Vec::new();
    for group in 0..groups {
        walk.quantize(maps, group, layer.shifts[0], ZERO_POINT, &mut input);
        let reduce = walk.section.linear(walk.share(h), walk.seen(f, group));
        for at in input.positions() {
            let values = relu8(requantized(&reduce, &input.seen(at, group, groups), layer.shifts[1]));
            reduced.set_group(at, group, &values);
        }
        let convolution = walk.section.linear(walk.share(h), 4 * h + walk.seen(h, group));
        sections.push((convolution, walk.take_expand(h, group, layer.skip)));
    }
    let given = walk.take_given(h);
    let taps = [(-1, -1), (-1, 0), (-1, 1), (0, -1)].map(|(row, column)| (distance * row, distance * column));
    // At other pixels a group sees all groups.
    for (group, (convolution, expand)) in sections.iter().enumerate() {
        for (row, column) in input.positions() {
            let mut values = reduced.gather(row, column, &taps);
            values.extend(reduced.seen((row, column), group, groups));
            let addends = given.at((row, column), group * h / groups, h / groups);
            let sums = requantized_with(convolution, &addends, &values, layer.shifts[2]);
            inner.set_group((row, column), group, &relu8(sums));
        }
        expand.add(maps, &inner, (group, groups), [layer.shifts[3], layer.shifts[4]]);
    }
}
