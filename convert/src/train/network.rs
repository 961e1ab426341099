//! The float network as it trains: forward and backward over maps, written out.
//!
//! Every layer is a few large matrix products; spelling out their gradients costs some lines and saves the bookkeeping
//! of automatic differentiation, most of a step at these sizes. This file walks the table of [`layers`](super::layers):
//! what crosses layers, the residual stream and the skip sums, is here.

use tch::{Device, Kind, Tensor};

use super::first;
use super::images::Examples;
use super::layers::{self, Gradients, Loss, Pass, Step};
use super::lstm::Walk;
use super::maps::Batch;
use super::parameters::{self, Named};
use super::softmax;
use super::upsample;
use super::weights::Weight;
use crate::config::NetworkConfig;

/// A network at its training.
#[derive(Debug)]
pub struct Network {
    /// Its shape.
    pub config: NetworkConfig,
    /// Its weights; zeros where a mask hides them.
    pub parameters: Named,
    /// What masks leave of them, ones and zeros.
    pub masks: Named,
    /// The kind in which maps are kept: float, or bfloat16 for speed.
    pub kind: Kind,
    /// How recurrences are computed.
    pub walk: Walk,
    /// Whether activations are rounded to the steps that the integers will have (see [`rounding`](super::rounding)).
    pub rounds: bool,
    /// Another network, from whose probabilities this one learns in place of the values (see [`teacher`](super::teacher)).
    pub teacher: Option<Box<Self>>,
}

/// A network's weights, in order.
pub fn weights(config: &NetworkConfig) -> Vec<Weight> {
    let blocks = (0..config.blocks).flat_map(|number| {
        let name = layers::name(number);
        let own = (layers::block(config.architecture).weights)(config, &name);
        own.into_iter().chain(exits(config, &name))
    });
    let inputs = upsample::weights(config).into_iter().chain(first::weights(config));
    inputs.chain(blocks).chain((layers::head(config).weights)(config)).collect()
}

/// The products by which a block's features leave it: begun smaller the more blocks there are.
fn exits(config: &NetworkConfig, block: &str) -> Vec<Weight> {
    let h = i64::from(config.hidden);
    let exit = |part: &str| {
        let weight = Weight::linear(config, format!("{block}.{part}"), 2 * h, h);
        weight.scaled(f64::from(config.blocks).sqrt().recip())
    };
    let parts: &[&str] = if config.skip { &["expand", "skip"] } else { &["expand"] };
    parts.iter().map(|part| exit(part)).collect()
}

/// The mean of the images' nats, each as much as it counts.
fn mean(nats: &[f64], weights: &[f32], batch: Batch) -> f64 {
    let weights = weights.iter().copied().map(f64::from).chain(std::iter::repeat(1.0));
    nats.iter().zip(weights).map(|(nats, weight)| nats * weight).sum::<f64>() / batch.count() as f64
}

fn clone(named: &Named) -> Named {
    named.iter().map(|(name, tensor)| (name.clone(), tensor.shallow_clone())).collect()
}

/// The sizes of a batch for a network.
pub fn batch(config: &NetworkConfig, images: usize, group: usize, height: usize, width: usize) -> Batch {
    Batch {
        groups: (images / group) as i64,
        height: height as i64,
        width: width as i64,
        images: group as i64,
        channels: i64::from(config.channels),
        pad: i64::from(config.kernel / 2).max(config.dilation.into()),
        above: config.dilation.into(),
    }
}

impl Network {
    /// A network of a shape and weights.
    pub fn new(config: NetworkConfig, parameters: Named, kind: Kind, walk: Walk) -> Self {
        let device = parameters.values().next().map_or(Device::Cpu, Tensor::device);
        let masks = parameters::masks(&config, device);
        Self { config, parameters, masks, kind, walk, rounds: false, teacher: None }
    }

    /// Handles of the same weights, for another thread.
    pub fn shallow_clone(&self) -> Self {
        self.with(clone(&self.parameters))
    }

    /// The same of other weights.
    #[must_use]
    pub fn with(&self, parameters: Named) -> Self {
        let (masks, kind, walk, rounds) = (clone(&self.masks), self.kind, self.walk, self.rounds);
        let teacher = self.teacher.as_ref().map(|teacher| Box::new(teacher.shallow_clone()));
        Self { config: self.config.clone(), parameters, masks, kind, walk, rounds, teacher }
    }

    /// The sizes of a batch for this network.
    pub fn batch(&self, images: usize, group: usize, height: usize, width: usize) -> Batch {
        batch(&self.config, images, group, height, width)
    }

