//! The values of an image so far.

use super::map::Place;

/// An image's values, interleaved; those to come are 0.
#[derive(Debug, Clone)]
pub(super) struct Canvas {
    pub width: usize,
    pub height: usize,
    pub channels: usize,
    values: Vec<u16>,
}

impl Canvas {
    pub fn new(width: usize, height: usize, channels: usize) -> Self {
        Self { width, height, channels, values: vec![0; width * height * channels] }
    }

    /// All channels at a position; `None` outside the image.
    pub fn at(&self, (row, column): Place) -> Option<&[u16]> {
        let row = usize::try_from(row).ok().filter(|&row| row < self.height)?;
        let column = usize::try_from(column).ok().filter(|&column| column < self.width)?;
        self.values.get((row * self.width + column) * self.channels..)?.get(..self.channels)
    }

    /// Sets the value number `place` in the order of rows, columns and channels.
    pub fn set(&mut self, place: usize, value: u16) {
        self.values[place] = value;
    }
}
