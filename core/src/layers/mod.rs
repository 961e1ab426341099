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

/// Computes a layer at a column: reads and adds to the residual stream, moves the layer's state on.
///
/// `state` is the layer's own, of [`Shape::state_words`] words.
pub fn step(
    shape: &Shape,
    mut body: Section<'_>,
    state: &mut [u32],
    canvas: &Canvas<'_>,
    column: usize,
    work: &mut Work<'_>,
) {
    let state = Carver::new(state);
    match shape.layer {
        LayerDescription::First { shift } => first::step(shape, &mut body, u32::from(shift), canvas, column, work),
        LayerDescription::PixelCnn { .. } => pixelcnn::step(shape, &mut body, state, canvas.width, column, work),
        LayerDescription::RowLstm { .. } => row_lstm::step(shape, &mut body, state, canvas.width, column, work),
        LayerDescription::DiagonalBilstm { .. } => diagonal::step(shape, &mut body, state, canvas.width, column, work),
        LayerDescription::Head { .. } => {}
    }
}

/// Computes what a layer leaves for the row's end, at one column; columns come from the last to the first.
pub fn row_end(
    shape: &Shape,
    mut body: Section<'_>,
    state: &mut [u32],
    width: usize,
    column: usize,
    work: &mut Work<'_>,
) {
    if let LayerDescription::DiagonalBilstm { .. } = shape.layer {
        diagonal::row_end(shape, &mut body, Carver::new(state), width, column, work);
    }
}

/// The `index`-th vector of `size` features in a row of them; empty outside the row.
fn slot<T>(row: &[T], index: usize, size: usize) -> &[T] {
    index.checked_mul(size).and_then(|start| row.get(start..start + size)).unwrap_or_default()
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
