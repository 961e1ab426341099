//! Products of maps by matrices on a processor, in one pass over the map each.
//!
//! Maps have thousands of rows and few columns, which general libraries are slow at. Here some rows' sums stay in registers over all
//! taps, and what follows a product (a bias before, a ReLU or another map behind) happens before they are stored.

use std::mem::MaybeUninit;
use std::ops::Range;

use multiversion::{multiversion, target::target_cfg_f};

use super::lanes::plus;
use super::maps::Batch;

/// Columns side by side.
const LANES: usize = 16;

/// A number a column.
type Lanes = [f32; LANES];

/// A matrix as products read it: for each group of outputs, filled up with zeros, and each (tap, input) a number an output.
pub struct Packed {
    inputs: usize,
    outputs: usize,
    values: Vec<Lanes>,
}

impl Packed {
    /// From `[outputs, taps * inputs]`.
    pub fn forward(weights: &[f32], outputs: usize, taps: usize) -> Self {
        let inputs = weights.len() / outputs / taps;
        Self::new(inputs, outputs, taps, |tap, input, output| weights[(output * taps + tap) * inputs + input])
    }

    /// From the same matrix, for the way back: from outputs to inputs.
    pub fn backward(weights: &[f32], outputs: usize, taps: usize) -> Self {
        let inputs = weights.len() / outputs / taps;
        Self::new(outputs, inputs, taps, |tap, output, input| weights[(output * taps + tap) * inputs + input])
    }

    fn new(inputs: usize, outputs: usize, taps: usize, weight: impl Fn(usize, usize, usize) -> f32) -> Self {
        let lane = |tap, input, output| if output < outputs { weight(tap, input, output) } else { 0.0 };
        let one = |first, tap, input| std::array::from_fn(|l| lane(tap, input, first + l));
        let group = |first| (0..taps * inputs).map(move |place| (first, place / inputs, place % inputs));
        let places = (0..outputs).step_by(LANES).flat_map(group);
        Self { inputs, outputs, values: places.map(|(first, tap, input)| one(first, tap, input)).collect() }
    }

    /// What a group of outputs reads, tap by tap.
    #[inline(always)]
    fn taps(&self, column: usize, taps: usize) -> std::slice::ChunksExact<'_, Lanes> {
        let all = taps * self.inputs;
        self.values[column / LANES * all..][..all].chunks_exact(self.inputs)
    }
}

/// What is done with a row's sums.
#[derive(Clone, Copy)]
pub enum Then<'a> {
    /// Nothing.
    Store,
    /// Negative ones become zero.
    Relu,
    /// Those become zero where this map has nothing above zero: the way back through a ReLU.
    Where(&'a [f32]),
}

/// What a row's sums start from.
#[derive(Clone, Copy)]
pub enum Start<'a> {
    /// Zeros.
    Zeros,
    /// The same biases in every row.
    Same(&'a [f32]),
    /// Biases of the row's image: those of all images one after the other.
    OfImage(&'a [f32], Batch),
}

impl Start<'_> {
    /// Of some rows, in some columns of so many.
    #[inline(always)]
    fn lanes<const R: usize>(&self, row: usize, column: usize, columns: usize) -> [Lanes; R] {
        match self {
            Self::Zeros => [[0.0; LANES]; R],
            Self::Same(biases) => [load(&biases[column..]); R],
            Self::OfImage(biases, batch) => {
                std::array::from_fn(|r| load(&biases[batch.image(row + r) * columns..][..columns][column..]))
            }
        }
    }
}

/// A product over a map's rows.
pub struct Product<'a> {
    /// The map, as many rows as the result has.
    pub input: &'a [f32],
    /// The matrix.
    pub weights: &'a Packed,
    /// Rows from a result's row to the one that each tap reads; rows outside the map count as zeros.
    pub offsets: &'a [i64],
    /// What the sums start from.
    pub start: Start<'a>,
    /// What is done with the sums.
    pub then: Then<'a>,
    /// A map that is added in the end.
    pub base: Option<&'a [f32]>,
}

