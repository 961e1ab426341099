//! A matrix by vector product that vectorizes.

use multiversion::multiversion;

/// A matrix of `outputs` by `inputs`, and a bias an output.
#[derive(Debug, Clone, PartialEq)]
pub struct Dense {
    /// Columns.
    pub inputs: usize,
    /// Rows.
    pub outputs: usize,
    /// `[outputs, inputs]`, row by row.
    pub weights: Vec<f32>,
    /// One an output; zeros for a product without biases.
    pub biases: Vec<f32>,
    /// `[inputs, outputs]`: the order in which the product reads.
    transposed: Vec<f32>,
}

impl Dense {
    /// From `[outputs, inputs]` weights.
    pub fn new(inputs: usize, weights: Vec<f32>, biases: Vec<f32>) -> Self {
        let outputs = biases.len();
        debug_assert_eq!(weights.len(), inputs * outputs);
        let transposed = (0..inputs).flat_map(|k| weights.iter().skip(k).step_by(inputs.max(1)).copied()).collect();
        Self { inputs, outputs, weights, biases, transposed }
    }

    /// A row's weights.
    pub fn row(&self, output: usize) -> &[f32] {
        &self.weights[output * self.inputs..][..self.inputs]
    }

    /// `out = weights * input + biases`. Of a longer input the first columns are read.
    pub fn apply(&self, input: &[f32], out: &mut [f32]) {
        out.copy_from_slice(&self.biases);
        multiply_add(&self.transposed, input, out);
    }

    /// `out += weights * input + biases`. Of a longer input the first columns are read.
    pub fn add(&self, input: &[f32], out: &mut [f32]) {
        for (out, bias) in out.iter_mut().zip(&self.biases) {
            *out += bias;
        }
        multiply_add(&self.transposed, input, out);
    }
}

/// Adds the product of a transposed matrix and a vector, some outputs at a time in registers.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx2+fma", "x86_64+avx2+fma", "aarch64+neon"))]
fn multiply_add(transposed: &[f32], input: &[f32], out: &mut [f32]) {
    const LANES: usize = 32;
    let outputs = out.len();
    let (blocks, rest) = out.as_chunks_mut::<LANES>();
    for (block, sums) in blocks.iter_mut().enumerate() {
        let mut registers = *sums;
        for (row, &x) in transposed.chunks_exact(outputs).zip(input) {
            let weights = &row[block * LANES..][..LANES];
            for lane in 0..LANES {
                registers[lane] = x.mul_add(weights[lane], registers[lane]);
            }
        }
        *sums = registers;
    }
    let done = outputs - rest.len();
    for (row, &x) in transposed.chunks_exact(outputs.max(1)).zip(input) {
        for (sum, weight) in rest.iter_mut().zip(&row[done..]) {
            *sum = x.mul_add(*weight, *sum);
        }
    }
}
