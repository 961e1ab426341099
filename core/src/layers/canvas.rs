//! The values so far: the last four rows of the images.

/// The values' own size: bytes up to 256 levels.
#[derive(Debug)]
pub enum Rows<'a, const N: usize> {
    /// Up to 256 levels.
    Bytes(&'a mut [[u8; N]]),
    /// More.
    Words(&'a mut [[u16; N]]),
}

/// The last four rows of the images, values of a pixel side by side: row `r` lies at `r % 4`.
#[derive(Debug)]
pub struct Canvas<'a, const N: usize> {
    /// `4 * width * channels` values of each image, and perhaps some padding.
    pub rows: Rows<'a, N>,
    /// Columns of the image.
    pub width: usize,
    /// The row of the pixel at hand.
    pub row: usize,
    /// Channels of a pixel.
    pub channels: usize,
}

impl<const N: usize> Canvas<'_, N> {
    #[inline]
    const fn index(&self, row: usize, column: usize, channel: usize) -> usize {
        ((row % 4) * self.width + column) * self.channels + channel
    }

    /// Where a pixel's values begin among the rows', at most three rows above the one at hand.
    #[inline]
    pub const fn pixel(&self, above: usize, column: usize) -> usize {
        self.index(self.row.wrapping_sub(above), column, 0)
    }

    /// Keeps a value of each image, in the row at hand.
    #[inline]
    pub fn set(&mut self, column: usize, channel: usize, values: &[u16; N]) {
        let index = self.index(self.row, column, channel);
        match &mut self.rows {
            Rows::Bytes(rows) => {
                if let Some(place) = rows.get_mut(index) {
                    *place = values.map(|value| value as u8);
                }
            }
            Rows::Words(rows) => {
                if let Some(place) = rows.get_mut(index) {
                    *place = *values;
                }
            }
        }
    }
}
