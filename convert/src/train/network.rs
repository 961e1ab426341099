//! The float network as it trains: forward and backward over maps, written out.
//!
//! Every layer is a few large matrix products; spelling out their gradients costs some lines and saves the bookkeeping
//! of automatic differentiation, most of a step at these sizes. Checked against finite differences in this module's tests.

use tch::{Kind, Tensor};

use super::lstm::{Lstm, Walk, taps};
use super::maps::{Batch, Tap, bias_gradient, input_gradient, linear, relu_gradient, weights_gradient};
use super::parameters::{MASK_B, Named, mask_a};
use crate::config::{Architecture, NetworkConfig};

/// Taps of the Row LSTM's input-to-state convolution.
const INPUT_TAPS: [Tap; 2] = [(0, -1), (0, 0)];

/// Names of a Diagonal BiLSTM's directions.
const SIDES: [&str; 2] = ["left", "right"];

/// A network at its training.
#[derive(Debug)]
pub struct Network {
    /// Its shape.
    pub config: NetworkConfig,
    /// Its weights.
    pub parameters: Named,
    /// The kind in which maps are kept: float, or bfloat16 for speed.
    pub kind: Kind,
    /// How recurrences are computed.
    pub walk: Walk,
}

/// What a block's backward pass needs of its forward pass, beside what its `expand` read.
enum Kept {
    PixelCnn { input: Tensor, reduced: Tensor },
    RowLstm { input: Tensor, lstm: Lstm },
    Diagonal { input: Tensor, lstm: Lstm },
}

impl Network {
    /// Handles of the same weights, for another thread.
    pub fn shallow_clone(&self) -> Self {
        let parameters = self.parameters.iter().map(|(name, tensor)| (name.clone(), tensor.shallow_clone())).collect();
        Self { config: self.config.clone(), parameters, kind: self.kind, walk: self.walk }
    }

    /// The sizes of a batch for this network.
    pub fn batch(&self, images: usize, group: usize, height: usize, width: usize) -> Batch {
        Batch {
            groups: (images / group) as i64,
            height: height as i64,
            width: width as i64,
            images: group as i64,
            pad: i64::from(self.config.kernel / 2).max(1),
        }
    }

    fn weight(&self, name: &str) -> &Tensor {
        &self.parameters[&format!("{name}.weight")]
    }

    fn bias(&self, name: &str) -> &Tensor {
        &self.parameters[&format!("{name}.bias")]
    }

    fn linear(&self, map: &Tensor, name: &str) -> Tensor {
        linear(map, self.weight(name), self.bias(name))
    }

