//! Classes told: what a weight on `-log p(class | image)` adds to the loss.
//!
//! Every image is given every class; a softmax over what comes out is the probability of each. Its gradient is that of the images'
//! nats, each counted by how far the class's probability is from what it should be.

use super::images::{Gathered, Size};
use super::network::Network;
use super::parameters::Named;
use super::step;

/// Weights that move nothing.
const LITTLE: f32 = 1e-3;

/// The mean of `-log p(class | image)` over the first `count` images of a step, and `weight` times its gradient.
pub fn loss(network: &Network, images: &Gathered, size: Size, count: usize, weight: f64) -> (f64, Named) {
    let classes = usize::from(network.config.classes);
    let count = count.min(images.classes.len());
    let all = given_every_class(images, count, classes);
    let nats = step::nats_of_each(network, &all, size);
    let (mut mean, mut weights) = (0.0, Vec::new());
    for (nats, &class) in nats.chunks_exact(classes).zip(&images.classes) {
        let shares = shares(nats);
        mean -= shares[usize::from(class)].max(f64::MIN_POSITIVE).ln() / count as f64;
        let should = |place| if place == usize::from(class) { 1.0 } else { 0.0 };
        weights.extend(shares.iter().enumerate().map(|(place, share)| (should(place) - share) as f32));
    }
    let mut counted = those_that_matter(&all, &weights);
    if counted.classes.is_empty() {
        return (mean, Named::new());
    }
    // The mean over all that are counted becomes one over the images.
    let factor = (weight * counted.classes.len() as f64 / count as f64) as f32;
    counted.weights.iter_mut().for_each(|weight| *weight *= factor);
    (mean, step::loss(network, &counted, size, true).1)
}

/// The share of images whose likeliest class is theirs.
pub fn accuracy(network: &Network, images: &Gathered, size: Size) -> f64 {
    let classes = usize::from(network.config.classes);
    let nats = step::nats_of_each(network, &given_every_class(images, images.classes.len(), classes), size);
    let likeliest = |nats: &[f64]| (0..classes).min_by(|&one, &other| nats[one].total_cmp(&nats[other]));
    let pairs = nats.chunks_exact(classes).zip(&images.classes);
    let right = pairs.filter(|(nats, class)| likeliest(nats) == Some(usize::from(**class))).count();
    right as f64 / images.classes.len() as f64
}

/// The first images, each as often as there are classes.
fn given_every_class(images: &Gathered, count: usize, classes: usize) -> Gathered {
    let each = images.values.len() / images.classes.len().max(1);
    let repeated = images.values.chunks_exact(each).take(count);
    let values = repeated.flat_map(|image| std::iter::repeat_n(image, classes).flatten()).copied().collect();
    Gathered { values, classes: (0..classes as u16).cycle().take(count * classes).collect(), weights: Vec::new() }
}

/// The images whose weights are not next to nothing.
fn those_that_matter(all: &Gathered, weights: &[f32]) -> Gathered {
    let each = all.values.len() / all.classes.len().max(1);
    let mut counted = Gathered::default();
    for ((image, &class), &weight) in all.values.chunks_exact(each).zip(&all.classes).zip(weights) {
        if weight.abs() > LITTLE {
            counted.values.extend(image);
            counted.classes.push(class);
            counted.weights.push(weight);
        }
    }
    counted
}

/// Probabilities of classes, from an image's nats given each.
fn shares(nats: &[f64]) -> Vec<f64> {
    let least = nats.iter().copied().fold(f64::INFINITY, f64::min);
    let shares: Vec<f64> = nats.iter().map(|nats| (least - nats).exp()).collect();
    let sum: f64 = shares.iter().sum();
    shares.iter().map(|share| share / sum).collect()
}

#[cfg(test)]
mod tests {
    use tch::{Device, Kind, Tensor};

    use super::super::lstm::Walk;
    use super::super::parameters;
    use super::*;
    use crate::config::{Architecture, NetworkConfig};

    /// The gradient by the network's own, against finite differences of the mean.
    #[test]
    fn the_gradient_is_that_of_the_mean() {
        for architecture in [Architecture::PixelCnn, Architecture::RowLstm] {
            let config = NetworkConfig { classes: 3, ..NetworkConfig::plain(architecture, 8, 1) };
            let size = Size { width: 4, height: 3 };
            let values = (0..8 * 12).map(|n| (n * n % 7 % 2) as u16).collect();
            let images = Gathered { values, classes: (0..8).map(|n| n % 3).collect(), weights: Vec::new() };
            let mut parameters = parameters::initialize(&config, 3, Device::Cpu);
            let name = "blocks.0.class.weight";
            parameters.insert(name.into(), parameters[name].randn_like());
            let mut network = Network::new(config, parameters, Kind::Float, Walk::Pixels);
            let (_, gradients) = loss(&network, &images, size, 6, 2.0);
            let before = network.parameters[name].copy();
            let direction = Tensor::randn_like(&before);
            let mut mean = |step: f64| {
                network.parameters.insert(name.into(), &before + &direction * step);
                2.0 * loss(&network, &images, size, 6, 2.0).0
            };
            let slope = (mean(1e-3) - mean(-1e-3)) / 2e-3;
            let expected = (&gradients[name] * &direction).sum(Kind::Double).double_value(&[]);
            assert!((slope - expected).abs() < 0.03 * expected.abs() + 2e-3, "{architecture:?}: {slope}, {expected}");
        }
    }

    #[test]
    fn shares_add_up_to_one() {
        let shares = shares(&[1000.0, 1000.0 + 3f64.ln(), 5000.0]);
        assert!((shares[0] - 0.75).abs() < 1e-12 && (shares[1] - 0.25).abs() < 1e-12 && shares[2] < 1e-12);
    }
}
