//! A network's weights while it trains: matrices of rows by (tap, feature), and their documented form on disk.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use safetensors::Dtype;
use safetensors::tensor::TensorView;
use tch::{Device, Kind, Tensor};

use super::TrainError;
use super::maps::to_vec;
use crate::config::{Architecture, NetworkConfig};
use crate::{float, report};

/// Tensors by name.
pub type Named = BTreeMap<String, Tensor>;

/// Row and column offsets of mask A's 24 taps, in raster order.
pub fn mask_a() -> Vec<(i64, i64)> {
    (0..24).map(|tap| (tap / 7 - 3, tap % 7 - 3)).collect()
}

/// Offsets of mask B's five taps of a 3x3 kernel, in raster order.
pub const MASK_B: [(i64, i64); 5] = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 0)];

/// A weight's place: its name, rows, taps, inputs a tap, and the shape of its kernel on disk.
pub struct Weight {
    /// What its tensors' names begin with.
    pub name: String,
    /// Outputs; those of four gates follow one another.
    pub rows: i64,
    /// Places of a kernel that are read.
    pub taps: i64,
    /// Features at a tap.
    pub inputs: i64,
    kernel: Vec<i64>,
    /// Whether outputs have biases.
    pub bias: bool,
}

/// A network's weights, in order.
pub fn weights(config: &NetworkConfig) -> Vec<Weight> {
    let h = i64::from(config.hidden);
    let f = 2 * h;
    let outputs = if config.levels == 2 { 1 } else { i64::from(config.levels) };
    let mut list = Vec::new();
    let mut add = |name: String, rows, taps, inputs, kernel: &[i64], bias| {
        list.push(Weight { name, rows, taps, inputs, kernel: kernel.to_vec(), bias });
    };
    add("first".into(), f, 24, i64::from(config.channels), &[7, 7], true);
    for block in 0..config.blocks {
        let name = |part: &str| format!("blocks.{block}.{part}");
        match config.architecture {
            Architecture::PixelCnn => {
                add(name("reduce"), h, 1, f, &[], true);
                add(name("conv"), h, 5, h, &[3, 3], true);
            }
            Architecture::RowLstm => {
                add(name("input_to_state"), 4 * h, 2, f, &[3], true);
                let kernel = i64::from(config.kernel);
                add(name("state_to_state"), 4 * h, kernel, h, &[kernel], false);
            }
            Architecture::DiagonalBilstm => {
                for direction in ["left", "right"] {
                    add(name(&format!("{direction}.input_to_state")), 4 * h, 1, f, &[], true);
                    add(name(&format!("{direction}.state_to_state")), 4 * h, 2, h, &[2], false);
                }
            }
        }
        add(name("expand"), f, 1, h, &[], true);
        if config.skip {
            add(name("skip"), f, 1, h, &[], true);
        }
    }
    add("head.hidden".into(), i64::from(config.head), 1, f, &[], true);
    add("head.output".into(), outputs, 1, i64::from(config.head), &[], true);
    list
}

/// Fresh weights: uniform within 1 / sqrt(inputs), the blocks' last products smaller, forget gates open.
pub fn initialize(config: &NetworkConfig, seed: i64, device: Device) -> Named {
    tch::manual_seed(seed);
    let mut named = Named::new();
    for weight in weights(config) {
        let columns = weight.taps * weight.inputs;
        let mut bound = (columns as f64).sqrt().recip() * 3.0f64.sqrt();
        if weight.name.ends_with("expand") || weight.name.ends_with("skip") {
            bound /= f64::from(config.blocks).sqrt();
        }
        let values = Tensor::rand([weight.rows, columns], (Kind::Float, Device::Cpu)) * (2.0 * bound) - bound;
        named.insert(format!("{}.weight", weight.name), values.to_device(device));
        if weight.bias {
            let bias = Tensor::zeros([weight.rows], (Kind::Float, device));
            if weight.name.ends_with("input_to_state") {
                let h = i64::from(config.hidden);
                let _ = bias.narrow(0, h, h).fill_(1.0);
            }
            named.insert(format!("{}.bias", weight.name), bias);
        }
    }
    named
}