    /// Mean negative log-likelihood of a batch in nats an image, and the gradients if asked for.
    ///
    /// `images` is `[count, height, width]` of values, on the network's device.
    pub fn loss(&self, batch: Batch, images: &Tensor, with_gradients: bool) -> (f64, Named) {
        let _guard = tch::no_grad_guard();
        let values = images.to_kind(Kind::Float);
        let scaled = (&values / f64::from(self.config.levels - 1)).to_kind(self.kind);
        let window = batch.window(&scaled, &mask_a());
        let mut stream = self.linear(&window, "first");
        let mut skips: Option<Tensor> = None;
        let mut kept = Vec::new();
        for block in 0..self.config.blocks {
            let (features, keep) = self.block(batch, &stream, block);
            stream = self.linear(&features, &format!("blocks.{block}.expand")).g_add_(&stream);
            if self.config.skip {
                let skip = self.linear(&features, &format!("blocks.{block}.skip"));
                skips = Some(skips.map_or_else(|| skip.shallow_clone(), |mut sum| sum.g_add_(&skip)));
            }
            if with_gradients {
                kept.push((features, keep));
            }
        }
        if let Some(skips) = skips {
            let _ = stream.g_add_(&skips);
        }
        let rectified = stream.relu();
        let hidden = self.linear(&rectified, "head.hidden").relu_();
        let logits = batch.compact(&self.linear(&hidden, "head.output")).to_kind(Kind::Float);
        let targets = batch.values(&values);
        let count = batch.count() as f64;
        let (loss, gradient) = if self.config.levels == 2 {
            let loss = logits.softplus() - &logits * &targets;
            (loss.sum(Kind::Double).double_value(&[]) / count, logits.sigmoid() - targets)
        } else {
            let log = logits.log_softmax(1, Kind::Float);
            let targets = targets.to_kind(Kind::Int64);
            let chosen = log.gather(1, &targets, false).sum(Kind::Double).double_value(&[]);
            let one_hot = Tensor::zeros_like(&log).scatter_value(1, &targets, 1.0);
            (-chosen / count, log.exp() - one_hot)
        };
        if !with_gradients {
            return (loss, Named::new());
        }

        let mut gradients = Gradients { batch, named: Named::new() };
        let gradient = batch.expand(&(gradient / count).to_kind(self.kind));
        gradients.linear("head.output", &hidden, &gradient);
        let gradient = relu_gradient(&input_gradient(&gradient, self.weight("head.output")), &hidden);
        gradients.linear("head.hidden", &rectified, &gradient);
        let head = relu_gradient(&input_gradient(&gradient, self.weight("head.hidden")), &rectified);
        let mut gradient = head.shallow_clone();
        for (block, (features, keep)) in kept.into_iter().enumerate().rev() {
            let name = |part: &str| format!("blocks.{block}.{part}");
            gradients.linear(&name("expand"), &features, &gradient);
            let mut inner = input_gradient(&gradient, self.weight(&name("expand")));
            if self.config.skip {
                gradients.linear(&name("skip"), &features, &head);
                inner += input_gradient(&head, self.weight(&name("skip")));
            }
            gradient = self.block_gradient(block, &inner, &features, keep, &mut gradients).g_add_(&gradient);
        }
        gradients.linear("first", &window, &gradient);
        (loss, gradients.named)
    }

    /// What a block's `expand` reads, and what its backward pass will need.
    fn block(&self, batch: Batch, stream: &Tensor, block: u8) -> (Tensor, Kept) {
        let name = |part: &str| format!("blocks.{block}.{part}");
        match self.config.architecture {
            Architecture::PixelCnn => {
                let input = stream.relu();
                let reduced = self.linear(&input, &name("reduce")).relu_();
                batch.clear(&reduced);
                let conv = name("conv");
                let convolved = batch.convolve(&reduced, &MASK_B, self.weight(&conv), self.bias(&conv)).relu_();
                (convolved, Kept::PixelCnn { input, reduced })
            }
            Architecture::RowLstm => {
                batch.clear(stream);
                let input = name("input_to_state");
                let gates = batch.convolve(stream, &INPUT_TAPS, self.weight(&input), self.bias(&input));
                let weights = [self.weight(&name("state_to_state"))];
                let lstm = Lstm::forward(self.walk, &self.config, batch, &[gates], &weights, self.kind);
                (lstm.hidden[0].shallow_clone(), Kept::RowLstm { input: stream.shallow_clone(), lstm })
            }
            Architecture::DiagonalBilstm => {
                let gates = SIDES.map(|side| self.linear(stream, &name(&format!("{side}.input_to_state"))));
                let weights = SIDES.map(|side| self.weight(&name(&format!("{side}.state_to_state"))));
                let lstm = Lstm::forward(self.walk, &self.config, batch, &gates, &weights, self.kind);
                let sum = lstm.hidden[0].copy();
                batch.add_moved(&sum, &lstm.hidden[1], 1);
                batch.clear(&sum);
                (sum, Kept::Diagonal { input: stream.shallow_clone(), lstm })
            }
        }
    }

