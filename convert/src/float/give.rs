//! Gives blocks' weights back under their documented names and shapes: what [`load`](super::load) takes, the other way round.

use super::{Block, Grouped, Lstm, Network, Residual};

/// A tensor.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// Its documented name.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Its values; zeros behind masks.
    pub values: Vec<f32>,
}

impl Network {
    /// The weights and biases of the blocks' products.
    pub fn block_tensors(&self) -> Vec<Tensor> {
        let mut given = Given(Vec::new());
        for (number, block) in self.blocks.iter().enumerate() {
            given.block(&format!("blocks.{number}"), block);
        }
        given.0
    }
}

/// What was given so far.
struct Given(Vec<Tensor>);

impl Given {
    fn block(&mut self, name: &str, block: &Block) {
        match block {
            Block::PixelCnn(block) => {
                self.product(&format!("{name}.reduce"), &block.reduce, (&[], 1));
                self.product(&format!("{name}.conv"), &block.convolution, (&[3, 3], 5));
                self.residual(name, &block.residual);
            }
            Block::RowLstm(block) => {
                let taps = block.lstm.state_to_state.columns() / (block.lstm.input_to_state.columns() / 4);
                self.lstm(name, &block.lstm, (&[3], 2), (&[taps], taps));
                self.residual(name, &block.residual);
            }
            Block::Diagonal(block) => {
                for (side, lstm) in ["left", "right"].into_iter().zip(&block.directions) {
                    self.lstm(&format!("{name}.{side}"), lstm, (&[], 1), (&[2], 2));
                }
                self.residual(name, &block.residual);
            }
        }
    }

    fn residual(&mut self, name: &str, residual: &Residual) {
        self.product(&format!("{name}.expand"), &residual.expand, (&[], 1));
        if let Some(skip) = &residual.skip {
            self.product(&format!("{name}.skip"), skip, (&[], 1));
        }
    }

    fn lstm(&mut self, name: &str, lstm: &Lstm, input: (&[usize], usize), state: (&[usize], usize)) {
        self.product(&format!("{name}.input_to_state"), &lstm.input_to_state, input);
        self.weight(&format!("{name}.state_to_state"), &lstm.state_to_state, state);
    }

    /// A product with its biases; `kernel` is the kernel's shape behind rows and inputs, of which the first taps are read.
    fn product(&mut self, name: &str, product: &Grouped, kernel: (&[usize], usize)) {
        self.weight(name, product, kernel);
        let values = product.whole().biases;
        self.0.push(Tensor { name: format!("{name}.bias"), shape: vec![values.len()], values });
    }

    fn weight(&mut self, name: &str, product: &Grouped, (kernel, taps): (&[usize], usize)) {
        let whole = product.whole();
        let (inputs, elements) = (whole.inputs / taps, kernel.iter().product::<usize>());
        let mut values = vec![0.0; whole.outputs * inputs * elements];
        for (row, values) in values.chunks_exact_mut(inputs * elements).enumerate() {
            for (column, &weight) in whole.row(row).iter().enumerate() {
                values[column % inputs * elements + column / inputs] = weight;
            }
        }
        let shape = [&[whole.outputs, inputs], kernel].concat();
        self.0.push(Tensor { name: format!("{name}.weight"), shape, values });
    }
}
