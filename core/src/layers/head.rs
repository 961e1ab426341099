//! The head (paper, table 1): ReLU, 1x1, ReLU, 1x1.

use super::{Shape, Work};
use crate::blob::{Header, LayerDescription, Section};
use crate::fixed::saturate16;
use crate::kernels::lanes::{Activations, linear_relu, linear_scaled, quantize_relu};
use crate::kernels::shift_logits;

/// Leaves the logits, Q11, in the scratch: one for 2 levels, else one a level.
pub fn logits<const N: usize>(shape: &Shape, mut body: Section<'_>, work: &mut Work<'_, N>) {
    let LayerDescription::Head { shifts, .. } = shape.layer else { return };
    let [quantizer_shift, hidden_shift, output_shift] = shifts.map(u32::from);
    let maps = shape.layer.hidden();
    let quantizer = body.quantizer(shape.features);
    let hidden = body.linear(maps, shape.features);
    let output = body.linear(Header::output_rows(shape.levels), maps);

    for (value, &skip) in work.stream.as_flattened_mut().iter_mut().zip(work.skip.as_flattened()) {
        *value = saturate16(i32::from(*value) + i32::from(skip));
    }
    quantize_relu(work.stream, quantizer, quantizer_shift, work.input);
    let inner = work.hidden.get_mut(..maps).unwrap_or_default();
    linear_relu(&hidden, &Activations::of(work.scratch, work.input), hidden_shift, inner);
    linear_scaled(&output, &Activations::of(work.scratch, inner), work.logits);
    shift_logits(work.logits.as_flattened_mut(), output_shift);
}
