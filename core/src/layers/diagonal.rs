//! Diagonal BiLSTM (paper, section 3.2): two LSTMs, one from each upper corner.
//!
//! The left-to-right one runs with the pixels. The right-to-left one runs over a row, from its right edge, once the row is complete;
//! its hidden states, moved one row down, are added to the next row's left-to-right ones, so that no pixel sees the future.
//! State: for each direction a row of hidden states, overwritten in place, and one cell; the row's quantized inputs.

use super::{Carver, Images, Shape, Work, slot, slot_mut};
use crate::blob::{LayerDescription, Linear, Matrix, Section};
use crate::kernels::lanes::{Activations, add_scaled, linear_add, linear_scaled, lstm_cell, quantize};

/// One of the two LSTMs.
struct Direction<'a> {
    input_to_state: Linear<'a>,
    state_to_state: Matrix<'a>,
    shift: u32,
    /// Features between layers, and inside this one.
    sizes: (usize, usize),
}

/// What is kept of one direction: a row of hidden states, and a cell.
struct Side<'a, const N: usize> {
    row: &'a mut [[i8; N]],
    cell: &'a mut [[i16; N]],
}

/// What is kept of both, and the row's quantized inputs.
struct Memory<'a, const N: usize> {
    left_to_right: Side<'a, N>,
    right_to_left: Side<'a, N>,
    inputs: &'a mut [[i8; N]],
}

impl<'a> Direction<'a> {
    fn take(shape: &Shape, body: &mut Section<'a>, shift: u8) -> Self {
        let (f, h) = (shape.features, shape.layer.hidden());
        let input_to_state = body.linear(4 * h, f);
        Self { input_to_state, state_to_state: body.matrix(4 * h, 2 * h), shift: shift.into(), sizes: (f, h) }
    }

    /// One LSTM step of a side at `column`, after `before` (none at the row's start).
    fn step<const N: usize>(
        &self,
        column: usize,
        before: Option<usize>,
        inputs: &[[i8; N]],
        side: &mut Side<'_, N>,
        work: &mut Work<'_, N>,
    ) {
        let (f, h) = self.sizes;
        let Side { row, cell } = side;
        let gates = work.gates.get_mut(..4 * h).unwrap_or_default();
        linear_scaled(&self.input_to_state, &Activations::of(work.scratch, slot(inputs, column, f)), gates);
        let mut activations = Activations::new(work.scratch);
        activations.push(slot(row, column, h));
        match before {
            Some(before) => activations.push(slot(row, before, h)),
            None => {
                activations.push_zeros(h);
                cell.as_flattened_mut().fill(0);
            }
        }
        add_scaled(&self.state_to_state, &activations, gates);
        lstm_cell(gates, self.shift, cell, slot_mut(row, column, h));
    }
}

impl<'a, const N: usize> Memory<'a, N> {
    fn take(shape: &Shape, states: &mut Carver<'a, N>, width: usize) -> Self {
        let h = shape.layer.hidden();
        let left_to_right = Side { row: states.i8(width * h), cell: states.i16(h) };
        let right_to_left = Side { row: states.i8(width * h), cell: states.i16(h) };
        Self { left_to_right, right_to_left, inputs: states.i8(width * shape.features) }
    }
}

/// One pixel, left to right.
pub fn step<const N: usize>(
    shape: &Shape,
    body: &mut Section<'_>,
    width: usize,
    column: usize,
    images: &mut Images<'_, N>,
) {
    let LayerDescription::DiagonalBilstm { skip, shifts, .. } = shape.layer else { return };
    let (f, h) = (shape.features, shape.layer.hidden());
    let quantizer = body.quantizer(f);
    let left_to_right = Direction::take(shape, body, shifts[1]);
    let _right_to_left = Direction::take(shape, body, shifts[2]);
    let Images { work, states, .. } = images;
    let mut memory = Memory::take(shape, states, width);
    quantize(work.stream, quantizer, u32::from(shifts[0]), slot_mut(memory.inputs, column, f));
    left_to_right.step(column, column.checked_sub(1), memory.inputs, &mut memory.left_to_right, work);

    // The mean of both directions, each Q7: their sum in Q6, which fits a byte.
    let [left, right] =
        [&memory.left_to_right, &memory.right_to_left].map(|side| slot(side.row, column, h).as_flattened());
    let hidden = work.hidden.get_mut(..h).unwrap_or_default();
    for (hidden, (&left, &right)) in hidden.as_flattened_mut().iter_mut().zip(left.iter().zip(right)) {
        *hidden = ((i32::from(left) + i32::from(right) + 1) >> 1) as i8;
    }
    let activations = Activations::of(work.scratch, hidden);
    linear_add(&body.linear(f, h), &activations, u32::from(shifts[3]), work.stream);
    if skip {
        linear_add(&body.linear(f, h), &activations, u32::from(shifts[4]), work.skip);
    }
}

/// One column, right to left; called for the columns of a complete row from the last to the first.
pub fn row_end<const N: usize>(
    shape: &Shape,
    body: &mut Section<'_>,
    width: usize,
    column: usize,
    images: &mut Images<'_, N>,
) {
    let LayerDescription::DiagonalBilstm { shifts, .. } = shape.layer else { return };
    body.quantizer(shape.features);
    let _left_to_right = Direction::take(shape, body, shifts[1]);
    let right_to_left = Direction::take(shape, body, shifts[2]);
    let Images { work, states, .. } = images;
    let mut memory = Memory::take(shape, states, width);
    let before = Some(column + 1).filter(|&before| before < width);
    right_to_left.step(column, before, memory.inputs, &mut memory.right_to_left, work);
}
