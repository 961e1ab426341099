//! Diagonal BiLSTM (paper, section 3.2): two LSTMs, one from each upper corner.
//!
//! The left-to-right one runs with the pixels. The right-to-left one runs over a row, from its right edge, once the row is complete;
//! its hidden states, moved one row down, are added to the next row's left-to-right ones, so that no pixel sees the future.
//! State: for each direction a row of hidden states, overwritten in place, and one cell; the row's quantized inputs; with channel
//! groups also the pixel's hidden states, as far as its groups are computed.

use core::ops::Range;

use super::{Dimensions, Images, Layer, Place, Work, WorkSizes, copy, slot, slot_mut, widen};
use crate::blob::{Diagonal, Linear, Matrix, Part, Section};
use crate::kernels::lanes::{Activations, add_scaled, linear_add, linear_scaled, lstm_cell, quantize};

impl Layer for Diagonal {
    fn hidden(&self) -> usize {
        usize::from(self.hidden)
    }

    #[cfg(nibbles)]
    fn is_block(&self) -> bool {
        true
    }

    fn shifts(&self) -> &[u8] {
        &self.shifts
    }

    fn skip(&self) -> bool {
        self.skip
    }

    fn is_possible(&self, network: &Dimensions) -> bool {
        network.splits(self.hidden(), 256)
    }

    fn parts(&self, network: &Dimensions, group: usize, show: &mut dyn FnMut(Part)) {
        let (f, h) = (network.features, self.hidden());
        let (rows, gates) = (network.share(f), 4 * network.share(h));
        show(Part::Quantizer(rows));
        for _ in 0..2 {
            show(Part::Linear(gates, network.seen(f, group)));
            show(Part::Matrix(gates, 2 * h));
        }
        for _ in 0..1 + usize::from(self.skip) {
            show(Part::Linear(rows, network.seen(h, group)));
        }
    }

    fn class_rows(&self, _: &Dimensions) -> usize {
        8 * self.hidden()
    }

    fn upsampled_rows(&self, network: &Dimensions) -> usize {
        self.class_rows(network)
    }

    fn state_words(&self, network: &Dimensions, width: usize) -> usize {
        let (f, h) = (network.features, self.hidden());
        let pixel = if network.groups() == 1 { 0 } else { h };
        // Hidden states and a cell for each direction, the row's inputs.
        (2 * (width * h + 2 * h) + width * f + pixel) / 4
    }

    fn widen(&self, network: &Dimensions, sizes: &mut WorkSizes) {
        // One group's sum of both directions lies in `hidden`, beside the pixel's own states in `input`.
        widen(&mut sizes.gates, 4 * network.share(self.hidden()));
        widen(&mut sizes.hidden, self.hidden());
    }
}

/// One of the two LSTMs, one group of it.
struct Direction<'a, 'n> {
    input_to_state: Linear<'a>,
    state_to_state: Matrix<'a>,
    /// The row of the layer's gates, both directions', that is this one's first.
    first: usize,
    shift: u32,
    network: &'n Dimensions,
    /// Units in all.
    hidden: usize,
}

/// What is kept of one direction: a row of hidden states, and a cell.
struct Side<'a, const N: usize> {
    row: &'a mut [[i8; N]],
    cell: &'a mut [[i16; N]],
}

/// What is kept of both, the row's quantized inputs, and (with channel groups) the pixel's hidden states.
struct Memory<'a, const N: usize> {
    left_to_right: Side<'a, N>,
    right_to_left: Side<'a, N>,
    inputs: &'a mut [[i8; N]],
    pixel: &'a mut [[i8; N]],
}

impl<'a, 'n> Direction<'a, 'n> {
    fn take(
        layer: &Diagonal,
        network: &'n Dimensions,
        body: &mut Section<'a>,
        group: usize,
        (shift, first): (u8, usize),
    ) -> Self {
        let gates = 4 * network.share(layer.hidden());
        Self {
            first,
            input_to_state: body.linear(gates, network.seen(network.features, group)),
            state_to_state: body.matrix(gates, 2 * layer.hidden()),
            shift: shift.into(),
            network,
            hidden: layer.hidden(),
        }
    }

    /// Takes one off that is not wanted.
    fn skip(layer: &Diagonal, network: &Dimensions, body: &mut Section<'a>, group: usize) {
        let gates = 4 * network.share(layer.hidden());
        let input_to_state = Part::Linear(gates, network.seen(network.features, group));
        let state_to_state = Part::Matrix(gates, 2 * layer.hidden());
        body.section([input_to_state, state_to_state].map(|part| part.bytes(body.packing().is_nibbles())).iter().sum());
    }

