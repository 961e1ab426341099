//! Writes blobs: the integers of every layer in the order that the format and the kernels name.

use pixelrnn::LoadError;
use pixelrnn::blob::{
    self, Header, MAGIC, MAX_SCALES, PREFIX_BYTES, Packing, Part, SCALES_MAGIC, SCALES_VERSION, Section, VERSION,
};
use pixelrnn::layers::{Content, Shape};

use crate::blob_file::Blob;

/// One of a layer's arrays, see [`Part`] and the format's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Array {
    /// A multiplier an input.
    Quantizer(Vec<i16>),
    /// A matrix with biases.
    Linear {
        /// One a row, with `shift` fraction bits and the rounding half in it.
        biases: Vec<i32>,
        /// The rest.
        matrix: Matrix,
    },
    /// A matrix.
    Matrix(Matrix),
    /// A linear prediction's, Q16.
    Coefficients(Vec<i32>),
    /// What classes add.
    Vectors {
        /// One a row.
        multipliers: Vec<i32>,
        /// Class after class, a number a row.
        numbers: Vec<i8>,
    },
}

/// Integer weights, `rows * columns`, row by row, and a multiplier a row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Matrix {
    /// Inputs.
    pub columns: usize,
    /// One a row, not negative.
    pub multipliers: Vec<i16>,
    /// Weights in -127..=127.
    pub weights: Vec<i8>,
}

impl Array {
    /// Rows of the matrix in it.
    pub fn rows(&self) -> usize {
        match self {
            Self::Linear { matrix, .. } | Self::Matrix(matrix) => matrix.multipliers.len(),
            Self::Quantizer(_) | Self::Coefficients(_) | Self::Vectors { .. } => 0,
        }
    }

    /// Whether the array has the part's shape.
    pub fn fits(&self, part: Part) -> bool {
        let matrix_fits = |matrix: &Matrix, rows: usize, columns: usize| {
            (matrix.multipliers.len(), matrix.columns, matrix.weights.len()) == (rows, columns, rows * columns)
        };
        match (self, part) {
            (Self::Quantizer(multipliers), Part::Quantizer(inputs)) => multipliers.len() == inputs,
            (Self::Linear { biases, matrix }, Part::Linear(rows, columns)) => {
                biases.len() == rows && matrix_fits(matrix, rows, columns)
            }
            (Self::Matrix(matrix), Part::Matrix(rows, columns)) => matrix_fits(matrix, rows, columns),
            (Self::Coefficients(coefficients), Part::Coefficients(count)) => coefficients.len() == count,
            (Self::Vectors { multipliers, numbers }, Part::Vectors(rows, classes)) => {
                (multipliers.len(), numbers.len()) == (rows, rows * classes)
            }
            _ => false,
        }
    }

    fn write(&self, packing: Packing, out: &mut Vec<u8>) {
        match self {
            Self::Quantizer(multipliers) => write_i16(multipliers, out),
            Self::Linear { biases, matrix } => {
                write_i32(biases, out);
                matrix.write(packing, out);
            }
            Self::Matrix(matrix) => matrix.write(packing, out),
            Self::Coefficients(coefficients) => write_i32(coefficients, out),
            Self::Vectors { multipliers, numbers } => {
                write_i32(multipliers, out);
                out.extend(numbers.iter().map(|&number| number as u8));
            }
        }
    }
}

fn write_i32(values: &[i32], out: &mut Vec<u8>) {
    out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}

fn write_i16(values: &[i16], out: &mut Vec<u8>) {
    out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}

impl Matrix {
    fn write(&self, packing: Packing, out: &mut Vec<u8>) {
        write_i16(&self.multipliers, out);
        out.extend(pack_rows4(&self.weights, self.columns, packing));
    }
}

