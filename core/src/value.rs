//! The values that callers hold.

/// A value of an image as a caller keeps it: `u8` for models of up to 256 levels, `u16` for all.
///
/// ```
/// use pixelrnn::Value;
/// assert_eq!(200u8.to_level(), 200u16.to_level());
/// assert_eq!(u8::from_level(7), 7);
/// ```
pub trait Value: Copy {
    /// Values as whoever takes either type reads them.
    fn values(all: &[Self]) -> Values<'_>;

    /// What a model sees.
    fn to_level(self) -> u16;

    /// What a caller sees. A level that the type cannot hold becomes the largest value that it can.
    fn from_level(level: u16) -> Self;
}

impl Value for u8 {
    #[inline]
    fn values(all: &[Self]) -> Values<'_> {
        Values::Bytes(all)
    }

    #[inline]
    fn to_level(self) -> u16 {
        self.into()
    }

    #[inline]
    fn from_level(level: u16) -> Self {
        level.min(255) as Self
    }
}

impl Value for u16 {
    #[inline]
    fn values(all: &[Self]) -> Values<'_> {
        Values::Words(all)
    }

    #[inline]
    fn to_level(self) -> u16 {
        self
    }

    #[inline]
    fn from_level(level: u16) -> Self {
        level
    }
}

/// Values that a caller holds, of either type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values<'a> {
    /// Up to 256 levels.
    Bytes(&'a [u8]),
    /// Any.
    Words(&'a [u16]),
}

impl Values<'_> {
    /// How many.
    pub const fn len(&self) -> usize {
        match self {
            Self::Bytes(all) => all.len(),
            Self::Words(all) => all.len(),
        }
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One of them, as a model sees it.
    #[inline]
    pub fn get(&self, index: usize) -> Option<u16> {
        match self {
            Self::Bytes(all) => all.get(index).map(|&value| value.into()),
            Self::Words(all) => all.get(index).copied(),
        }
    }

    /// The largest; 0 of none.
    pub fn largest(&self) -> u16 {
        match self {
            Self::Bytes(all) => all.iter().max().map_or(0, |&value| value.into()),
            Self::Words(all) => all.iter().max().map_or(0, |&value| value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_levels_as_far_as_they_hold_them() {
        assert_eq!([0u8, 7, 255].map(Value::to_level), [0, 7, 255]);
        assert_eq!([0, 7, 255, 256, 65_535].map(u8::from_level), [0, 7, 255, 255, 255]);
        assert_eq!([0u16, 7, 65_535].map(Value::to_level), [0, 7, 65_535]);
        assert_eq!([0, 7, 65_535].map(u16::from_level), [0, 7, 65_535]);
        assert_eq!(
            [u8::values(&[3, 9]), u16::values(&[3, 9])].map(|all| (all.get(1), all.largest())),
            [(Some(9), 9); 2]
        );
        for all in [u8::values(&[3, 9]), u16::values(&[3, 9])] {
            assert_eq!((all.len(), all.is_empty()), (2, false));
        }
        assert!(u8::values(&[]).is_empty() && u16::values(&[]).is_empty());
    }
}