    /// One LSTM step of a side, after the column `before` (none at the row's start). With one group the new hidden states take the
    /// upper neighbour's place; else they go to `pixel` until the last group is there.
    // Called for two directions: where that is dear, each has its own.
    #[cfg_attr(kernels = "mve", inline(always))]
    fn step<const N: usize>(
        &self,
        place: Place,
        before: Option<usize>,
        inputs: &[[i8; N]],
        side: &mut Side<'_, N>,
        pixel: &mut [[i8; N]],
        work: &mut Work<'_, N>,
    ) {
        let (network, h, group) = (self.network, self.hidden, place.group);
        let Side { row, cell } = side;
        let Work { scratch, gates, given, .. } = work;
        let gates = gates.get_mut(..4 * network.share(h)).unwrap_or_default();
        let input = network.seen_of(slot(inputs, place.column, network.features), network.features, group);
        let packing = self.state_to_state.packing;
        linear_scaled(&self.input_to_state, &Activations::of_packing(scratch, packing, input), gates);
        let mut activations = Activations::for_weights(scratch, packing);
        activations.push(slot(row, place.column, h));
        match before {
            Some(before) => activations.push(slot(row, before, h)),
            None => {
                activations.push_zeros(h);
                network.own(cell, h, group).as_flattened_mut().fill(0);
            }
        }
        add_scaled(&self.state_to_state, &activations, gates);
        given.add((8 * h, self.first + 4 * group * network.share(h)), gates);
        let cell = network.own(cell, h, group);
        let here = slot_mut(row, place.column, h);
        if network.groups() == 1 {
            return lstm_cell(gates, self.shift, cell, here);
        }
        lstm_cell(gates, self.shift, cell, network.own(pixel, h, group));
        if group + 1 == network.groups() {
            copy(pixel, here);
        }
    }
}

impl<'a, const N: usize> Memory<'a, N> {
    fn take(layer: &Diagonal, network: &Dimensions, states: &mut super::Carver<'a, N>, width: usize) -> Self {
        let h = layer.hidden();
        let left_to_right = Side { row: states.i8(width * h), cell: states.i16(h) };
        let right_to_left = Side { row: states.i8(width * h), cell: states.i16(h) };
        let inputs = states.i8(width * network.features);
        let pixel = if network.groups() == 1 { &mut [] } else { states.i8(h) };
        Self { left_to_right, right_to_left, inputs, pixel }
    }
}

/// One pixel, one group, left to right.
pub fn step<const N: usize>(
    layer: &Diagonal,
    network: &Dimensions,
    body: &mut Section<'_>,
    place: Place,
    images: &mut Images<'_, N>,
) {
    let (f, h) = (network.features, layer.hidden());
    let (rows, seen) = (network.share(f), network.seen(h, place.group));
    let [quantizer_shift, _, _, expand_shift, skip_shift] = layer.shifts.map(u32::from);
    let quantizer = body.quantizer(rows);
    let left_to_right = Direction::take(layer, network, body, place.group, (layer.shifts[1], 0));
    Direction::skip(layer, network, body, place.group);
    let Images { work, states, .. } = images;
    let mut memory = Memory::take(layer, network, states, place.width);
    let input = network.own(slot_mut(memory.inputs, place.column, f), f, place.group);
    quantize(work.stream, quantizer, quantizer_shift, input);
    let before = place.column.checked_sub(1);
    left_to_right.step(place, before, memory.inputs, &mut memory.left_to_right, memory.pixel, work);

    let left = match network.groups() {
        1 => slot(memory.left_to_right.row, place.column, h),
        _ => memory.pixel,
    };
    let sums = work.hidden.get_mut(..seen).unwrap_or_default();
    add_directions(left, slot(memory.right_to_left.row, place.column, h), sums);
    let activations = Activations::of_packing(work.scratch, body.packing(), sums);
    linear_add(&body.linear(rows, seen), &activations, expand_shift, work.stream);
    if layer.skip {
        linear_add(&body.linear(rows, seen), &activations, skip_shift, work.skip);
    }
}

/// The mean of both directions, each Q7: their sum in Q6, which fits a byte.
#[inline]
fn add_directions<const N: usize>(left: &[[i8; N]], right: &[[i8; N]], sums: &mut [[i8; N]]) {
    let both = left.as_flattened().iter().zip(right.as_flattened());
    for (sum, (&left, &right)) in sums.as_flattened_mut().iter_mut().zip(both) {
        *sum = ((i32::from(left) + i32::from(right) + 1) >> 1) as i8;
    }
}

/// Some columns of a complete row, every group, right to left; `bodies` gives a group's.
pub fn row_end<'a, const N: usize>(
    layer: &Diagonal,
    network: &Dimensions,
    bodies: impl Fn(usize) -> Section<'a>,
    (width, columns): (usize, Range<usize>),
    images: &mut Images<'_, N>,
) {
    let Images { work, states, .. } = images;
    let Memory { mut right_to_left, inputs, pixel, .. } = Memory::take(layer, network, states, width);
    for column in columns.rev() {
        work.given.at_column(column);
        let before = Some(column + 1).filter(|&before| before < width);
        for group in 0..network.groups() {
            let direction = take_right_to_left(layer, network, bodies(group), group);
            direction.step(Place { width, column, group }, before, inputs, &mut right_to_left, pixel, work);
        }
    }
}

fn take_right_to_left<'a, 'n>(
    layer: &Diagonal,
    network: &'n Dimensions,
    mut body: Section<'a>,
    group: usize,
) -> Direction<'a, 'n> {
    body.quantizer(network.share(network.features));
    Direction::skip(layer, network, &mut body, group);
    Direction::take(layer, network, &mut body, group, (layer.shifts[2], 4 * layer.hidden()))
}
