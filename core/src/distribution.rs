//! The distribution of a pixel's value, in integers.
//!
//! Every level has a frequency of at least 1 of a total of at most 2^24; for 2 levels the total is exactly 2^16.

use crate::fixed::{exp2_negative, probability};

/// How much a distribution is sharpened (below 1) or flattened (above 1): logits are divided by it, in fixed point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Temperature {
    /// The inverse, Q8.
    inverse: u16,
}

impl Temperature {
    /// The model's own distribution.
    pub const ONE: Self = Self { inverse: 256 };

    /// A temperature in hundredths, 1 to 10000; `None` outside.
    pub const fn from_percent(percent: u32) -> Option<Self> {
        if percent < 1 || percent > 10_000 {
            return None;
        }
        let inverse = (25_600 + percent / 2) / percent;
        Some(Self { inverse: inverse as u16 })
    }

    const fn apply(self, logit: i32) -> i32 {
        (logit * self.inverse as i32) >> 8
    }
}

impl Default for Temperature {
    fn default() -> Self {
        Self::ONE
    }
}

/// The distribution of the next value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Distribution<'a> {
    kind: Kind<'a>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
enum Kind<'a> {
    /// The frequency of value 1, of 2^16.
    Binary(u32),
    /// A frequency a level, and their sum.
    Levels(&'a [u32], u32),
}

/// Total of a binary distribution.
const BINARY_TOTAL: u32 = 1 << 16;

/// log2(e) in Q16.
const LOG2_E: u32 = 94_548;

/// Fraction bits of the likeliest level's frequency.
fn top(levels: usize) -> u32 {
    24 - levels.next_power_of_two().trailing_zeros().min(8)
}

/// A level's frequency from how far its logit is below the likeliest one.
#[inline(always)]
fn frequency(below: i32, temperature: Temperature, top: u32) -> u32 {
    // e^-20 is below any frequency's unit, and the product stays within 32 bits.
    let below = temperature.apply(below).clamp(0, 20 << 11) as u32;
    let power = exp2_negative((below * LOG2_E) >> 11);
    let frequency = if top >= 16 { power << (top - 16) } else { power >> (16 - top) };
    frequency.max(1)
}

/// Turns logits (Q11) into frequencies in place; returns their sum.
///
/// The likeliest level's frequency is 2^24 over the number of levels rounded up to a power of two,
/// so that the total is at most 2^24.
#[doc(hidden)]
pub fn frequencies(logits: &mut [i32], temperature: Temperature) -> u32 {
    let top = top(logits.len());
    let most = logits.iter().copied().max().unwrap_or(0);
    let mut total = 0;
    for logit in logits {
        let frequency = frequency(most - *logit, temperature, top);
        *logit = frequency as i32;
        total += frequency;
    }
    total
}

/// The same for images side by side.
#[inline(always)]
pub(crate) fn frequencies_of_each<const N: usize>(logits: &mut [[i32; N]], temperature: Temperature) -> [u32; N] {
    let top = top(logits.len());
    let mut most = [i32::MIN; N];
    for logits in &*logits {
        for (most, &logit) in most.iter_mut().zip(logits) {
            *most = logit.max(*most);
        }
    }
    let mut totals = [0; N];
    for logits in logits {
        for ((logit, total), most) in logits.iter_mut().zip(&mut totals).zip(most) {
            let frequency = frequency(most - *logit, temperature, top);
            *logit = frequency as i32;
            *total += frequency;
        }
    }
    totals
}

impl<'a> Distribution<'a> {
    pub(crate) fn binary(logit: i32, temperature: Temperature) -> Self {
        let logit = temperature.apply(logit).clamp(-32767, 32767) as i16;
        Self { kind: Kind::Binary(probability(logit).clamp(1, BINARY_TOTAL - 1)) }
    }

    /// From the frequency of value 1, as [`binary`](Self::binary) found it.
    pub(crate) const fn of_binary(one: u32) -> Self {
        Self { kind: Kind::Binary(one) }
    }

    pub(crate) const fn of_frequencies(frequencies: &'a [u32], total: u32) -> Self {
        Self { kind: Kind::Levels(frequencies, total) }
    }

