//! A layer's arrays, taken one after the other from its bytes.

use super::Packing;
use super::format::weight_bytes;

/// Multipliers and packed weights of a matrix.
#[derive(Debug, Clone, Copy)]
pub struct Matrix<'a> {
    /// Inputs.
    pub columns: usize,
    /// One a row, not negative.
    pub multipliers: &'a [i16],
    /// [`Packing::bytes_of`] `rows * columns`.
    pub weights: &'a [u8],
    /// Their form.
    pub packing: Packing,
}

impl Matrix<'_> {
    /// Weights of a row in a group of four columns.
    #[inline]
    pub fn weights_at(&self, row: usize, group: usize) -> [i8; 4] {
        let (first, row) = ((row & !3) / 4 * self.columns, row & 3);
        let is_nibbles = self.packing.is_nibbles();
        let place = if is_nibbles { first / 2 + 4 * (group / 2) + row } else { first + 4 * group + row };
        let word = self.weights.as_chunks().0.get(place).copied().unwrap_or_default();
        let [lower, upper] = self.packing.widen(u32::from_le_bytes(word));
        let word = if is_nibbles && group & 1 == 1 { upper } else { lower };
        let [a, b, c, d] = word.to_le_bytes();
        [a as i8, b as i8, c as i8, d as i8]
    }

    /// Some rows alone, from a multiple of 4 on, a multiple of 4.
    #[inline]
    #[must_use]
    pub fn rows(&self, start: usize, count: usize) -> Self {
        let multipliers = self.multipliers.get(start..start + count).unwrap_or_default();
        let [start, end] = [start, start + count].map(|row| self.packing.bytes_of(row * self.columns));
        let weights = self.weights.get(start..end).unwrap_or_default();
        Self { multipliers, weights, ..*self }
    }
}

/// A matrix with biases.
#[derive(Debug, Clone, Copy)]
pub struct Linear<'a> {
    /// One a row, with the rounding half in it.
    pub biases: &'a [i32],
    /// The rest.
    pub matrix: Matrix<'a>,
}

/// What each class adds to a layer's products: for a row its multiplier times a number of the class's vector.
#[derive(Debug, Clone, Copy, Default)]
pub struct Vectors<'a> {
    /// One a row.
    pub multipliers: &'a [i32],
    /// Class after class, a number a row.
    pub numbers: &'a [i8],
}

impl<'a> Vectors<'a> {
    /// What a class adds to the rows from one on.
    #[inline]
    pub fn of(&self, class: u16, start: usize) -> impl Iterator<Item = i32> + use<'a> {
        let rows = self.multipliers.len();
        let numbers = self.numbers.get(usize::from(class) * rows + start..).unwrap_or_default();
        let multipliers = self.multipliers.get(start..).unwrap_or_default();
        multipliers.iter().zip(numbers).map(|(multiplier, &number)| multiplier.wrapping_mul(number.into()))
    }
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
    /// A multiplier for each of so many rows, and vectors of so many classes.
    Vectors(usize, usize),
}

impl Part {
    /// Bytes in the body, a multiple of 4, of weights of 4 bits or of 8.
    pub const fn bytes(self, has_nibbles: bool) -> usize {
        match self {
            Self::Quantizer(inputs) => 2 * inputs,
            Self::Linear(rows, columns) => 6 * rows + weight_bytes(rows * columns, has_nibbles),
            Self::Matrix(rows, columns) => 2 * rows + weight_bytes(rows * columns, has_nibbles),
            Self::Coefficients(count) => 4 * count,
            Self::Vectors(rows, classes) => (4 + classes) * rows,
        }
    }

    /// Rows and columns of the matrix in it.
    pub const fn rows_and_columns(self) -> (usize, usize) {
        match self {
            Self::Linear(rows, columns) | Self::Matrix(rows, columns) => (rows, columns),
            Self::Quantizer(_) | Self::Coefficients(_) | Self::Vectors(..) => (0, 0),
        }
    }
}

/// What is left of a layer's bytes: words, since every array is a multiple of 4 bytes.
#[derive(Debug, Clone)]
pub struct Section<'a> {
    words: &'a [u32],
    packing: Packing,
}

