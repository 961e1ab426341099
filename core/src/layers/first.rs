//! The first convolution, 7x7 with mask A (paper, section 3.4): 24 taps, three rows above and three columns to the left.

use super::{Images, Shape};
use crate::blob::{Header, Section};
use crate::kernels::lanes::{Activations, linear_add};

/// The last four rows of the images: row `r` lies at `r % 4`.
pub struct Canvas<'a, const N: usize> {
    /// `4 * width` values of each image, and perhaps some padding.
    pub rows: &'a [[u8; N]],
    /// Columns of the image.
    pub width: usize,
    /// The row of the pixel at hand.
    pub row: usize,
}

impl<const N: usize> Canvas<'_, N> {
    /// A value of each image; 0 outside.
    fn value(&self, above: usize, column: Option<usize>) -> [u8; N] {
        let column = column.filter(|&column| column < self.width);
        match (self.row.checked_sub(above), column) {
            (Some(row), Some(column)) => self.rows.get((row % 4) * self.width + column).copied().unwrap_or([0; N]),
            _ => [0; N],
        }
    }
}

/// Sets the residual stream, and clears the skip connections' sum.
pub fn step<const N: usize>(
    shape: &Shape,
    body: &mut Section<'_>,
    shift: u32,
    column: usize,
    images: &mut Images<'_, N>,
) {
    let linear = body.linear(shape.features, Header::first_columns(shape.levels));
    let Images { work, canvas, .. } = images;
    let mut values = [[0u8; N]; 24];
    for (tap, value) in values.iter_mut().enumerate() {
        *value = canvas.value(3 - tap / 7, (column + tap % 7).checked_sub(3));
    }
    let mut activations = Activations::new(work.scratch);
    if shape.levels > 128 {
        activations.push(&values.map(|value| value.map(|value| (value >> 1) as i8)));
        activations.push(&values.map(|value| value.map(|value| (value & 1) as i8)));
    } else {
        activations.push(&values.map(|value| value.map(|value| value as i8)));
    }
    work.stream.as_flattened_mut().fill(0);
    work.skip.as_flattened_mut().fill(0);
    linear_add(&linear, &activations, shift, work.stream);
}
