//! A feature map of a whole image.

/// `features` numbers at every position; zeros outside.
#[derive(Debug, Clone)]
pub(super) struct Map {
    width: isize,
    height: isize,
    features: usize,
    values: Vec<f32>,
    outside: Vec<f32>,
}

impl Map {
    pub(super) fn new(width: usize, height: usize, features: usize) -> Self {
        Self {
            width: width as isize,
            height: height as isize,
            features,
            values: vec![0.0; width * height * features],
            outside: vec![0.0; features],
        }
    }

    fn place(&self, row: isize, column: isize) -> Option<usize> {
        let inside = (0..self.height).contains(&row) && (0..self.width).contains(&column);
        inside.then(|| (row * self.width + column) as usize * self.features)
    }

    /// The features at a position.
    pub(super) fn at(&self, row: isize, column: isize) -> &[f32] {
        match self.place(row, column) {
            Some(start) => &self.values[start..][..self.features],
            None => &self.outside,
        }
    }

    /// Sets the features at a position inside.
    pub(super) fn set(&mut self, row: isize, column: isize, features: &[f32]) {
        if let Some(start) = self.place(row, column) {
            self.values[start..][..self.features].copy_from_slice(features);
        }
    }

    /// The features at some offsets from a position, side by side.
    pub(super) fn gather(&self, row: isize, column: isize, taps: &[(isize, isize)], out: &mut Vec<f32>) {
        for &(rows, columns) in taps {
            out.extend_from_slice(self.at(row + rows, column + columns));
        }
    }
}
