//! A product as integers: weights, multipliers and biases of every channel group.

use super::class;
use super::correlation::Correlation;
use super::matrix::{self, Bits, Integers, Rounding};
use super::pack::{Array, Matrix};
use super::steps::Steps;
use crate::float::{Class, Dense, Grouped};

/// Largest shift behind a multiplier of 15 bits: the sum it shifts has 30.
pub const MOST_SHIFT: i32 = 20;

/// A product ready for integers.
pub struct Product {
    /// Every channel group's rows.
    pub groups: Vec<Rows>,
    /// What it was made of.
    pub weights: Grouped,
    /// The largest shift that serves what is added to it, too.
    pub most_shift: i32,
}

/// A channel group's rows.
pub struct Rows {
    integers: Integers,
    /// In real numbers, with what rounding the weights shifts on average taken off.
    biases: Vec<f64>,
    /// What products that are added make of inputs that stand for 0, which is taken off here: they have no biases.
    at_zero_of_added: Vec<f64>,
    /// The most that is added to each row beside its bias.
    addends: Vec<f64>,
    inputs: Steps,
    outputs: Steps,
}

impl Rows {
    /// Quantizes weights; of the inputs' steps, the first are those of the columns.
    pub fn quantize(
        dense: &Dense,
        inputs: &Steps,
        outputs: Steps,
        correlation: Option<&Correlation>,
        bits: Bits,
    ) -> Self {
        let inputs = Steps { scales: inputs.scales[..dense.inputs].to_vec(), ..*inputs };
        let integers = matrix::quantize(&dense.weights, &inputs.scales, correlation, (Rounding::Compensated, bits));
        let biases = dense.biases.iter().map(|bias| f64::from(*bias)).collect();
        let [addends, at_zero_of_added] = [(); 2].map(|()| vec![0.0; dense.outputs]);
        let mut rows = Self { integers, biases, at_zero_of_added, addends, inputs, outputs };
        if let Some(correlation) = correlation {
            rows.correct_biases(dense, correlation);
        }
        rows
    }

    /// Takes off the biases what the rounded weights make of the inputs' means beyond what the real ones do.
    fn correct_biases(&mut self, dense: &Dense, correlation: &Correlation) {
        let rounded = self.dequantized();
        for (row, bias) in self.biases.iter_mut().enumerate() {
            let errors = rounded.row(row).iter().zip(dense.row(row)).map(|(rounded, real)| f64::from(rounded - real));
            *bias -= errors.enumerate().map(|(column, error)| error * correlation.mean(column)).sum::<f64>();
        }
    }

