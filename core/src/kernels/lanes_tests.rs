//! The kernels of several images at once against the plain ones, image by image.

extern crate std;
use std::vec::Vec;

use super::lanes::{
    Activations, add_scaled, frequencies, linear_add, linear_relu, linear_scaled, lstm_cell, quantize, quantize_relu,
};
use super::plain;
use crate::blob::{Linear, Matrix, Packing};
use crate::temperature::Temperature;

/// Numbers from a linear congruential generator.
pub struct Numbers(pub u32);

impl Numbers {
    pub fn next(&mut self, below: u32) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((u64::from(self.0) * u64::from(below)) >> 32) as u32
    }

    pub fn within(&mut self, most: i32) -> i32 {
        (i64::from(self.next(2 * most as u32 + 1)) - i64::from(most)) as i32
    }

    fn vector<T, const N: usize>(&mut self, count: usize, most: i32, cast: fn(i32) -> T) -> Vec<[T; N]> {
        (0..count).map(|_| core::array::from_fn(|_| cast(self.within(most)))).collect()
    }
}

/// One image's values.
fn of<T: Copy, const N: usize>(values: &[[T; N]], image: usize) -> Vec<T> {
    values.iter().map(|values| values[image]).collect()
}

fn products_equal<const N: usize>(packing: Packing) {
    let mut numbers = Numbers(1);
    let columns = [4, 8, 12, 16, 24, 48, 64, 160, 288];
    for columns in columns.into_iter().filter(|columns| columns % packing.columns() == 0) {
        for (rows, extreme) in [(4, false), (12, true), (16, false), (20, true), (64, false), (76, true)] {
            let flip = packing.flip().to_le_bytes();
            let byte = |(place, byte): (usize, i32)| byte as u8 ^ flip[place % 4];
            // A byte holds two weights of 4 bits; of those all are checked.
            let weight = |_| if extreme { 127 } else { numbers.within(127) };
            let weights: Vec<u8> = (0..packing.bytes_of(rows * columns)).map(weight).enumerate().map(byte).collect();
            let x: Vec<[i8; N]> = match extreme {
                true => std::vec![[-127; N]; columns],
                false => numbers.vector(columns, 127, |value| value as i8),
            };
            let multipliers: Vec<i16> = (0..rows).map(|_| numbers.within(32767).unsigned_abs() as i16).collect();
            let biases: Vec<i32> = (0..rows).map(|_| numbers.within(1 << 26)).collect();
            let matrix = Matrix { columns, multipliers: &multipliers, weights: &weights, packing };
            let linear = Linear { biases: &biases, matrix };
            let mut scratch = std::vec![0; N * columns];
            let mut activations = Activations::<N>::for_weights(&mut scratch, packing);
            let (first, second) = x.split_at(columns / 2 / packing.columns() * packing.columns());
            activations.push(first);
            activations.push(second);
            let stream: Vec<[i16; N]> = numbers.vector(rows, 32767, |value| value as i16);
            let (mut bytes, mut halves, mut words) = (std::vec![[0; N]; rows], stream.clone(), std::vec![[0; N]; rows]);
            let shift = if extreme { 0 } else { 14 };
            linear_relu(&linear, &activations, shift, &mut bytes);
            linear_add(&linear, &activations, shift, &mut halves);
            linear_scaled(&linear, &activations, &mut words);
            add_scaled(&matrix, &activations, &mut words);
            for image in 0..N {
                let x = of(&x, image);
                let (mut slow8, mut slow16, mut slow32) = (std::vec![0; rows], of(&stream, image), std::vec![0; rows]);
                plain::linear_relu(&linear, &x, shift, &mut slow8);
                plain::linear_add(&linear, &x, shift, &mut slow16);
                plain::linear_scaled(&linear, &x, &mut slow32);
                plain::add_scaled(&matrix, &x, &mut slow32);
                let fast = (of(&bytes, image), of(&halves, image), of(&words, image));
                assert_eq!(fast, (slow8, slow16, slow32), "{rows} rows, {columns} columns, image {image} of {N}");
            }
        }
    }
}

fn elements_equal<const N: usize>() {
    let mut numbers = Numbers(2);
    for (units, shift, most) in [(4, 0, 1 << 16), (8, 9, 1 << 24), (20, 3, 1 << 30), (64, 16, 1 << 28)] {
        let values: Vec<[i16; N]> = numbers.vector(units, 32768, |value| value.clamp(-32768, 32767) as i16);
        let multipliers: Vec<i16> = (0..units).map(|_| numbers.within(32767).unsigned_abs() as i16).collect();
        let gates: Vec<[i32; N]> = numbers.vector(4 * units, most, |value| value);
        let (mut signed, mut positive) = (std::vec![[0; N]; units], std::vec![[0; N]; units]);
        let (mut cells, mut hidden) = (values.clone(), std::vec![[0; N]; units]);
        quantize(&values, &multipliers, shift, &mut signed);
        quantize_relu(&values, &multipliers, shift, &mut positive);
        lstm_cell(&gates, shift, &mut cells, &mut hidden);
        let mut logits: Vec<[i32; N]> = numbers.vector(units, 32767, |value| value);
        let before = logits.clone();
        let temperature = Temperature::from_percent(70).unwrap_or_default();
        let totals = frequencies(&mut logits, temperature);
        for (image, &total) in totals.iter().enumerate() {
            let (mut slow, mut slow_positive) = (std::vec![0; units], std::vec![0; units]);
            plain::quantize(&of(&values, image), &multipliers, shift, &mut slow);
            plain::quantize_relu(&of(&values, image), &multipliers, shift, &mut slow_positive);
            assert_eq!((of(&signed, image), of(&positive, image)), (slow, slow_positive), "image {image} of {N}");
            let (mut slow, mut slow_hidden) = (of(&values, image), std::vec![0; units]);
            plain::lstm_cell(of(&gates, image).as_slice(), shift, &mut slow, &mut slow_hidden);
            assert_eq!((of(&cells, image), of(&hidden, image)), (slow, slow_hidden), "image {image} of {N}");
            let mut slow = of(&before, image);
            let slow_total = super::frequencies::frequencies(&mut slow, temperature);
            assert_eq!((of(&logits, image), total), (slow, slow_total), "image {image} of {N}");
        }
    }
}

fn all_equal() {
    let (signed, nibbles) = (Packing::Rows4Signed { fingerprint: 0 }, Packing::Rows4Nibbles { fingerprint: 0 });
    for packing in [Packing::Rows4, signed, nibbles] {
        products_equal::<1>(packing);
        products_equal::<3>(packing);
        products_equal::<16>(packing);
    }
    elements_equal::<1>();
    elements_equal::<3>();
    elements_equal::<16>();
}

/// Sixteen run in the widest vectors; other numbers in plain loops.
#[test]
fn images_at_once_equal_the_plain_kernels() {
    all_equal();
}

/// With AVX2, where AVX-512 is at hand too and would be chosen.
#[cfg(all(feature = "std", target_arch = "x86_64"))]
#[test]
fn images_at_once_equal_the_plain_kernels_with_avx2() {
    use super::x86_64::{LANES, Vectors, vectors_for};
    super::avx512::HIDDEN.set(true);
    assert_eq!(vectors_for(LANES), Vectors::Avx2, "this machine cannot run the test");
    all_equal();
}
