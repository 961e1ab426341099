//! The first convolution, 7x7 with mask A (paper, section 3.4): 24 taps, three rows above and three columns to the left, of every
//! channel; with channel groups also the pixel's own earlier channels.
//!
//! Up to 128 levels a value is read as it is. Beyond, it is read around the middle: its upper 8 bits less 128, at least -127, and
//! beyond 256 levels its low bits (at most 7) by a second product. What lies outside the image reads as 0.

use super::{Canvas, Dimensions, Images, Layer, Place, WorkSizes};
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

    fn work(&self, _: &Dimensions) -> WorkSizes {
        WorkSizes::default()
    }
}

/// A value as the convolution reads it.
#[inline]
fn upper(value: u16, levels: u32, low_bits: u32) -> i8 {
    match levels {
        0..=128 => value as i8,
        _ => (i32::from(value >> low_bits).max(1) - 128) as i8,
    }
}

/// Its low bits, 7 of them at most.
#[inline]
fn lower(value: u16, low_bits: u32) -> i8 {
    let bits = value & ((1u16 << low_bits) - 1);
    (bits >> low_bits.saturating_sub(7)) as i8
}

/// The low bits of values as [`upper`] leaves them.
fn low_bits(network: &Dimensions) -> u32 {
    network.bits().saturating_sub(8)
}

/// The products' columns: the window of each channel, then the pixel's own channels before a group's.
#[inline]
fn gather<'a, const N: usize>(
    canvas: &Canvas<'_, N>,
    network: &Dimensions,
    place: Place,
    scratch: &'a mut [u32],
    read: impl Fn(u16) -> i8 + Copy,
) -> Activations<'a, N> {
    let mut activations = Activations::new(scratch);
    for channel in 0..network.channels {
        let mut values = [[0i8; N]; TAPS];
        for (tap, value) in values.iter_mut().enumerate() {
            if let Some(seen) = canvas.get(3 - tap / 7, (place.column + tap % 7).checked_sub(3), channel) {
                *value = seen.map(read);
            }
        }
        activations.push(&values);
    }
    if place.group > 0 {
        let mut own = [[0i8; N]; 4];
        for (channel, value) in own.iter_mut().enumerate().take(place.group) {
            *value = canvas.get(0, Some(place.column), channel).unwrap_or([0; N]).map(read);
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
    let (levels, low_bits) = (network.levels, low_bits(network));
    let Images { work, canvas, .. } = images;
    work.stream.as_flattened_mut().fill(0);
    work.skip.as_flattened_mut().fill(0);
    work.given.add_shifted((network.features, place.group * rows), u32::from(layer.shifts[0]), work.stream);
    let activations = gather(canvas, network, place, work.scratch, |value| upper(value, levels, low_bits));
    linear_add(&body.linear(rows, columns), &activations, u32::from(layer.shifts[0]), work.stream);
    if levels > 256 {
        let activations = gather(canvas, network, place, work.scratch, |value| lower(value, low_bits));
        linear_add(&body.linear(rows, columns), &activations, u32::from(layer.shifts[1]), work.stream);
    }
}
