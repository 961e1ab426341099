//! Row LSTM.

use pixelrnn::blob::RowLstm;

use super::lstm::{Lstm, States};
use super::{Maps, Walk};

/// Adds to the residual stream. The state-to-state product reads all groups of the row above: positions come before groups.
pub fn run(layer: &RowLstm, walk: &mut Walk<'_>, maps: &mut Maps) {
    let (f, h, groups) = (walk.network.features, usize::from(layer.hidden), walk.network.groups);
    let kernel = i64::from(layer.kernel);
    let taps: Vec<_> = (0..kernel).map(|tap| (-1, tap - kernel / 2)).collect();
    let mut input = maps.stream.like(f);
    let mut states = States { hidden: maps.stream.like(h), cells: maps.stream.like(h) };
    let mut sections = Vec::new();
    for group in 0..groups {
        // The stream that a group reads is its own: quantized before the group is added to.
        walk.quantize(maps, group, layer.shifts[0], 0, &mut input);
        let lstm = Lstm {
            input_to_state: walk.section.linear(4 * walk.share(h), f + walk.seen(f, group)),
            state_to_state: walk.section.matrix(4 * walk.share(h), usize::from(layer.kernel) * h),
            shift: layer.shifts[1],
            group,
            groups,
        };
        sections.push((lstm, walk.take_expand(h, group, layer.skip)));
    }
    let given = walk.take_given(4 * h);
    for at in input.positions() {
        for (lstm, _) in &sections {
            let mut values = input.at(at.0, at.1 - 1);
            values.extend(input.seen(at, lstm.group, groups));
            let addends = given.at(at, lstm.group * 4 * h / groups, 4 * h / groups);
            lstm.step(&mut states, (&values, &addends), at, &taps, (-1, 0));
        }
    }
    for (lstm, expand) in &sections {
        expand.add(maps, &states.hidden, (lstm.group, groups), [layer.shifts[2], layer.shifts[3]]);
    }
}
