//! Diagonal BiLSTM (paper, section 3.2): two LSTMs, one from each upper corner.
//!
//! The left-to-right one runs with the pixels. The right-to-left one runs over a row, from its right edge, once the row is complete;
//! its hidden states, moved one row down, are added to the next row's left-to-right ones, so that no pixel sees the future.
//! State: for each direction a row of hidden states, overwritten in place, and one cell; the row's quantized inputs.

use super::{Carver, Lane, Memory, Shape, Side, slot, slot_mut};
use crate::blob::{LayerDescription, Linear, Matrix, Section};
use crate::kernels::lanes::{add_scaled, linear_add, linear_scaled};
use crate::kernels::{Activations, lstm_cell, quantize};

/// The sides' places in a [`Memory`].
const LEFT_TO_RIGHT: usize = 0;
const RIGHT_TO_LEFT: usize = 1;

/// One of the two LSTMs.
struct Direction<'a> {
    input_to_state: Linear<'a>,
    state_to_state: Matrix<'a>,
    shift: u32,
    /// Features between layers, and inside this one.
    sizes: (usize, usize),
}

impl<'a> Direction<'a> {
    fn take(shape: &Shape, body: &mut Section<'a>, shift: u8) -> Self {
        let (f, h) = (shape.features, shape.layer.hidden());
        let input_to_state = body.linear(4 * h, f);
        Self { input_to_state, state_to_state: body.matrix(4 * h, 2 * h), shift: shift.into(), sizes: (f, h) }
    }

    /// One LSTM step of a side at `column`, after `before` (none at the row's start).
    fn step<const SIDE: usize, const N: usize>(&self, column: usize, before: Option<usize>, lanes: &mut [Lane<'_>; N]) {
        let (f, h) = self.sizes;
        linear_scaled(&self.input_to_state, lanes, |Lane { work, memory, .. }| {
            let input = slot(memory.inputs, column, f);
            (Activations::of(work.scratch, input), work.gates.get_mut(..4 * h).unwrap_or_default())
        });
        add_scaled(&self.state_to_state, lanes, |Lane { work, memory, .. }| {
            let Side { row, cells } = &mut memory.sides[SIDE];
            let mut activations = Activations::new(work.scratch);
            activations.push(slot(row, column, h));
            match before {
                Some(before) => activations.push(slot(row, before, h)),
                None => {
                    activations.push_zeros(h);
                    cells.fill(0);
                }
            }
            (activations, work.gates.get_mut(..4 * h).unwrap_or_default())
        });
        for Lane { work, memory, .. } in lanes {
            let Side { row, cells } = &mut memory.sides[SIDE];
            let gates = work.gates.get(..4 * h).unwrap_or_default();
            lstm_cell(gates, self.shift, cells, slot_mut(row, column, h));
        }
    }
}

fn take<'a>(shape: &Shape, states: &mut Carver<'a>, width: usize) -> Memory<'a> {
    let h = shape.layer.hidden();
    let left_to_right = Side { row: states.i8(width * h), cells: states.i16(h) };
    let right_to_left = Side { row: states.i8(width * h), cells: states.i16(h) };
    Memory { sides: [left_to_right, right_to_left], inputs: states.i8(width * shape.features), ..Memory::default() }
}

/// One pixel, left to right.
pub fn step<const N: usize>(
    shape: &Shape,
    body: &mut Section<'_>,
    width: usize,
    column: usize,
    lanes: &mut [Lane<'_>; N],
) {
    let LayerDescription::DiagonalBilstm { skip, shifts, .. } = shape.layer else { return };
    let (f, h) = (shape.features, shape.layer.hidden());
    let quantizer = body.quantizer(f);
    let left_to_right = Direction::take(shape, body, shifts[1]);
    let _right_to_left = Direction::take(shape, body, shifts[2]);
    let expand = body.linear(f, h);
    for Lane { work, states, memory, .. } in lanes.iter_mut() {
        *memory = take(shape, states, width);
        quantize(work.stream, quantizer, u32::from(shifts[0]), slot_mut(memory.inputs, column, f));
    }
    left_to_right.step::<LEFT_TO_RIGHT, N>(column, column.checked_sub(1), lanes);

    linear_add(&expand, u32::from(shifts[3]), lanes, |Lane { work, memory, .. }| {
        let [left, right] = memory.sides.each_ref().map(|side| slot(side.row, column, h));
        // The mean of both directions, each Q7: their sum in Q6, which fits a byte.
        let hidden = work.hidden.get_mut(..h).unwrap_or_default();
        for (hidden, (&left, &right)) in hidden.iter_mut().zip(left.iter().zip(right)) {
            *hidden = ((i32::from(left) + i32::from(right) + 1) >> 1) as i8;
        }
        (Activations::of(work.scratch, hidden), work.stream)
    });
    if skip {
        linear_add(&body.linear(f, h), u32::from(shifts[4]), lanes, |Lane { work, .. }| {
            (Activations::of(work.scratch, work.hidden.get(..h).unwrap_or_default()), work.skip)
        });
    }
}

/// One column, right to left; called for the columns of a complete row from the last to the first.
pub fn row_end<const N: usize>(
    shape: &Shape,
    body: &mut Section<'_>,
    width: usize,
    column: usize,
    lanes: &mut [Lane<'_>; N],
) {
    let LayerDescription::DiagonalBilstm { shifts, .. } = shape.layer else { return };
    body.quantizer(shape.features);
    let _left_to_right = Direction::take(shape, body, shifts[1]);
    let right_to_left = Direction::take(shape, body, shifts[2]);
    for Lane { states, memory, .. } in lanes.iter_mut() {
        *memory = take(shape, states, width);
    }
    let before = Some(column + 1).filter(|&before| before < width);
    right_to_left.step::<RIGHT_TO_LEFT, N>(column, before, lanes);
}
