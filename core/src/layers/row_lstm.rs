//! Row LSTM (paper, section 3.1): the state of a pixel comes from the row above.
//!
//! Input-to-state: 3x1 along the row with mask B, so two taps. State-to-state: `kernel` hidden states of the row above.
//! State: a row of hidden states and a row of cells, both overwritten in place; the hidden states that were overwritten
//! last, as many as the kernel reaches to the left; the left neighbour's quantized input.

use super::{Images, Shape, copy, slot, slot_mut, slots};
use crate::blob::{LayerDescription, Section};
use crate::kernels::lanes::{Activations, add_scaled, linear_add, linear_scaled, lstm_cell, quantize};

/// One pixel.
pub fn step<const N: usize>(
    shape: &Shape,
    body: &mut Section<'_>,
    width: usize,
    column: usize,
    images: &mut Images<'_, N>,
) {
    let LayerDescription::RowLstm { kernel, skip, shifts, .. } = shape.layer else { return };
    let (f, h, kernel) = (shape.features, shape.layer.hidden(), usize::from(kernel));
    let reach = kernel / 2;
    let [quantizer_shift, gate_shift, expand_shift, skip_shift] = shifts.map(u32::from);
    let Images { work, states, .. } = images;
    let row = states.i8(width * h);
    let overwritten = states.i8(reach * h);
    let cells = states.i16(width * h);
    let left_input = states.i8(f);
    let gates = work.gates.get_mut(..4 * h).unwrap_or_default();

    quantize(work.stream, body.quantizer(f), quantizer_shift, work.input);
    let mut activations = Activations::new(work.scratch);
    match column {
        0 => activations.push_zeros(f),
        _ => activations.push(left_input),
    }
    activations.push(work.input);
    copy(work.input, left_input);
    linear_scaled(&body.linear(4 * h, 2 * f), &activations, gates);

    let mut activations = Activations::new(work.scratch);
    for tap in 0..reach {
        match (column + tap).checked_sub(reach) {
            Some(above) => activations.push(slot(overwritten, above.checked_rem(reach).unwrap_or(0), h)),
            None => activations.push_zeros(h),
        }
    }
    let inside = (kernel - reach).min(width.saturating_sub(column));
    activations.push(slots(row, column, inside, h));
    activations.push_zeros((kernel - reach - inside) * h);
    add_scaled(&body.matrix(4 * h, kernel * h), &activations, gates);

    let hidden = slot_mut(row, column, h);
    copy(hidden, slot_mut(overwritten, column.checked_rem(reach).unwrap_or(0), h));
    lstm_cell(gates, gate_shift, slot_mut(cells, column, h), hidden);
    let activations = Activations::of(work.scratch, hidden);
    linear_add(&body.linear(f, h), &activations, expand_shift, work.stream);
    if skip {
        linear_add(&body.linear(f, h), &activations, skip_shift, work.skip);
    }
}