impl Product<'_> {
    /// Computes all rows, and writes all of them.
    pub fn run(&self, out: &mut [MaybeUninit<f32>]) {
        run(self, out);
    }

    #[inline(always)]
    fn all<const R: usize>(&self, out: &mut [MaybeUninit<f32>]) {
        let rows = out.len() / self.weights.outputs;
        let mut row = 0;
        while row < rows {
            if row + R <= rows && self.together::<R>(row, rows) {
                self.rows::<R>(row, out);
                row += R;
            } else {
                self.rows::<1>(row, out);
                row += 1;
            }
        }
    }

    /// Whether each tap reads some rows that are all inside the map, or all outside.
    #[inline(always)]
    fn together<const R: usize>(&self, row: usize, rows: usize) -> bool {
        let (row, rows, count) = (row as i64, rows as i64, R as i64);
        self.offsets
            .iter()
            .map(|offset| row + offset)
            .all(|start| (start >= 0 && start + count <= rows) || start + count <= 0 || start >= rows)
    }

    #[inline(always)]
    fn rows<const R: usize>(&self, row: usize, out: &mut [MaybeUninit<f32>]) {
        let n = self.weights.outputs;
        for column in (0..n).step_by(LANES) {
            let sums = self.sums::<R>(row, column);
            for (r, sums) in sums.iter().enumerate() {
                let place = (row + r) * n + column;
                self.finish(place, (n - column).min(LANES), *sums, out);
            }
        }
    }

    /// Where a tap reads the first of some rows, if that is inside the map.
    #[inline(always)]
    fn first<const R: usize>(&self, row: usize, offset: i64) -> Option<usize> {
        let start = row.checked_add_signed(offset as isize)?;
        ((start + R) * self.weights.inputs <= self.input.len()).then_some(start)
    }

    /// The sums of some rows, in some columns.
    #[inline(always)]
    fn sums<const R: usize>(&self, row: usize, column: usize) -> [Lanes; R] {
        // Features come in fours; what is left over, if they do not, comes one by one.
        const FOUR: usize = 4;
        let k = self.weights.inputs;
        let mut sums = self.start.lanes::<R>(row, column, self.weights.outputs);
        for (weights, &offset) in self.weights.taps(column, self.offsets.len()).zip(self.offsets) {
            let Some(start) = self.first::<R>(row, offset) else { continue };
            let rows: [&[f32]; R] = std::array::from_fn(|r| &self.input[(start + r) * k..][..k]);
            let (groups, rest) = weights.as_chunks::<FOUR>();
            for (group, weights) in groups.iter().enumerate() {
                let x: [&[f32; FOUR]; R] = std::array::from_fn(|r| &rows[r].as_chunks().0[group]);
                for place in 0..FOUR {
                    plus(&mut sums, |r| x[r][place], &weights[place]);
                }
            }
            for (place, weights) in rest.iter().enumerate() {
                plus(&mut sums, |r| rows[r][groups.len() * FOUR + place], weights);
            }
        }
        sums
    }

    #[inline(always)]
    fn finish(&self, place: usize, count: usize, mut sums: Lanes, out: &mut [MaybeUninit<f32>]) {
        match self.then {
            Then::Store => {}
            Then::Relu => sums = sums.map(|sum| sum.max(0.0)),
            Then::Where(map) => {
                let seen = load(&map[place..][..count]);
                for l in 0..LANES {
                    sums[l] = if seen[l] > 0.0 { sums[l] } else { 0.0 };
                }
            }
        }
        if let Some(base) = self.base {
            let base = load(&base[place..][..count]);
            for l in 0..LANES {
                sums[l] += base[l];
            }
        }
        store(&mut out[place..][..count], &sums);
    }
}

/// The first numbers of a list, and zeros behind it.
#[inline(always)]
fn load(numbers: &[f32]) -> Lanes {
    if let Some(whole) = numbers.first_chunk::<LANES>() {
        return *whole;
    }
    // Features come in fours.
    let mut lanes = [0.0; LANES];
    for (lanes, numbers) in lanes.chunks_mut(4).zip(numbers.chunks(4)) {
        lanes[..numbers.len()].copy_from_slice(numbers);
    }
    lanes
}

