//! PixelCNN's residual block (paper, section 3.3 and figure 5): ReLU, 1x1, ReLU, 3x3 with mask B, ReLU, 1x1, plus its input.
//!
//! State: the row of reduced features above, overwritten in place as the current row is computed,
//! and the one vector that was overwritten last, which the next pixel still needs as its upper left neighbour.
//! A [dilated](super::dilated) block, which reads pixels a distance away, keeps so many rows, and so many vectors.
//! With channel groups also what the pixel's earlier groups gave.

use super::{Carver, Dimensions, Images, Layer, Place, Work, WorkSizes, copy, slot, slot_mut, slots, widen};
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

/// What a block keeps.
struct Memory<'a, const N: usize> {
    /// Reduced features: the current row's up to the pixel, from there on those of the row above, or so many rows above.
    row: &'a mut [[i8; N]],
    /// Those that were overwritten last: the next pixel's upper left neighbour's.
    upper_left: &'a mut [[i8; N]],
    /// With channel groups, the pixel's quantized input, …
    input: &'a mut [[i8; N]],
    /// … its reduced features, …
    reduced: &'a mut [[i8; N]],
    /// … and what the convolution gave.
    convolved: &'a mut [[i8; N]],
}

impl<'a, const N: usize> Memory<'a, N> {
    #[inline(always)]
    fn take(
        h: usize,
        distance: usize,
        network: &Dimensions,
        states: &mut Carver<'a, N>,
        (canvas_row, place): (usize, Place),
    ) -> Self {
        let (mut row, mut upper_left) = (states.i8(distance * place.width * h), states.i8(distance * h));
        if distance > 1 {
            row = slot_mut(row, canvas_row & (distance - 1), place.width * h);
            upper_left = slot_mut(upper_left, place.column & (distance - 1), h);
        }
        let (input, reduced, convolved) = match network.groups() {
            1 => (&mut [][..], &mut [][..], &mut [][..]),
            _ => (states.i8(network.features), states.i8(h), states.i8(h)),
        };
        Self { row, upper_left, input, reduced, convolved }
    }
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
    let h = layer.hidden();
    let (rows, seen) = (network.share(network.features), network.seen(h, place.group));
    let [.., expand_shift, skip_shift] = layer.shifts.map(u32::from);
    let Images { work, canvas, states } = images;
    let distance = if DILATED { distance } else { 1 };
    let memory = &mut Memory::take(h, distance, network, states, (canvas.row, place));
    reduce(layer, network, body, place, work, memory);
    convolve::<N, DILATED>(layer, network, body, (place, distance), work, memory);
    let convolved = if network.groups() == 1 { &*work.input } else { &*memory.convolved };
    let activations = Activations::of_packing(work.scratch, body.packing(), network.seen_of(convolved, h, place.group));
    linear_add(&body.linear(rows, seen), &activations, expand_shift, work.stream);
    if layer.skip {
        linear_add(&body.linear(rows, seen), &activations, skip_shift, work.skip);
    }
}

/// The first 1x1 convolution, between two ReLUs.
#[inline(always)]
fn reduce<const N: usize>(
    layer: &PixelCnn,
    network: &Dimensions,
    body: &mut Section<'_>,
    place: Place,
    work: &mut Work<'_, N>,
    memory: &mut Memory<'_, N>,
) {
    let (f, h) = (network.features, layer.hidden());
    let (input, reduced) = match network.groups() {
        1 => (&mut *work.input, &mut *work.hidden),
        _ => (&mut *memory.input, &mut *memory.reduced),
    };
    let quantizer = body.quantizer(network.share(f));
    quantize_relu(work.stream, quantizer, layer.shifts[0].into(), network.own(input, f, place.group));
    let activations = Activations::of_packing(work.scratch, body.packing(), network.seen_of(input, f, place.group));
    let linear = body.linear(network.share(h), network.seen(f, place.group));
    linear_relu(&linear, &activations, layer.shifts[1].into(), network.own(reduced, h, place.group));
}

/// The 3x3 convolution, up to its ReLU; the row moves on.
#[inline(always)]
fn convolve<const N: usize, const DILATED: bool>(
    layer: &PixelCnn,
    network: &Dimensions,
    body: &mut Section<'_>,
    (place, distance): (Place, usize),
    work: &mut Work<'_, N>,
    memory: &mut Memory<'_, N>,
) {
    let h = layer.hidden();
    let (inner, columns, shift) = (network.share(h), 4 * h + network.seen(h, place.group), layer.shifts[2].into());
    // With one group nothing reads the input again.
    let (reduced, convolved) = match network.groups() {
        1 => (&*work.hidden, &mut *work.input),
        _ => (&*memory.reduced, &mut *memory.convolved),
    };
    let mut activations = Activations::for_weights(work.scratch, body.packing());
    push_taps::<N, DILATED>(&mut activations, memory.row, memory.upper_left, (place, distance), h);
    activations.push(network.seen_of(reduced, h, place.group));
    if place.group + 1 == network.groups() {
        copy(slot(memory.row, place.column, h), memory.upper_left);
        copy(slot(reduced, 0, h), slot_mut(memory.row, place.column, h));
    }
    let out = network.own(convolved, h, place.group);
    if work.given.is_nothing() {
        return linear_relu(&body.linear(inner, columns), &activations, shift, out);
    }
    let sums = work.gates.get_mut(..inner).unwrap_or_default();
    *body = sums_of(body.clone(), activations, columns, sums);
    work.given.add((h, place.group * inner), sums);
    shift_relu(sums.as_flattened(), shift, out.as_flattened_mut());
}

/// What the convolution gives before its ReLU; hands back what follows it in the body.
// Cold, and given copies, so that the way without conditions is compiled as if this were not there.
#[cold]
#[inline(never)]
fn sums_of<'b, const N: usize>(
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
