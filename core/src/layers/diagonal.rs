//! Diagonal BiLSTM (paper, section 3.2): two LSTMs, one from each upper corner.
//!
//! The left-to-right one runs with the pixels. The right-to-left one runs over a row, from its right edge, once the row is complete;
//! its hidden states, moved one row down, are added to the next row's left-to-right ones, so that no pixel sees the future.
//! State: for each direction a row of hidden states, overwritten in place, and one cell; the row's quantized inputs.

use super::{Carver, Shape, Work, slot, slot_mut};
use crate::blob::{LayerDescription, Linear, Matrix, Section};
use crate::kernels::{Activations, add_scaled, linear_add, linear_scaled, lstm_cell, quantize};

/// A layer's arrays and state.
struct Parts<'a, 's> {
    quantizer: &'a [i16],
    left_to_right: Direction<'a, 's>,
    right_to_left: Direction<'a, 's>,
    expand: Linear<'a>,
    inputs: &'s mut [i8],
}

/// One of the two LSTMs.
struct Direction<'a, 's> {
    input_to_state: Linear<'a>,
    state_to_state: Matrix<'a>,
    row: &'s mut [i8],
    cell: &'s mut [i16],
    shift: u32,
}

impl<'a, 's> Direction<'a, 's> {
    fn take(shape: &Shape, body: &mut Section<'a>, state: &mut Carver<'s>, width: usize, shift: u8) -> Self {
        let (f, h) = (shape.features, shape.layer.hidden());
        Self {
            input_to_state: body.linear(4 * h, f),
            state_to_state: body.matrix(4 * h, 2 * h),
            row: state.i8(width * h),
            cell: state.i16(h),
            shift: u32::from(shift),
        }
    }

    /// One LSTM step at `column`, after `before` (none at the row's start).
    fn step(&mut self, input: &[i8], h: usize, column: usize, before: Option<usize>, work: &mut Work<'_>) {
        let mut activations = Activations::new(work.scratch);
        activations.push(input);
        let gates = work.gates.get_mut(..4 * h).unwrap_or_default();
        linear_scaled(&self.input_to_state, &activations, gates);

        let mut activations = Activations::new(work.scratch);
        activations.push(slot(self.row, column, h));
        match before {
            Some(before) => activations.push(slot(self.row, before, h)),
            None => {
                activations.push_zeros(h);
                self.cell.fill(0);
            }
        }
        add_scaled(&self.state_to_state, &activations, gates);
        lstm_cell(gates, self.shift, self.cell, slot_mut(self.row, column, h));
    }
}

fn take<'a, 's>(
    shape: &Shape,
    body: &mut Section<'a>,
    mut state: Carver<'s>,
    width: usize,
    shifts: [u8; 5],
) -> Parts<'a, 's> {
    Parts {
        quantizer: body.quantizer(shape.features),
        left_to_right: Direction::take(shape, body, &mut state, width, shifts[1]),
        right_to_left: Direction::take(shape, body, &mut state, width, shifts[2]),
        expand: body.linear(shape.features, shape.layer.hidden()),
        inputs: state.i8(width * shape.features),
    }
}

/// One pixel, left to right.
pub fn step(
    shape: &Shape,
    body: &mut Section<'_>,
    state: Carver<'_>,
    width: usize,
    column: usize,
    work: &mut Work<'_>,
) {
    let LayerDescription::DiagonalBilstm { skip, shifts, .. } = shape.layer else { return };
    let (f, h) = (shape.features, shape.layer.hidden());
    let Parts { quantizer, mut left_to_right, right_to_left, expand, inputs } = take(shape, body, state, width, shifts);

    let input = slot_mut(inputs, column, f);
    quantize(work.stream, quantizer, u32::from(shifts[0]), input);
    left_to_right.step(input, h, column, column.checked_sub(1), work);

    // The mean of both directions, each Q7: their sum in Q6, which fits a byte.
    let hidden = work.hidden.get_mut(..h).unwrap_or_default();
    let sums = slot(left_to_right.row, column, h).iter().zip(slot(right_to_left.row, column, h));
    for (hidden, (&left, &right)) in hidden.iter_mut().zip(sums) {
        *hidden = ((i32::from(left) + i32::from(right) + 1) >> 1) as i8;
    }
    let mut activations = Activations::new(work.scratch);
    activations.push(hidden);
    linear_add(&expand, &activations, u32::from(shifts[3]), work.stream);
    if skip {
        linear_add(&body.linear(f, h), &activations, u32::from(shifts[4]), work.skip);
    }
}

/// One column, right to left; called for the columns of a complete row from the last to the first.
pub fn row_end(
    shape: &Shape,
    body: &mut Section<'_>,
    state: Carver<'_>,
    width: usize,
    column: usize,
    work: &mut Work<'_>,
) {
    let LayerDescription::DiagonalBilstm { shifts, .. } = shape.layer else { return };
    let Parts { mut right_to_left, inputs, .. } = take(shape, body, state, width, shifts);
    let before = Some(column + 1).filter(|&before| before < width);
    right_to_left.step(slot(inputs, column, shape.features), shape.layer.hidden(), column, before, work);
}
