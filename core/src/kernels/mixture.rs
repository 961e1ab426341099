//! Mixtures of logistic distributions in integers: components from a network's outputs, and the share below a border.
//!
//! Values and means are Q12, a border's distance from a mean in units of the scale is Q16, shares are Q24. Nothing here falls as a
//! border rises: the distance is shifted, clamped and multiplied by a positive number, and the logistic function is
//! [tabled](crate::fixed::logistic) so.

use crate::fixed::{LOG2_E, exp2_negative, logistic};
use crate::temperature::Temperature;

/// One component of a mixture.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Component {
    /// Q12, within ±2^29.
    mean: i32,
    /// The inverse of the scale, 2^10 to 2^11, …
    mantissa: u16,
    /// … by which the distance is multiplied after so many bits were shifted off, …
    down: u8,
    /// … and before so many are.
    shift: u8,
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
}

/// Means and the differences from them stay within 31 bits.
const MOST_MEAN: i64 = 1 << 29;
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
    fn of(&self, values: &[[i32; N]], index: usize) -> i32 {
        values.get(index).and_then(|values| values.get(self.image)).copied().unwrap_or(0)
    }
}

/// Computes a channel's components.
pub fn components<const N: usize>(parameters: &Parameters<'_, N>, out: &mut [Component]) {
    let each = 3 + parameters.residuals.len();
    let mut most = i32::MIN;
    for n in 0..out.len() {
        most = most.max(parameters.of(parameters.rows, n * each));
    }
    for (out, rows) in out.iter_mut().zip(parameters.rows.chunks_exact(each)) {
        let below = parameters.temperature.apply(most - parameters.of(rows, 0)).clamp(0, 20 << 11) as u32;
        *out = component(parameters, rows);
        out.weight = exp2_negative((below * LOG2_E) >> 11);
    }
    normalize(out);
}

/// Makes weights in Q16 add up to 1 in Q15: one division, whose rounding the heaviest component makes up for.
fn normalize(components: &mut [Component]) {
    let sum = components.iter().map(|component| component.weight).sum::<u32>().max(1);
    let inverse = (1u32 << 31).checked_div(sum).unwrap_or(0);
    let (mut rest, mut heaviest) = (1u32 << 15, 0);
    let mut most = 0;
    for (n, component) in components.iter_mut().enumerate() {
        component.weight = (component.weight * inverse) >> 16;
        rest = rest.wrapping_sub(component.weight);
        if component.weight > most {
            (most, heaviest) = (component.weight, n);
        }
    }
    if let Some(component) = components.get_mut(heaviest) {
        component.weight = component.weight.wrapping_add(rest);
    }
}

/// A component but for its weight.
fn component<const N: usize>(parameters: &Parameters<'_, N>, rows: &[[i32; N]]) -> Component {
    let (least, largest) = LOG_SCALES;
    let log_scale = parameters.of(rows, 2).clamp(least, largest);
    // log2(scale), Q16.
    let exponent = (log_scale * (LOG2_E as i32 >> 2)) >> 9;
    // An offset in Q11 of 2^(bits - 3), as Q12.
    let offset = (i64::from(parameters.of(rows, 1)) << parameters.bits) >> 2;
    let mut mean = i64::from(parameters.prediction) + offset;
    for (n, residual) in parameters.residuals.iter().enumerate() {
        let residual = residual.get(parameters.image).copied().unwrap_or(0);
        let coefficient = parameters.of(rows, 3 + n).clamp(-MOST_COEFFICIENT, MOST_COEFFICIENT);
        mean += (i64::from(coefficient) * i64::from(residual)) >> 11;
    }
    let (mantissa, down, shift) = inverse(exponent, parameters.temperature);
    Component { mean: mean.clamp(-MOST_MEAN, MOST_MEAN) as i32, mantissa, down, shift, weight: 0 }
}

/// `2^x` for the fraction of x in Q16: Q16, 1 to 2 (excluded).
fn exp2_fraction(x: i32) -> u32 {
    exp2_negative(65_536 - (x as u32 & 0xffff)) << 1
}

/// What turns a distance in Q12 into one in units of the scale, Q16: mantissa, bits off before, bits off after.
fn inverse(exponent: i32, temperature: Temperature) -> (u16, u8, u8) {
    let power = (4 << 16) - exponent;
    // 11 bits times the temperature's inverse in Q8, back to 11 bits.
    let product = (exp2_fraction(power) >> 6) * temperature.inverse();
    let bits = product.max(1).ilog2();
    let mantissa = if bits >= 10 { product >> (bits - 10) } else { product << (10 - bits) };
    let power = (power >> 16) + bits as i32 - 18;
    (mantissa as u16, (-power).clamp(0, 31) as u8, (10 - power).clamp(0, 10) as u8)
}

/// The share of a mixture below a border (Q12), Q24: 0 to 2^24, never falling as the border rises.
#[inline]
pub fn below(components: &[Component], border: i32) -> u32 {
    // A weight of 15 bits times 24: in two halves of 12.
    let (mut high, mut low) = (0u32, 0u32);
    for component in components {
        let distance =
            (border.wrapping_sub(component.mean) >> (component.down & 31)).clamp(-MOST_DISTANCE, MOST_DISTANCE - 1);
        let share = logistic(distance.wrapping_mul(i32::from(component.mantissa)) >> (component.shift & 31));
        high = high.wrapping_add(component.weight.wrapping_mul(share >> 12));
        low = low.wrapping_add(component.weight.wrapping_mul(share & 0xfff));
    }
    high.wrapping_add(low >> 12) >> 3
}

/// Where a component is likeliest, as a value; within the values that the levels have.
pub fn peak(component: &Component, last: u16) -> u16 {
    (component.mean >> 12).clamp(0, i32::from(last)) as u16
}
