//! Mixtures of logistic distributions in integers: components from a network's outputs, and the share below a border.
//!
//! Values and means are Q12, a border's distance from a mean in units of the scale is Q16, shares are Q24. Nothing here falls as a
//! border rises: the distance is shifted, clamped and multiplied by a positive number, and the logistic function is
//! [tabled](crate::fixed::logistic) so.

use super::wide::{Slope, Weighted};
use crate::fixed::{LOG2_E, exp2_fraction, exp2_negative, logistic};
use crate::temperature::Temperature;

/// One component of a mixture.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Component {
    /// Q12, within ±2^29.
    mean: i32,
    /// What a distance from the mean loses before it is multiplied, in bits.
    down: u32,
    /// The inverse of the scale, by which it is multiplied.
    slope: Slope,
    /// Q15; those of a mixture add up to 1.
    weight: u32,
}

/// Words (`u32`) that a component takes.
pub const COMPONENT_WORDS: usize = size_of::<Component>() / 4;

// SAFETY: four-byte aligned plain numbers without padding; all zeros is a component.
unsafe impl bytemuck::Zeroable for Component {}
// SAFETY: as above, and every bit pattern is a component.
unsafe impl bytemuck::Pod for Component {}

impl Component {
    /// Components in a scratch of words.
    pub fn of_words(words: &mut [u32]) -> &mut [Self] {
        bytemuck::try_cast_slice_mut(words).unwrap_or_default()
    }

    /// Where the weights begin, four words from each to the next, and where the next one would be.
    #[cfg(kernels = "armv7em")]
    pub(super) fn weights(components: &mut [Self]) -> core::ops::Range<*mut u32> {
        let range = components.as_mut_ptr_range();
        let at = |component: *mut Self| component.cast::<u32>().wrapping_add(3);
        at(range.start)..at(range.end)
    }
}

/// Means and the differences from them stay within 31 bits.
const MOST_MEAN: i32 = 1 << 29;
/// Beyond this distance the logistic function stands still.
const MOST_DISTANCE: i32 = 1 << 20;
/// Least and largest logarithm of a scale, Q11: -3.5 and 12.
const LOG_SCALES: (i32, i32) = (-7168, 24_576);
/// Largest coefficient on an earlier channel, Q11: just below 4.
const MOST_COEFFICIENT: i32 = 8171;

/// What the components of a channel are made of.
pub struct Parameters<'a, const N: usize> {
    /// The network's outputs, Q11, of each image: for each component a weight's logit, an offset, a scale's logarithm, and a
    /// coefficient a residual.
    pub rows: &'a [[i32; N]],
    /// The earlier channels' residuals, Q12.
    pub residuals: &'a [[i32; N]],
    /// The image.
    pub image: usize,
    /// The linear prediction, Q12.
    pub prediction: i32,
    /// Bits of a value: an offset of 1 is an eighth of all values of so many.
    pub bits: u32,
    /// By which weights' logits are divided and scales multiplied.
    pub temperature: Temperature,
}

impl<const N: usize> Parameters<'_, N> {
    /// The image's of a value of each.
    #[inline]
    fn of(&self, values: &[i32; N]) -> i32 {
        values.get(self.image).copied().unwrap_or(0)
    }
}

/// Computes a channel's components.
pub fn components<const N: usize>(parameters: &Parameters<'_, N>, out: &mut [Component]) {
    #[cfg(kernels = "armv7em")]
    if parameters.temperature == Temperature::ONE {
        let most = match parameters.residuals {
            [] if N == 1 => {
                places(parameters.rows.as_flattened().as_chunks().0, parameters.prediction, parameters.bits, out)
            }
            _ => plain_places(parameters, out),
        };
        return weigh(out, most);
    }
    plain_components(parameters, out);
}

/// The meaning of [`components`].
pub fn plain_components<const N: usize>(parameters: &Parameters<'_, N>, out: &mut [Component]) {
    let most = plain_places(parameters, out);
    plain_weigh(out, most, parameters.temperature);
}

/// All but the weights, in whose places the logits are left; returns the largest of them.
pub(super) fn plain_places<const N: usize>(parameters: &Parameters<'_, N>, out: &mut [Component]) -> i32 {
    let mut rows = parameters.rows;
    let mut most = i32::MIN;
    for place in out {
        let (row, rest) = rows.split_at_checked(3 + parameters.residuals.len()).unwrap_or_default();
        rows = rest;
        let [logit, offset, log_scale, coefficients @ ..] = row else { return most };
        let logit = parameters.of(logit);
        most = most.max(logit);
        *place = Component { weight: logit as u32, ..component(parameters, (offset, log_scale), coefficients) };
    }
    most
}