    /// The gradient of a block's input, without that of the residual connection.
    fn block_gradient(
        &self,
        block: usize,
        gradient: &Tensor,
        features: &Tensor,
        kept: Kept,
        gradients: &mut Gradients,
    ) -> Tensor {
        let name = |part: &str| format!("blocks.{block}.{part}");
        let batch = gradients.batch;
        match kept {
            Kept::PixelCnn { input, reduced } => {
                let gradient = relu_gradient(gradient, features);
                let conv = name("conv");
                gradients.taps(&conv, &reduced, &MASK_B, &gradient);
                gradients.bias(&conv, &gradient);
                let gradient = batch.convolve_gradient(&reduced, &MASK_B, self.weight(&conv), &gradient);
                let gradient = relu_gradient(&gradient, &reduced);
                gradients.linear(&name("reduce"), &input, &gradient);
                relu_gradient(&input_gradient(&gradient, self.weight(&name("reduce"))), &input)
            }
            Kept::RowLstm { input, lstm } => {
                let part = name("input_to_state");
                let gates = self.lstm_gradient(&[name("state_to_state")], lstm, &[gradient], gradients);
                gradients.taps(&part, &input, &INPUT_TAPS, &gates[0]);
                gradients.bias(&part, &gates[0]);
                batch.convolve_gradient(&input, &INPUT_TAPS, self.weight(&part), &gates[0])
            }
            Kept::Diagonal { input, lstm } => {
                let moved = gradient.zeros_like();
                batch.add_moved(&moved, gradient, -1);
                batch.clear(&moved);
                let names = SIDES.map(|side| name(&format!("{side}.state_to_state")));
                let gates = self.lstm_gradient(&names, lstm, &[gradient, &moved], gradients);
                let mut sum = input.zeros_like();
                for (side, gates) in SIDES.iter().zip(&gates) {
                    let part = name(&format!("{side}.input_to_state"));
                    gradients.linear(&part, &input, gates);
                    sum += input_gradient(gates, self.weight(&part));
                }
                sum
            }
        }
    }

    /// The gradients of the input-to-state maps; those of the state-to-state weights are collected.
    fn lstm_gradient(
        &self,
        names: &[String],
        lstm: Lstm,
        gradient: &[&Tensor],
        gradients: &mut Gradients,
    ) -> Vec<Tensor> {
        let weights: Vec<&Tensor> = names.iter().map(|name| self.weight(name)).collect();
        let hidden: Vec<Tensor> = lstm.hidden.iter().map(Tensor::shallow_clone).collect();
        let gates = lstm.backward(gradients.batch, gradient, &weights);
        for (direction, (name, gates)) in names.iter().zip(&gates).enumerate() {
            let taps = taps(self.config.architecture, i64::from(self.config.kernel), direction == 1);
            gradients.taps(name, &hidden[direction], &taps, gates);
        }
        gates
    }
}

/// Collects the gradients of a step.
struct Gradients {
    batch: Batch,
    named: Named,
}

impl Gradients {
    fn bias(&mut self, name: &str, gradient: &Tensor) {
        self.named.insert(format!("{name}.bias"), bias_gradient(gradient));
    }

    fn linear(&mut self, name: &str, map: &Tensor, gradient: &Tensor) {
        self.named.insert(format!("{name}.weight"), weights_gradient(map, gradient));
        self.bias(name, gradient);
    }

    fn taps(&mut self, name: &str, map: &Tensor, taps: &[Tap], gradient: &Tensor) {
        self.named.insert(format!("{name}.weight"), self.batch.weights_gradient(map, taps, gradient));
    }
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::super::parameters;
    use super::*;

    /// Numbers of about unit variance, from a seed alone: libtorch's own generator is shared by all tests.
    fn noise(seed: u64, like: &Tensor) -> Tensor {
        use rand_core::{Rng, SeedableRng};
        let mut random = pixelrnn::Seeded::seed_from_u64(seed);
        let values: Vec<f32> =
            (0..like.numel()).map(|_| (random.next_u32() as f32 / 2f32.powi(31) - 1.0) * 1.7).collect();
        Tensor::from_slice(&values).view_as(like)
    }

