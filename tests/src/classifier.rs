//! An ordinary classifier of digits, to be compared with: two convolutions and a linear layer, trained with libtorch on what MNIST's
//! training set has, as anyone would.

use pixelrnn_convert::data::Picture;
use tch::nn::{self, ModuleT, OptimizerConfig};
use tch::{Device, Kind, TchError, Tensor};

/// Classes of digits.
const CLASSES: i64 = 10;
/// Maps of the two convolutions: together with the linear layer as many weights as `mnist-classes` has bytes.
const MAPS: [i64; 2] = [16, 64];
/// Columns and rows of a kernel.
const KERNEL: i64 = 5;
/// Columns and rows of a digit.
const SIDE: i64 = 28;
/// Images a step.
const BATCH: i64 = 128;
/// Images at once where nothing is learned.
const MANY: usize = 1000;

/// A convolutional network, trained.
#[derive(Debug)]
pub struct Classifier {
    variables: nn::VarStore,
    network: nn::SequentialT,
}

fn network(path: &nn::Path<'_>) -> nn::SequentialT {
    let same = nn::ConvConfig { padding: KERNEL / 2, ..Default::default() };
    let pixels = (SIDE / 4) * (SIDE / 4);
    nn::seq_t()
        .add(nn::conv2d(path / "first", 1, MAPS[0], KERNEL, same))
        .add_fn(|maps| maps.relu().max_pool2d_default(2))
        .add(nn::conv2d(path / "second", MAPS[0], MAPS[1], KERNEL, same))
        .add_fn(|maps| maps.relu().max_pool2d_default(2).flatten(1, -1))
        .add_fn_t(|maps, is_training| maps.dropout(0.3, is_training))
        .add(nn::linear(path / "last", MAPS[1] * pixels, CLASSES, Default::default()))
}

/// Values of images: images, a channel, rows, columns.
fn tensor(pictures: &[Picture]) -> Tensor {
    let values: Vec<f32> = pictures.iter().flat_map(|picture| &picture.values).map(|&value| value.into()).collect();
    Tensor::from_slice(&values).reshape([-1, 1, SIDE, SIDE])
}

fn labels(pictures: &[Picture]) -> Tensor {
    Tensor::from_slice(&pictures.iter().map(|picture| picture.class.map_or(-1, i64::from)).collect::<Vec<_>>())
}

impl Classifier {
    /// Trains one on grey images of 28x28 with classes, binarized by a draw of their own in each of some epochs.
    ///
    /// # Errors
    /// libtorch's, as for images of another size.
    pub fn train(grey: &[Picture], epochs: i64, seed: i64) -> Result<Self, TchError> {
        // Sums of several threads come in any order: one makes the weights the same each time.
        tch::set_num_threads(1);
        tch::manual_seed(seed);
        let variables = nn::VarStore::new(Device::Cpu);
        let network = network(&variables.root());
        let mut optimizer = nn::Adam::default().build(&variables, 2e-3)?;
        let (images, labels) = (tensor(grey) / 255.0, labels(grey));
        for epoch in 0..epochs {
            optimizer.set_lr(2e-3 * (1.0 - epoch as f64 / epochs as f64));
            let order = Tensor::randperm(grey.len() as i64, (Kind::Int64, Device::Cpu));
            for chosen in order.split(BATCH, 0) {
                let scores = network.forward_t(&images.index_select(0, &chosen).bernoulli(), true);
                optimizer.backward_step(&scores.cross_entropy_for_logits(&labels.index_select(0, &chosen)));
            }
        }
        Ok(Self { variables, network })
    }

    /// Weights and biases.
    pub fn weights(&self) -> usize {
        self.variables.trainable_variables().iter().map(Tensor::numel).sum()
    }

    /// The likeliest class of each image of two levels, and the probability that the network gives it: the largest softmax.
    ///
    /// # Errors
    /// libtorch's, as for images of another size.
    pub fn classify(&self, pictures: &[Picture]) -> Result<Vec<(u16, f64)>, TchError> {
        let _guard = tch::no_grad_guard();
        let mut found = Vec::new();
        for some in pictures.chunks(MANY) {
            let scores = self.network.forward_t(&tensor(some), false).to_kind(Kind::Double);
            let (largest, class) = scores.softmax(-1, Kind::Double).max_dim(-1, false);
            let (largest, class) = (Vec::<f64>::try_from(largest)?, Vec::<i64>::try_from(class)?);
            found.extend(class.into_iter().map(|class| class as u16).zip(largest));
        }
        Ok(found)
    }

    /// The share of images, all of which have classes, that get theirs.
    ///
    /// # Errors
    /// As for [`classify`](Self::classify).
    pub fn accuracy(&self, pictures: &[Picture]) -> Result<f64, TchError> {
        let found = self.classify(pictures)?;
        let right = found.iter().zip(pictures).filter(|((class, _), picture)| picture.class == Some(*class)).count();
        Ok(right as f64 / pictures.len() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A bar at the left, or at the right.
    fn bar(right: bool) -> Picture {
        let values = (0..28 * 28).map(|pixel| if (pixel % 28 > 13) == right { 255 } else { 0 }).collect();
        Picture { class: Some(u16::from(right)), ..Picture::grey(28, values) }
    }

    #[test]
    fn it_learns_to_tell_left_from_right() {
        let grey: Vec<Picture> = (0..256).map(|number| bar(number % 2 == 1)).collect();
        let classifier = Classifier::train(&grey, 10, 1).unwrap();
        let binary: Vec<Picture> = [false, true]
            .map(|right| Picture { values: bar(right).values.iter().map(|value| value / 255).collect(), ..bar(right) })
            .into();
        assert_eq!(classifier.accuracy(&binary).unwrap(), 1.0);
        assert!(classifier.classify(&binary).unwrap().iter().all(|&(_, largest)| largest > 0.9));
    }
}
