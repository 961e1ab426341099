//! PixelCNN's residual block (paper, section 3.3 and figure 5): ReLU, 1x1, ReLU, 3x3 with mask B, ReLU, 1x1, plus its input.
//!
//! State: the row of reduced features above, overwritten in place as the current row is computed,
//! and the one vector that was overwritten last, which the next pixel still needs as its upper left neighbour.

use super::{Lane, Memory, Shape, Side, copy, slot, slot_mut, slots};
use crate::blob::{LayerDescription, Section};
use crate::kernels::lanes::{linear_add, linear_relu};
use crate::kernels::{Activations, quantize_relu};

/// One pixel.
pub fn step<const N: usize>(
    shape: &Shape,
    body: &mut Section<'_>,
    width: usize,
    column: usize,
    lanes: &mut [Lane<'_>; N],
) {
    let LayerDescription::PixelCnn { skip, shifts, .. } = shape.layer else { return };
    let (f, h) = (shape.features, shape.layer.hidden());
    let [quantizer_shift, reduce_shift, conv_shift, expand_shift, skip_shift] = shifts.map(u32::from);
    let quantizer = body.quantizer(f);
    let reduce = body.linear(h, f);
    let conv = body.linear(h, 5 * h);
    let expand = body.linear(f, h);
    for Lane { states, memory, .. } in lanes.iter_mut() {
        memory.sides[0].row = states.i8(width * h);
        memory.overwritten = states.i8(h);
    }

    linear_relu(&reduce, reduce_shift, lanes, |Lane { work, .. }| {
        quantize_relu(work.stream, quantizer, quantizer_shift, work.input);
        (Activations::of(work.scratch, work.input), work.hidden.get_mut(..h).unwrap_or_default())
    });

    linear_relu(&conv, conv_shift, lanes, |Lane { work, memory, .. }| {
        let Memory { sides: [Side { row, .. }, _], overwritten: upper_left, .. } = memory;
        let hidden = work.hidden.get_mut(..h).unwrap_or_default();
        let mut activations = Activations::new(work.scratch);
        let left = column.checked_sub(1);
        match left {
            Some(_) => activations.push(upper_left),
            None => activations.push_zeros(h),
        }
        match column + 1 < width {
            true => activations.push(slots(row, column, 2, h)),
            false => {
                activations.push(slot(row, column, h));
                activations.push_zeros(h);
            }
        }
        match left {
            Some(left) => activations.push(slot(row, left, h)),
            None => activations.push_zeros(h),
        }
        activations.push(hidden);
        copy(slot(row, column, h), upper_left);
        copy(hidden, slot_mut(row, column, h));
        (activations, hidden)
    });

    linear_add(&expand, expand_shift, lanes, |Lane { work, .. }| {
        (Activations::of(work.scratch, work.hidden.get(..h).unwrap_or_default()), work.stream)
    });
    if skip {
        linear_add(&body.linear(f, h), skip_shift, lanes, |Lane { work, .. }| {
            (Activations::of(work.scratch, work.hidden.get(..h).unwrap_or_default()), work.skip)
        });
    }
}
