//! How sharply values are drawn.

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

    pub(crate) const fn apply(self, logit: i32) -> i32 {
        (logit * self.inverse as i32) >> 8
    }

    /// Its inverse, Q8.
    pub(crate) const fn inverse(self) -> u32 {
        self.inverse as u32
    }
}

impl Default for Temperature {
    fn default() -> Self {
        Self::ONE
    }
}
