//! Row LSTM (paper, section 3.1): the state of a pixel comes from the row above.
//!
//! Input-to-state: 3x1 along the row with mask B, so two taps. State-to-state: `kernel` hidden states of the row above.
//! State: a row of hidden states and a row of cells, both overwritten in place; the hidden states that were overwritten
//! last, as many as the kernel reaches to the left; the left neighbour's quantized input. With channel groups also the pixel's own
//! input and hidden states, as far as its groups are computed.

use super::{Dimensions, Images, Layer, Place, WorkSizes, copy, slot, slot_mut, slots, widen};
use crate::blob::{Part, RowLstm, Section};
use crate::kernels::lanes::{Activations, add_scaled, linear_add, linear_scaled, lstm_cell, quantize};

impl Layer for RowLstm {
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
        network.splits(self.hidden(), 256) && self.kernel >= 3 && !self.kernel.is_multiple_of(2)
    }

    fn parts(&self, network: &Dimensions, group: usize, show: &mut dyn FnMut(Part)) {
        let (f, h) = (network.features, self.hidden());
        let (rows, gates) = (network.share(f), 4 * network.share(h));
        show(Part::Quantizer(rows));
        show(Part::Linear(gates, f + network.seen(f, group)));
        show(Part::Matrix(gates, usize::from(self.kernel) * h));
        for _ in 0..1 + usize::from(self.skip) {
            show(Part::Linear(rows, network.seen(h, group)));
        }
    }

    fn class_rows(&self, _: &Dimensions) -> usize {
        4 * self.hidden()
    }

    fn upsampled_rows(&self, network: &Dimensions) -> usize {
        self.class_rows(network)
    }

    fn state_words(&self, network: &Dimensions, width: usize) -> usize {
        let (f, h) = (network.features, self.hidden());
        let pixel = if network.groups() == 1 { 0 } else { f + h };
        // Hidden states and those last overwritten, cells, the left neighbour's input.
        ((width + usize::from(self.kernel) / 2) * h + 2 * width * h + f + pixel) / 4
    }

    fn widen(&self, network: &Dimensions, sizes: &mut WorkSizes) {
        widen(&mut sizes.gates, 4 * network.share(self.hidden()));
    }
}

/// One pixel, one group.
pub fn step<const N: usize>(
    layer: &RowLstm,
    network: &Dimensions,
    body: &mut Section<'_>,
    place: Place,
    images: &mut Images<'_, N>,
) {
    let (f, h, kernel) = (network.features, layer.hidden(), usize::from(layer.kernel));
    let (rows, units, seen) = (network.share(f), network.share(h), network.seen(h, place.group));
    let (reach, packing) = (kernel / 2, body.packing());
    let [quantizer_shift, gate_shift, expand_shift, skip_shift] = layer.shifts.map(u32::from);
    let Images { work, states, .. } = images;
    let row = states.i8(place.width * h);
    let overwritten = states.i8(reach * h);
    let cells = states.i16(place.width * h);
    let left_input = states.i8(f);
    let (input, pixel) = match network.groups() {
        1 => (&mut *work.input, &mut [][..]),
        _ => (states.i8(f), states.i8(h)),
    };
    let gates = work.gates.get_mut(..4 * units).unwrap_or_default();
    let is_last = place.group + 1 == network.groups();

    quantize(work.stream, body.quantizer(rows), quantizer_shift, network.own(input, f, place.group));
    let mut activations = Activations::for_weights(work.scratch, packing);
    match place.column {
        0 => activations.push_zeros(f),
        _ => activations.push(left_input),
    }
    activations.push(network.seen_of(input, f, place.group));
    if is_last {
        copy(input, left_input);
    }
    linear_scaled(&body.linear(4 * units, f + network.seen(f, place.group)), &activations, gates);

    let mut activations = Activations::for_weights(work.scratch, packing);
    push_states(&mut activations, (row, overwritten), place, kernel, h);
    add_scaled(&body.matrix(4 * units, kernel * h), &activations, gates);
    work.given.add((4 * h, place.group * 4 * units), gates);

    let cells = network.own(slot_mut(cells, place.column, h), h, place.group);
    let above = slot_mut(row, place.column, h);
    if is_last {
        copy(above, slot_mut(overwritten, place.column.checked_rem(reach).unwrap_or(0), h));
    }
    let hidden = match network.groups() {
        1 => {
            lstm_cell(gates, gate_shift, cells, above);
            above
        }
        // The pixel's other groups still read what is above.
        _ => {
            lstm_cell(gates, gate_shift, cells, network.own(pixel, h, place.group));
            if is_last {
                copy(pixel, above);
            }
            pixel
        }
    };
    let activations = Activations::of_packing(work.scratch, packing, network.seen_of(hidden, h, place.group));
    linear_add(&body.linear(rows, seen), &activations, expand_shift, work.stream);
    if layer.skip {
        linear_add(&body.linear(rows, seen), &activations, skip_shift, work.skip);
    }
}

/// The hidden states of the row above that the state-to-state convolution reads: those overwritten, and those still in the row.
#[inline]
fn push_states<const N: usize>(
    activations: &mut Activations<'_, N>,
    (row, overwritten): (&[[i8; N]], &[[i8; N]]),
    place: Place,
    kernel: usize,
    h: usize,
) {
    let reach = kernel / 2;
    for tap in 0..reach {
        match (place.column + tap).checked_sub(reach) {
            Some(above) => activations.push(slot(overwritten, above.checked_rem(reach).unwrap_or(0), h)),
            None => activations.push_zeros(h),
        }
    }
    let inside = (kernel - reach).min(place.width.saturating_sub(place.column));
    activations.push(slots(row, place.column, inside, h));
    activations.push_zeros((kernel - reach - inside) * h);
}
