//! The head of 2 to 256 levels (paper, table 1): ReLU, 1x1, ReLU, 1x1, to a logit (2 levels) or a logit a level.
//!
//! With channel groups the products carry mask B. What the earlier groups of a pixel gave is kept, and computed for known values
//! too, since later channels read it.

use super::{Dimensions, Images, Layer, Place, Work, WorkSizes, widen};
use crate::blob::{Part, Section, Softmax};
use crate::fixed::saturate16;
use crate::kernels::lanes::{Activations, linear_relu, linear_scaled, quantize_relu};
use crate::kernels::shift_logits;

impl Softmax {
    /// Rows of the output matrix.
    pub const fn output_rows(levels: u32) -> usize {
        if levels == 2 { 4 } else { (levels as usize).next_multiple_of(4) }
    }
}

impl Layer for Softmax {
    fn hidden(&self) -> usize {
        usize::from(self.maps)
    }

    fn shifts(&self) -> &[u8] {
        &self.shifts
    }

    fn is_possible(&self, network: &Dimensions) -> bool {
        network.splits(self.hidden(), 1024)
    }

    fn parts(&self, network: &Dimensions, group: usize, show: &mut dyn FnMut(Part)) {
        let (f, m) = (network.features, self.hidden());
        show(Part::Quantizer(network.share(f)));
        show(Part::Linear(network.share(m), network.seen(f, group)));
        show(Part::Linear(Self::output_rows(network.levels), network.seen(m, group)));
    }

    fn state_words(&self, network: &Dimensions, _: usize) -> usize {
        if network.groups() == 1 { 0 } else { (network.features + self.hidden()) / 4 }
    }

    fn widen(&self, network: &Dimensions, sizes: &mut WorkSizes) {
        widen(&mut sizes.logits, Self::output_rows(network.levels));
    }
}

/// The feature maps of a group, from the residual stream and the skip connections' sum.
fn maps<const N: usize>(
    layer: &Softmax,
    network: &Dimensions,
    body: &mut Section<'_>,
    group: usize,
    work: &mut Work<'_, N>,
    (input, maps): (&mut [[i8; N]], &mut [[i8; N]]),
) {
    let [quantizer_shift, hidden_shift, _] = layer.shifts.map(u32::from);
    let (rows, inner) = (network.share(network.features), network.share(layer.hidden()));
    let seen = network.seen(network.features, group);
    work.add_skip();
    quantize_relu(work.stream, body.quantizer(rows), quantizer_shift, network.own(input, network.features, group));
    let activations = Activations::of(work.scratch, network.seen_of(input, network.features, group));
    linear_relu(&body.linear(inner, seen), &activations, hidden_shift, network.own(maps, layer.hidden(), group));
}

/// A value that is known. With channel groups later ones read the group's feature maps; else nothing asks for them.
pub fn step<const N: usize>(
    layer: &Softmax,
    network: &Dimensions,
    body: &mut Section<'_>,
    place: Place,
    images: &mut Images<'_, N>,
) {
    if network.groups() > 1 && !is_given(place, images) {
        let Images { work, states, .. } = images;
        let kept = (states.i8(network.features), states.i8(layer.hidden()));
        maps(layer, network, body, place.group, work, kept);
    }
}

/// Whether all channels of the pixel are given, so that nothing reads its feature maps.
fn is_given<const N: usize>(place: Place, images: &Images<'_, N>) -> bool {
    let small = images.work.given.given.small;
    small.is_some_and(|small| small.known((images.canvas.row, place.column), 0).is_some())
}

/// Leaves the logits, Q11, in the scratch: one for 2 levels, else one a level.
pub fn logits<const N: usize>(
    layer: &Softmax,
    network: &Dimensions,
    body: &mut Section<'_>,
    place: Place,
    images: &mut Images<'_, N>,
) {
    let Images { work, states, .. } = images;
    let (input, hidden) = match network.groups() {
        1 => (core::mem::take(&mut work.input), core::mem::take(&mut work.hidden)),
        _ => (states.i8(network.features), states.i8(layer.hidden())),
    };
    maps(layer, network, body, place.group, work, (input, hidden));
    let seen = network.seen(layer.hidden(), place.group);
    let output = body.linear(Softmax::output_rows(network.levels), seen);
    outputs(&output, network.seen_of(hidden, layer.hidden(), place.group), layer.shifts[2], work);
}

/// The head's last product, Q11: logits or a mixture's outputs.
pub(super) fn outputs<const N: usize>(
    output: &crate::blob::Linear<'_>,
    maps: &[[i8; N]],
    shift: u8,
    work: &mut Work<'_, N>,
) {
    linear_scaled(output, &Activations::of(work.scratch, maps), work.logits);
    shift_logits(work.logits.as_flattened_mut(), u32::from(shift));
}

impl<const N: usize> Work<'_, N> {
    /// Adds the skip connections' sum to the residual stream.
    pub(super) fn add_skip(&mut self) {
        for (value, &skip) in self.stream.as_flattened_mut().iter_mut().zip(self.skip.as_flattened()) {
            *value = saturate16(i32::from(*value) + i32::from(skip));
        }
    }
}