    /// Every gradient of a tiny network against finite differences of its loss.
    fn check(architecture: Architecture, levels: u32, kernel: u8) {
        let config = NetworkConfig {
            architecture,
            levels,
            channels: 1,
            hidden: 4,
            blocks: 2,
            head: 4,
            kernel,
            skip: true,
            components: 0,
        };
        let mut parameters = parameters::initialize(&config, 3, Device::Cpu);
        for (seed, (name, parameter)) in parameters.iter_mut().enumerate() {
            let scale = if name.ends_with("bias") { 0.5 } else { (parameter.size()[1] as f64).sqrt().recip() };
            *parameter = noise(seed as u64, parameter) * scale;
        }
        let mut network = Network { config, parameters, kind: Kind::Float, walk: Walk::Pixels };
        let batch = network.batch(16, 8, 3, 5);
        let zeros = Tensor::zeros([16, 3, 5], (Kind::Float, Device::Cpu));
        let images = (noise(99, &zeros).abs() * 1e4).remainder(i64::from(levels)).floor().to_kind(Kind::Uint8);
        let (_, gradients) = network.loss(batch, &images, true);
        assert_eq!(gradients.keys().collect::<Vec<_>>(), network.parameters.keys().collect::<Vec<_>>());
        for (seed, (name, gradient)) in gradients.iter().enumerate() {
            let parameter = network.parameters[name].copy();
            let mut slopes = Vec::new();
            for n in 0..3 {
                let direction = noise(1000 + 3 * seed as u64 + n, &parameter);
                let step = 1e-4;
                let mut loss = |sign: f64| {
                    network.parameters.insert(name.clone(), &parameter + &direction * (sign * step));
                    network.loss(batch, &images, false).0
                };
                let slope = (loss(1.0) - loss(-1.0)) / (2.0 * step);
                slopes.push((slope, (gradient * &direction).sum(Kind::Double).double_value(&[])));
            }
            network.parameters.insert(name.clone(), parameter);
            // One direction may cross the corner of a ReLU.
            let good = slopes.iter().filter(|(a, b)| (a - b).abs() < 0.03 * (0.1 + a.abs().max(b.abs()))).count();
            assert!(good >= 2, "{architecture:?} {name}, by differences and by the backward pass: {slopes:?}");
        }
    }

    #[test]
    fn gradients_are_those_of_the_loss() {
        check(Architecture::PixelCnn, 2, 3);
        check(Architecture::RowLstm, 2, 3);
        check(Architecture::RowLstm, 5, 5);
        check(Architecture::DiagonalBilstm, 2, 3);
    }

    #[test]
    fn waves_give_the_loss_and_gradients_of_the_walk_over_pixels() {
        for architecture in [Architecture::RowLstm, Architecture::DiagonalBilstm] {
            let config = NetworkConfig {
                architecture,
                levels: 4,
                channels: 1,
                hidden: 8,
                blocks: 2,
                head: 8,
                kernel: 3,
                skip: true,
                components: 0,
            };
            let parameters = parameters::initialize(&config, 7, Device::Cpu);
            let mut network = Network { config, parameters, kind: Kind::Float, walk: Walk::Pixels };
            let images = Tensor::randint(4, [16, 7, 5], (Kind::Uint8, Device::Cpu));
            let (loss, gradients) = network.loss(network.batch(16, 16, 7, 5), &images, true);
            network.walk = Walk::Waves;
            let (by_waves, gradients_by_waves) = network.loss(network.batch(16, 16, 7, 5), &images, true);
            assert!((loss - by_waves).abs() < 1e-4 * loss, "{architecture:?}: {loss} by pixels, {by_waves} by waves");
            for (name, gradient) in &gradients {
                let other = &gradients_by_waves[name];
                let scale = gradient.abs().max().double_value(&[]).max(1e-3);
                let worst = (gradient - other).abs().max().double_value(&[]);
                assert!(worst < 1e-3 * scale, "{architecture:?} {name}: {worst} apart, of {scale}");
            }
        }
    }
}