#[inline(always)]
fn store(out: &mut [MaybeUninit<f32>], lanes: &Lanes) {
    if let Some(whole) = out.first_chunk_mut::<LANES>() {
        *whole = lanes.map(MaybeUninit::new);
        return;
    }
    for (out, lane) in out.iter_mut().zip(lanes) {
        out.write(*lane);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2+fma", "x86_64+avx2+fma", "aarch64+neon"))]
fn run(product: &Product, out: &mut [MaybeUninit<f32>]) {
    // Eight rows' sums fill a quarter of the widest registers; narrower ones hold those of four.
    if target_cfg_f!(target_feature = "avx512f") { product.all::<8>(out) } else { product.all::<4>(out) }
}

/// A product's weights' gradient, `[outputs, taps * inputs]`: the sum over rows of the gradient's row times the input's, shifted.
pub struct Outer<'a> {
    /// The map that was multiplied.
    pub input: &'a [f32],
    /// Its columns.
    pub inputs: usize,
    /// The gradient of the product, as many rows.
    pub gradient: &'a [f32],
    /// Its columns.
    pub outputs: usize,
    /// Rows from a gradient's row to the one that each tap read.
    pub offsets: &'a [i64],
}

impl Outer<'_> {
    /// The gradients of the weights and of the biases.
    pub fn run(&self) -> (Vec<f32>, Vec<f32>) {
        let (n, k, taps) = (self.outputs, self.inputs, self.offsets.len());
        let columns = k.next_multiple_of(LANES);
        let mut weights = vec![0.0; n * taps * columns];
        let mut biases = vec![0.0; n.next_multiple_of(LANES)];
        outer(self, &mut weights, &mut biases);
        biases.truncate(n);
        (weights.chunks_exact(columns).flat_map(|row| &row[..k]).copied().collect(), biases)
    }

    /// Sums into `[outputs, taps, inputs filled up to whole lanes]`.
    #[inline(always)]
    fn all<const R: usize>(&self, weights: &mut [f32], biases: &mut [f32]) {
        // Rows whose numbers stay in the nearest cache.
        const AT_ONCE: usize = 256;
        let rows = self.gradient.len() / self.outputs;
        for start in (0..rows).step_by(AT_ONCE) {
            let end = (start + AT_ONCE).min(rows);
            for (tap, &offset) in self.offsets.iter().enumerate() {
                // Rows outside the map are zeros.
                let first = (start as i64).max(-offset);
                let last = (end as i64).min(rows as i64 - offset).max(first);
                for column in (0..self.inputs).step_by(LANES) {
                    self.column::<R>(first as usize..last as usize, tap, column, weights);
                }
            }
            for column in (0..self.outputs).step_by(LANES) {
                add(&mut biases[column..], &self.sum(start..end, column));
            }
        }
    }

    #[inline(always)]
    fn column<const R: usize>(&self, rows: Range<usize>, tap: usize, column: usize, weights: &mut [f32]) {
        let mut output = 0;
        while output < self.outputs {
            if output + R <= self.outputs {
                self.tile::<R>(&rows, tap, (output, column), weights, &mut output);
            } else if output + 4 <= self.outputs {
                self.tile::<4>(&rows, tap, (output, column), weights, &mut output);
            } else {
                self.tile::<1>(&rows, tap, (output, column), weights, &mut output);
            }
        }
    }

    /// Some outputs by some inputs.
    #[inline(always)]
    fn tile<const R: usize>(
        &self,
        rows: &Range<usize>,
        tap: usize,
        (output, column): (usize, usize),
        weights: &mut [f32],
        next: &mut usize,
    ) {
        let columns = self.inputs.next_multiple_of(LANES);
        let sums = self.sums::<R>(rows.clone(), self.offsets[tap], (output, column));
        for (r, sums) in sums.iter().enumerate() {
            add(&mut weights[((output + r) * self.offsets.len() + tap) * columns + column..], sums);
        }
        *next += R;
    }

    #[inline(always)]
    fn sums<const R: usize>(&self, rows: Range<usize>, offset: i64, (output, column): (usize, usize)) -> [Lanes; R] {
        let (n, k) = (self.outputs, self.inputs);
        let mut sums = [[0.0; LANES]; R];
        for row in rows {
            let from = (row as i64 + offset) as usize * k;
            let x = lanes_of_row(self.input, from, column, k);
            let g = &self.gradient[row * n + output..][..R];
            plus(&mut sums, |r| g[r], &x);
        }
        sums
    }

    /// The sums of some columns of the gradient.
    #[inline(always)]
    fn sum(&self, rows: Range<usize>, column: usize) -> Lanes {
        let n = self.outputs;
        let mut sums = [0.0; LANES];
        for row in rows {
            let g = lanes_of_row(self.gradient, row * n, column, n);
            for l in 0..LANES {
                sums[l] += g[l];
            }
        }
        sums
    }
}

/// Some columns of a row. What is behind its end are numbers of the next row, or zeros: they are not used.
#[inline(always)]
fn lanes_of_row(map: &[f32], start: usize, column: usize, columns: usize) -> Lanes {
    let numbers = &map[start + column..];
    match numbers.first_chunk() {
        Some(whole) => *whole,
        None => load(&numbers[..columns - column]),
    }
}

