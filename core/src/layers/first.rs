//! The first convolution, 7x7 with mask A (paper, section 3.4): 24 taps, three rows above and three columns to the left, of every
//! channel; with channel groups also the pixel's own earlier channels.
//!
//! Up to 128 levels a value is read as it is. Beyond, it is read around the middle: its upper 8 bits less 128, at least -127, and
//! beyond 256 levels its low bits (at most 7) by a second product. What lies outside the image reads as 0.

use super::{Canvas, Dimensions, Images, Layer, Place, Rows};
use crate::blob::{First, Part, Section};
use crate::kernels::lanes::{Activations, linear_add};

/// Taps of mask A.
const TAPS: usize = 24;

impl First {
    /// Columns of a group's products.
    const fn columns(network: &Dimensions, group: usize) -> usize {
        TAPS * network.channels + group.next_multiple_of(4)
    }
}

impl Layer for First {
    fn hidden(&self) -> usize {
        0
    }

    fn shifts(&self) -> &[u8] {
        &self.shifts
    }

    fn is_possible(&self, _: &Dimensions) -> bool {
        true
    }

    fn parts(&self, network: &Dimensions, group: usize, show: &mut dyn FnMut(Part)) {
        let part = Part::Linear(network.share(network.features), Self::columns(network, group));
        show(part);
        if network.levels > 256 {
            show(part);
        }
    }

    fn class_rows(&self, network: &Dimensions) -> usize {
        network.features
    }

    fn state_words(&self, _: &Dimensions, _: usize) -> usize {
        0
    }
}

/// What a value's upper bits are read as: at least `least`, around `middle`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around {
    least: i32,
    middle: i32,
}

impl Around {
    /// Up to 128 levels as they are.
    pub(super) const fn of(levels: u32) -> Self {
        match levels {
            0..=128 => Self { least: 0, middle: 0 },
            _ => Self { least: 1, middle: 128 },
        }
    }

    #[inline]
    pub(super) fn read(self, bits: u16) -> i8 {
        (i32::from(bits).max(self.least) - self.middle) as i8
    }
}

/// A value's low bits, 7 of them at most.
#[inline]
fn lower(value: u16, low_bits: u32) -> i8 {
    let bits = value & ((1u16 << low_bits) - 1);
    (bits >> low_bits.saturating_sub(7)) as i8
}

/// The low bits of values beyond 8.
fn low_bits(network: &Dimensions) -> u32 {
    network.bits().saturating_sub(8)
}

/// What the taps see of a channel: rows of seven taps from three above on, and three of the pixel's own.
// A call leaves the loop all registers.
#[inline(never)]
fn window<V: Copy, const N: usize>(
    (canvas, rows): (&Canvas<'_, N>, &[[V; N]]),
    column: usize,
    channel: usize,
    read: impl Fn(V) -> i8 + Copy,
) -> [[i8; N]; TAPS] {
    let mut values = [[0i8; N]; TAPS];
    let (left, outside) = (column.saturating_sub(3), 3usize.saturating_sub(column));
    let inside = (column + 4).min(canvas.width) - left;
    for (taps, above) in values.chunks_mut(7).zip([3, 2, 1, 0]) {
        if above > canvas.row {
            continue;
        }
        let mut at = canvas.pixel(above, left) + channel;
        for tap in taps.iter_mut().skip(outside).take(inside) {
            let Some(seen) = rows.get(at) else { break };
            *tap = seen.map(read);
            at += canvas.channels;
        }
    }
    values
}

/// The products' columns: the window of each channel, then the pixel's own channels before a group's.
#[inline]
fn gather<'a, V: Copy, const N: usize>(
    (canvas, rows): (&Canvas<'_, N>, &[[V; N]]),
    place: Place,
    scratch: &'a mut [u32],
    read: impl Fn(V) -> i8 + Copy,
) -> Activations<'a, N> {
    let mut activations = Activations::new(scratch);
    for channel in 0..canvas.channels {
        activations.push(&window((canvas, rows), place.column, channel, read));
    }
    if place.group > 0 {
        let mut own = [[0i8; N]; 4];
        let seen = rows.get(canvas.pixel(0, place.column)..).unwrap_or_default();
        for (value, seen) in own.iter_mut().zip(seen).take(place.group) {
            *value = seen.map(read);
        }
        activations.push(&own);
    }
    activations
}

/// Sets the residual stream, and clears the skip connections' sum.
pub fn step<const N: usize>(
    layer: &First,
    network: &Dimensions,
    body: &mut Section<'_>,
    place: Place,
    images: &mut Images<'_, N>,
) {
    let (rows, columns) = (network.share(network.features), First::columns(network, place.group));
    let (around, low_bits) = (Around::of(network.levels), low_bits(network));
    let Images { work, canvas, .. } = images;
    work.stream.as_flattened_mut().fill(0);
    work.skip.as_flattened_mut().fill(0);
    work.given.add_class_shifted((network.features, place.group * rows), u32::from(layer.shifts[0]), work.stream);
    let mut add = |shift: u8, activations: Activations<'_, N>| {
        linear_add(&body.linear(rows, columns), &activations, shift.into(), work.stream);
    };
    match &canvas.rows {
        Rows::Bytes(values) => {
            let read = |value| around.read(u16::from(value));
            add(layer.shifts[0], gather((canvas, values), place, work.scratch, read));
        }
        Rows::Words(_) if !cfg!(feature = "mixture") => {}
        Rows::Words(values) => {
            let read = |value: u16| around.read(value >> low_bits);
            add(layer.shifts[0], gather((canvas, values), place, work.scratch, read));
            let read = |value| lower(value, low_bits);
            add(layer.shifts[1], gather((canvas, values), place, work.scratch, read));
        }
    }
}
