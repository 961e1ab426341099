//! A layer's arrays, taken one after the other from its bytes.

use super::Packing;

/// Multipliers and packed weights of a matrix.
#[derive(Debug, Clone, Copy)]
pub struct Matrix<'a> {
    /// Inputs.
    pub columns: usize,
    /// One a row, not negative.
    pub multipliers: &'a [i16],
    /// `rows * columns` bytes.
    pub weights: &'a [u8],
    /// Their form.
    pub packing: Packing,
}

/// A matrix with biases.
#[derive(Debug, Clone, Copy)]
pub struct Linear<'a> {
    /// One a row, with the rounding half in it.
    pub biases: &'a [i32],
    /// The rest.
    pub matrix: Matrix<'a>,
}

/// What is left of a layer's bytes.
#[derive(Debug, Clone)]
pub struct Section<'a> {
    bytes: &'a [u8],
    packing: Packing,
}

impl<'a> Section<'a> {
    /// All of a layer's bytes (or of a whole body).
    pub const fn new(bytes: &'a [u8], packing: Packing) -> Self {
        Self { bytes, packing }
    }

    /// Bytes not taken yet.
    pub const fn remaining(&self) -> usize {
        self.bytes.len()
    }

    /// Takes bytes; none at all if there are not so many.
    #[inline]
    pub fn bytes(&mut self, count: usize) -> &'a [u8] {
        match self.bytes.split_at_checked(count) {
            Some((taken, rest)) => {
                self.bytes = rest;
                taken
            }
            None => {
                self.bytes = &[];
                &[]
            }
        }
    }

    /// Takes a quantizer's multipliers.
    #[inline]
    pub fn quantizer(&mut self, inputs: usize) -> &'a [i16] {
        bytemuck::try_cast_slice(self.bytes(2 * inputs)).unwrap_or_default()
    }

    /// Takes a matrix.
    #[inline]
    pub fn matrix(&mut self, rows: usize, columns: usize) -> Matrix<'a> {
        let multipliers = self.quantizer(rows);
        Matrix { columns, multipliers, weights: self.bytes(rows * columns), packing: self.packing }
    }

    /// Takes a linear.
    #[inline]
    pub fn linear(&mut self, rows: usize, columns: usize) -> Linear<'a> {
        let biases = bytemuck::try_cast_slice(self.bytes(4 * rows)).unwrap_or_default();
        Linear { biases, matrix: self.matrix(rows, columns) }
    }
}
