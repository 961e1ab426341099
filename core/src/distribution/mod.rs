//! The distribution of a value, in integers.
//!
//! Every level has a frequency of at least 1 of a total of at most 2^24; for 2 levels the total is exactly 2^16, for a mixture exactly
//! 2^24. A value that is known, since a smaller image holds it, has the whole total. What kind it is, only this module asks.

mod mixture;

use mixture::Mixture;

use crate::fixed::probability;
use crate::kernels::mixture::Component;
use crate::temperature::Temperature;

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
    /// Components over levels.
    Mixture(Mixture<'a>),
    /// A known value, of so many levels.
    Certain(u16, u32),
}

/// A value's share of the total: where it begins, and how much it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Share {
    /// Sum of the frequencies of all smaller values.
    pub start: u32,
    /// The value's frequency: at least 1 within the levels, 0 beyond.
    pub frequency: u32,
}

/// Bits of a binary distribution's total.
const BINARY_BITS: u32 = 16;
const BINARY_TOTAL: u32 = 1 << BINARY_BITS;
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

    /// A mixture's, over 2 to 65,536 levels; weights add up to 1.
    pub const fn of_components(components: &'a [Component], levels: u32) -> Self {
        Self { kind: Kind::Mixture(Mixture { components, levels }) }
    }

    /// Of a value that is known: all others have no frequency, and it takes no bits.
    pub const fn certain(value: u16, levels: u32) -> Self {
        Self { kind: Kind::Certain(value, levels) }
    }

    /// Number of values.
    pub const fn levels(&self) -> u32 {
        match self.kind {
            Kind::Binary(_) => 2,
            Kind::Levels(frequencies, _) => frequencies.len() as u32,
            Kind::Mixture(mixture) => mixture.levels,
            Kind::Certain(_, levels) => levels,
        }
    }

    /// Sum of all frequencies, at most 2^24.
    pub const fn total(&self) -> u32 {
        match self.kind {
            Kind::Binary(_) => BINARY_TOTAL,
            Kind::Levels(_, total) => total,
            Kind::Mixture(_) => 1 << mixture::BITS,
            Kind::Certain(..) => 1,
        }
    }

    /// The total's logarithm to base 2, where it is a power of two whatever the distribution.
    pub(crate) const fn total_bits(&self) -> Option<u32> {
        match self.kind {
            Kind::Binary(_) => Some(BINARY_BITS),
            Kind::Levels(..) | Kind::Certain(..) => None,
            Kind::Mixture(_) => Some(mixture::BITS),
        }
    }

    /// Whether it is one of two levels under a softmax, whose cumulative frequency is at hand.
    pub(crate) const fn is_binary(&self) -> bool {
        matches!(self.kind, Kind::Binary(_))
    }

    /// A value's share of the total.
    #[inline]
    pub fn share(&self, value: u16) -> Share {
        match self.kind {
            Kind::Mixture(mixture) => mixture.share(value),
            _ => Share { start: self.cumulative(value), frequency: self.frequency(value) },
        }
    }

    /// A value's frequency: at least 1 within the levels, 0 beyond; 0 of all but a known value.
    pub fn frequency(&self, value: u16) -> u32 {
        match (self.kind, value) {
            (Kind::Binary(one), 0) => BINARY_TOTAL - one,
            (Kind::Binary(one), 1) => one,
            (Kind::Binary(_), _) => 0,
            (Kind::Levels(frequencies, _), value) => frequencies.get(usize::from(value)).copied().unwrap_or(0),
            (Kind::Mixture(mixture), value) => mixture.share(value).frequency,
            (Kind::Certain(known, _), value) => u32::from(value == known),
        }
    }

    /// Sum of the frequencies of all smaller values.
    pub fn cumulative(&self, value: u16) -> u32 {
        match (self.kind, value) {
            (_, 0) => 0,
            (Kind::Binary(one), 1) => BINARY_TOTAL - one,
            (Kind::Binary(_), _) => BINARY_TOTAL,
            (Kind::Levels(frequencies, _), value) => frequencies.iter().take(usize::from(value)).sum(),
            (Kind::Mixture(mixture), value) => mixture.cumulative(value),
            (Kind::Certain(known, _), value) => u32::from(value > known),
        }
    }

    /// The value whose share of `0..total` holds `target`; the last value for targets beyond.
    pub fn find(&self, target: u32) -> u16 {
        self.find_share(target).0
    }

    /// The same, with the value's share.
    pub(crate) fn find_share(&self, target: u32) -> (u16, Share) {
        let value = match self.kind {
            Kind::Binary(one) => u16::from(target >= BINARY_TOTAL - one),
            Kind::Levels(frequencies, _) => {
                let mut rest = target;
                let last = frequencies.len().saturating_sub(1);
                let found = frequencies.iter().position(|&frequency| {
                    let here = rest < frequency;
                    rest = rest.wrapping_sub(frequency);
                    here
                });
                found.unwrap_or(last) as u16
            }
            Kind::Mixture(mixture) => return mixture.find(target),
            Kind::Certain(known, _) => known,
        };
        (value, self.share(value))
    }

    /// The value of the largest frequency, the smallest of several. Of a mixture it takes as many evaluations as values lie between the
    /// components' means, and beyond 256 levels rounding may make another value likelier by up to 66 units of the total.
    pub fn likeliest(&self) -> u16 {
        match self.kind {
            Kind::Binary(one) => u16::from(one > BINARY_TOTAL / 2),
            Kind::Levels(frequencies, _) => {
                most_of(frequencies.iter().copied().enumerate().map(|(v, f)| (v as u16, f)))
            }
            Kind::Mixture(mixture) => mixture.likeliest(),
            Kind::Certain(known, _) => known,
        }
    }
}

