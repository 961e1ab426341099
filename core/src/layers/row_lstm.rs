//! Row LSTM (paper, section 3.1): the state of a pixel comes from the row above.
//!
//! Input-to-state: 3x1 along the row with mask B, so two taps. State-to-state: `kernel` hidden states of the row above.
//! State: a row of hidden states and a row of cells, both overwritten in place; the hidden states that were overwritten
//! last, as many as the kernel reaches to the left; the left neighbour's quantized input. With channel groups also the pixel's own
//! input and hidden states, as far as its groups are computed.

use super::{Carver, Dimensions, Images, Layer, Place, Work, WorkSizes, copy, slot, slot_mut, slots, widen};
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

/// What a layer keeps.
struct Memory<'a, const N: usize> {
    /// Hidden states: the current row's up to the pixel, the row above's from there on.
    row: &'a mut [[i8; N]],
    /// The row above's that were overwritten last.
    overwritten: &'a mut [[i8; N]],
    /// Cells, as the hidden states.
    cells: &'a mut [[i16; N]],
    /// The left neighbour's input.
    left_input: &'a mut [[i8; N]],
    /// With channel groups, the pixel's own input.
    input: &'a mut [[i8; N]],
    /// And its hidden states.
    pixel: &'a mut [[i8; N]],
}

impl<'a, const N: usize> Memory<'a, N> {
    #[inline(always)]
    fn take(layer: &RowLstm, network: &Dimensions, states: &mut Carver<'a, N>, width: usize) -> Self {
        let (f, h) = (network.features, layer.hidden());
        let row = states.i8(width * h);
        let overwritten = states.i8(usize::from(layer.kernel) / 2 * h);
        let cells = states.i16(width * h);
        let left_input = states.i8(f);
        let (input, pixel) = match network.groups() {
            1 => (&mut [][..], &mut [][..]),
            _ => (states.i8(f), states.i8(h)),
        };
        Self { row, overwritten, cells, left_input, input, pixel }
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
    let (f, h) = (network.features, layer.hidden());
    let (rows, seen) = (network.share(f), network.seen(h, place.group));
    let [.., expand_shift, skip_shift] = layer.shifts.map(u32::from);
    let Images { work, states, .. } = images;
    let memory = &mut Memory::take(layer, network, states, place.width);
    input_to_state(layer, network, body, place, work, memory);
    state_to_state(layer, network, body, place, work, memory);
    let hidden = update(layer, network, place, work, memory);
    let activations = Activations::of_packing(work.scratch, body.packing(), network.seen_of(hidden, h, place.group));
    linear_add(&body.linear(rows, seen), &activations, expand_shift, work.stream);
    if layer.skip {
        linear_add(&body.linear(rows, seen), &activations, skip_shift, work.skip);
    }
}

/// What the pixel's input and its left neighbour's give to the gates.
#[inline(always)]
fn input_to_state<const N: usize>(
    layer: &RowLstm,
    network: &Dimensions,
    body: &mut Section<'_>,
    place: Place,
    work: &mut Work<'_, N>,
    memory: &mut Memory<'_, N>,
) {
    let f = network.features;
    let input = if network.groups() == 1 { &mut *work.input } else { &mut *memory.input };
    let quantizer = body.quantizer(network.share(f));
    quantize(work.stream, quantizer, layer.shifts[0].into(), network.own(input, f, place.group));
    let mut activations = Activations::for_weights(work.scratch, body.packing());
    match place.column {
        0 => activations.push_zeros(f),
        _ => activations.push(memory.left_input),
    }
    activations.push(network.seen_of(input, f, place.group));
    if place.group + 1 == network.groups() {
        copy(input, memory.left_input);
    }
    let gates = work.gates.get_mut(..4 * network.share(layer.hidden())).unwrap_or_default();
    linear_scaled(&body.linear(gates.len(), f + network.seen(f, place.group)), &activations, gates);
}

/// What the hidden states of the row above add, and what the image is given.
#[inline(always)]
fn state_to_state<const N: usize>(
    layer: &RowLstm,
    network: &Dimensions,
    body: &mut Section<'_>,
    place: Place,
    work: &mut Work<'_, N>,
    memory: &Memory<'_, N>,
) {
    let (h, kernel) = (layer.hidden(), usize::from(layer.kernel));
    let gates = work.gates.get_mut(..4 * network.share(h)).unwrap_or_default();
    let mut activations = Activations::for_weights(work.scratch, body.packing());
    push_states(&mut activations, (memory.row, memory.overwritten), place, kernel, h);
    add_scaled(&body.matrix(gates.len(), kernel * h), &activations, gates);
    work.given.add((4 * h, place.group * gates.len()), gates);
}

/// The cells' step; hands back the pixel's hidden states, as far as its groups are computed.
#[inline(always)]
fn update<'m, const N: usize>(
    layer: &RowLstm,
    network: &Dimensions,
    place: Place,
    work: &mut Work<'_, N>,
    memory: &'m mut Memory<'_, N>,
) -> &'m [[i8; N]] {
    let (h, reach, shift) = (layer.hidden(), usize::from(layer.kernel) / 2, layer.shifts[1].into());
    let gates = work.gates.get(..4 * network.share(h)).unwrap_or_default();
    let cells = network.own(slot_mut(memory.cells, place.column, h), h, place.group);
    let above = slot_mut(memory.row, place.column, h);
    let is_last = place.group + 1 == network.groups();
    if is_last {
        copy(above, slot_mut(memory.overwritten, place.column.checked_rem(reach).unwrap_or(0), h));
    }
    if network.groups() == 1 {
        lstm_cell(gates, shift, cells, above);
        return above;
    }
    // The pixel's other groups still read what is above.
    lstm_cell(gates, shift, cells, network.own(memory.pixel, h, place.group));
    if is_last {
        copy(memory.pixel, above);
    }
    memory.pixel
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