    /// Mean negative log-likelihood of a batch in nats an image, and the gradients if asked for: those with a teacher are of its
    /// probabilities.
    pub fn loss<'e>(&self, batch: Batch, examples: impl Into<Examples<'e>>, with_gradients: bool) -> (f64, Named) {
        let _guard = tch::no_grad_guard();
        let examples = examples.into();
        let taught = self.teacher.as_ref().filter(|_| with_gradients).map(|teacher| teacher.teach(batch, examples));
        let pass = Pass { taught, ..Pass::new(self, batch, examples, with_gradients) };
        let (loss, steps, first) = self.forward(&pass);
        let mean = mean(&loss.nats, pass.examples.weights, batch);
        if !with_gradients {
            return (mean, Named::new());
        }
        let mut gradients = Gradients { batch, named: Named::new(), features: None };
        let head = (loss.back)(&mut gradients);
        first(&self.blocks_gradient(&pass, steps, &head, &mut gradients), &mut gradients);
        if let Some(upsampled) = &pass.upsampled {
            upsampled.back(&pass, &mut gradients);
        }
        parameters::hide(&mut gradients.named, &self.masks);
        (mean, gradients.named)
    }

    /// From the images to the loss; what leads back through the head, the blocks and the first layer.
    fn forward<'a>(
        &self,
        pass: &'a Pass<'_>,
    ) -> (Loss<'a>, Vec<Step<'a>>, impl FnOnce(&Tensor, &mut Gradients) + use<'a>) {
        let (input, steps, first) = self.features(pass);
        let loss = (layers::head(&self.config).forward)(pass, pass.rounded(&input));
        (loss, steps, first)
    }

    /// From the images to what the head reads.
    fn features<'a>(
        &self,
        pass: &'a Pass<'_>,
    ) -> (Tensor, Vec<Step<'a>>, impl FnOnce(&Tensor, &mut Gradients) + use<'a>) {
        let (mut stream, first) = first::forward(pass);
        let (skips, steps) = self.blocks(pass, &mut stream);
        if let Some(skips) = skips {
            let _ = stream.g_add_(&skips);
        }
        (stream.relu_(), steps, first)
    }

    /// What it says of a batch of these sizes: a softmax's probabilities of every level, of two levels that of the second.
    fn teach(&self, sizes: Batch, examples: Examples<'_>) -> Tensor {
        let [count, images, height, width] =
            [sizes.count(), sizes.images, sizes.height, sizes.width].map(|size| size as usize);
        let batch = self.batch(count, images, height, width);
        let pass = Pass::new(self, batch, examples, false);
        softmax::probabilities(&pass, &self.features(&pass).0)
    }

    /// Negative log-likelihood of each image of a batch, in nats.
    pub fn nats<'e>(&self, batch: Batch, examples: impl Into<Examples<'e>>) -> Vec<f64> {
        let _guard = tch::no_grad_guard();
        let pass = Pass::new(self, batch, examples.into(), false);
        self.forward(&pass).0.nats
    }

    /// All blocks: moves the stream, gives the skip sums, and the blocks' ways back if there will be one.
    fn blocks<'a>(&self, pass: &'a Pass<'_>, stream: &mut Tensor) -> (Option<Tensor>, Vec<Step<'a>>) {
        let forward = layers::block(self.config.architecture).forward;
        let mut skips: Option<Tensor> = None;
        let mut steps = Vec::new();
        for block in 0..self.config.blocks {
            let name = layers::name(block);
            let step = forward(pass, block, stream);
            *stream = pass.linear(&step.features, &format!("{name}.expand")).plus(stream).run();
            if self.config.skip {
                let skip = pass.linear(&step.features, &format!("{name}.skip"));
                let sum = match &skips {
                    Some(sum) => skip.plus(sum).run(),
                    None => skip.run(),
                };
                skips = Some(sum);
            }
            if pass.with_gradients {
                steps.push(step);
            }
        }
        (skips, steps)
    }

    /// From the gradient of the head's input to that of the first layer's output.
    fn blocks_gradient(
        &self,
        pass: &Pass<'_>,
        steps: Vec<Step<'_>>,
        head: &Tensor,
        gradients: &mut Gradients,
    ) -> Tensor {
        let mut gradient = head.shallow_clone();
        for (block, Step { features, back }) in steps.into_iter().enumerate().rev() {
            let (expand, skip) = (format!("blocks.{block}.expand"), format!("blocks.{block}.skip"));
            gradients.linear(&expand, &features, &gradient);
            let mut inner = pass.linear_gradient(&gradient, &expand).run();
            if self.config.skip {
                gradients.linear(&skip, &features, head);
                inner = pass.linear_gradient(head, &skip).plus(&inner).run();
            }
            gradient = back(&inner, &gradient, gradients);
        }
        gradient
    }
}

