//! Products of more than 32 bits, as a mixture needs them. Processors without such products have `narrow.rs` in this place.

/// The inverse of a scale: 11 bits of a mantissa times a power of two from 0 to 10.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Slope(u32);

impl Slope {
    /// Of mantissa and power.
    #[inline(always)]
    pub const fn new(mantissa: u32, power: u32) -> Self {
        Self(mantissa << ((11 + power) & 31))
    }

    /// `floor(distance * mantissa * 2^power / 2^10)` of a distance within ±2^20: the upper half of a product.
    #[inline(always)]
    pub const fn times(self, distance: i32) -> i32 {
        (((distance << 11) as i64 * self.0 as i64) >> 32) as i32
    }
}

/// Shares (Q24) times weights (Q15), summed.
#[derive(Clone, Copy, Default)]
pub struct Weighted(u64);

impl Weighted {
    /// Adds one.
    #[inline(always)]
    pub fn add(&mut self, weight: u32, share: u32) {
        self.0 += u64::from(weight) * u64::from(share);
    }

    /// The sum, Q24.
    #[inline(always)]
    pub fn share(self) -> u32 {
        (self.0 >> 15) as u32
    }
}
