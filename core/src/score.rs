//! Scoring images: the exact negative log-likelihood, as the bits that a coder would spend.
//!
//! Computed in fixed point from the integer frequencies, it is the same on every machine, and it is what
//! [`codec`](crate::codec) spends, but for the coder's small overhead. Thresholded, it is an anomaly detector;
//! the difference of two models' scores is a likelihood ratio.
//!
//! ```no_run
//! use pixelrnn::{Model, Stream, score};
//!
//! # static BLOB: &[u8] = &[];
//! let model = Model::load(BLOB)?;
//! let mut state = [0u32; 4096];
//! let mut stream = Stream::begin(&model, 28, 28, &mut state)?;
//! let frame = [0u8; 28 * 28];
//! let length = score::image(&mut stream, &frame)?;
//! if length.bits() > 250 {
//!     // unlike anything the model was trained on: length.nats() says how much
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use micromath::F32;

use crate::distribution::Distribution;
use crate::fixed::exp2_negative;
use crate::stream::{Stream, StreamError};
use crate::value::Value;

/// A negative log-likelihood to base 2, in units of 2^-16 bit.
///
/// Each value's is rounded to the nearest unit; within one unit of exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(transparent)]
pub struct CodeLength(u64);

impl CodeLength {
    /// Certainty.
    pub const ZERO: Self = Self(0);

    /// From units of 2^-16 bit.
    pub const fn from_units(units: u64) -> Self {
        Self(units)
    }

    /// In units of 2^-16 bit.
    pub const fn units(self) -> u64 {
        self.0
    }

    /// Whole bits, rounded down.
    pub const fn bits(self) -> u64 {
        self.0 >> 16
    }

    /// In nats. A convenience: single precision.
    pub fn nats(self) -> f32 {
        self.0 as f32 * (core::f32::consts::LN_2 / 65536.0)
    }

    /// In bits per dimension, for an image of so many values (columns times rows times channels). Single precision.
    pub fn bits_per_dimension(self, values: u32) -> f32 {
        self.0 as f32 / 65536.0 / (values.max(1) as f32)
    }

    /// The probability itself, `2^-bits`: approximate, to some 1e-3 of itself; 0 below about 1e-38.
    pub fn probability(self) -> f32 {
        if self.bits() > 125 { 0.0 } else { F32(-self.nats()).exp().0 }
    }
}