/// Weights in one of the packings of [`pixelrnn::kernels`]. Rows are a multiple of 4, columns of those in a word; weights of 4 bits are
/// 16 times too large.
pub fn pack_rows4(weights: &[i8], columns: usize, packing: Packing) -> Vec<u8> {
    let mut packed = Vec::with_capacity(packing.bytes_of(weights.len()));
    for block in weights.chunks(4 * columns) {
        for column in (0..columns).step_by(packing.columns()) {
            for row in block.chunks(columns) {
                packed.extend(word(&row[column..column + packing.columns()], packing).to_le_bytes());
            }
        }
    }
    packed
}

/// The word of a row's weights.
fn word(weights: &[i8], packing: Packing) -> u32 {
    let of_four = |weights: &[i8]| weights.iter().rev().fold(0, |word, &weight| word << 8 | u32::from(weight as u8));
    let (first, rest) = weights.split_at(4);
    let word = if rest.is_empty() { of_four(first) } else { of_four(first) >> 4 | of_four(rest) };
    word ^ packing.flip()
}

/// The weights of a matrix, row by row.
fn unpack_rows4(matrix: &blob::Matrix<'_>) -> Vec<i8> {
    let (columns, packing) = (matrix.columns, matrix.packing);
    let mut weights = vec![0; columns * matrix.multipliers.len()];
    let blocks = matrix.weights.chunks_exact(packing.bytes_of(4 * columns).max(4));
    for (rows, block) in weights.chunks_exact_mut(4 * columns).zip(blocks) {
        for (place, &word) in block.as_chunks::<4>().0.iter().enumerate() {
            let widened = packing.widen(u32::from_le_bytes(word)).map(u32::to_le_bytes);
            let start = place % 4 * columns + place / 4 * packing.columns();
            let row = rows[start..].iter_mut().take(packing.columns());
            row.zip(widened.as_flattened()).for_each(|(weight, &byte)| *weight = byte as i8);
        }
    }
    weights
}

/// A blob of a header and its layers' arrays.
///
/// # Panics
/// If the arrays do not have the shapes that the header's layers ask for: a mistake of the caller's.
pub fn blob(header: &Header, layers: &[Vec<Array>]) -> Blob {
    let mut bytes = begin(header);
    assert_eq!(header.layers.len(), layers.len());
    for (layer, arrays) in header.layers.iter().zip(layers) {
        let parts = parts(&Shape::new(header, layer));
        assert_eq!(parts.len(), arrays.len(), "arrays of {layer:?}");
        for (array, part) in arrays.iter().zip(&parts) {
            assert!(array.fits(*part), "an array of {layer:?} is no {part:?}");
            array.write(header.packing, &mut bytes);
        }
    }
    finish(bytes)
}

/// A blob of several scales, the smallest first.
///
/// # Panics
/// If there are none or too many: a mistake of the caller's.
pub fn scales(blobs: &[&Blob]) -> Blob {
    assert!((1..=MAX_SCALES).contains(&blobs.len()), "{} scales", blobs.len());
    let directory = blob::directory_bytes(blobs.len());
    let mut bytes = vec![0; directory];
    bytes[0..4].copy_from_slice(&SCALES_MAGIC);
    bytes[4..6].copy_from_slice(&SCALES_VERSION.to_le_bytes());
    bytes[6..8].copy_from_slice(&(blobs.len() as u16).to_le_bytes());
    bytes[8..12].copy_from_slice(&(directory as u32).to_le_bytes());
    for (scale, blob) in blobs.iter().enumerate() {
        bytes.resize(bytes.len().next_multiple_of(16), 0);
        let entry = PREFIX_BYTES + 8 * scale;
        let place = [bytes.len() as u32, blob.bytes().len() as u32].map(u32::to_le_bytes);
        bytes[entry..entry + 8].copy_from_slice(place.as_flattened());
        bytes.extend(blob.bytes());
    }
    let checksum = blob::checksum(&bytes[..directory]);
    bytes[12..16].copy_from_slice(&checksum.to_le_bytes());
    Blob::new(&bytes)
}

