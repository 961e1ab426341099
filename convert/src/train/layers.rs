//! The table of layers, and what all of them work with. A layer's file gives its weights and its forward pass, which hands
//! back the way back: a closure that holds what it needs of the forward pass.

use tch::{Device, Tensor};

use super::class::Start;
use super::dense::{Dense, weights_gradient};
use super::images::Examples;
use super::maps::{Batch, Tap};
use super::network::Network;
use super::parameters::Named;
use super::upsample::{self, Upsampled};
use super::weights::Weight;
use super::{diagonal, mixture, pixelcnn, rounding, row_lstm, softmax};
use crate::config::{Architecture, NetworkConfig};

/// A kind of block.
pub struct Block {
    /// Its weights, whose names begin with the given one.
    pub weights: fn(&NetworkConfig, &str) -> Vec<Weight>,
    /// From a block's number and the stream to what its `expand` reads. May set the stream to zero outside the images.
    pub forward: for<'a> fn(&'a Pass<'_>, u8, &Tensor) -> Step<'a>,
}

/// What the names of a block's weights begin with.
pub fn name(block: u8) -> String {
    format!("blocks.{block}")
}

/// The block of an architecture.
pub fn block(architecture: Architecture) -> Block {
    match architecture {
        Architecture::PixelCnn => Block { weights: pixelcnn::weights, forward: pixelcnn::forward },
        Architecture::RowLstm => Block { weights: row_lstm::weights, forward: row_lstm::forward },
        Architecture::DiagonalBilstm => Block { weights: diagonal::weights, forward: diagonal::forward },
    }
}

/// A kind of head.
pub struct Head {
    /// Its weights.
    pub weights: fn(&NetworkConfig) -> Vec<Weight>,
    /// From the rectified stream to the loss, whose way back goes through that ReLU too.
    pub forward: for<'a> fn(&'a Pass<'_>, Tensor) -> Loss<'a>,
}

/// The head of a network.
pub fn head(config: &NetworkConfig) -> Head {
    match config.components {
        0 => Head { weights: softmax::weights, forward: softmax::forward },
        _ => Head { weights: mixture::weights, forward: mixture::forward },
    }
}

/// What a block's forward pass gives.
pub struct Step<'a> {
    /// What its `expand` reads, a map.
    pub features: Tensor,
    /// From the gradients of the features, and of the stream behind the block, to that of the stream before it.
    pub back: Back<'a>,
}

/// A block's way back.
pub type Back<'a> = Box<dyn FnOnce(&Tensor, &Tensor, &mut Gradients) -> Tensor + 'a>;

/// What a head's forward pass gives.
pub struct Loss<'a> {
    /// Negative log-likelihood in nats: of each image, or of all together if only that is known.
    pub nats: Vec<f64>,
    /// To the gradient of the stream that the head reads, for the mean nats an image, each as much as it counts.
    pub back: Box<dyn FnOnce(&mut Gradients) -> Tensor + 'a>,
}

/// A batch on its way through a network.
pub struct Pass<'n> {
    /// The network.
    pub network: &'n Network,
    /// The batch's sizes.
    pub batch: Batch,
    /// Its images.
    pub examples: Examples<'n>,
    /// Whether there will be a way back.
    pub with_gradients: bool,
    /// Features of smaller images, if the network is given some.
    pub upsampled: Option<Upsampled>,
    /// What a teacher says of the values: probabilities, compact (see [`teacher`](super::teacher)).
    pub taught: Option<Tensor>,
}

impl<'n> Pass<'n> {
    /// A batch at its beginning.
    pub fn new(network: &'n Network, batch: Batch, examples: Examples<'n>, with_gradients: bool) -> Self {
        let pass = Self { network, batch, examples, with_gradients, upsampled: None, taught: None };
        Self { upsampled: upsample::forward(&pass), ..pass }
    }

    /// The network's shape.
    pub const fn config(&self) -> &NetworkConfig {
        &self.network.config
    }

    /// Where it computes.
    pub fn device(&self) -> Device {
        self.weight("first").device()
    }

    /// How much an image's nats count in the mean of all.
    pub fn share(&self, image: usize) -> f32 {
        self.examples.weights.get(image).unwrap_or(&1.0) / self.batch.count() as f32
    }

    /// A weight's matrix.
    pub fn weight(&self, name: &str) -> &Tensor {
        &self.network.parameters[&format!("{name}.weight")]
    }

    /// A weight's biases.
    pub fn bias(&self, name: &str) -> &Tensor {
        &self.network.parameters[&format!("{name}.bias")]
    }

    /// Activations as the integers will have them, where the training has come so far.
    pub fn rounded(&self, map: &Tensor) -> Tensor {
        if self.network.rounds { rounding::to_int8(map) } else { map.shallow_clone() }
    }

    /// A product at every pixel, with its biases.
    pub fn linear<'a>(&'a self, map: &'a Tensor, name: &str) -> Dense<'a> {
        Dense::forward(map, self.weight(name)).start(Start::Same(self.bias(name)))
    }

    /// The gradient of [`linear`](Self::linear)'s map.
    pub fn linear_gradient<'a>(&'a self, gradient: &'a Tensor, name: &str) -> Dense<'a> {
        Dense::back(gradient, self.weight(name))
    }

    /// A masked convolution of a map that is zero outside the images.
    pub fn convolution<'a>(&'a self, map: &'a Tensor, taps: &[Tap], name: &str) -> Dense<'a> {
        self.linear(map, name).over(self.batch.offsets(taps))
    }

    /// The gradient of [`convolution`](Self::convolution)'s map: right at the images' pixels, if `gradient` is zero outside.
    pub fn convolution_gradient<'a>(&'a self, gradient: &'a Tensor, taps: &[Tap], name: &str) -> Dense<'a> {
        self.linear_gradient(gradient, name).over(self.batch.offsets(taps))
    }
}

/// Collects the gradients of a step.
pub struct Gradients {
    /// The batch's sizes.
    pub batch: Batch,
    /// What is there so far.
    pub named: Named,
    /// Of upsampled features, a map: the sum over the blocks so far.
    pub features: Option<Tensor>,
}

impl Gradients {
    /// Those of a product's weight and biases.
    pub fn linear(&mut self, name: &str, map: &Tensor, gradient: &Tensor) {
        self.convolution(name, map, &[(0, 0)], gradient);
    }

    /// Those of a convolution's weight and biases.
    pub fn convolution(&mut self, name: &str, map: &Tensor, taps: &[Tap], gradient: &Tensor) {
        let (weights, biases) = weights_gradient(map, &self.batch.offsets(taps), gradient);
        self.named.insert(format!("{name}.weight"), weights);
        self.named.insert(format!("{name}.bias"), biases);
    }

    /// That of a convolution's weight alone.
    pub fn taps(&mut self, name: &str, map: &Tensor, taps: &[Tap], gradient: &Tensor) {
        let (weights, _) = weights_gradient(map, &self.batch.offsets(taps), gradient);
        self.named.insert(format!("{name}.weight"), weights);
    }
}
