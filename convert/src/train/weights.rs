//! What a weight is: its name, its shape while it trains and on disk, what a mask hides of it, and how it begins.
//!
//! While it trains, a weight is a matrix of rows by (tap, input); on disk it is a kernel `[rows, inputs, …]`.

use tch::{Device, Kind, Tensor};

use super::first::Differences;
use crate::config::NetworkConfig;

/// What an output sees at the pixel itself, the last tap of its kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mask {
    /// All inputs.
    Nothing,
    /// Mask A: the groups before its own.
    A,
    /// Mask B: the groups up to its own.
    B,
}

/// How a weight's numbers begin.
#[derive(Debug, Clone, PartialEq)]
pub enum Initial {
    /// Uniform, of variance 1 / inputs, times a factor.
    Uniform(f64),
    /// These numbers, rows by (tap, input).
    Values(Vec<f32>),
}

/// A weight of a network.
#[derive(Debug, Clone, PartialEq)]
pub struct Weight {
    /// What its tensors' names begin with.
    pub name: String,
    /// Outputs; those of four gates follow one another.
    pub rows: i64,
    /// Gates among the outputs: 4 of an LSTM, or 1.
    pub gates: i64,
    /// Places of a kernel that are read, its first ones.
    pub taps: i64,
    /// Features at a tap.
    pub inputs: i64,
    /// Shape of the kernel on disk; nothing for a plain product.
    pub kernel: Vec<i64>,
    /// Groups of equal size, of each gate's outputs and of a tap's inputs.
    pub groups: i64,
    /// What is hidden at the last tap.
    pub mask: Mask,
    /// Whether it is trained on differences, where on disk it is that of values.
    pub differences: bool,
    /// Beginning of the weight.
    pub initial: Initial,
    /// Beginning of the biases, if outputs have some.
    pub bias: Option<Vec<f32>>,
}

impl Weight {
    /// A product at the pixel itself: mask B, biases of zero.
    pub fn linear(config: &NetworkConfig, name: String, rows: i64, inputs: i64) -> Self {
        Self {
            name,
            rows,
            gates: 1,
            taps: 1,
            inputs,
            kernel: Vec::new(),
            groups: i64::from(config.groups()),
            mask: Mask::B,
            differences: false,
            initial: Initial::Uniform(1.0),
            bias: Some(vec![0.0; rows as usize]),
        }
    }

    /// The same over the first `taps` places of a kernel.
    #[must_use]
    pub fn over(self, taps: i64, kernel: &[i64]) -> Self {
        Self { taps, kernel: kernel.to_vec(), ..self }
    }

    /// The same with outputs that are four gates.
    #[must_use]
    pub fn gated(self) -> Self {
        Self { gates: 4, ..self }
    }

    /// The same, begun a factor smaller or larger.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        Self { initial: Initial::Uniform(factor), ..self }
    }

    /// The same with other biases; none for a product without.
    #[must_use]
    pub fn biased(self, bias: Option<Vec<f32>>) -> Self {
        Self { bias, ..self }
    }

    /// The same with another mask.
    #[must_use]
    pub fn masked(self, mask: Mask) -> Self {
        Self { mask, ..self }
    }

    /// The same, trained on [`Differences`].
    #[must_use]
    pub fn of_differences(self) -> Self {
        Self { differences: true, ..self }
    }

    /// The group of each of some features.
    fn group_of(&self, features: i64) -> Tensor {
        Tensor::arange(features, (Kind::Int64, Device::Cpu)).floor_divide_scalar(features / self.groups)
    }

    /// Ones and zeros as the matrix's shape: what is read of it. Nothing if that is all.
    pub fn read(&self) -> Option<Tensor> {
        if self.groups == 1 && self.mask != Mask::A || self.mask == Mask::Nothing {
            return None;
        }
        let row = self.group_of(self.rows / self.gates).repeat([self.gates]).unsqueeze(1);
        let input = self.group_of(self.inputs).unsqueeze(0);
        let own = if self.mask == Mask::A { input.less_tensor(&row) } else { input.less_equal_tensor(&row) };
        let others = Tensor::ones([self.rows, (self.taps - 1) * self.inputs], (Kind::Float, Device::Cpu));
        Some(Tensor::cat(&[others, own.to_kind(Kind::Float)], 1))
    }

    /// The matrix at the beginning, from libtorch's generator.
    pub fn begin(&self) -> Tensor {
        let size = [self.rows, self.taps * self.inputs];
        let read = self.read().unwrap_or_else(|| Tensor::ones(size, (Kind::Float, Device::Cpu)));
        match &self.initial {
            Initial::Values(values) => Tensor::from_slice(values).view(size),
            Initial::Uniform(factor) => {
                let seen = read.sum_dim_intlist([1i64].as_slice(), true, Kind::Float).clamp_min(1.0);
                let bound = seen.rsqrt() * (3.0f64.sqrt() * factor);
                (Tensor::rand(size, (Kind::Float, Device::Cpu)) * 2.0 - 1.0) * bound * read
            }
        }
    }

    /// The shape on disk, `[rows, inputs, …]`.
    pub fn disk_shape(&self) -> Vec<i64> {
        [self.rows, self.inputs].into_iter().chain(self.kernel.iter().copied()).collect()
    }

    /// The matrix as the kernel on disk, with zeros where a mask hides it.
    pub fn kernel_of(&self, matrix: &Tensor) -> Tensor {
        let elements: i64 = self.kernel.iter().product();
        let taps = matrix.view([self.rows, self.taps, self.inputs]);
        let taps = if self.differences { Differences::to_values(&taps) } else { taps };
        taps.transpose(1, 2).constant_pad_nd([0, elements - self.taps]).contiguous().view(self.disk_shape().as_slice())
    }

    /// The matrix of a kernel on disk, with zeros where a mask hides it.
    pub fn matrix_of(&self, kernel: &Tensor) -> Tensor {
        let taps = kernel.view([self.rows, self.inputs, -1]).narrow(2, 0, self.taps).transpose(1, 2);
        let taps = if self.differences { Differences::of_values(&taps) } else { taps };
        let matrix = taps.contiguous().view([self.rows, self.taps * self.inputs]);
        self.read().map_or_else(|| matrix.shallow_clone(), |read| &matrix * read)
    }

    /// The names and shapes of its tensors while it trains.
    pub fn shapes(&self) -> Vec<(String, Vec<i64>)> {
        let weight = (format!("{}.weight", self.name), vec![self.rows, self.taps * self.inputs]);
        let bias = self.bias.as_ref().map(|_| (format!("{}.bias", self.name), vec![self.rows]));
        [weight].into_iter().chain(bias).collect()
    }
}