#[inline(always)]
fn add(out: &mut [f32], lanes: &Lanes) {
    if let Some(out) = out.first_chunk_mut::<LANES>() {
        for l in 0..LANES {
            out[l] += lanes[l];
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2+fma", "x86_64+avx2+fma", "aarch64+neon"))]
fn outer(outer: &Outer, weights: &mut [f32], biases: &mut [f32]) {
    if target_cfg_f!(target_feature = "avx512f") {
        outer.all::<8>(weights, biases);
    } else {
        outer.all::<4>(weights, biases);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(count: usize, seed: usize) -> Vec<f32> {
        (0..count).map(|n| ((n * n * 31 + seed * n * 7 + seed) % 101) as f32 / 50.0 - 1.0).collect()
    }

    /// A row of a map, zeros outside.
    fn row(map: &[f32], columns: usize, row: i64) -> Vec<f32> {
        let rows = (map.len() / columns) as i64;
        if (0..rows).contains(&row) { map[row as usize * columns..][..columns].to_vec() } else { vec![0.0; columns] }
    }

    /// A product's result; numbers that it does not write would stand out.
    fn result(product: &Product, count: usize) -> Vec<f32> {
        let mut out = vec![MaybeUninit::new(f32::NAN); count];
        product.run(&mut out);
        // SAFETY: all were numbers from the beginning.
        out.into_iter().map(|number| unsafe { number.assume_init() }).collect()
    }

    #[track_caller]
    fn close(a: &[f32], b: &[f32]) {
        assert_eq!(a.len(), b.len());
        let worst = a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 1e-3, "{worst} apart");
    }

    #[test]
    fn products_and_their_gradients_are_those_of_the_definition() {
        for (rows, k, n, offsets) in [
            (50, 4, 4, vec![0]),
            (37, 12, 24, vec![0]),
            (70, 16, 20, vec![-9, -1, 0, 3]),
            (9, 8, 15, vec![-20, 1, 0]),
            (300, 24, 36, vec![-5, 0]),
        ] {
            let taps = offsets.len();
            let (input, weights, bias) = (numbers(rows * k, 1), numbers(n * taps * k, 2), numbers(n, 3));
            let (base, mask) = (numbers(rows * n, 4), numbers(rows * n, 5));
            let weight = |output: usize, tap: usize, input: usize| weights[(output * taps + tap) * k + input];
            let packed = Packed::forward(&weights, n, taps);
            let (then, bias) = (Then::Where(&mask), &bias[..]);
            let product = Product {
                input: &input,
                weights: &packed,
                offsets: &offsets,
                start: Start::Same(bias),
                then,
                base: Some(&base),
            };
            let out = result(&product, rows * n);
            let expected = |place: usize| {
                let (r, output) = (place / n, place % n);
                let tap = |(tap, &offset): (usize, &i64)| -> f32 {
                    row(&input, k, r as i64 + offset).iter().enumerate().map(|(i, x)| x * weight(output, tap, i)).sum()
                };
                let sum = bias[output] + offsets.iter().enumerate().map(tap).sum::<f32>();
                base[place] + if mask[place] > 0.0 { sum } else { 0.0 }
            };
            close(&out, &(0..rows * n).map(expected).collect::<Vec<_>>());

            let gradient = numbers(rows * n, 6);
            let back: Vec<i64> = offsets.iter().map(|offset| -offset).collect();
            let packed = Packed::backward(&weights, n, taps);
            let product = Product {
                input: &gradient,
                weights: &packed,
                offsets: &back,
                start: Start::Zeros,
                then: Then::Store,
                base: None,
            };
            let out = result(&product, rows * k);
            let expected = |place: usize| {
                let (r, input) = (place / k, place % k);
                let tap = |(tap, &offset): (usize, &i64)| -> f32 {
                    let gradient = row(&gradient, n, r as i64 + offset);
                    gradient.iter().enumerate().map(|(output, g)| g * weight(output, tap, input)).sum()
                };
                back.iter().enumerate().map(tap).sum()
            };
            close(&out, &(0..rows * k).map(expected).collect::<Vec<_>>());

            let outer = Outer { input: &input, inputs: k, gradient: &gradient, outputs: n, offsets: &offsets };
            let (by_weights, by_bias) = outer.run();
            let expected = |place: usize| {
                let (output, tap, i) = (place / taps / k, place / k % taps, place % k);
                (0..rows).map(|r| gradient[r * n + output] * row(&input, k, r as i64 + offsets[tap])[i]).sum()
            };
            close(&by_weights, &(0..weights.len()).map(expected).collect::<Vec<_>>());
            close(&by_bias, &(0..n).map(|o| (0..rows).map(|r| gradient[r * n + o]).sum()).collect::<Vec<f32>>());
        }
    }
}