/// The documented form: kernels `[rows, inputs, …]` with zeros where a mask hides them.
fn documented(named: &Named, config: &NetworkConfig) -> Result<Named, TrainError> {
    let mut out = Named::new();
    for weight in weights(config) {
        let name = format!("{}.weight", weight.name);
        let matrix = named.get(&name).ok_or_else(|| TrainError::Missing(name.clone()))?.to_device(Device::Cpu);
        let elements: i64 = weight.kernel.iter().product();
        let full = if weight.kernel.is_empty() {
            matrix
        } else {
            let kernel = matrix.view([weight.rows, weight.taps, weight.inputs]).transpose(1, 2);
            let kernel = kernel.constant_pad_nd([0, elements - weight.taps]).contiguous();
            let shape: Vec<i64> =
                [weight.rows, weight.inputs].into_iter().chain(weight.kernel.iter().copied()).collect();
            kernel.view(shape.as_slice())
        };
        out.insert(name, full.contiguous());
        if weight.bias {
            let name = format!("{}.bias", weight.name);
            let bias = named.get(&name).ok_or_else(|| TrainError::Missing(name.clone()))?;
            out.insert(name, bias.to_device(Device::Cpu));
        }
    }
    Ok(out)
}

/// Names and shapes of the weights while they train.
pub fn shapes(config: &NetworkConfig) -> Vec<(String, Vec<i64>)> {
    let mut list = Vec::new();
    for weight in weights(config) {
        list.push((format!("{}.weight", weight.name), vec![weight.rows, weight.taps * weight.inputs]));
        if weight.bias {
            list.push((format!("{}.bias", weight.name), vec![weight.rows]));
        }
    }
    list
}

/// The bytes of a safetensors file.
///
/// # Errors
/// Tensors that cannot be written as safetensors.
pub fn serialize(named: &Named, metadata: Option<HashMap<String, String>>) -> Result<Vec<u8>, TrainError> {
    let all: Vec<(&str, Vec<usize>, Vec<f32>)> = named
        .iter()
        .map(|(name, tensor)| (name.as_str(), tensor.size().iter().map(|&n| n as usize).collect(), to_vec(tensor)))
        .collect();
    let wrong = |error: safetensors::SafeTensorError| TrainError::Argument(error.to_string());
    let mut views = Vec::new();
    for (name, shape, values) in &all {
        let view = TensorView::new(Dtype::F32, shape.clone(), bytemuck::cast_slice(values)).map_err(wrong)?;
        views.push((*name, view));
    }
    safetensors::serialize(views, metadata).map_err(wrong)
}

/// The bytes of a file of weights under their documented names and shapes.
///
/// # Errors
/// A weight that is missing.
pub fn documented_bytes(named: &Named, config: &NetworkConfig) -> Result<Vec<u8>, TrainError> {
    serialize(&documented(named, config)?, None)
}

/// Writes weights under their documented names and shapes, beside the file, then renames: it is whole or not there.
///
/// # Errors
/// A weight that is missing; what the file system says.
pub fn save(named: &Named, config: &NetworkConfig, path: &Path) -> Result<(), TrainError> {
    Ok(report::write(path, &documented_bytes(named, config)?)?)
}

/// A float twin's weights, to train on from.
pub fn from_twin(twin: &float::Network, device: Device) -> Named {
    let mut named = Named::new();
    let mut add = |name: String, dense: &float::Dense, bias: bool| {
        let weights = Tensor::from_slice(&dense.weights).view([dense.outputs as i64, dense.inputs as i64]);
        named.insert(format!("{name}.weight"), weights.to_device(device));
        if bias {
            named.insert(format!("{name}.bias"), Tensor::from_slice(&dense.biases).to_device(device));
        }
    };
    let lstm = |name: &str, lstm: &float::Lstm, add: &mut dyn FnMut(String, &float::Dense, bool)| {
        add(format!("{name}input_to_state"), &lstm.input_to_state, true);
        add(format!("{name}state_to_state"), &lstm.state_to_state, false);
    };
    add("first".into(), &twin.first, true);
    for (number, (block, expand, skip)) in twin.blocks.iter().enumerate() {
        let name = format!("blocks.{number}.");
        match block {
            float::Block::PixelCnn { reduce, convolution } => {
                add(format!("{name}reduce"), reduce, true);
                add(format!("{name}conv"), convolution, true);
            }
            float::Block::RowLstm(weights) => lstm(&name, weights, &mut add),
            float::Block::DiagonalBilstm([left, right]) => {
                lstm(&format!("{name}left."), left, &mut add);
                lstm(&format!("{name}right."), right, &mut add);
            }
        }
        add(format!("{name}expand"), expand, true);
        if let Some(skip) = skip {
            add(format!("{name}skip"), skip, true);
        }
    }
    add("head.hidden".into(), &twin.head_hidden, true);
    add("head.output".into(), &twin.head_output, true);
    named
}
