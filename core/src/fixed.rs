//! Fixed-point arithmetic: the only numbers that decide a pixel or a bit.
//!
//! Formats are written Qn: an integer `v` stands for `v / 2^n`.
//!
//! | function | input | output | largest error |
//! | --- | --- | --- | --- |
//! | [`sigmoid`] | Q11, ±16 | Q15, 0 to 1 | 8e-5 |
//! | [`tanh`] | Q11, ±16 | Q15, -1 to 1 | 1.5e-4 |
//! | [`exp2_negative`] | Q16, 0 to 31 | Q16, 0 to 1 | 2e-5 relative to 1 |
//! | [`logistic`] | Q16, ±16 | Q24, 0 to 1 | 5e-5; it never falls |
//!
//! The errors are measured over every input by this module's tests. Tables are computed by the compiler.

#[cfg_attr(kernels = "small", path = "fixed/half_knots.rs")]
mod knots;

#[cfg(all(feature = "std", target_arch = "x86_64"))]
pub(crate) use knots::SIGMOID_TABLE;

/// Fraction bits of gate inputs, cells and logits.
pub const LOGIT_BITS: u32 = 11;

/// What stands for 0 among activations behind a ReLU (the zero point): one of 0 to 254 is kept less 127, so that all eight bits serve.
///
/// The ReLU is then the lower end of the range. Biases carry the rest: of what makes such activations -127, and of what reads them 127 times
/// the sum of a row's weights.
pub const ZERO_POINT: i8 = -127;

/// log2(e) in Q16.
pub(crate) const LOG2_E: u32 = 94_548;

/// Multiplies an accumulator by a multiplier: `floor(accumulator * multiplier / 2^8)`.
///
/// Exact for accumulators in -2^23..2^23, which loading a blob guarantees, without a 64-bit product.
#[inline(always)]
pub const fn scale(accumulator: i32, multiplier: i16) -> i32 {
    let multiplier = multiplier as i32;
    let high = (accumulator >> 8).wrapping_mul(multiplier);
    let low = (accumulator & 0xff).wrapping_mul(multiplier) >> 8;
    high.wrapping_add(low)
}

/// Requantizes an accumulator: `(scale(accumulator, multiplier) + bias) >> shift`.
///
/// The bias has `shift` fraction bits more than the result, and the rounding half is part of it.
#[inline(always)]
pub const fn requantize(accumulator: i32, multiplier: i16, bias: i32, shift: u32) -> i32 {
    scale(accumulator, multiplier).wrapping_add(bias) >> (shift & 31)
}

/// Clamps to the 16-bit range.
#[inline(always)]
pub const fn saturate16(value: i32) -> i16 {
    if value > 32767 {
        32767
    } else if value < -32768 {
        -32768
    } else {
        value as i16
    }
}

/// Clamps to the 8-bit range that kernels take, -127 to 127.
#[inline(always)]
pub const fn saturate8(value: i32) -> i8 {
    // -128 by itself: processors clamp to powers of two in one instruction.
    let value = if value > 127 {
        127
    } else if value < -128 {
        -128
    } else {
        value
    };
    (if value == -128 { -127 } else { value }) as i8
}

/// e^x for the compiler's use, by a Taylor series on a reduced argument.
const fn exp(x: f64) -> f64 {
    let reduced = x / 1024.0;
    let mut term = 1.0;
    let mut sum = 1.0;
    let mut n = 1;
    while n < 16 {
        term = term * reduced / n as f64;
        sum += term;
        n += 1;
    }
    let mut squarings = 0;
    while squarings < 10 {
        sum *= sum;
        squarings += 1;
    }
    sum
}

/// The sigmoid between knots 1/16 apart, from -16 on: in the upper 22 bits its value in Q22 at a knot, the rounding half of
/// Q16 included; in the lower 10 bits how much it rises for each of the 128 units of Q11 up to the next.
const fn sigmoid_knots() -> [u32; 512] {
    let mut table = [0; 512];
    let mut i = 0;
    while i < 512 {
        let here = 4_194_304.0 / (1.0 + exp(16.0 - i as f64 / 16.0));
        let next = 4_194_304.0 / (1.0 + exp(16.0 - (i + 1) as f64 / 16.0));
        let value = (here + 32.5) as u32;
        let rise = ((next - here) / 128.0 + 0.5) as u32;
        let most = (1 << 22) - 1 - 127 * rise;
        table[i] = (if value < most { value } else { most }) << 10 | rise;
        i += 1;
    }
    table
}

/// `2^(-i / 64)` in Q16 for i = 0 to 65.
pub(crate) static EXP2_TABLE: [u32; 66] = {
    let mut table = [0; 66];
    let mut i = 0;
    while i < 66 {
        table[i] = (65536.0 * exp(-(i as f64) * core::f64::consts::LN_2 / 64.0) + 0.5) as u32;
        i += 1;
    }
    table
};

/// The logistic function in Q24 at knots 1/16 apart, from -16 to 16, and how much it rises to the next.
pub(crate) static LOGISTIC_TABLE: [[u32; 2]; 512] = {
    let mut table = [[0; 2]; 512];
    let mut i = 0;
    while i < 512 {
        let (here, next) = (logistic_knot(i), logistic_knot(i + 1));
        table[i] = [here, next - here];
        i += 1;
    }
    table
};

