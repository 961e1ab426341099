//! PixelCNN's residual block (paper, section 3.3 and figure 5): ReLU, 1x1, ReLU, 3x3 with mask B, ReLU, 1x1, plus its input.
//!
//! State: the row of reduced features above, overwritten in place as the current row is computed,
//! and the one vector that was overwritten last, which the next pixel still needs as its upper left neighbour.

use super::{Carver, Shape, Work, copy, slot, slot_mut};
use crate::blob::{LayerDescription, Section};
use crate::kernels::{Activations, linear_add, linear_relu, quantize_relu};

/// One pixel.
pub fn step(
    shape: &Shape,
    body: &mut Section<'_>,
    mut state: Carver<'_>,
    width: usize,
    column: usize,
    work: &mut Work<'_>,
) {
    let LayerDescription::PixelCnn { skip, shifts, .. } = shape.layer else { return };
    let (f, h) = (shape.features, shape.layer.hidden());
    let [quantizer_shift, reduce_shift, conv_shift, expand_shift, skip_shift] = shifts.map(u32::from);
    let quantizer = body.quantizer(f);
    let reduce = body.linear(h, f);
    let conv = body.linear(h, 5 * h);
    let expand = body.linear(f, h);
    let row = state.i8(width * h);
    let upper_left = state.i8(h);
    let hidden = work.hidden.get_mut(..h).unwrap_or_default();

    quantize_relu(work.stream, quantizer, quantizer_shift, work.input);
    let mut activations = Activations::new(work.scratch);
    activations.push(work.input);
    linear_relu(&reduce, &activations, reduce_shift, hidden);

    let mut activations = Activations::new(work.scratch);
    let left = column.checked_sub(1);
    match left {
        Some(_) => activations.push(upper_left),
        None => activations.push_zeros(h),
    }
    activations.push(slot(row, column, h));
    match column + 1 < width {
        true => activations.push(slot(row, column + 1, h)),
        false => activations.push_zeros(h),
    }
    match left {
        Some(left) => activations.push(slot(row, left, h)),
        None => activations.push_zeros(h),
    }
    activations.push(hidden);
    copy(slot(row, column, h), upper_left);
    copy(hidden, slot_mut(row, column, h));
    linear_relu(&conv, &activations, conv_shift, hidden);

    let mut activations = Activations::new(work.scratch);
    activations.push(hidden);
    linear_add(&expand, &activations, expand_shift, work.stream);
    if skip {
        linear_add(&body.linear(f, h), &activations, skip_shift, work.skip);
    }
}