impl core::ops::Add for CodeLength {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl core::ops::AddAssign for CodeLength {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl core::iter::Sum for CodeLength {
    fn sum<I: Iterator<Item = Self>>(lengths: I) -> Self {
        lengths.fold(Self::ZERO, core::ops::Add::add)
    }
}

/// `log2(x)` in Q17, rounded down but for the last bits of the squarings; x of 1 to 2^24.
fn log2(x: u32) -> u32 {
    let exponent = x.max(1).ilog2();
    // The mantissa in Q31, 1 to 2: squared, its doublings are the fraction's bits.
    let mut mantissa = x.max(1) << (31 - exponent);
    let mut result = exponent;
    let mut bit = 0;
    while bit < 17 {
        let square = (mantissa as u64 * mantissa as u64) >> 31;
        let carry = (square >> 32) as u32;
        result = (result << 1) | carry;
        mantissa = (square >> carry) as u32;
        bit += 1;
    }
    result
}

/// `-log2` of the mean probability of what has these code lengths: of an image whose class is not known, from those of all classes.
/// Zero for none.
///
/// Within 3 units of exact, and the same on every machine.
pub fn of_mixture(lengths: &[CodeLength]) -> CodeLength {
    let Some(&least) = lengths.iter().min() else { return CodeLength::ZERO };
    // Shares of the likeliest in Q16; those of the others end at 2^-16.
    let share = |length: &CodeLength| match length.0 - least.0 {
        difference @ 0..=0x1f_0000 => exp2_negative(difference as u32),
        _ => 0,
    };
    let sum = lengths.iter().map(share).fold(0, u32::saturating_add);
    let all = log2(lengths.len() as u32) + (16 << 17);
    least + CodeLength(u64::from((all.saturating_sub(log2(sum)) + 1) >> 1))
}

/// The code length of a value: `log2(total / frequency)`. A value beyond the levels has no finite one: `None`.
pub fn of(distribution: &Distribution<'_>, value: u16) -> Option<CodeLength> {
    let frequency = distribution.frequency(value);
    (frequency != 0).then(|| {
        let difference = log2(distribution.total()).saturating_sub(log2(frequency));
        CodeLength(u64::from((difference + 1) >> 1))
    })
}

/// Scores the next value, and observes it: one step of a main loop.
///
/// # Errors
/// The image is complete, or the value is not one of the model's levels, or not the known one.
pub fn next(stream: &mut Stream<'_>, value: u16) -> Result<CodeLength, StreamError> {
    let length = of(&stream.predict()?, value);
    // A value without a length is one that the stream refuses.
    stream.observe(value)?;
    Ok(length.unwrap_or_default())
}

/// Scores values from the stream's next one on: a whole image, or the part at hand.
///
/// # Errors
/// More values than the image has, or one that is not one of the model's levels.
pub fn image<V: Value>(stream: &mut Stream<'_>, values: &[V]) -> Result<CodeLength, StreamError> {
    let mut total = CodeLength::ZERO;
    for &value in values {
        total += next(stream, value.to_level())?;
    }
    Ok(total)
}

/// Scores an image as [`image`] does, and shows each value's share as it comes: column, row, channel, code length.
///
/// # Errors
/// More values than the image has, or one that is not one of the model's levels.
pub fn map<V: Value>(
    stream: &mut Stream<'_>,
    values: &[V],
    mut look: impl FnMut(u32, u32, u8, CodeLength),
) -> Result<CodeLength, StreamError> {
    let mut total = CodeLength::ZERO;
    for &value in values {
        let (column, row, channel) = (stream.column(), stream.row(), stream.channel());
        let length = next(stream, value.to_level())?;
        look(column, row, channel, length);
        total += length;
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;

    #[test]
    fn logarithms_are_within_one_unit() {
        let spread = (0..24).flat_map(|n| (0..500).map(move |m| ((1u64 << n) + m * 7919 % (1 << n)) as u32));
        for x in (1..=(1 << 16)).chain(spread).chain([1 << 24]) {
            let exact = f64::from(x).log2() * 131_072.0;
            let error = f64::from(log2(x)) - exact;
            assert!((-1.5..0.5).contains(&error), "log2({x}): {error} of 2^-17");
        }
    }

    #[test]
    fn a_value_costs_what_its_share_says() {
        let even = Distribution::of_binary(1 << 15);
        assert_eq!(of(&even, 0), Some(CodeLength::from_units(1 << 16)));
        assert_eq!(of(&even, 1), Some(CodeLength::from_units(1 << 16)));
        assert_eq!(of(&even, 2), None);
        let rare = Distribution::of_binary(1);
        assert_eq!(of(&rare, 1), Some(CodeLength::from_units(16 << 16)));
        for one in (1..65536).step_by(37) {
            let exact = (65536.0 / f64::from(one)).log2() * 65536.0;
            let units = of(&Distribution::of_binary(one), 1).unwrap().units() as f64;
            assert!((units - exact).abs() <= 1.0, "{one}: {units} for {exact}");
        }
    }

    /// Scores of two machines are compared to the unit.
    #[test]
    fn lengths_are_the_same_on_every_machine() {
        let length = |one| of(&Distribution::of_binary(one), 1).unwrap();
        assert_eq!([3, 5, 7].map(|one| length(one).units()), [944_704, 896_407, 864_594]);
        let mixed = [[3, 3], [3, 5], [5, 7], [7, 3]].map(|pair| of_mixture(&pair.map(length)).units());
        assert_eq!(mixed, [944_704, 917_505, 879_169, 896_407]);
    }

    #[test]
    fn conversions_agree() {
        let length = CodeLength::from_units(3 << 16);
        assert!((length.nats() - 3.0 * core::f32::consts::LN_2).abs() < 1e-6);
        assert!((length.bits_per_dimension(6) - 0.5).abs() < 1e-6);
        assert!((length.probability() - 0.125).abs() < 1e-3);
        let of_bits = |bits| CodeLength::from_units(bits << 16).probability();
        assert!((of_bits(125) / 2f32.powi(-125) - 1.0).abs() < 1e-2);
        assert_eq!([126, 200, u64::MAX >> 16].map(of_bits), [0.0; 3]);
        let bits = |units| CodeLength::from_units(units).bits();
        assert_eq!([0, 65_535, 65_536, 200_000].map(bits), [0, 0, 1, 3]);
        assert_eq!((length + CodeLength::from_units(u64::MAX)).units(), u64::MAX);
    }
}
