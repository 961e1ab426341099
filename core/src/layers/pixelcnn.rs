//! PixelCNN's residual block (paper, section 3.3 and figure 5): ReLU, 1x1, ReLU, 3x3 with mask B, ReLU, 1x1, plus its input.
//!
//! State: the row of reduced features above, overwritten in place as the current row is computed,
//! and the one vector that was overwritten last, which the next pixel still needs as its upper left neighbour.
//! A [dilated](super::dilated) block, which reads pixels a distance away, keeps so many rows, and so many vectors.
//! With channel groups also what the pixel's earlier groups gave.

use super::{Dimensions, Images, Layer, Place, WorkSizes, copy, slot, slot_mut, slots, widen};
use crate::blob::{Part, PixelCnn, Section};
use crate::fixed::ZERO_POINT;
use crate::kernels::lanes::{Activations, linear_add, linear_relu, linear_scaled, quantize_relu};
use crate::kernels::shift_relu;

impl Layer for PixelCnn {
    fn hidden(&self) -> usize {
        usize::from(self.hidden)
    }

    #[cfg(nibbles)]
    fn is_block(&self) -> bool {
        true
    }

    fn shifts(&self) -> &[u8] {
        &self.shifts
    }

    fn skip(&self) -> bool {
        self.skip
    }

    fn is_possible(&self, network: &Dimensions) -> bool {
        network.splits(self.hidden(), 256) && network.features >= self.hidden()
    }

    fn parts(&self, network: &Dimensions, group: usize, show: &mut dyn FnMut(Part)) {
        let (f, h) = (network.features, self.hidden());
        let (rows, inner) = (network.share(f), network.share(h));
        show(Part::Quantizer(rows));
        show(Part::Linear(inner, network.seen(f, group)));
        show(Part::Linear(inner, 4 * h + network.seen(h, group)));
        for _ in 0..1 + usize::from(self.skip) {
            show(Part::Linear(rows, network.seen(h, group)));
        }
    }

    fn class_rows(&self, _: &Dimensions) -> usize {
        self.hidden()
    }

    fn upsampled_rows(&self, network: &Dimensions) -> usize {
        self.class_rows(network)
    }

    fn state_words(&self, network: &Dimensions, width: usize) -> usize {
        state_words(self, network, (width, 1))
    }

    /// What lies above the image.
    fn first_word(&self) -> u32 {
        u32::from_ne_bytes([ZERO_POINT as u8; 4])
    }

    fn widen(&self, network: &Dimensions, sizes: &mut WorkSizes) {
        // With conditions, what the convolution gives before its ReLU.
        if network.is_conditioned() {
            widen(&mut sizes.gates, network.share(self.hidden()));
        }
    }
}

/// Words of state for a width, of a block that reads pixels a distance away.
pub fn state_words(layer: &PixelCnn, network: &Dimensions, (width, distance): (usize, usize)) -> usize {
    let h = layer.hidden();
    let pixel = if network.groups() == 1 { 0 } else { network.features + 2 * h };
    (distance * (width + 1) * h + pixel) / 4
}

/// One pixel, one group, of a block that reads pixels a distance away: 1, or if it is dilated a larger power of two.
// Twice in a program, so that those that are not dilated pay nothing for those that are, except where size counts for more.
#[cfg_attr(kernels = "mve", inline(always))]
pub fn step<const N: usize, const DILATED: bool>(
    layer: &PixelCnn,
    distance: usize,
    network: &Dimensions,
    body: &mut Section<'_>,
    place: Place,
    images: &mut Images<'_, N>,
) {
    let (f, h) = (network.features, layer.hidden());
    let (rows, inner, seen) = (network.share(f), network.share(h), network.seen(h, place.group));
    let [quantizer_shift, reduce_shift, conv_shift, expand_shift, skip_shift] = layer.shifts.map(u32::from);
    let packing = body.packing();
    let Images { work, canvas, states } = images;
    let distance = if DILATED { distance } else { 1 };
    let (mut row, mut upper_left) = (states.i8(distance * place.width * h), states.i8(distance * h));
    if DILATED {
        row = slot_mut(row, canvas.row & (distance - 1), place.width * h);
        upper_left = slot_mut(upper_left, place.column & (distance - 1), h);
    }
    let (input, reduced) = match network.groups() {
        1 => (&mut *work.input, &mut *work.hidden),
        _ => (states.i8(f), states.i8(h)),
    };
    // With one group nothing reads the input again.
    let convolved_apart = if network.groups() == 1 { &mut [] } else { states.i8(h) };

    quantize_relu(work.stream, body.quantizer(rows), quantizer_shift, network.own(input, f, place.group));
    let activations = Activations::of_packing(work.scratch, packing, network.seen_of(input, f, place.group));
    let reduce = body.linear(inner, network.seen(f, place.group));
    linear_relu(&reduce, &activations, reduce_shift, network.own(reduced, h, place.group));

    let mut activations = Activations::for_weights(work.scratch, packing);
    push_taps::<N, DILATED>(&mut activations, row, upper_left, (place, distance), h);
    activations.push(network.seen_of(reduced, h, place.group));
    if place.group + 1 == network.groups() {
        copy(slot(row, place.column, h), upper_left);
        copy(slot(reduced, 0, h), slot_mut(row, place.column, h));
    }
    let convolved = if network.groups() == 1 { input } else { convolved_apart };
    let out = network.own(convolved, h, place.group);
    if work.given.is_nothing() {
        linear_relu(&body.linear(inner, 4 * h + seen), &activations, conv_shift, out);
    } else {
        let sums = work.gates.get_mut(..inner).unwrap_or_default();
        *body = convolve(body.clone(), activations, 4 * h + seen, sums);
        work.given.add((h, place.group * inner), sums);
        shift_relu(sums.as_flattened(), conv_shift, out.as_flattened_mut());
    }

    let activations = Activations::of_packing(work.scratch, packing, network.seen_of(convolved, h, place.group));
    linear_add(&body.linear(rows, seen), &activations, expand_shift, work.stream);
    if layer.skip {
        linear_add(&body.linear(rows, seen), &activations, skip_shift, work.skip);
    }
}

/// What the convolution gives before its ReLU; hands back what follows it in the body.
// Cold, and given copies, so that the way without conditions is compiled as if this were not there.
#[cold]
#[inline(never)]
fn convolve<'b, const N: usize>(
    mut body: Section<'b>,
    activations: Activations<'_, N>,
    columns: usize,
    sums: &mut [[i32; N]],
) -> Section<'b> {
    linear_scaled(&body.linear(sums.len(), columns), &activations, sums);
    body
}

/// The four taps of mask B beside the pixel itself: upper left, up, upper right, left.
#[inline]
fn push_taps<const N: usize, const DILATED: bool>(
    activations: &mut Activations<'_, N>,
    row: &[[i8; N]],
    upper_left: &[[i8; N]],
    (place, distance): (Place, usize),
    h: usize,
) {
    let left = place.column.checked_sub(distance);
    match left {
        Some(_) => activations.push(upper_left),
        None => activations.push_nothing(h),
    }
    match place.column + distance < place.width {
        // Side by side.
        true if !DILATED => activations.push(slots(row, place.column, 2, h)),
        true => {
            activations.push(slot(row, place.column, h));
            activations.push(slot(row, place.column + distance, h));
        }
        false => {
            activations.push(slot(row, place.column, h));
            activations.push_nothing(h);
        }
    }
    match left {
        Some(left) => activations.push(slot(row, left, h)),
        None => activations.push_nothing(h),
    }
}