    fn ratios(&self) -> impl Iterator<Item = f64> + '_ {
        self.integers.scales.iter().zip(&self.outputs.scales).map(|(scale, unit)| scale / unit)
    }

    /// The biases in steps of the outputs, from their zero point on.
    fn steps(&self) -> impl Iterator<Item = f64> + '_ {
        let zero_point = f64::from(self.outputs.zero_point);
        let biases = self.biases.iter().zip(&self.at_zero_of_added).map(|(bias, at_zero)| bias - at_zero);
        biases.zip(&self.outputs.scales).map(move |(bias, unit)| bias / unit + zero_point)
    }

    /// What inputs that stand for 0 make of each row's weights: it has to be taken off again.
    fn sums_at_zero(&self) -> impl Iterator<Item = f64> + '_ {
        let zero_point = f64::from(self.inputs.zero_point);
        let rows = self.integers.weights.chunks_exact(self.inputs.scales.len().max(1));
        rows.map(move |row| zero_point * row.iter().copied().map(f64::from).sum::<f64>())
    }

    /// The most that activations make of each row's weights.
    fn largest_sums(&self) -> impl Iterator<Item = f64> + '_ {
        let rows = self.integers.weights.chunks_exact(self.inputs.scales.len().max(1));
        rows.map(|row| 127.0 * row.iter().map(|weight| f64::from(weight.unsigned_abs())).sum::<f64>())
    }

    /// The shift at which the largest ratio still has a 15-bit multiplier, and sums with all that is added to them stay below 2^30.
    fn shift(&self) -> i32 {
        let ratio = self.ratios().fold(1e-9, f64::max);
        let addends = self.addends.iter().zip(&self.outputs.scales).map(|(addend, unit)| addend / unit);
        let added = self.steps().zip(addends).map(|(bias, addend)| bias.abs() + addend);
        let sums = self.largest_sums().zip(self.sums_at_zero()).map(|(largest, at_zero)| largest + at_zero.abs());
        let rows = sums.zip(self.ratios()).zip(added).map(|((sum, ratio), added)| sum * ratio + added);
        let by_ratio = (32767.0 / (ratio * 256.0)).log2().floor() as i32;
        let by_sum = (f64::from(1 << 30) / rows.fold(1e-9, f64::max)).log2().floor() as i32;
        by_ratio.min(by_sum).clamp(0, MOST_SHIFT)
    }

    fn matrix(&self, shift: i32) -> Matrix {
        let power = f64::from(8 + shift).exp2();
        Matrix {
            columns: self.inputs.scales.len(),
            multipliers: self.ratios().map(|ratio| (ratio * power).round().min(32767.0) as i16).collect(),
            weights: self.integers.weights.clone(),
        }
    }

    fn linear(&self, shift: i32) -> Array {
        let power = f64::from(shift).exp2();
        let matrix = self.matrix(shift);
        let at_zero = self.sums_at_zero().zip(&matrix.multipliers).map(|(sum, &m)| sum * f64::from(m) / 256.0);
        // With the rounding half, which makes up for what shifting off bits floors away too.
        let biases = self.steps().zip(at_zero).map(|(bias, at_zero)| bias * power + power / 2.0 - at_zero);
        Array::Linear { biases: biases.map(|bias| bias.round() as i32).collect(), matrix }
    }

    /// The most that activations add to each row, and what stands for 0 takes off.
    fn largest(&self) -> impl Iterator<Item = f64> + '_ {
        let sums = self.largest_sums().zip(self.sums_at_zero()).map(|(largest, at_zero)| largest + at_zero.abs());
        sums.zip(&self.integers.scales).map(|(sum, scale)| sum * scale)
    }

    /// The float weights that the integers stand for.
    fn dequantized(&self) -> Dense {
        let Integers { weights, scales } = &self.integers;
        let columns = self.inputs.scales.len();
        let row = |(row, scale): (&[i8], f64)| -> Vec<f32> {
            row.iter().zip(&self.inputs.scales).map(|(w, x)| (f64::from(*w) * scale / x) as f32).collect()
        };
        let weights = weights.chunks_exact(columns.max(1)).zip(scales.iter().copied()).flat_map(row).collect();
        Dense::new(columns, weights, self.biases.iter().map(|bias| *bias as f32).collect())
    }
}

impl Product {
    /// Leaves room for what classes add to the rows.
    pub fn with_class(mut self, class: Option<&Class>) -> Self {
        for (number, rows) in self.groups.iter_mut().enumerate() {
            if let Some(largest) = class::largest(class, number) {
                rows.addends = largest;
            }
        }
        self
    }

    /// Leaves room for another product, whose outputs are added to this one's, and takes its biases.
    pub fn with(mut self, other: &mut Self) -> Self {
        other.move_biases(&mut self);
        for (rows, other) in self.groups.iter_mut().zip(&other.groups) {
            rows.addends.iter_mut().zip(other.largest()).for_each(|(addend, more)| *addend += more);
        }
        self.most_shift = self.most_shift.min(other.shift());
        self
    }

    /// The one shift of all groups.
    pub fn shift(&self) -> i32 {
        self.groups.iter().map(Rows::shift).min().unwrap_or(0).min(self.most_shift)
    }

    /// Each group's array with biases.
    pub fn linears(&self, shift: i32) -> impl Iterator<Item = Array> {
        self.groups.iter().map(move |rows| rows.linear(shift))
    }

    /// Each group's array without.
    pub fn matrices(&self, shift: i32) -> impl Iterator<Item = Array> {
        self.groups.iter().map(move |rows| Array::Matrix(rows.matrix(shift)))
    }

    /// Moves the biases into another product, whose outputs are added to this one's, and what inputs that stand for 0 make of this one's
    /// weights.
    pub fn move_biases(&mut self, to: &mut Self) {
        for (from, to) in self.groups.iter_mut().zip(&mut to.groups) {
            let at_zero = from.sums_at_zero().zip(&from.integers.scales).map(|(sum, scale)| sum * scale);
            to.at_zero_of_added.iter_mut().zip(at_zero).for_each(|(to, at_zero)| *to += at_zero);
            for (from, to) in from.biases.iter_mut().zip(&mut to.biases) {
                *to += std::mem::take(from);
            }
        }
    }

    /// The float weights that the integers stand for.
    pub fn dequantized(&self) -> Grouped {
        self.weights.with(self.groups.iter().map(Rows::dequantized).collect())
    }
}
