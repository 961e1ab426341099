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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temperatures_are_hundredths_up_to_a_hundred() {
        assert_eq!((Temperature::from_percent(0), Temperature::from_percent(10_001)), (None, None));
        let inverse = |percent| Temperature::from_percent(percent).unwrap().inverse();
        assert_eq!([1, 50, 100, 200, 10_000].map(inverse), [25_600, 512, 256, 128, 3]);
        // Rounded to the nearest: 256 / 1.5 is 170.67, 256 / 0.3 is 853.33.
        assert_eq!([150, 30].map(inverse), [171, 853]);
        assert_eq!(
            (Temperature::default(), Temperature::from_percent(100)),
            (Temperature::ONE, Some(Temperature::ONE))
        );
    }

    #[test]
    fn logits_are_divided() {
        let half = Temperature::from_percent(50).unwrap();
        assert_eq!([-1000, 0, 1, 65_535].map(|logit| half.apply(logit)), [-2000, 0, 2, 131_070]);
        assert_eq!(Temperature::from_percent(200).unwrap().apply(-3), -2);
    }
}
