//! Products of maps and weights, with what comes before and behind them: by [`products`](super::products) on processors, else by
//! libtorch.

use tch::{Kind, Tensor};

use super::class::Start;
use super::memory::{filled, numbers};
use super::products::{Outer, Packed, Product, Then};

/// A product of a map by a weight: forward from the weight's inputs to its outputs, or back.
pub struct Dense<'a> {
    map: &'a Tensor,
    weights: &'a Tensor,
    back: bool,
    offsets: Vec<i64>,
    start: Start<'a>,
    relu: bool,
    through: Option<&'a Tensor>,
    base: Option<&'a Tensor>,
}

impl<'a> Dense<'a> {
    /// `map * weights^T`; the weight is `[outputs, inputs]`.
    pub fn forward(map: &'a Tensor, weights: &'a Tensor) -> Self {
        Self {
            map,
            weights,
            back: false,
            offsets: vec![0],
            start: Start::Zeros,
            relu: false,
            through: None,
            base: None,
        }
    }

    /// The gradient of [`forward`](Self::forward)'s map from that of its result.
    pub fn back(gradient: &'a Tensor, weights: &'a Tensor) -> Self {
        Self { back: true, ..Self::forward(gradient, weights) }
    }

    /// The sum over taps that read the map these many rows further, each by its part of the weight `[outputs, taps * inputs]`.
    /// The map must be zero where a tap may leave an image.
    pub fn over(mut self, offsets: Vec<i64>) -> Self {
        self.offsets = offsets;
        self
    }

    /// Begins the sums with biases.
    pub fn start(mut self, start: Start<'a>) -> Self {
        self.start = start;
        self
    }

    /// Sets what is negative to zero.
    pub fn relu(mut self) -> Self {
        self.relu = true;
        self
    }

    /// Goes back through a ReLU, whose output this is.
    pub fn through(mut self, output: &'a Tensor) -> Self {
        self.through = Some(output);
        self
    }

    /// Adds another map in the end.
    pub fn plus(mut self, base: &'a Tensor) -> Self {
        self.base = Some(base);
        self
    }

    /// The result, a map.
    pub fn run(&self) -> Tensor {
        self.in_numbers().unwrap_or_else(|| self.in_tensors())
    }

    fn outputs(&self) -> i64 {
        if self.back { self.weights.size()[1] / self.taps() } else { self.weights.size()[0] }
    }

    fn taps(&self) -> i64 {
        self.offsets.len() as i64
    }

    /// By loops over numbers, if those can be had.
    fn in_numbers(&self) -> Option<Tensor> {
        let (outputs, taps) = (self.weights.size()[0] as usize, self.offsets.len());
        let (input, weights) = (numbers(self.map)?, numbers(self.weights)?);
        let sign = if self.back { -1 } else { 1 };
        let product = Product {
            input,
            weights: &if self.back {
                Packed::backward(weights, outputs, taps)
            } else {
                Packed::forward(weights, outputs, taps)
            },
            offsets: &self.offsets.iter().map(|offset| sign * offset).collect::<Vec<_>>(),
            start: self.start.numbers()?,
            then: match self.through {
                Some(output) => Then::Where(numbers(output)?),
                None if self.relu => Then::Relu,
                None => Then::Store,
            },
            base: all(self.base)?,
        };
        Some(filled([self.map.size()[0], self.outputs()], |out| product.run(out)))
    }

    /// By libtorch, in the map's kind.
    fn in_tensors(&self) -> Tensor {
        let kind = self.map.kind();
        let weights = self.weights.to_kind(kind);
        let size = [self.map.size()[0], self.outputs()];
        let mut out = Tensor::zeros(size, (kind, self.map.device()));
        self.start.add_to(&out);
        let width = weights.size()[1] / self.taps();
        for (tap, &offset) in self.offsets.iter().enumerate() {
            let part = weights.narrow(1, tap as i64 * width, width);
            let (part, offset) = if self.back { (part, -offset) } else { (part.tr(), offset) };
            let (to, from, count) = overlap(size[0], offset);
            let _ = out.narrow(0, to, count).addmm_(&self.map.narrow(0, from, count), &part);
        }
        if self.relu {
            out = out.relu();
        }
        if let Some(output) = self.through {
            out = output.threshold_backward(&out, 0.0);
        }
        self.base.map_or_else(|| out.shallow_clone(), |base| &out + base)
    }
}

/// The numbers of a tensor, if there is one; nothing if they cannot be had.
fn all(tensor: Option<&Tensor>) -> Option<Option<&[f32]>> {
    tensor.map_or(Some(None), |tensor| numbers(tensor).map(Some))
}

/// The first row that reads a row some rows further, that row, and how many there are.
fn overlap(rows: i64, offset: i64) -> (i64, i64, i64) {
    ((-offset).max(0), offset.max(0), (rows - offset.abs()).max(0))
}

/// The gradients of a product's weight and biases, in float.
pub fn weights_gradient(map: &Tensor, offsets: &[i64], gradient: &Tensor) -> (Tensor, Tensor) {
    let (inputs, outputs) = (map.size()[1], gradient.size()[1]);
    if let (Some(input), Some(numbers)) = (numbers(map), numbers(gradient)) {
        let outer = Outer { input, inputs: inputs as usize, gradient: numbers, outputs: outputs as usize, offsets };
        let (weights, biases) = outer.run();
        return (Tensor::from_slice(&weights).view([outputs, -1]), Tensor::from_slice(&biases));
    }
    let part = |&offset: &i64| {
        let (to, from, count) = overlap(map.size()[0], offset);
        gradient.narrow(0, to, count).tr().matmul(&map.narrow(0, from, count)).to_kind(Kind::Float)
    };
    let parts: Vec<Tensor> = offsets.iter().map(part).collect();
    (Tensor::cat(&parts, 1), gradient.sum_dim_intlist([0i64].as_slice(), false, Kind::Float))
}
