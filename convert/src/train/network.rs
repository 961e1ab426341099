//! The float network as it trains: forward and backward over maps, written out.
//!
//! Every layer is a few large matrix products; spelling out their gradients costs some lines and saves the bookkeeping
//! of automatic differentiation, most of a step at these sizes. Checked against finite differences in this module's tests.

use tch::{Device, Kind, Tensor};

use super::maps::{Batch, input_gradient, linear, linear_gradients, relu_gradient};
use super::parameters::{MASK_B, Named, mask_a};
use super::recurrence::Recurrence;
use crate::config::{Architecture, NetworkConfig};

/// A network at its training.
#[derive(Debug)]
pub struct Network {
    /// Its shape.
    pub config: NetworkConfig,
    /// Its weights.
    pub parameters: Named,
    /// The kind in which maps are kept: float, or bfloat16 for speed.
    pub kind: Kind,
}

/// What a block's backward pass needs of its forward pass.
enum Kept {
    PixelCnn { input: Tensor, reduced: Tensor, convolved: Tensor },
    RowLstm { inputs: Tensor, lstm: Lstm },
    Diagonal { input: Tensor, left: Lstm, right: Lstm, sum: Tensor },
}

struct Lstm {
    gates: Tensor,
    cells: Tensor,
    hidden: Tensor,
}

impl Network {
    fn parameter(&self, name: &str) -> &Tensor {
        &self.parameters[name]
    }

    fn linear(&self, map: &Tensor, name: &str) -> Tensor {
        let bias = self.parameters.get(&format!("{name}.bias"));
        linear(map, self.parameter(&format!("{name}.weight")), bias)
    }

    /// Mean negative log-likelihood of a batch in nats an image, and the gradients if asked for.
    ///
    /// `images` is `[count, height, width]` of values, on the network's device.
    pub fn loss(&self, batch: Batch, images: &Tensor, with_gradients: bool) -> (f64, Named) {
        let _guard = tch::no_grad_guard();
        let values = images.to_kind(Kind::Float);
        let scaled = batch.map(&(&values / f64::from(self.config.levels - 1))).to_kind(self.kind);
        let window = batch.taps(&scaled, &mask_a());
        let mut stream = self.linear(&window, "first");
        let mut skips: Option<Tensor> = None;
        let mut kept = Vec::new();
        for block in 0..self.config.blocks {
            let (features, keep) = self.block(batch, &stream, block);
            stream = stream + self.linear(&features, &format!("blocks.{block}.expand"));
            if self.config.skip {
                let skip = self.linear(&features, &format!("blocks.{block}.skip"));
                skips = Some(skips.map_or_else(|| skip.shallow_clone(), |sum| sum + &skip));
            }
            if with_gradients {
                kept.push((features, keep));
            }
        }
        if let Some(skips) = skips {
            stream = stream + skips;
        }
        let rectified = stream.relu();
        let hidden = self.linear(&rectified, "head.hidden").relu();
        let logits = self.linear(&hidden, "head.output").to_kind(Kind::Float);
        let targets = batch.map(&values);
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

        let mut gradients = Named::new();
        let mut collect = |name: &str, map: &Tensor, gradient: &Tensor, with_bias: bool| {
            let (weights, bias) = linear_gradients(map, gradient);
            gradients.insert(format!("{name}.weight"), weights);
            if with_bias {
                gradients.insert(format!("{name}.bias"), bias);
            }
        };
        let gradient = (gradient / count).to_kind(self.kind);
        collect("head.output", &hidden, &gradient, true);
        let gradient = relu_gradient(&input_gradient(&gradient, self.parameter("head.output.weight")), &hidden);
        collect("head.hidden", &rectified, &gradient, true);
        let head = relu_gradient(&input_gradient(&gradient, self.parameter("head.hidden.weight")), &rectified);
        let mut gradient = head.shallow_clone();
        for (block, (features, keep)) in kept.into_iter().enumerate().rev() {
            let name = |part: &str| format!("blocks.{block}.{part}");
            collect(&name("expand"), &features, &gradient, true);
            let mut inner = input_gradient(&gradient, self.parameter(&name("expand.weight")));
            if self.config.skip {
                collect(&name("skip"), &features, &head, true);
                inner += input_gradient(&head, self.parameter(&name("skip.weight")));
            }
            let passed = self.block_gradient(batch, block, &inner, keep, &mut collect);
            gradient = gradient + passed;
        }
        collect("first", &window, &gradient, true);
        (loss, gradients)
    }

    fn block(&self, batch: Batch, stream: &Tensor, block: u8) -> (Tensor, Kept) {
        let name = |part: &str| format!("blocks.{block}.{part}");
        match self.config.architecture {
            Architecture::PixelCnn => {
                let input = stream.relu();
                let reduced = self.linear(&input, &name("reduce")).relu_();
                let taps = batch.taps(&reduced, &MASK_B);
                let convolved = self.linear(&taps, &name("conv")).relu_();
                (convolved.shallow_clone(), Kept::PixelCnn { input, reduced, convolved })
            }
            Architecture::RowLstm => {
                let inputs = batch.taps(stream, &[(0, -1), (0, 0)]);
                let gates = self.linear(&inputs, &name("input_to_state"));
                let lstm = self.lstm(batch, &gates, self.parameter(&name("state_to_state.weight")));
                (lstm.hidden.to_kind(self.kind), Kept::RowLstm { inputs, lstm })
            }
            Architecture::DiagonalBilstm => {
                let left = self.linear(stream, &name("left.input_to_state"));
                let left = self.lstm(batch, &left, self.parameter(&name("left.state_to_state.weight")));
                let right = batch.mirror(&self.linear(stream, &name("right.input_to_state")));
                let right = self.lstm(batch, &right, self.parameter(&name("right.state_to_state.weight")));
                let sum = &left.hidden + batch.tap(&batch.mirror(&right.hidden), (-1, 0));
                let sum = sum.to_kind(self.kind);
                (sum.shallow_clone(), Kept::Diagonal { input: stream.shallow_clone(), left, right, sum })
            }
        }
    }

