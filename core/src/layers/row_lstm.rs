//! Row LSTM (paper, section 3.1): the state of a pixel comes from the row above.
//!
//! Input-to-state: 3x1 along the row with mask B, so two taps. State-to-state: `kernel` hidden states of the row above.
//! State: a row of hidden states and a row of cells, both overwritten in place; the hidden states that were overwritten
//! last, as many as the kernel reaches to the left; the left neighbour's quantized input.

use super::{Lane, Memory, Shape, Side, copy, slot, slot_mut, slots};
use crate::blob::{LayerDescription, Section};
use crate::kernels::lanes::{add_scaled, linear_add, linear_scaled};
use crate::kernels::{Activations, lstm_cell, quantize};

/// One pixel.
pub fn step<const N: usize>(
    shape: &Shape,
    body: &mut Section<'_>,
    width: usize,
    column: usize,
    lanes: &mut [Lane<'_>; N],
) {
    let LayerDescription::RowLstm { kernel, skip, shifts, .. } = shape.layer else { return };
    let (f, h, kernel) = (shape.features, shape.layer.hidden(), usize::from(kernel));
    let reach = kernel / 2;
    let [quantizer_shift, gate_shift, expand_shift, skip_shift] = shifts.map(u32::from);
    let quantizer = body.quantizer(f);
    let input_to_state = body.linear(4 * h, 2 * f);
    let state_to_state = body.matrix(4 * h, kernel * h);
    let expand = body.linear(f, h);
    for Lane { states, memory, .. } in lanes.iter_mut() {
        memory.sides[0].row = states.i8(width * h);
        memory.overwritten = states.i8(reach * h);
        memory.sides[0].cells = states.i16(width * h);
        memory.inputs = states.i8(f);
    }

    linear_scaled(&input_to_state, lanes, |Lane { work, memory, .. }| {
        quantize(work.stream, quantizer, quantizer_shift, work.input);
        let mut activations = Activations::new(work.scratch);
        match column {
            0 => activations.push_zeros(f),
            _ => activations.push(memory.inputs),
        }
        activations.push(work.input);
        copy(work.input, memory.inputs);
        (activations, work.gates.get_mut(..4 * h).unwrap_or_default())
    });

    add_scaled(&state_to_state, lanes, |Lane { work, memory, .. }| {
        let mut activations = Activations::new(work.scratch);
        for tap in 0..reach {
            match (column + tap).checked_sub(reach) {
                Some(above) => activations.push(slot(memory.overwritten, above.checked_rem(reach).unwrap_or(0), h)),
                None => activations.push_zeros(h),
            }
        }
        let inside = (kernel - reach).min(width.saturating_sub(column));
        activations.push(slots(memory.sides[0].row, column, inside, h));
        activations.push_zeros((kernel - reach - inside) * h);
        (activations, work.gates.get_mut(..4 * h).unwrap_or_default())
    });

    linear_add(&expand, expand_shift, lanes, |Lane { work, memory, .. }| {
        let Memory { sides: [Side { row, cells }, _], overwritten, .. } = memory;
        let hidden = slot_mut(row, column, h);
        copy(hidden, slot_mut(overwritten, column.checked_rem(reach).unwrap_or(0), h));
        let gates = work.gates.get(..4 * h).unwrap_or_default();
        lstm_cell(gates, gate_shift, slot_mut(cells, column, h), hidden);
        (Activations::of(work.scratch, hidden), work.stream)
    });
    if skip {
        linear_add(&body.linear(f, h), skip_shift, lanes, |Lane { work, memory, .. }| {
            (Activations::of(work.scratch, slot(memory.sides[0].row, column, h)), work.skip)
        });
    }
}
