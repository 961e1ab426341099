//! The head (paper, table 1): ReLU, 1x1, ReLU, 1x1.

use super::{Shape, Work};
use crate::blob::{Header, LayerDescription, Section};
use crate::fixed::saturate16;
use crate::kernels::{Activations, linear_relu, linear_scaled, quantize_relu, shift_logits};

/// Leaves the logits, Q11, in the scratch: one for 2 levels, else one a level.
pub fn logits(shape: &Shape, mut body: Section<'_>, work: &mut Work<'_>) {
    let LayerDescription::Head { shifts, .. } = shape.layer else { return };
    let [quantizer_shift, hidden_shift, output_shift] = shifts.map(u32::from);
    let maps = shape.layer.hidden();
    let quantizer = body.quantizer(shape.features);
    let hidden = body.linear(maps, shape.features);
    let output = body.linear(Header::output_rows(shape.levels), maps);

    for (value, &skip) in work.stream.iter_mut().zip(work.skip.iter()) {
        *value = saturate16(i32::from(*value) + i32::from(skip));
    }
    quantize_relu(work.stream, quantizer, quantizer_shift, work.input);
    let mut activations = Activations::new(work.scratch);
    activations.push(work.input);
    let inner = work.hidden.get_mut(..maps).unwrap_or_default();
    linear_relu(&hidden, &activations, hidden_shift, inner);

    let mut activations = Activations::new(work.scratch);
    activations.push(inner);
    linear_scaled(&output, &activations, work.logits);
    shift_logits(work.logits, output_shift);
}