    /// The gradient of a block's input through its inner features.
    fn block_gradient(
        &self,
        batch: Batch,
        block: usize,
        gradient: &Tensor,
        kept: Kept,
        collect: &mut impl FnMut(&str, &Tensor, &Tensor, bool),
    ) -> Tensor {
        let name = |part: &str| format!("blocks.{block}.{part}");
        match kept {
            Kept::PixelCnn { input, reduced, convolved } => {
                let gradient = relu_gradient(gradient, &convolved);
                collect(&name("conv"), &batch.taps(&reduced, &MASK_B), &gradient, true);
                let taps = input_gradient(&gradient, self.parameter(&name("conv.weight")));
                let gradient = relu_gradient(&batch.taps_gradient(&taps, &MASK_B), &reduced);
                collect(&name("reduce"), &input, &gradient, true);
                relu_gradient(&input_gradient(&gradient, self.parameter(&name("reduce.weight"))), &input)
            }
            Kept::RowLstm { inputs, lstm } => {
                let weights = self.parameter(&name("state_to_state.weight"));
                let (gates, hidden) = self.lstm_gradient(batch, &lstm, gradient, weights);
                collect(&name("state_to_state"), &hidden, &gates, false);
                let gates = gates.to_kind(self.kind);
                collect(&name("input_to_state"), &inputs, &gates, true);
                let taps = input_gradient(&gates, self.parameter(&name("input_to_state.weight")));
                batch.taps_gradient(&taps, &[(0, -1), (0, 0)])
            }
            Kept::Diagonal { input, left, right, sum } => {
                drop(sum);
                let weights = self.parameter(&name("left.state_to_state.weight"));
                let (gates, hidden) = self.lstm_gradient(batch, &left, gradient, weights);
                collect(&name("left.state_to_state"), &hidden, &gates, false);
                let gates = gates.to_kind(self.kind);
                collect(&name("left.input_to_state"), &input, &gates, true);
                let passed = input_gradient(&gates, self.parameter(&name("left.input_to_state.weight")));

                let weights = self.parameter(&name("right.state_to_state.weight"));
                let mirrored = batch.mirror(&batch.tap(gradient, (1, 0)));
                let (gates, hidden) = self.lstm_gradient(batch, &right, &mirrored, weights);
                collect(&name("right.state_to_state"), &hidden, &gates, false);
                let gates = batch.mirror(&gates).to_kind(self.kind);
                collect(&name("right.input_to_state"), &input, &gates, true);
                passed + input_gradient(&gates, self.parameter(&name("right.input_to_state.weight")))
            }
        }
    }

    /// Offsets of the hidden states that a state-to-state product reads.
    fn state_taps(&self) -> Vec<(i64, i64)> {
        match self.config.architecture {
            Architecture::DiagonalBilstm => vec![(-1, 0), (0, -1)],
            _ => {
                let kernel = i64::from(self.config.kernel);
                (0..kernel).map(|tap| (-1, tap - kernel / 2)).collect()
            }
        }
    }

    fn recurrence(&self, batch: Batch) -> Recurrence {
        Recurrence {
            height: batch.height as usize,
            width: batch.width as usize,
            images: batch.images as usize,
            hidden: usize::from(self.config.hidden),
            taps: self.state_taps().into_iter().map(|(row, column)| (row as isize, column as isize)).collect(),
            cell: if self.config.architecture == Architecture::DiagonalBilstm { (0, -1) } else { (-1, 0) },
        }
    }

    fn lstm(&self, batch: Batch, gates: &Tensor, weights: &Tensor) -> Lstm {
        let (device, hidden) = (gates.device(), i64::from(self.config.hidden));
        let pixels = gates.size()[0];
        let mut gates = to_vec(gates);
        let mut cells = vec![0.0; gates.len() / 4];
        let mut states = vec![0.0; gates.len() / 4];
        self.recurrence(batch).forward(&to_vec(&weights.tr()), &mut gates, &mut cells, &mut states);
        let tensor = |values: &[f32], features: i64| Tensor::from_slice(values).view([pixels, features]).to_device(device);
        Lstm { gates: tensor(&gates, 4 * hidden), cells: tensor(&cells, hidden), hidden: tensor(&states, hidden) }
    }

    /// The gradient of the input-to-state map, and the hidden states' taps that the state-to-state weights were applied to.
    fn lstm_gradient(&self, batch: Batch, lstm: &Lstm, gradient: &Tensor, weights: &Tensor) -> (Tensor, Tensor) {
        let mut gates = to_vec(&lstm.gates);
        let mut gradient = to_vec(gradient);
        self.recurrence(batch).backward(&to_vec(weights), &mut gates, &to_vec(&lstm.cells), &mut gradient);
        let gates = Tensor::from_slice(&gates).view_as(&lstm.gates).to_device(lstm.gates.device());
        (gates, batch.taps(&lstm.hidden, &self.state_taps()))
    }
}

fn to_vec(tensor: &Tensor) -> Vec<f32> {
    let tensor = tensor.to_device(Device::Cpu).to_kind(Kind::Float).contiguous();
    let mut values = vec![0.0; tensor.numel()];
    tensor.copy_data(&mut values, tensor.numel());
    values
}
