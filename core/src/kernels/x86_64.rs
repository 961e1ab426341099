//! x86-64: what of this processor's vectors serves, decided at run time.

use super::{avx512, plain};
use crate::blob::Matrix;

/// Images at once that fill vectors: sixteen of 32 bits with AVX-512, twice eight with AVX2.
pub const LANES: usize = 16;

/// The widest vectors that there are kernels for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vectors {
    /// [`avx512`] for one image, [`avx512_lanes`](super::avx512_lanes) for several.
    Avx512,
    /// [`avx2`](super::avx2) for one image, [`avx2_lanes`](super::avx2_lanes) for several.
    Avx2,
    /// Plain loops.
    None,
}

impl Vectors {
    /// What of them multiplies by a matrix: none, if weights are of 4 bits, which are taken apart in plain loops.
    #[inline]
    pub fn for_weights(self, matrix: &Matrix<'_>) -> Self {
        if matrix.packing.is_nibbles() { Self::None } else { self }
    }
}

/// What this processor has.
#[inline]
pub fn vectors() -> Vectors {
    match avx512::is_here() {
        true => Vectors::Avx512,
        false if std::is_x86_feature_detected!("avx2") => Vectors::Avx2,
        false => Vectors::None,
    }
}

/// What computes so many images.
#[inline]
pub fn vectors_for(images: usize) -> Vectors {
    if images == LANES { vectors() } else { Vectors::None }
}

/// See [`plain::quantize_relu`].
#[inline]
pub fn quantize_relu(stream: &[i16], multipliers: &[i16], shift: u32, out: &mut [i8]) {
    widest!(vectors(), [avx512, avx2], quantize_relu(stream, multipliers, shift, out));
    plain::quantize_relu(stream, multipliers, shift, out);
}

/// See [`plain::quantize`].
#[inline]
pub fn quantize(stream: &[i16], multipliers: &[i16], shift: u32, out: &mut [i8]) {
    widest!(vectors(), [avx512, avx2], quantize(stream, multipliers, shift, out));
    plain::quantize(stream, multipliers, shift, out);
}

/// See [`plain::lstm_cell`].
#[inline]
pub fn lstm_cell(gates: &[i32], shift: u32, cell: &mut [i16], hidden: &mut [i8]) {
    widest!(vectors(), [avx512, avx2], lstm_cell(gates, shift, cell, hidden));
    plain::lstm_cell(gates, shift, cell, hidden);
}

#[cfg(test)]
// What the processor at hand chooses.
mod tests {
    use std::vec::Vec;

    use super::super::lanes_tests::Numbers;
    use super::super::{Activations, add_scaled, linear_add, linear_relu, linear_scaled, lstm_cell, plain};
    use crate::blob::{Linear, Matrix, Packing};

    #[test]
    fn products_equal_the_plain_ones() {
        let mut numbers = Numbers(1);
        for columns in [4, 8, 12, 16, 20, 24, 32, 48, 64, 80, 160, 288] {
            for rows in [4, 8, 12, 16, 20, 64, 76] {
                for extreme in [false, true] {
                    let mut byte = |place: usize| {
                        // -128 too, which no converter writes, and no loading refuses.
                        let weight = if extreme { [127, -128][place / 4 % 2] } else { numbers.within(127) };
                        if place.is_multiple_of(2) { (weight + 128) as u8 } else { weight as i8 as u8 }
                    };
                    let weights: Vec<u8> = (0..rows * columns).map(&mut byte).collect();
                    let x: Vec<i8> =
                        (0..columns).map(|_| if extreme { -127 } else { numbers.within(127) as i8 }).collect();
                    let multipliers: Vec<i16> = (0..rows).map(|_| numbers.next(32768) as i16).collect();
                    let biases: Vec<i32> = (0..rows).map(|_| numbers.within(1 << 26)).collect();
                    let stream: Vec<i16> = (0..rows).map(|_| numbers.within(32767) as i16).collect();
                    let matrix =
                        Matrix { columns, multipliers: &multipliers, weights: &weights, packing: Packing::Rows4 };
                    let linear = Linear { biases: &biases, matrix };
                    let mut scratch = std::vec![0; columns];
                    let mut activations = Activations::new(&mut scratch);
                    activations.push(&x);
                    let case = std::format!("{rows} rows, {columns} columns, extreme {extreme}");
                    for shift in [0, 12, 17] {
                        let (mut fast, mut slow) = (std::vec![0; rows], std::vec![0; rows]);
                        linear_relu(&linear, &activations, shift, &mut fast);
                        plain::linear_relu(&linear, &x, shift, &mut slow);
                        assert_eq!(fast, slow, "{case}");
                        let (mut fast, mut slow) = (stream.clone(), stream.clone());
                        linear_add(&linear, &activations, shift, &mut fast);
                        plain::linear_add(&linear, &x, shift, &mut slow);
                        assert_eq!(fast, slow, "{case}");
                    }
                    let (mut fast, mut slow) = (std::vec![0; rows], std::vec![0; rows]);
                    linear_scaled(&linear, &activations, &mut fast);
                    plain::linear_scaled(&linear, &x, &mut slow);
                    assert_eq!(fast, slow, "{case}");
                    add_scaled(&matrix, &activations, &mut fast);
                    plain::add_scaled(&matrix, &x, &mut slow);
                    assert_eq!(fast, slow, "{case}");
                }
            }
        }
    }

    /// Also where AVX-512 is at hand, and would be chosen.
    #[test]
    fn products_with_avx2_equal_the_plain_ones() {
        assert!(std::is_x86_feature_detected!("avx2"), "this machine cannot run the test");
        super::avx512::HIDDEN.set(true);
        products_equal_the_plain_ones();
    }

    #[test]
    fn cells_with_avx2_equal_the_plain_ones() {
        super::avx512::HIDDEN.set(true);
        cells_equal_the_plain_ones();
    }

    #[test]
    fn cells_equal_the_plain_ones() {
        let mut numbers = Numbers(2);
        for units in [4, 8, 12, 16, 20, 32, 36, 64] {
            for most in [1 << 9, 1 << 16, 1 << 24] {
                for shift in [0, 1, 9] {
                    let gates: Vec<i32> = (0..4 * units).map(|_| numbers.within(most)).collect();
                    let mut cells: [Vec<i16>; 2] = Default::default();
                    cells[0] = (0..units).map(|_| numbers.within(32767) as i16).collect();
                    cells[1] = cells[0].clone();
                    let mut hidden = [std::vec![0; units], std::vec![0; units]];
                    lstm_cell(&gates, shift, &mut cells[0], &mut hidden[0]);
                    plain::lstm_cell(&gates, shift, &mut cells[1], &mut hidden[1]);
                    assert_eq!(cells[0], cells[1], "{units} units");
                    assert_eq!(hidden[0], hidden[1], "{units} units");
                }
            }
        }
    }
}
