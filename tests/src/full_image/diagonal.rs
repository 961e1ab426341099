//! Diagonal BiLSTM.

use pixelrnn::blob::Diagonal;

use super::lstm::{Lstm, States};
use super::{Maps, Walk};

/// Adds to the residual stream.
pub fn run(layer: &Diagonal, walk: &mut Walk<'_>, maps: &mut Maps) {
    let (f, h, groups) = (walk.network.features, usize::from(layer.hidden), walk.network.groups);
    let mut input = maps.stream.like(f);
    let mut sections = Vec::new();
    for group in 0..groups {
        walk.quantize(maps, group, layer.shifts[0], 0, &mut input);
        let mut direction = |shift| Lstm {
            input_to_state: walk.section.linear(4 * walk.share(h), walk.seen(f, group)),
            state_to_state: walk.section.matrix(4 * walk.share(h), 2 * h),
            shift,
            group,
            groups,
        };
        let directions = [direction(layer.shifts[1]), direction(layer.shifts[2])];
        sections.push((directions, walk.take_expand(h, group, layer.skip)));
    }
    let given = walk.take_given(8 * h);
    let states = || States { hidden: maps.stream.like(h), cells: maps.stream.like(h) };
    let [mut left, mut right] = [states(), states()];
    for (row, column) in input.positions() {
        let mirrored = (row, input.width - 1 - column);
        for ([left_to_right, right_to_left], _) in &sections {
            let group = left_to_right.group;
            let seen = |at| input.seen(at, group, groups);
            let given = |at, start| given.at(at, start + group * 4 * h / groups, 4 * h / groups);
            let here = (row, column);
            left_to_right.step(&mut left, (&seen(here), &given(here, 0)), here, &[(-1, 0), (0, -1)], (0, -1));
            let addends = given(mirrored, 4 * h);
            right_to_left.step(&mut right, (&seen(mirrored), &addends), mirrored, &[(-1, 0), (0, 1)], (0, 1));
        }
    }
    let mut inner = maps.stream.like(h);
    for (row, column) in input.positions() {
        let both = left.hidden.at(row, column).into_iter().zip(right.hidden.at(row - 1, column));
        inner.set(row, column, &both.map(|(left, right)| (left + right + 1) >> 1).collect::<Vec<_>>());
    }
    for (group, (_, expand)) in sections.iter().enumerate() {
        expand.add(maps, &inner, (group, groups), [layer.shifts[3], layer.shifts[4]]);
    }
}
