//! What `wide.rs` computes, where the longest product is one of 32 bits (Cortex-M0).

/// The inverse of a scale: 11 bits of a mantissa, and what a power of two from 0 to 10 leaves of 10.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Slope(u16, u16);

impl Slope {
    /// Of mantissa and power.
    #[inline(always)]
    pub const fn new(mantissa: u32, power: u32) -> Self {
        Self(mantissa as u16, 10u32.wrapping_sub(power) as u16)
    }

    /// `floor(distance * mantissa * 2^power / 2^10)` of a distance within ±2^20.
    #[inline(always)]
    pub const fn times(self, distance: i32) -> i32 {
        distance.wrapping_mul(self.0 as i32) >> (self.1 & 31)
    }
}

/// Shares (Q24) times weights (Q15), summed in halves of 12 bits.
#[derive(Clone, Copy, Default)]
pub struct Weighted(u32, u32);

impl Weighted {
    /// Adds one.
    #[inline(always)]
    pub fn add(&mut self, weight: u32, share: u32) {
        self.0 = self.0.wrapping_add(weight.wrapping_mul(share >> 12));
        self.1 = self.1.wrapping_add(weight.wrapping_mul(share & 0xfff));
    }

    /// The sum, Q24.
    #[inline(always)]
    pub fn share(self) -> u32 {
        self.0.wrapping_add(self.1 >> 12) >> 3
    }
}