#[cfg(test)]
pub(super) mod tests {
    use tch::{Device, Kind};

    use super::*;
    use crate::config::Architecture;

    /// Numbers of about unit variance, from a seed alone: libtorch's own generator is shared by all tests.
    fn noise(seed: u64, like: &Tensor) -> Tensor {
        use rand_core::{Rng, SeedableRng};
        let mut random = pixelrnn::Seeded::seed_from_u64(seed);
        let values: Vec<f32> =
            (0..like.numel()).map(|_| (random.next_u32() as f32 / 2f32.powi(31) - 1.0) * 1.7).collect();
        Tensor::from_slice(&values).view_as(like)
    }

    fn config(architecture: Architecture, levels: u32, channels: u8, components: u8) -> NetworkConfig {
        let hidden = if components == 0 { 4 * u16::from(channels) } else { 4 };
        NetworkConfig { levels, channels, skip: true, components, ..NetworkConfig::plain(architecture, hidden, 2) }
    }

    /// The scale of a weight: what a mixture's first layer is trained on comes in finer units.
    pub fn unit(config: &NetworkConfig, name: &str) -> f64 {
        if config.components > 0 && name == "first.weight" { first::Differences::UNITS.recip() } else { 1.0 }
    }

    /// A network of random weights, a mixture's around what they are at the beginning.
    fn random(config: &NetworkConfig) -> Network {
        let mut parameters = parameters::initialize(config, 3, Device::Cpu);
        for (seed, (name, parameter)) in parameters.iter_mut().enumerate() {
            let scale = if name.ends_with("bias") { 0.5 } else { (parameter.size()[1] as f64).sqrt().recip() };
            let noise = noise(seed as u64, parameter) * scale;
            *parameter = match name.as_str() {
                "head.linear.weight" => &*parameter + noise * 0.2,
                "head.output.bias" => &*parameter + noise,
                "first.weight" => noise * unit(config, name),
                // Wide ones lead a mixture beyond its limits, where gradients lead back.
                name if name.ends_with("class.weight") => noise * 0.3,
                _ => noise,
            };
        }
        let mut network = Network::new(config.clone(), parameters, Kind::Float, Walk::Pixels);
        parameters::hide(&mut network.parameters, &network.masks);
        network
    }

    /// Images that are smooth, as photographs are, and hold the lowest and the highest level.
    fn images(config: &NetworkConfig, count: usize, (height, width): (usize, usize)) -> Vec<u16> {
        let channels = usize::from(config.channels);
        let value = |n: usize| {
            let (pixel, channel) = (n / channels, n % channels);
            let wave = (pixel as f64 * 0.9 + channel as f64).sin() + (pixel as f64 * 0.13).cos();
            ((wave / 3.0 + 0.5).clamp(0.0, 1.0) * f64::from(config.levels - 1)).round() as u16
        };
        (0..count * height * width * channels).map(value).collect()
    }

    /// A class for each of some images, if there are classes.
    fn classes(config: &NetworkConfig, count: u16) -> Vec<u16> {
        (0..count).filter_map(|n| (n * n / 2).checked_rem(config.classes)).collect()
    }

    /// Every gradient of a tiny network against finite differences of its loss.
    fn check(config: &NetworkConfig) {
        let mut network = random(config);
        let batch = network.batch(16, 8, 3, 5);
        let images = images(config, 16, (3, 5));
        let classes = classes(config, 16);
        let images = Examples { classes: &classes, ..(&images).into() };
        let (nats, gradients) = network.loss(batch, images, true);
        assert_eq!(gradients.keys().collect::<Vec<_>>(), network.parameters.keys().collect::<Vec<_>>());
        for (seed, (name, gradient)) in gradients.iter().enumerate() {
            let parameter = network.parameters[name].copy();
            let mut slopes = Vec::new();
            for n in 0..10 {
                let mut direction = noise(1000 + 5 * seed as u64 + n / 2, &parameter) * unit(config, name);
                if let Some(mask) = network.masks.get(name) {
                    direction *= mask;
                }
                let step = if n % 2 == 0 { 1e-4 } else { 2e-5 };
                let mut loss = |sign: f64| {
                    network.parameters.insert(name.clone(), &parameter + &direction * (sign * step));
                    network.loss(batch, images, false).0
                };
                let slope = (loss(1.0) - loss(-1.0)) / (2.0 * step);
                slopes.push((slope, (gradient * &direction).sum(Kind::Double).double_value(&[]), nats.sqrt() / step));
            }
            network.parameters.insert(name.clone(), parameter);
            // Long steps cross corners of ReLUs, short ones drown in the rounding of the loss: one of the two must agree.
            let near = |(a, b, c): &(f64, f64, f64)| (a - b).abs() < 0.03 * a.abs().max(b.abs()) + 6e-8 * c;
            let good = slopes.chunks(2).filter(|slopes| slopes.iter().any(near)).count();
            assert!(good >= 3, "{config:?} {name}, by differences and by the backward pass: {slopes:?}");
        }
    }

