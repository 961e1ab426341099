//! The first convolution, 7x7 with mask A (paper, section 3.4): 24 taps, three rows above and three columns to the left.

use super::{Lane, Shape};
use crate::blob::{Header, Section};
use crate::kernels::Activations;
use crate::kernels::lanes::linear_add;

/// The last four rows of the image: row `r` lies at `r % 4`.
pub struct Canvas<'a> {
    /// `4 * width` values, and perhaps some padding.
    pub rows: &'a [u8],
    /// Columns of the image.
    pub width: usize,
    /// The row of the pixel at hand.
    pub row: usize,
}

impl Canvas<'_> {
    /// A value; 0 outside the image.
    fn value(&self, above: usize, column: Option<usize>) -> u8 {
        let column = column.filter(|&column| column < self.width);
        match (self.row.checked_sub(above), column) {
            (Some(row), Some(column)) => self.rows.get((row % 4) * self.width + column).copied().unwrap_or(0),
            _ => 0,
        }
    }
}

/// Sets the residual stream, and clears the skip connections' sum.
pub fn step<const N: usize>(
    shape: &Shape,
    body: &mut Section<'_>,
    shift: u32,
    column: usize,
    lanes: &mut [Lane<'_>; N],
) {
    let linear = body.linear(shape.features, Header::first_columns(shape.levels));
    linear_add(&linear, shift, lanes, |Lane { work, canvas, .. }| {
        let mut values = [0u8; 24];
        for (tap, value) in values.iter_mut().enumerate() {
            *value = canvas.value(3 - tap / 7, (column + tap % 7).checked_sub(3));
        }
        let mut activations = Activations::new(work.scratch);
        if shape.levels > 128 {
            activations.push(&values.map(|value| (value >> 1) as i8));
            activations.push(&values.map(|value| (value & 1) as i8));
        } else {
            activations.push(&values.map(|value| value as i8));
        }
        work.stream.fill(0);
        work.skip.fill(0);
        (activations, work.stream)
    });
}
