//! Rows and columns of arrays in the blob's order, padded with zeros.

use super::pack::{Array, Matrix};

impl Array {
    /// The array with rows taken from elsewhere: `rows[n]` is where row `n` was, `None` stands for zeros.
    #[must_use]
    pub fn with_rows(self, rows: &[Option<usize>]) -> Self {
        match self {
            Self::Linear { biases, matrix } => {
                Self::Linear { biases: taken(&biases, rows), matrix: matrix.with_rows(rows) }
            }
            Self::Matrix(matrix) => Self::Matrix(matrix.with_rows(rows)),
            other => other,
        }
    }

    /// The same for columns.
    #[must_use]
    pub fn with_columns(self, columns: &[Option<usize>]) -> Self {
        match self {
            Self::Linear { biases, matrix } => Self::Linear { biases, matrix: matrix.with_columns(columns) },
            Self::Matrix(matrix) => Self::Matrix(matrix.with_columns(columns)),
            other => other,
        }
    }
}

impl Matrix {
    fn with_rows(self, rows: &[Option<usize>]) -> Self {
        let weights: Vec<&[i8]> = self.weights.chunks_exact(self.columns).collect();
        let zeros = vec![0; self.columns];
        let row = |row: &Option<usize>| row.map_or(zeros.as_slice(), |row| weights[row]);
        let weights = rows.iter().flat_map(row).copied().collect();
        Self { multipliers: taken(&self.multipliers, rows), weights, ..self }
    }

    fn with_columns(self, columns: &[Option<usize>]) -> Self {
        let rows = self.weights.chunks_exact(self.columns);
        let weights = rows.flat_map(|row| taken(row, columns)).collect();
        Self { columns: columns.len(), weights, ..self }
    }
}

fn taken<T: Copy + Default>(from: &[T], places: &[Option<usize>]) -> Vec<T> {
    places.iter().map(|place| place.map_or_else(T::default, |place| from[place])).collect()
}

/// Zeros up to a multiple of four.
pub fn padded(count: usize) -> Vec<Option<usize>> {
    (0..count.next_multiple_of(4)).map(|place| Some(place).filter(|&place| place < count)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_columns_are_moved_and_padded() {
        let matrix = Matrix { columns: 2, multipliers: vec![10, 20], weights: vec![1, 2, 3, 4] };
        let array = Array::Linear { biases: vec![5, 6], matrix };
        let rows = array.with_rows(&[Some(1), None, Some(0)]).with_columns(&[None, Some(1)]);
        let matrix = Matrix { columns: 2, multipliers: vec![20, 0, 10], weights: vec![0, 4, 0, 0, 0, 2] };
        assert_eq!(rows, Array::Linear { biases: vec![6, 0, 5], matrix });
        assert_eq!(padded(3), [Some(0), Some(1), Some(2), None]);
    }
}