    /// Number of values.
    pub const fn levels(&self) -> u16 {
        match self.kind {
            Kind::Binary(_) => 2,
            Kind::Levels(frequencies, _) => frequencies.len() as u16,
        }
    }

    /// Sum of all frequencies, at most 2^24.
    pub const fn total(&self) -> u32 {
        match self.kind {
            Kind::Binary(_) => BINARY_TOTAL,
            Kind::Levels(_, total) => total,
        }
    }

    /// A value's frequency: at least 1 within the levels, 0 beyond.
    pub fn frequency(&self, value: u8) -> u32 {
        match (self.kind, value) {
            (Kind::Binary(one), 0) => BINARY_TOTAL - one,
            (Kind::Binary(one), 1) => one,
            (Kind::Binary(_), _) => 0,
            (Kind::Levels(frequencies, _), value) => frequencies.get(usize::from(value)).copied().unwrap_or(0),
        }
    }

    /// Sum of the frequencies of all smaller values.
    pub fn cumulative(&self, value: u8) -> u32 {
        match (self.kind, value) {
            (_, 0) => 0,
            (Kind::Binary(one), 1) => BINARY_TOTAL - one,
            (Kind::Binary(_), _) => BINARY_TOTAL,
            (Kind::Levels(frequencies, _), value) => frequencies.iter().take(usize::from(value)).sum(),
        }
    }

    /// The value whose share of `0..total` holds `target`; the last value for targets beyond.
    pub fn find(&self, target: u32) -> u8 {
        match self.kind {
            Kind::Binary(one) => u8::from(target >= BINARY_TOTAL - one),
            Kind::Levels(frequencies, _) => {
                let mut rest = target;
                let last = frequencies.len().saturating_sub(1);
                let found = frequencies.iter().position(|&frequency| {
                    let here = rest < frequency;
                    rest = rest.wrapping_sub(frequency);
                    here
                });
                found.unwrap_or(last) as u8
            }
        }
    }

    /// The value of the largest frequency, the smallest of several.
    pub fn likeliest(&self) -> u8 {
        match self.kind {
            Kind::Binary(one) => u8::from(one > BINARY_TOTAL / 2),
            Kind::Levels(frequencies, _) => {
                let mut best = (0, 0);
                for (value, &frequency) in frequencies.iter().enumerate() {
                    if frequency > best.1 {
                        best = (value, frequency);
                    }
                }
                best.0 as u8
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binary_shares_its_total() {
        for logit in [-32767, -3000, 0, 1, 2048, 32767] {
            let distribution = Distribution::binary(logit, Temperature::ONE);
            assert_eq!(distribution.frequency(0) + distribution.frequency(1), distribution.total());
            assert!(distribution.frequency(0) >= 1 && distribution.frequency(1) >= 1);
            assert_eq!(distribution.find(distribution.cumulative(1)), 1);
            assert_eq!(distribution.find(distribution.cumulative(1) - 1), 0);
        }
    }

    #[test]
    fn levels_share_their_total() {
        for count in [3usize, 4, 17, 256] {
            let mut logits = [0i32; 256];
            for (n, logit) in logits.iter_mut().enumerate() {
                *logit = (n as i32 * 7919) % 60_000 - 30_000;
            }
            let total = frequencies(&mut logits[..count], Temperature::ONE);
            let unsigned = logits.map(|frequency| frequency as u32);
            let distribution = Distribution::of_frequencies(&unsigned[..count], total);
            assert!(total <= 1 << 24);
            for value in 0..count {
                let value = value as u8;
                assert!(distribution.frequency(value) >= 1);
                assert_eq!(distribution.find(distribution.cumulative(value)), value);
                let end = distribution.cumulative(value) + distribution.frequency(value);
                assert_eq!(distribution.find(end - 1), value);
            }
        }
    }

    #[test]
    fn equal_logits_fill_the_total() {
        let mut logits = [5i32; 256];
        assert_eq!(frequencies(&mut logits, Temperature::ONE), 1 << 24);
    }
}