const fn logistic_knot(i: usize) -> u32 {
    (16_777_216.0 / (1.0 + exp(16.0 - i as f64 / 16.0)) + 0.5) as u32
}

/// The logistic function, Q16 to Q24: 0 to 2^24. It never falls: [`sigmoid`] may, by a unit.
#[inline]
pub fn logistic(value: i32) -> u32 {
    let place = value.wrapping_add(16 << 16) as u32;
    if place >= 32 << 16 {
        return if value < 0 { 0 } else { 1 << 24 };
    }
    let [here, rise] = LOGISTIC_TABLE[(place >> 12) as usize];
    here + ((rise * (place & 0xfff)) >> 12)
}

/// The sigmoid in Q22, below 1 and with Q16's rounding half, at a knot and 0 to 127 units after it.
#[inline(always)]
fn sigmoid22(knot: i32, rest: i32) -> u32 {
    let (value, rise) = knots::knot((knot + 256) as usize);
    value + rise * rest as u32
}

/// The probability of value 1 in Q16, 0 to 65535, from a logit in Q11.
#[inline]
pub fn probability(logit: i16) -> u32 {
    let logit = i32::from(logit);
    sigmoid22(logit >> 7, logit & 127) >> 6
}

/// The logistic sigmoid, Q11 to Q15 (0 to 32767). Inputs beyond ±16 are clamped.
#[cfg_attr(kernels = "small", inline(never))]
#[cfg_attr(not(kernels = "small"), inline(always))]
pub fn sigmoid(value: i32) -> i32 {
    let value = i32::from(saturate16(value));
    (sigmoid22(value >> 7, value & 127) >> 7) as i32
}

/// The hyperbolic tangent, Q11 to Q15 (-32768 to 32767). Inputs beyond ±8 are clamped.
#[inline(always)]
pub fn tanh(value: i32) -> i32 {
    // tanh(x) = 2 sigmoid(2x) - 1.
    let value = value.clamp(-(1 << 14), (1 << 14) - 1);
    (sigmoid22(value >> 6, (value & 63) << 1) >> 6) as i32 - 32768
}

/// `2^-x` in Q16, for x in Q16; 0 from 31 on.
#[inline]
pub fn exp2_negative(x: u32) -> u32 {
    exp2_within(x & 0xffff).checked_shr(x >> 16).unwrap_or(0)
}

/// `2^x` in Q16 for the fraction of x in Q16: 1 to 2 (excluded).
#[inline]
pub(crate) fn exp2_fraction(x: u32) -> u32 {
    exp2_within(65_536 - (x & 0xffff)) << 1
}

/// `2^-x` in Q16, for x of 0 to 1 (included) in Q16.
#[inline(always)]
fn exp2_within(x: u32) -> u32 {
    let (here, next) = (EXP2_TABLE[(x >> 10) as usize], EXP2_TABLE[(x >> 10) as usize + 1]);
    here - (((here - next) * (x & 1023) + 512) >> 10)
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;

    #[test]
    fn scale_is_the_exact_floor() {
        for accumulator in [-(1 << 23), -65537, -257, -256, -255, -1, 0, 1, 255, 256, 257, 99999, (1 << 23) - 1] {
            for multiplier in [0i16, 1, 3, 255, 16384, 32767] {
                let exact = (i64::from(accumulator) * i64::from(multiplier)).div_euclid(256);
                assert_eq!(i64::from(scale(accumulator, multiplier)), exact);
            }
        }
    }

    #[test]
    fn gate_errors_are_as_stated() {
        for value in -32768..=32767i32 {
            let x = f64::from(value) / 2048.0;
            let sigmoid_error = f64::from(sigmoid(value)) / 32768.0 - 1.0 / (1.0 + (-x).exp());
            assert!(sigmoid_error.abs() < 8e-5, "sigmoid({x}): {sigmoid_error}");
            let tanh_error = f64::from(tanh(value)) / 32768.0 - x.tanh();
            assert!(tanh_error.abs() < 1.5e-4, "tanh({x}): {tanh_error}");
        }
    }

    #[test]
    fn logistic_never_falls_and_errs_as_stated() {
        let mut before = 0;
        for value in (-(17 << 16)..(17 << 16)).step_by(7) {
            let share = logistic(value);
            assert!(share >= before, "{value}: {share} after {before}");
            before = share;
            let exact = 1.0 / (1.0 + (-f64::from(value) / 65536.0).exp());
            let error = f64::from(share) / f64::from(1 << 24) - exact;
            assert!(error.abs() < 5e-5, "logistic({value}): {error}");
        }
        assert_eq!((logistic(-(1 << 30)), logistic(1 << 30)), (0, 1 << 24));
        assert_eq!((logistic(i32::MIN), logistic(i32::MAX - (16 << 16))), (0, 1 << 24));
    }

    #[test]
    fn exponential_error_is_as_stated() {
        for x in 0..(20 << 16) {
            let exact = (-f64::from(x) / 65536.0).exp2();
            let error = f64::from(exp2_negative(x)) / 65536.0 - exact;
            assert!(error.abs() < 2e-5 + 1.0 / 65536.0, "2^-{x}/65536: {error}");
        }
        assert_eq!(exp2_negative(u32::MAX), 0);
    }
}
