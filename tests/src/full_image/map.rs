//! Maps of features.

/// Features at every position.
#[derive(Debug, Clone)]
pub struct Map {
    /// Columns.
    pub width: i64,
    /// Rows.
    pub height: i64,
    /// Features at a position.
    pub features: usize,
    /// Position by position.
    pub values: Vec<i64>,
    /// What all features are outside.
    pub outside: i64,
}

impl Map {
    /// Zeros, outside too.
    pub fn new(width: i64, height: i64, features: usize) -> Self {
        Self { width, height, features, values: vec![0; (width * height) as usize * features], outside: 0 }
    }

    /// A position's features.
    pub fn at(&self, row: i64, column: i64) -> Vec<i64> {
        if (0..self.height).contains(&row) && (0..self.width).contains(&column) {
            self.values[(row * self.width + column) as usize * self.features..][..self.features].to_vec()
        } else {
            vec![self.outside; self.features]
        }
    }

    /// Writes them.
    pub fn set(&mut self, row: i64, column: i64, features: &[i64]) {
        self.values[(row * self.width + column) as usize * self.features..][..self.features].copy_from_slice(features);
    }

    /// Those at several offsets, one after the other.
    pub fn gather(&self, row: i64, column: i64, taps: &[(i64, i64)]) -> Vec<i64> {
        taps.iter().flat_map(|&(rows, columns)| self.at(row + rows, column + columns)).collect()
    }

    /// Every position, in raster order.
    pub fn positions(&self) -> Vec<(i64, i64)> {
        (0..self.height).flat_map(|row| (0..self.width).map(move |column| (row, column))).collect()
    }

    /// A map of the same size.
    pub fn like(&self, features: usize) -> Self {
        Self::new(self.width, self.height, features)
    }

    /// Writes a group's share of a position's features.
    pub fn set_group(&mut self, (row, column): (i64, i64), group: usize, values: &[i64]) {
        let mut all = self.at(row, column);
        all[group * values.len()..][..values.len()].copy_from_slice(values);
        self.set(row, column, &all);
    }

    /// A group's share of a position's features.
    pub fn group(&self, (row, column): (i64, i64), group: usize, groups: usize) -> Vec<i64> {
        let share = self.features / groups;
        self.at(row, column)[group * share..][..share].to_vec()
    }

    /// The features at the pixel itself that mask B shows a group: its own and those before.
    pub fn seen(&self, (row, column): (i64, i64), group: usize, groups: usize) -> Vec<i64> {
        self.at(row, column)[..self.features / groups * (group + 1)].to_vec()
    }
}