/// Turns logits, the largest of which is `most`, into weights that add up to 1 in Q15: one division, whose rounding the heaviest
/// component makes up for.
pub(super) fn plain_weigh(components: &mut [Component], most: i32, temperature: Temperature) {
    let mut sum = 0;
    for component in &mut *components {
        let below = temperature.apply(most.wrapping_sub(component.weight as i32)) as u32;
        let below = below.min(20 << 11);
        component.weight = exp2_negative((below * LOG2_E) >> 11);
        sum += component.weight;
    }
    // Of the heaviest it is 1 in Q16: never 0.
    let inverse = (1u32 << 31).checked_div(sum).unwrap_or(0);
    let mut rest = 1u32 << 15;
    let (mut heaviest, mut most) = (0, 0);
    for (n, component) in components.iter_mut().enumerate() {
        component.weight = (component.weight * inverse) >> 16;
        rest = rest.wrapping_sub(component.weight);
        if component.weight > most {
            (heaviest, most) = (n, component.weight);
        }
    }
    if let Some(component) = components.get_mut(heaviest) {
        component.weight = most.wrapping_add(rest);
    }
}

/// A component but for its weight.
#[inline]
fn component<const N: usize>(
    parameters: &Parameters<'_, N>,
    (offset, log_scale): (&[i32; N], &[i32; N]),
    coefficients: &[[i32; N]],
) -> Component {
    let (least, largest) = LOG_SCALES;
    // log2(scale), Q16.
    let exponent = (parameters.of(log_scale).clamp(least, largest) * (LOG2_E as i32 >> 2)) >> 9;
    let (mantissa, power) = inverse(exponent, parameters.temperature);
    let mean = mean(parameters, parameters.of(offset), coefficients);
    let down = (-power).max(0);
    Component { mean, down: down as u32, slope: Slope::new(mantissa, (power + down).min(10) as u32), weight: 0 }
}

/// The linear prediction, an offset, and coefficients on the earlier channels' residuals.
#[inline]
fn mean<const N: usize>(parameters: &Parameters<'_, N>, offset: i32, coefficients: &[[i32; N]]) -> i32 {
    // An offset in Q11 of 2^(bits - 3), as Q12: 16 bits and 16.
    let offset = (offset << (parameters.bits & 31)) >> 2;
    let mean = parameters.prediction + offset;
    if coefficients.is_empty() {
        return mean.clamp(-MOST_MEAN, MOST_MEAN);
    }
    let mut mean = i64::from(mean);
    for (coefficient, residual) in coefficients.iter().zip(parameters.residuals) {
        let coefficient = parameters.of(coefficient).clamp(-MOST_COEFFICIENT, MOST_COEFFICIENT);
        mean += (i64::from(coefficient) * i64::from(parameters.of(residual))) >> 11;
    }
    mean.clamp((-MOST_MEAN).into(), MOST_MEAN.into()) as i32
}

/// What turns a distance in Q12 into one in units of the scale, Q16: a mantissa of 11 bits, and the power of two beside it, from
/// -22 to 16.
#[inline]
fn inverse(exponent: i32, temperature: Temperature) -> (u32, i32) {
    let power = (4 << 16) - exponent;
    let (mantissa, power) = (exp2_fraction(power as u32) >> 6, power >> 16);
    if temperature == Temperature::ONE { (mantissa, power) } else { tempered(mantissa, power, temperature) }
}

/// A mantissa of 11 bits times the temperature's inverse, and the power of two beside it.
fn tempered(mantissa: u32, power: i32, temperature: Temperature) -> (u32, i32) {
    let product = mantissa * temperature.inverse();
    let bits = product.max(1).ilog2();
    let mantissa = if bits >= 10 { product >> (bits - 10) } else { product << (10 - bits) };
    (mantissa, power + bits as i32 - 18)
}

#[cfg(kernels = "armv7em")]
pub use super::armv7em_mixture::{below, below_both};
#[cfg(kernels = "armv7em")]
use super::armv7em_mixture::{places, weigh};

/// The share of a mixture below a border.
#[cfg(not(kernels = "armv7em"))]
#[inline]
pub fn below(components: &[Component], border: i32) -> u32 {
    let [share] = plain_below(components, [border]);
    share
}

/// The shares below a border and below the next value's, 2^12 further.
#[cfg(not(kernels = "armv7em"))]
#[inline]
pub fn below_both(components: &[Component], border: i32) -> [u32; 2] {
    plain_below(components, [border, border + (1 << 12)])
}

/// The shares of a mixture below borders (Q12), Q24: 0 to 2^24, never falling as a border rises. The meaning of [`below`] and [`below_both`].
#[inline]
pub fn plain_below<const B: usize>(components: &[Component], borders: [i32; B]) -> [u32; B] {
    let mut sums = [Weighted::default(); B];
    for &Component { mean, down, slope, weight } in components {
        for (sum, border) in sums.iter_mut().zip(borders) {
            let distance = border.wrapping_sub(mean) >> (down & 31);
            sum.add(weight, logistic(slope.times(distance.clamp(-MOST_DISTANCE, MOST_DISTANCE - 1))));
        }
    }
    sums.map(Weighted::share)
}

/// Where a component is likeliest, as a value; within the values that the levels have.
pub fn peak(component: &Component, last: u16) -> u16 {
    (component.mean >> 12).clamp(0, i32::from(last)) as u16
}