/// The first of the values with the largest frequency.
fn most_of(values: impl Iterator<Item = (u16, u32)>) -> u16 {
    let mut best = (0, 0);
    for (value, frequency) in values {
        if frequency > best.1 {
            best = (value, frequency);
        }
    }
    best.0
}

#[cfg(all(test, feature = "mixture"))]
mod mixture_tests;

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::kernels::frequencies::frequencies;

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
                let value = value as u16;
                assert!(distribution.frequency(value) >= 1);
                assert_eq!(distribution.find(distribution.cumulative(value)), value);
                let end = distribution.cumulative(value) + distribution.frequency(value);
                assert_eq!(distribution.find(end - 1), value);
            }
        }
    }

    /// The first of the largest; of two equal levels the smaller.
    #[test]
    fn the_likeliest_is_the_first_of_the_largest() {
        let likeliest = |frequencies: &[u32]| {
            Distribution::of_frequencies(frequencies, frequencies.iter().sum::<u32>()).likeliest()
        };
        assert_eq!(likeliest(&[1, 5, 2, 5, 4]), 1);
        assert_eq!(likeliest(&[7, 7, 7]), 0);
        assert_eq!(likeliest(&[1, 2, 3]), 2);
        let binary = |one| Distribution::of_binary(one).likeliest();
        assert_eq!([1, 1 << 15, (1 << 15) + 1, 65_535].map(binary), [0, 0, 1, 1]);
    }

    #[test]
    fn targets_beyond_the_total_are_the_last_values() {
        let levels = [3, 1, 2, 1];
        let levels = Distribution::of_frequencies(&levels, 7);
        let found: std::vec::Vec<u16> = (0..9).map(|target| levels.find(target)).collect();
        assert_eq!(found, [0, 0, 0, 1, 2, 2, 3, 3, 3]);
        let binary = Distribution::of_binary(1);
        assert_eq!([65_534, 65_535, 65_536, u32::MAX].map(|target| binary.find(target)), [0, 1, 1, 1]);
    }

    #[test]
    fn values_beyond_the_levels_have_no_share() {
        let levels = [3, 1, 2, 1];
        let levels = Distribution::of_frequencies(&levels, 7);
        for value in [4, 5, 65_535] {
            assert_eq!((levels.frequency(value), levels.cumulative(value)), (0, 7));
            let binary = Distribution::of_binary(9);
            assert_eq!((binary.frequency(value), binary.cumulative(value)), (0, 1 << 16));
        }
    }

    #[test]
    fn a_known_value_has_the_whole_total() {
        let known = Distribution::certain(3, 5);
        assert_eq!((known.levels(), known.total(), known.likeliest(), known.find(9)), (5, 1, 3, 3));
        assert_eq!([0, 2, 3, 4, 5].map(|value| known.frequency(value)), [0, 0, 1, 0, 0]);
        assert_eq!([0, 2, 3, 4, 5].map(|value| known.cumulative(value)), [0, 0, 0, 1, 1]);
    }

    #[test]
    fn equal_logits_fill_the_total() {
        let mut logits = [5i32; 256];
        assert_eq!(frequencies(&mut logits, Temperature::ONE), 1 << 24);
    }
}
