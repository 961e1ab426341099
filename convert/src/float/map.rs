//! A feature map of a whole image.

/// A position: row and column, which may lie outside the image.
pub(super) type Place = (isize, isize);

/// `features` numbers at every position, in equal channel groups; zeros outside.
#[derive(Debug, Clone)]
pub(super) struct Map {
    size: (isize, isize),
    features: usize,
    groups: usize,
    values: Vec<f32>,
    outside: Vec<f32>,
}

/// What maps of one image have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub width: usize,
    pub height: usize,
    /// Channel groups.
    pub groups: usize,
}

impl Map {
    pub(super) fn new(size: Size, features: usize) -> Self {
        Self {
            size: (size.height as isize, size.width as isize),
            features,
            groups: size.groups,
            values: vec![0.0; size.width * size.height * features],
            outside: vec![0.0; features],
        }
    }

    fn start(&self, (row, column): Place) -> Option<usize> {
        let (height, width) = self.size;
        let inside = (0..height).contains(&row) && (0..width).contains(&column);
        inside.then(|| (row * width + column) as usize * self.features)
    }

    /// The features at a position.
    pub(super) fn at(&self, place: Place) -> &[f32] {
        match self.start(place) {
            Some(start) => &self.values[start..][..self.features],
            None => &self.outside,
        }
    }

    /// A group's features at a position.
    pub(super) fn group(&self, place: Place, group: usize) -> &[f32] {
        let share = self.features / self.groups;
        &self.at(place)[group * share..][..share]
    }

    /// The same, to write; the position lies inside.
    pub(super) fn group_mut(&mut self, place: Place, group: usize) -> &mut [f32] {
        let share = self.features / self.groups;
        let start = self.start(place).map_or(self.values.len(), |start| start + group * share);
        &mut self.values[start..][..share]
    }

    /// The features at some offsets from a position, side by side.
    pub(super) fn gather(&self, (row, column): Place, taps: &[Place], out: &mut Vec<f32>) {
        out.clear();
        for &(rows, columns) in taps {
            out.extend_from_slice(self.at((row + rows, column + columns)));
        }
    }
}
