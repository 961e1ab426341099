//! Classes: a column for each is added to what a product gives. A block says where; which class an image is of, the batch.

use tch::{Kind, Tensor};

use super::dense::Dense;
use super::layers::{Gradients, Pass};
use super::maps::Batch;
use super::memory::numbers;
use super::products;
use super::upsample;
use super::weights::{Initial, Mask, Weight};
use crate::config::NetworkConfig;

/// The weight of what a block (or direction, or the first layer) adds to so many rows; nothing without classes.
///
/// It begins with zeros: a network learns first what all classes share.
pub fn weight(config: &NetworkConfig, place: &str, rows: i64) -> Option<Weight> {
    let classes = i64::from(config.classes);
    let initial = Initial::Values(vec![0.0; (rows * classes) as usize]);
    let weight = || Weight::linear(config, format!("{place}.class"), rows, classes).masked(Mask::Nothing).biased(None);
    (classes > 0).then(|| Weight { initial, ..weight() })
}

/// What a product's rows start from.
#[derive(Debug)]
pub enum Start<'a> {
    /// Zeros.
    Zeros,
    /// The same biases in every row.
    Same(&'a Tensor),
    /// Biases of the row's image: `[images, outputs]`, of a batch.
    OfImage(Tensor, Batch),
}

impl Start<'_> {
    /// Adds it to a map.
    pub fn add_to(&self, map: &Tensor) {
        let mut map = map.shallow_clone();
        let _ = match self {
            Self::Zeros => map,
            Self::Same(biases) => map.g_add_(&biases.to_kind(map.kind())),
            Self::OfImage(biases, batch) => {
                let size = [batch.groups, 1, batch.images, map.size()[1]];
                batch.by_image(&map).g_add_(&biases.to_kind(map.kind()).view(size))
            }
        };
    }

    /// It in numbers, if they can be had.
    pub fn numbers(&self) -> Option<products::Start<'_>> {
        Some(match self {
            Self::Zeros => products::Start::Zeros,
            Self::Same(biases) => products::Start::Same(numbers(biases)?),
            Self::OfImage(biases, batch) => products::Start::OfImage(numbers(biases)?, *batch),
        })
    }
}

/// The weights of what conditions add to so many rows.
pub fn given_weights(config: &NetworkConfig, place: &str, rows: i64) -> impl Iterator<Item = Weight> + use<> {
    weight(config, place, rows).into_iter().chain(upsample::projection(config, place, rows))
}

impl Pass<'_> {
    /// A product with what is given and adds to it at a place.
    pub fn with_given(&self, dense: Dense<'_>, product: &str, place: &str) -> Tensor {
        let dense = dense.start(self.start(product, place));
        match self.projected(place) {
            Some(projected) => dense.plus(&projected).run(),
            None => dense.run(),
        }
    }

    /// A product's biases and, with classes, what each image's adds at a place.
    pub fn start(&self, product: &str, place: &str) -> Start<'_> {
        let biases = self.bias(product);
        let Some(classes) = self.classes() else { return Start::Same(biases) };
        let of_images = self.weight(&format!("{place}.class")).index_select(1, &classes).tr();
        Start::OfImage((biases + of_images).contiguous(), self.batch)
    }

    /// The class of each image, if there are classes.
    fn classes(&self) -> Option<Tensor> {
        let classes: Vec<i64> = self.examples.classes.iter().map(|&class| class.into()).collect();
        (self.config().classes > 0).then(|| Tensor::from_slice(&classes).to_device(self.device()))
    }

    /// Collects the gradients of what is given and adds at a place, from that of the map that it is added to, which is zero outside the
    /// images.
    pub fn given_gradient(&self, place: &str, gradient: &Tensor, gradients: &mut Gradients) {
        self.class_gradient(place, gradient, gradients);
        self.projection_gradient(place, gradient, gradients);
    }

    /// Collects the gradient of what classes add at a place, from that of the map it is added to, which is zero outside the images.
    pub fn class_gradient(&self, place: &str, gradient: &Tensor, gradients: &mut Gradients) {
        let Some(classes) = self.classes() else { return };
        let of_images = self.batch.by_image(gradient).sum_dim_intlist([1i64].as_slice(), false, Kind::Float);
        let of_images = of_images.view([self.batch.count(), -1]);
        let size = [i64::from(self.config().classes), of_images.size()[1]];
        let sums = Tensor::zeros(size, (Kind::Float, gradient.device())).index_add(0, &classes, &of_images);
        gradients.named.insert(format!("{place}.class.weight"), sums.tr().contiguous());
    }
}
