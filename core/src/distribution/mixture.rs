//! The distribution of a mixture: evaluated where it is asked for, never tabled.

use super::Share;
use crate::kernels::mixture::{Component, below, below_both, peak};

/// Bits of a mixture's total.
pub const BITS: u32 = 24;
const TOTAL: u32 = 1 << BITS;

/// What a build without mixtures answers, in which there is none to ask.
const NONE: Share = Share { start: 0, frequency: 0 };

/// Components, and the levels that they are distributed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Mixture<'a> {
    pub components: &'a [Component],
    pub levels: u32,
}

/// Half a value below a value, Q12.
#[inline]
const fn border(value: u32) -> i32 {
    (value << 12).wrapping_sub(1 << 11) as i32
}

impl Mixture<'_> {
    /// Sum of the frequencies below a value, whose border has a share of the mixture below it: a unit a value, the rest by the
    /// mixture, and the last level gets what is left.
    ///
    /// The rest is `2^24 - 2^bits` for values of so many bits.
    #[inline]
    const fn sum(&self, value: u32, share: u32) -> u32 {
        let units = self.levels.saturating_sub(1).leading_zeros() - (32 - BITS);
        match value {
            0 => 0,
            inner if inner < self.levels => inner + share - (share >> (units & 31)),
            _ => TOTAL,
        }
    }

    #[inline]
    fn below(&self, value: u32) -> u32 {
        self.sum(value, below(self.components, border(value)))
    }

    /// Sum of the frequencies below a value.
    pub fn cumulative(&self, value: u16) -> u32 {
        if cfg!(feature = "mixture") { self.below(value.into()) } else { 0 }
    }

    /// A value's share, both ends in one pass over the components.
    #[inline]
    pub fn share(&self, value: u16) -> Share {
        if !cfg!(feature = "mixture") {
            return NONE;
        }
        let value = u32::from(value);
        let [start, end] = below_both(self.components, border(value));
        let (start, end) = (self.sum(value, start), self.sum(value + 1, end));
        Share { start, frequency: end - start }
    }

    /// The value whose share holds `target`, and the share: by bisection, an evaluation a bit whatever the target.
    pub fn find(&self, target: u32) -> (u16, Share) {
        if !cfg!(feature = "mixture") {
            return (0, NONE);
        }
        let (mut least, mut start) = (0, 0);
        let (mut beyond, mut end) = (self.levels, TOTAL);
        while beyond - least > 1 {
            let middle = (least + beyond) / 2;
            let sum = self.below(middle);
            if sum <= target {
                (least, start) = (middle, sum);
            } else {
                (beyond, end) = (middle, sum);
            }
        }
        (least as u16, Share { start, frequency: end - start })
    }

    /// The value of the largest frequency, the smallest of several.
    ///
    /// Every value between the components' means is asked, and both ends.
    pub fn likeliest(&self) -> u16 {
        if !cfg!(feature = "mixture") {
            return 0;
        }
        let last = self.levels.saturating_sub(1) as u16;
        let peaks = || self.components.iter().map(|component| peak(component, last));
        let first = peaks().min().unwrap_or(0).saturating_sub(1);
        let end = peaks().max().unwrap_or(last).saturating_add(2).min(last);
        let mut best = (0, self.share(0).frequency);
        let mut keep = |value, frequency| {
            if frequency > best.1 {
                best = (value, frequency);
            }
        };
        let mut start = self.cumulative(first);
        for value in first..=end {
            let next = self.below(u32::from(value) + 1);
            keep(value, next - start);
            start = next;
        }
        keep(last, TOTAL - self.cumulative(last));
        best.0
    }
}
