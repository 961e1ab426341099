//! Products and rounding, in 64 bits.

use pixelrnn::blob::{Linear, Matrix, Packing};

/// A packed matrix's weight.
fn weight(matrix: &Matrix<'_>, row: usize, column: usize) -> i64 {
    if let Packing::Rows4Nibbles { .. } = matrix.packing {
        return 16 * nibble(matrix, row, column);
    }
    let byte = matrix.weights[(row / 4) * 4 * matrix.columns + (column / 4) * 16 + (row % 4) * 4 + column % 4];
    match matrix.packing {
        Packing::Rows4 if column.is_multiple_of(2) => i64::from(byte) - 128,
        _ => i64::from(byte as i8),
    }
}

/// A packed weight of 4 bits.
fn nibble(matrix: &Matrix<'_>, row: usize, column: usize) -> i64 {
    let byte = matrix.weights[(row / 4) * 2 * matrix.columns + (column / 8) * 16 + (row % 4) * 4 + column % 4];
    match (column % 8 < 4, column % 2) {
        (true, _) => i64::from(byte & 15) - 8,
        (false, 0) => i64::from(byte >> 4) - 8,
        (false, _) => i64::from(byte as i8 >> 4),
    }
}

/// `floor(accumulator * multiplier / 256)` for every row.
pub fn scaled(matrix: &Matrix<'_>, input: &[i64]) -> Vec<i64> {
    assert_eq!(matrix.columns, input.len());
    let product = |row: usize| -> i64 { (0..input.len()).map(|k| weight(matrix, row, k) * input[k]).sum() };
    let fits = |row: usize| {
        let sum = product(row);
        assert!(sum.abs() < 1 << 23, "an accumulator of {sum}");
        (sum * i64::from(matrix.multipliers[row])).div_euclid(256)
    };
    (0..matrix.multipliers.len()).map(fits).collect()
}

/// A linear with addends, shifted.
pub fn requantized_with(linear: &Linear<'_>, addends: &[i64], input: &[i64], shift: u8) -> Vec<i64> {
    let sums = scaled(&linear.matrix, input).into_iter().zip(linear.biases).zip(addends);
    sums.map(|((sum, bias), addend)| fits_i32(sum + i64::from(*bias) + addend) >> shift).collect()
}

/// A linear, shifted.
pub fn requantized(linear: &Linear<'_>, input: &[i64], shift: u8) -> Vec<i64> {
    let sums = scaled(&linear.matrix, input);
    sums.iter().zip(linear.biases).map(|(sum, bias)| fits_i32(sum + i64::from(*bias)) >> shift).collect()
}

/// Nothing may wrap.
pub fn fits_i32(value: i64) -> i64 {
    i64::from(i32::try_from(value).expect("a sum beyond 32 bits"))
}

/// What stands for 0 behind a ReLU.
pub const ZERO_POINT: i64 = -127;

/// A ReLU to activations: its lower end is the zero point.
pub fn relu8(values: Vec<i64>) -> Vec<i64> {
    values.into_iter().map(|value| value.clamp(ZERO_POINT, 127)).collect()
}

/// Adds, saturating at 16 bits.
pub fn add16(to: &mut [i64], values: &[i64]) {
    for (to, value) in to.iter_mut().zip(values) {
        *to = (*to + value).clamp(-32768, 32767);
    }
}

/// The residual stream to activations.
pub fn quantize(stream: &[i64], multipliers: &[i16], shift: u8, zero_point: i64) -> Vec<i64> {
    let half = (1i64 << shift) >> 1;
    let one = |(value, multiplier): (&i64, &i16)| {
        (((value * i64::from(*multiplier) + half) >> shift) + zero_point).clamp(-127, 127)
    };
    stream.iter().zip(multipliers).map(one).collect()
}