impl<'a> Section<'a> {
    /// Nothing.
    pub const EMPTY: Self = Self { words: &[], packing: Packing::Rows4 };

    /// All of a layer's bytes, or of a whole body; nothing if they do not start at a multiple of 4.
    #[cfg_attr(kernels = "small", inline(never))]
    #[cfg_attr(not(kernels = "small"), inline)]
    pub fn new(bytes: &'a [u8], packing: Packing) -> Self {
        Self { words: bytemuck::try_cast_slice(bytes).unwrap_or_default(), packing }
    }

    /// The form of the weights.
    #[inline]
    pub const fn packing(&self) -> Packing {
        self.packing
    }

    /// The same bytes with weights in another form.
    #[inline]
    #[must_use]
    pub const fn packed(self, packing: Packing) -> Self {
        Self { packing, ..self }
    }

    /// Takes words; none at all if there are not so many.
    #[inline]
    fn words(&mut self, count: usize) -> &'a [u32] {
        let (taken, rest) = self.words.split_at_checked(count).unwrap_or_default();
        self.words = rest;
        taken
    }

    /// Takes so many bytes as a section of its own.
    #[inline]
    pub fn section(&mut self, bytes: usize) -> Self {
        Self { words: self.words(bytes / 4), packing: self.packing }
    }

    /// Takes a quantizer's multipliers, a multiple of 4.
    #[inline]
    pub fn quantizer(&mut self, inputs: usize) -> &'a [i16] {
        bytemuck::must_cast_slice(self.words(inputs / 2))
    }

    /// Takes a matrix; rows and columns are multiples of 4.
    #[inline]
    pub fn matrix(&mut self, rows: usize, columns: usize) -> Matrix<'a> {
        let multipliers = self.quantizer(rows);
        let weights = bytemuck::must_cast_slice(self.words(self.packing.bytes_of(rows * columns) / 4));
        Matrix { columns, multipliers, weights, packing: self.packing }
    }

    /// Takes a linear; rows and columns are multiples of 4.
    #[inline]
    pub fn linear(&mut self, rows: usize, columns: usize) -> Linear<'a> {
        let biases = self.coefficients(rows);
        Linear { biases, matrix: self.matrix(rows, columns) }
    }

    /// Takes coefficients, or biases.
    #[inline]
    pub fn coefficients(&mut self, count: usize) -> &'a [i32] {
        bytemuck::must_cast_slice(self.words(count))
    }

    /// Takes classes' vectors; rows are a multiple of 4.
    #[inline]
    pub fn vectors(&mut self, rows: usize, classes: usize) -> Vectors<'a> {
        let multipliers = self.coefficients(rows);
        Vectors { multipliers, numbers: bytemuck::must_cast_slice(self.words(rows * classes / 4)) }
    }

    /// The classes' vectors, which end the layer, without taking anything.
    #[inline]
    pub fn last_vectors(&self, rows: usize, classes: usize) -> Vectors<'a> {
        let start = self.words.len().saturating_sub(Part::Vectors(rows, classes).bytes(false) / 4);
        let words = self.words.get(start..).unwrap_or_default();
        Self { words, packing: self.packing }.vectors(rows, classes)
    }

    /// A matrix of features, of 8 bits, that ends the layer but for so many bytes, without taking anything.
    #[inline]
    pub fn matrix_before(&self, end: usize, rows: usize, columns: usize) -> Matrix<'a> {
        let packing = self.packing.wide();
        let bytes = Part::Matrix(rows, columns).bytes(false) + end;
        let words = self.words.get(self.words.len().saturating_sub(bytes / 4)..).unwrap_or_default();
        Self { words, packing }.matrix(rows, columns)
    }

    /// The last coefficients of the layer, without taking anything.
    #[inline]
    pub fn last_coefficients(&self, count: usize) -> &'a [i32] {
        let start = self.words.len().saturating_sub(count);
        bytemuck::must_cast_slice(self.words.get(start..).unwrap_or_default())
    }
}