/// The arrays that a layer's body holds, in order.
pub fn parts(shape: &Shape) -> Vec<Part> {
    let mut parts = Vec::new();
    shape.for_each_part(&mut |part, _| parts.push(part));
    parts
}

/// What a model is packed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Every target.
    All,
    /// MVE.
    Mve,
    /// Blocks' weights of 4 bits.
    Nibbles,
}

impl Form {
    /// The packing, of a model with a fingerprint.
    const fn packing(self, fingerprint: u32) -> Packing {
        match self {
            Self::All => Packing::Rows4,
            Self::Mve => Packing::Rows4Signed { fingerprint },
            Self::Nibbles => Packing::Rows4Nibbles { fingerprint },
        }
    }
}

/// The same model in another packing, of one scale or several: the weights are what they were.
///
/// # Errors
/// The blob is no model.
pub fn repack(blob: &Blob, to: Form) -> Result<Blob, LoadError> {
    let all = blob::Scales::open(blob.bytes())?;
    if blob.bytes().first_chunk() == Some(&MAGIC) {
        return repack_network(blob, to);
    }
    let of_scale = |scale| repack_network(&Blob::new(all.blob(scale)?), to);
    let packed: Vec<Blob> = (0..all.count()).map(of_scale).collect::<Result<_, _>>()?;
    Ok(scales(&packed.iter().collect::<Vec<_>>()))
}

/// The forms of a layer's matrices in a packing.
fn packings(shape: &Shape, packing: Packing) -> Vec<Packing> {
    let mut packings = Vec::new();
    shape.for_each_part(&mut |part, has_nibbles| {
        if part.rows_and_columns() != (0, 0) {
            packings.push(if has_nibbles { packing } else { packing.wide() });
        }
    });
    packings
}

fn repack_network(blob: &Blob, to: Form) -> Result<Blob, LoadError> {
    let model = blob.load()?;
    let packing = to.packing(model.fingerprint());
    if model.header().packing == packing {
        return Ok(blob.clone());
    }
    let mut header = model.header().clone();
    header.packing = packing;
    let body: usize = model.shapes().map(|shape| shape.body_bytes()).sum();
    let body = &blob.bytes()[blob.bytes().len() - body..];
    let mut bytes = begin(&header);
    let mut copied = 0;
    let mut section = Section::new(body, model.header().packing);
    for (layer, shape) in model.layers().iter().zip(model.shapes()) {
        let mut packings = packings(&Shape::new(&header, layer), header.packing).into_iter();
        shape.visit(&mut section, &mut |content| {
            let Content::Matrix(matrix) = content else { return };
            let packing = packings.next().unwrap_or(Packing::Rows4);
            let start = matrix.weights.as_ptr().addr() - body.as_ptr().addr();
            bytes.extend(&body[copied..start]);
            bytes.extend(pack_rows4(&unpack_rows4(&matrix), matrix.columns, packing));
            copied = start + matrix.weights.len();
        });
    }
    bytes.extend(&body[copied..]);
    Ok(finish(bytes))
}

/// Room for the prefix, the header, and what aligns the body.
fn begin(header: &Header) -> Vec<u8> {
    let encoded = postcard::to_stdvec(header).unwrap_or_default();
    let mut bytes = vec![0; PREFIX_BYTES];
    bytes.extend(&encoded);
    bytes.resize(blob::body_offset(encoded.len()), 0);
    bytes
}

/// Writes the prefix.
fn finish(mut bytes: Vec<u8>) -> Blob {
    bytes[0..4].copy_from_slice(&MAGIC);
    bytes[4..6].copy_from_slice(&VERSION.to_le_bytes());
    let length = bytes.len() as u32;
    bytes[8..12].copy_from_slice(&length.to_le_bytes());
    let checksum = blob::checksum(&bytes);
    bytes[12..16].copy_from_slice(&checksum.to_le_bytes());
    Blob::new(&bytes)
}
