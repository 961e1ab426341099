//! How the inputs of a product move together.

use multiversion::multiversion;

/// Means and covariances of a product's inputs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Correlation {
    /// Sums of inputs.
    sums: Vec<f64>,
    /// Sums of their products, `[inputs, inputs]`, the lower triangle.
    products: Vec<f64>,
    count: f64,
}

impl Correlation {
    /// Adds some inputs of a length, one after the other.
    pub fn add(&mut self, inputs: &[f32], length: usize) {
        self.widen(length);
        self.count += (inputs.len() / length) as f64;
        for input in inputs.chunks_exact(length) {
            self.sums.iter_mut().zip(input).for_each(|(sum, &x)| *sum += f64::from(x));
        }
        add_products(inputs, length, &mut self.products);
    }

    /// Adds all that another has seen.
    pub fn join(&mut self, other: &Self) {
        self.widen(other.sums.len());
        self.count += other.count;
        self.sums.iter_mut().zip(&other.sums).for_each(|(sum, other)| *sum += other);
        self.products.iter_mut().zip(&other.products).for_each(|(sum, other)| *sum += other);
    }

    /// Makes room for the first inputs.
    fn widen(&mut self, length: usize) {
        if self.sums.is_empty() {
            self.sums = vec![0.0; length];
            self.products = vec![0.0; length * length];
        }
    }

    /// The mean of an input.
    pub fn mean(&self, k: usize) -> f64 {
        self.sums[k] / self.count.max(1.0)
    }

    fn covariance(&self, a: usize, b: usize) -> f64 {
        let (high, low) = (a.max(b), a.min(b));
        self.products[high * self.sums.len() + low] / self.count.max(1.0) - self.mean(a) * self.mean(b)
    }

    /// The upper triangular factor `U` of the inverse, `inverse = U^T U`, of the damped covariance of the first inputs, divided by
    /// their `scales`; `None` if it has none.
    pub fn inverse_factor(&self, scales: &[f64]) -> Option<Vec<f64>> {
        let n = scales.len();
        if n == 0 || n > self.sums.len() {
            return None;
        }
        let scaled = |place: usize| {
            let (row, column) = (place / n, place % n);
            self.covariance(row, column) / (scales[row] * scales[column])
        };
        let mut matrix: Vec<f64> = (0..n * n).map(scaled).collect();
        let mean = (0..n).map(|k| matrix[k * n + k]).sum::<f64>() / n as f64;
        (0..n).for_each(|k| matrix[k * n + k] += DAMPING * mean + 1e-9);
        let factor = cholesky(&inverse(&cholesky(&matrix, n)?, n), n)?;
        Some((0..n * n).map(|place| factor[(place % n) * n + place / n]).collect())
    }
}

/// Adds products of every two elements of inputs to a lower triangle, row by row: a row stays at hand for all inputs.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx2+fma", "x86_64+avx2+fma", "aarch64+neon"))]
fn add_products(inputs: &[f32], length: usize, products: &mut [f64]) {
    for (k, row) in products.chunks_exact_mut(length).enumerate() {
        for input in inputs.chunks_exact(length).filter(|input| input[k] != 0.0) {
            let x = f64::from(input[k]);
            for (sum, &y) in row[..=k].iter_mut().zip(input) {
                *sum = x.mul_add(f64::from(y), *sum);
            }
        }
    }
}

/// Share of the mean variance that is added to all, so that the inverse exists and does not trust small numbers.
const DAMPING: f64 = 0.01;

/// The lower triangular `L` with `L L^T` = matrix; `None` if it is not positive definite.
fn cholesky(matrix: &[f64], n: usize) -> Option<Vec<f64>> {
    let mut lower = vec![0.0; n * n];
    for row in 0..n {
        for column in 0..=row {
            let sum: f64 = (0..column).map(|k| lower[row * n + k] * lower[column * n + k]).sum();
            let rest = matrix[row * n + column] - sum;
            lower[row * n + column] = match row == column {
                true if rest > 0.0 => rest.sqrt(),
                true => return None,
                false => rest / lower[column * n + column],
            };
        }
    }
    Some(lower)
}

/// The inverse of `L L^T`.
fn inverse(lower: &[f64], n: usize) -> Vec<f64> {
    let inverse = invert_lower(lower, n);
    let product = |place: usize| {
        let (row, column) = (place / n, place % n);
        (row.max(column)..n).map(|k| inverse[k * n + row] * inverse[k * n + column]).sum()
    };
    (0..n * n).map(product).collect()
}

fn invert_lower(lower: &[f64], n: usize) -> Vec<f64> {
    let mut inverse = vec![0.0; n * n];
    for column in 0..n {
        inverse[column * n + column] = 1.0 / lower[column * n + column];
        for row in column + 1..n {
            let sum: f64 = (column..row).map(|k| lower[row * n + k] * inverse[k * n + column]).sum();
            inverse[row * n + column] = -sum / lower[row * n + row];
        }
    }
    inverse
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_and_covariances_are_those_of_all_inputs() {
        let mut correlation = Correlation::default();
        correlation.add(&[1.0, 2.0], 2);
        let mut other = Correlation::default();
        other.add(&[3.0, 8.0], 2);
        correlation.join(&other);
        assert_eq!([correlation.mean(0), correlation.mean(1)], [2.0, 5.0]);
        assert_eq!([(0, 0), (0, 1), (1, 0), (1, 1)].map(|(a, b)| correlation.covariance(a, b)), [1.0, 3.0, 3.0, 9.0]);
    }

    #[test]
    fn the_factor_is_that_of_the_inverse() {
        let mut correlation = Correlation::default();
        for n in 0..50i32 {
            correlation.add(&[(n % 7) as f32, (n % 5) as f32 + (n % 7) as f32, 9.0], 3);
        }
        let factor = correlation.inverse_factor(&[1.0, 2.0]).unwrap();
        let damping = DAMPING * (correlation.covariance(0, 0) + correlation.covariance(1, 1) / 4.0) / 2.0 + 1e-9;
        let matrix = [
            correlation.covariance(0, 0) + damping,
            correlation.covariance(0, 1) / 2.0,
            correlation.covariance(0, 1) / 2.0,
            correlation.covariance(1, 1) / 4.0 + damping,
        ];
        let inverse = |row: usize, column: usize| factor[row] * factor[column] + factor[2 + row] * factor[2 + column];
        for (place, expected) in [1.0, 0.0, 0.0, 1.0].into_iter().enumerate() {
            let (row, column) = (place / 2, place % 2);
            let product: f64 = (0..2).map(|k| matrix[row * 2 + k] * inverse(k, column)).sum();
            assert!((product - expected).abs() < 1e-9, "{product}");
        }
    }
}