    #[test]
    fn gradients_of_softmaxes_are_those_of_the_loss() {
        for architecture in Architecture::ALL {
            for levels in [2, 5] {
                check(&config(architecture, levels, 1, 0));
            }
        }
        check(&NetworkConfig { kernel: 5, ..config(Architecture::RowLstm, 5, 1, 0) });
        check(&NetworkConfig { dilation: 2, ..config(Architecture::PixelCnn, 5, 1, 0) });
    }

    #[test]
    fn gradients_of_classes_are_those_of_the_loss() {
        for architecture in Architecture::ALL {
            for (levels, channels, components) in [(5, 1, 0), (5, 3, 0), (256, 2, 3)] {
                check(&NetworkConfig { classes: 3, ..config(architecture, levels, channels, components) });
            }
        }
    }

    #[test]
    fn gradients_of_smaller_images_are_those_of_the_loss() {
        for architecture in Architecture::ALL {
            for (factor, levels, channels, components) in [(2, 5, 1, 0), (4, 5, 3, 0), (2, 256, 2, 3)] {
                let config = config(architecture, levels, channels, components);
                check(&NetworkConfig { factor, upsampled: 8, classes: u16::from(factor), ..config });
            }
        }
    }

    #[test]
    fn gradients_of_channel_groups_are_those_of_the_loss() {
        for architecture in Architecture::ALL {
            for levels in [2, 5] {
                check(&config(architecture, levels, 3, 0));
            }
        }
    }

    #[test]
    fn gradients_of_mixtures_are_those_of_the_loss() {
        for architecture in Architecture::ALL {
            for (levels, channels) in [(2, 1), (5, 2), (256, 1), (256, 3), (4096, 1), (4096, 3), (65_536, 4)] {
                check(&config(architecture, levels, channels, 3));
            }
        }
    }

    #[test]
    fn waves_give_the_loss_and_gradients_of_the_walk_over_pixels() {
        for architecture in [Architecture::RowLstm, Architecture::DiagonalBilstm] {
            let config = NetworkConfig { hidden: 8, classes: 4, ..config(architecture, 4, 1, 0) };
            let mut parameters = parameters::initialize(&config, 7, Device::Cpu);
            parameters.iter_mut().for_each(|(name, value)| {
                if name.ends_with("class.weight") {
                    *value = noise(9, value);
                }
            });
            let (images, classes) = (images(&config, 16, (7, 5)), classes(&config, 16));
            let images = Examples { classes: &classes, ..(&images).into() };
            let mut network = Network::new(config, parameters, Kind::Float, Walk::Pixels);
            let (loss, gradients) = network.loss(network.batch(16, 16, 7, 5), images, true);
            network.walk = Walk::Waves;
            let (by_waves, gradients_by_waves) = network.loss(network.batch(16, 16, 7, 5), images, true);
            assert!((loss - by_waves).abs() < 1e-4 * loss, "{architecture:?}: {loss} by pixels, {by_waves} by waves");
            for (name, gradient) in &gradients {
                let other = &gradients_by_waves[name];
                let scale = gradient.abs().max().double_value(&[]).max(1e-3);
                let worst = (gradient - other).abs().max().double_value(&[]);
                assert!(worst < 1e-3 * scale, "{architecture:?} {name}: {worst} apart, of {scale}");
            }
        }
    }

    /// The probabilities of all images of three pixels add up to 1: no value sees itself or a later one.
    #[test]
    fn probabilities_of_all_images_add_up_to_one() {
        let value = |image: u32, place: u32| (image / 3u32.pow(place) % 3) as u16;
        for architecture in Architecture::ALL {
            for (channels, components, size) in
                [(1, 0, (2, 3)), (3, 0, (1, 2)), (3, 0, (2, 1)), (1, 2, (2, 3)), (3, 2, (2, 1))]
            {
                let network = random(&config(architecture, 3, channels, components));
                let places = (size.0 * size.1 * usize::from(channels)) as u32;
                let probability = |image: u32| {
                    let values: Vec<u16> = (0..places).map(|place| value(image, place)).collect();
                    (-network.loss(network.batch(1, 1, size.0, size.1), &values, false).0).exp()
                };
                let sum: f64 = (0..3u32.pow(places)).map(probability).sum();
                assert!((sum - 1.0).abs() < 1e-3, "{:?}: {sum}", network.config);
            }
        }
    }
}
