//! PixelCNN's residual block (paper, section 3.3 and figure 5): ReLU, 1x1, ReLU, 3x3 with mask B, ReLU, 1x1, plus its input.
//!
//! State: the row of reduced features above, overwritten in place as the current row is computed,
//! and the one vector that was overwritten last, which the next pixel still needs as its upper left neighbour.

use super::{Images, Shape, copy, slot, slot_mut, slots};
use crate::blob::{LayerDescription, Section};
use crate::kernels::lanes::{Activations, linear_add, linear_relu, quantize_relu};

/// One pixel.
pub fn step<const N: usize>(
    shape: &Shape,
    body: &mut Section<'_>,
    width: usize,
    column: usize,
    images: &mut Images<'_, N>,
) {
    let LayerDescription::PixelCnn { skip, shifts, .. } = shape.layer else { return };
    let (f, h) = (shape.features, shape.layer.hidden());
    let [quantizer_shift, reduce_shift, conv_shift, expand_shift, skip_shift] = shifts.map(u32::from);
    let Images { work, states, .. } = images;
    let row = states.i8(width * h);
    let upper_left = states.i8(h);
    let hidden = work.hidden.get_mut(..h).unwrap_or_default();

    quantize_relu(work.stream, body.quantizer(f), quantizer_shift, work.input);
    linear_relu(&body.linear(h, f), &Activations::of(work.scratch, work.input), reduce_shift, hidden);

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
    linear_relu(&body.linear(h, 5 * h), &activations, conv_shift, hidden);

    let activations = Activations::of(work.scratch, hidden);
    linear_add(&body.linear(f, h), &activations, expand_shift, work.stream);
    if skip {
        linear_add(&body.linear(f, h), &activations, skip_shift, work.skip);
    }
}
