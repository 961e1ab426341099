//! What the first layer reads of a value, and how integers hold it.
//!
//! Up to 128 levels, a value `v` is read as `v / (levels - 1)`. Beyond, as a number of -1 to 1 around the middle of all levels,
//! in two parts: the upper 8 bits, and what lies below them. 65,536 levels leave out the last bit.

/// Bits that values below `levels` take.
pub const fn bits(levels: u32) -> u32 {
    (levels - 1).ilog2() + 1
}

/// The parts in which integers hold what is read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Planes {
    levels: u32,
}

impl Planes {
    /// Of a network of so many levels.
    pub const fn new(levels: u32) -> Self {
        Self { levels }
    }

    /// How many: 1, or 2 beyond 256 levels.
    pub const fn count(self) -> usize {
        if self.levels > 256 { 2 } else { 1 }
    }

    /// What an integer of 1 in a plane stands for.
    pub fn unit(self, plane: usize) -> f64 {
        match plane {
            0 if self.levels <= 128 => 1.0 / f64::from(self.levels - 1),
            0 => 1.0 / 128.0,
            _ => 1.0 / 128.0 / f64::from(1u32 << self.low_bits()),
        }
    }

    /// The integer of a value in a plane, -127 to 127.
    pub fn integer(self, plane: usize, value: u16) -> i32 {
        let value = i32::from(value);
        let below = bits(self.levels).saturating_sub(8);
        match plane {
            0 if self.levels <= 128 => value,
            0 => (value >> below).max(1) - 128,
            _ => (value & ((1 << below) - 1)) >> (below - self.low_bits()),
        }
    }

    /// What the first layer reads of a value: the sum over all planes.
    pub fn read(self, value: u16) -> f32 {
        (0..self.count()).map(|plane| self.part(plane, value)).sum()
    }

    /// A plane's part of that.
    pub fn part(self, plane: usize, value: u16) -> f32 {
        (f64::from(self.integer(plane, value)) * self.unit(plane)) as f32
    }

    /// Bits of the second plane.
    fn low_bits(self) -> u32 {
        (bits(self.levels) - 8).min(7)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_levels_are_read_as_shares() {
        assert_eq!([0, 1].map(|value| Planes::new(2).read(value)), [0.0, 1.0]);
        assert_eq!(Planes::new(17).read(4), 0.25);
        assert_eq!(Planes::new(128).integer(0, 127), 127);
    }

    #[test]
    fn many_levels_are_read_around_their_middle() {
        let read = |levels, value| f64::from(Planes::new(levels).read(value)) * 128.0;
        assert_eq!([0, 1, 128, 255].map(|value| read(256, value)), [-127.0, -127.0, 0.0, 127.0]);
        assert_eq!(
            [0, 15, 2048, 2049, 4095].map(|value| read(4096, value)),
            [-127.0, -126.0625, 0.0, 0.0625, 127.9375]
        );
        assert_eq!(
            [32_768, 32_769, 32_770, 65_535].map(|value| read(65_536, value)),
            [0.0, 0.0, 2.0 / 256.0, 127.0 + 254.0 / 256.0]
        );
    }

    #[test]
    fn integers_fit_activations() {
        for levels in [2, 17, 128, 129, 256, 257, 4096, 5000, 65_536] {
            let planes = Planes::new(levels);
            for value in (0..levels).step_by(7).chain([levels - 1]) {
                for plane in 0..planes.count() {
                    assert!((-127..=127).contains(&planes.integer(plane, value as u16)), "{levels} levels, {value}");
                }
            }
        }
    }
}
