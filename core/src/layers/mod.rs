//! The layers: each is a shape, a state, a *step* at a column and, for the diagonal, a *row end*.
//!
//! Adding an architecture means a file here, a variant of [`LayerDescription`] and its line in this module's matches.

mod diagonal;
mod first;
mod head;
mod pixelcnn;
mod row_lstm;
mod shape;
mod work;

pub use first::Canvas;
pub use head::logits;
pub use shape::{Part, Shape};
pub use work::{Carver, Work, WorkSizes};

use crate::blob::{LayerDescription, Section};

/// One image in a step. Several images in step, each at the same column, share the loads of a layer's weights.
pub struct Lane<'a> {
    /// The shared scratch, with the residual stream.
    pub work: Work<'a>,
    /// The values so far.
    pub canvas: Canvas<'a>,
    /// The layers' states: each layer takes its own off, [`Shape::state_words`] words.
    pub states: Carver<'a>,
    /// The state of the layer at hand.
    memory: Memory<'a>,
}

/// What layers keep of an image, of what each has taken; the rest is empty.
#[derive(Default)]
struct Memory<'a> {
    /// A state for each direction.
    sides: [Side<'a>; 2],
    /// Vectors of the row above that the current row has taken the place of.
    overwritten: &'a mut [i8],
    /// Quantized inputs that are still wanted.
    inputs: &'a mut [i8],
}

/// The state of one direction.
#[derive(Default)]
struct Side<'a> {
    /// A row of vectors.
    row: &'a mut [i8],
    /// Cells of an LSTM.
    cells: &'a mut [i16],
}

impl<'a> Lane<'a> {
    /// An image, before the first layer.
    #[inline]
    pub fn new(work: Work<'a>, canvas: Canvas<'a>, states: Carver<'a>) -> Self {
        Self { work, canvas, states, memory: Memory::default() }
    }
}

/// Computes a layer at a column: reads and adds to the residual stream, moves the layer's state on.
#[inline]
pub fn step<const N: usize>(
    shape: &Shape,
    mut body: Section<'_>,
    width: usize,
    column: usize,
    lanes: &mut [Lane<'_>; N],
) {
    match shape.layer {
        LayerDescription::First { shift } => first::step(shape, &mut body, u32::from(shift), column, lanes),
        LayerDescription::PixelCnn { .. } => pixelcnn::step(shape, &mut body, width, column, lanes),
        LayerDescription::RowLstm { .. } => row_lstm::step(shape, &mut body, width, column, lanes),
        LayerDescription::DiagonalBilstm { .. } => diagonal::step(shape, &mut body, width, column, lanes),
        LayerDescription::Head { .. } => {}
    }
}

/// Computes what a layer leaves for the row's end, at one column; columns come from the last to the first.
#[inline]
pub fn row_end<const N: usize>(
    shape: &Shape,
    mut body: Section<'_>,
    width: usize,
    column: usize,
    lanes: &mut [Lane<'_>; N],
) {
    if let LayerDescription::DiagonalBilstm { .. } = shape.layer {
        diagonal::row_end(shape, &mut body, width, column, lanes);
    }
}

/// The `index`-th vector of `size` features in a row of them; empty outside the row.
fn slot<T>(row: &[T], index: usize, size: usize) -> &[T] {
    slots(row, index, 1, size)
}

/// `count` vectors, from the `index`-th on.
fn slots<T>(row: &[T], index: usize, count: usize, size: usize) -> &[T] {
    index.checked_mul(size).and_then(|start| row.get(start..start + count * size)).unwrap_or_default()
}

/// The same, to write.
fn slot_mut<T>(row: &mut [T], index: usize, size: usize) -> &mut [T] {
    index.checked_mul(size).and_then(|start| row.get_mut(start..start + size)).unwrap_or_default()
}

/// Copies as much as both hold.
fn copy<T: Copy>(from: &[T], to: &mut [T]) {
    for (to, &from) in to.iter_mut().zip(from) {
        *to = from;
    }
}
