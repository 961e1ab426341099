//! Arithmetic on a few numbers side by side, written so that it vectorizes.

/// The numbers as groups of `LANES`; what is left over at the end is not seen.
pub fn lanes<const LANES: usize>(values: &[f32]) -> &[[f32; LANES]] {
    values.as_chunks().0
}

/// [`lanes`], to be changed.
pub fn lanes_mut<const LANES: usize>(values: &mut [f32]) -> &mut [[f32; LANES]] {
    values.as_chunks_mut().0
}

/// `LANES` numbers from a place on.
#[inline(always)]
pub fn at<const LANES: usize>(values: &[f32], place: usize) -> [f32; LANES] {
    let mut lanes = [0.0; LANES];
    lanes.copy_from_slice(&values[place..][..LANES]);
    lanes
}

/// Adds to each row's sums its number times the lanes. Rows are written out: of a loop over them the compiler makes vectors across
/// rows, which is many times slower.
#[inline(always)]
pub fn plus<const LANES: usize, const R: usize>(
    sums: &mut [[f32; LANES]; R],
    number: impl Fn(usize) -> f32,
    lanes: &[f32; LANES],
) {
    const { assert!(R == 1 || R == 4 || R == 8) };
    plus_one(&mut sums[0], number(0), lanes);
    if R >= 4 {
        plus_one(&mut sums[1 % R], number(1), lanes);
        plus_one(&mut sums[2 % R], number(2), lanes);
        plus_one(&mut sums[3 % R], number(3), lanes);
    }
    if R == 8 {
        plus_one(&mut sums[4 % R], number(4), lanes);
        plus_one(&mut sums[5 % R], number(5), lanes);
        plus_one(&mut sums[6 % R], number(6), lanes);
        plus_one(&mut sums[7 % R], number(7), lanes);
    }
}

#[inline(always)]
fn plus_one<const LANES: usize>(sums: &mut [f32; LANES], number: f32, lanes: &[f32; LANES]) {
    for l in 0..LANES {
        sums[l] = number.mul_add(lanes[l], sums[l]);
    }
}

/// e^x to about 2e-6 relative.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    const ROUND: f32 = 12_582_912.0;
    let scaled = x.clamp(-80.0, 80.0) * std::f32::consts::LOG2_E;
    let rounded = scaled + ROUND;
    let exponent = f32::from_bits((rounded.to_bits() << 23).wrapping_add(0x3f80_0000));
    let t = (scaled - (rounded - ROUND)) * std::f32::consts::LN_2;
    let polynomial = 1.0 + t * (1.0 + t * (0.5 + t * (1.0 / 6.0 + t * (1.0 / 24.0 + t * (1.0 / 120.0)))));
    polynomial * exponent
}

/// The logistic function.
#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// The hyperbolic tangent.
#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    1.0 - 2.0 / (1.0 + exp(2.0 * x))
}

/// The natural logarithm of a positive normal number, to about 1e-7.
#[inline(always)]
pub fn ln(x: f32) -> f32 {
    // x = m * 2^e, m from sqrt(1/2) to sqrt(2).
    const MIDDLE: u32 = 0x3f35_04f3;
    let bits = x.to_bits().wrapping_sub(MIDDLE);
    let exponent = ((bits as i32) >> 23) as f32;
    let mantissa = f32::from_bits((bits & 0x007f_ffff) + MIDDLE);
    // ln(m) = 2 artanh((m - 1) / (m + 1))
    let ratio = (mantissa - 1.0) / (mantissa + 1.0);
    let square = ratio * ratio;
    let series = 2.0 + square * (2.0 / 3.0 + square * (2.0 / 5.0 + square * (2.0 / 7.0 + square * (2.0 / 9.0))));
    exponent * std::f32::consts::LN_2 + ratio * series
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_close_to_exact_ones() {
        for n in -4000..4000 {
            let x = n as f32 / 50.0;
            assert!((exp(x) / f64::from(x).exp() as f32 - 1.0).abs() < 1e-5, "e^{x} is {}", exp(x));
            let y = exp(x);
            assert!((ln(y) - y.ln()).abs() < 4e-7 * x.abs().max(1.0), "ln({y}) is {}", ln(y));
            assert!((sigmoid(x) - 1.0 / (1.0 + (-x).exp())).abs() < 1e-5);
            assert!((tanh(x) - x.tanh()).abs() < 1e-5);
        }
    }
}
