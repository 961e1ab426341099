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

/// One of the arrays in a layer's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Multipliers of this many inputs.
    Quantizer(usize),
    /// Rows and columns, with biases.
    Linear(usize, usize),
    /// Rows and columns.
    Matrix(usize, usize),
    /// This many 32-bit numbers, Q16.
    Coefficients(usize),
}

impl Part {
    /// Bytes in the body, a multiple of 4.
    pub const fn bytes(self) -> usize {
        match self {
            Self::Quantizer(inputs) => 2 * inputs,
            Self::Linear(rows, columns) => (6 + columns) * rows,
            Self::Matrix(rows, columns) => (2 + columns) * rows,
            Self::Coefficients(count) => 4 * count,
        }
    }

    /// Rows and columns of the matrix in it.
    pub const fn rows_and_columns(self) -> (usize, usize) {
        match self {
            Self::Linear(rows, columns) | Self::Matrix(rows, columns) => (rows, columns),
            Self::Quantizer(_) | Self::Coefficients(_) => (0, 0),
        }
    }
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

    /// Takes coefficients.
    #[inline]
    pub fn coefficients(&mut self, count: usize) -> &'a [i32] {
        bytemuck::try_cast_slice(self.bytes(4 * count)).unwrap_or_default()
    }

    /// The last coefficients of the layer, without taking anything.
    #[inline]
    pub fn last_coefficients(&self, count: usize) -> &'a [i32] {
        let start = self.bytes.len().checked_sub(4 * count);
        let bytes = start.and_then(|start| self.bytes.get(start..)).unwrap_or_default();
        bytemuck::try_cast_slice(bytes).unwrap_or_default()
    }
}
