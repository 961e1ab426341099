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

/// `N` images in a step, at the same column of their rows: a load of a layer's weights serves them all.
///
/// Microcontrollers run one (`N = 1`); on hosts sixteen fill vectors.
pub struct Images<'a, const N: usize> {
    /// The shared scratch, with the residual stream.
    pub work: Work<'a, N>,
    /// The values so far.
    pub canvas: Canvas<'a, N>,
    /// The layers' states: each layer takes its own off, [`Shape::state_words`] words an image.
    pub states: Carver<'a, N>,
}

/// Computes a layer at a column: reads and adds to the residual stream, moves the layer's state on.
#[inline]
pub fn step<const N: usize>(
    shape: &Shape,
    mut body: Section<'_>,
    width: usize,
    column: usize,
    images: &mut Images<'_, N>,
) {
    match shape.layer {
        LayerDescription::First { shift } => first::step(shape, &mut body, u32::from(shift), column, images),
        LayerDescription::PixelCnn { .. } => pixelcnn::step(shape, &mut body, width, column, images),
        LayerDescription::RowLstm { .. } => row_lstm::step(shape, &mut body, width, column, images),
        LayerDescription::DiagonalBilstm { .. } => diagonal::step(shape, &mut body, width, column, images),
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
    images: &mut Images<'_, N>,
) {
    if let LayerDescription::DiagonalBilstm { .. } = shape.layer {
        diagonal::row_end(shape, &mut body, width, column, images);
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
