//! Reads a float network: a config and safetensors under documented names (see [`config`](crate::config)).

use std::path::{Path, PathBuf};

use safetensors::{Dtype, SafeTensors};

use super::Dense;
use super::network::{Block, Lstm, Network};
use crate::config::{Architecture, NetworkConfig};

/// Why a float network was not read.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// A file cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The config is not one.
    #[error("{path} is not a network's config: {reason}")]
    Config {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The weights are not those of the config's network.
    #[error("{path} does not hold the weights of the network in the config: {reason}")]
    Weights {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

/// Tensors by name; remembers which were taken.
struct Tensors<'a> {
    all: SafeTensors<'a>,
    left: std::collections::BTreeSet<String>,
}

impl Tensors<'_> {
    fn take(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, String> {
        let tensor = self.all.tensor(name).map_err(|_| format!("{name} is missing"))?;
        if tensor.shape() != shape {
            return Err(format!("{name} is {:?}, {shape:?} is expected", tensor.shape()));
        }
        self.left.remove(name);
        let bytes = tensor.data();
        let values: Vec<f32> = match tensor.dtype() {
            Dtype::F32 => bytes.as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect(),
            Dtype::F16 => bytes.as_chunks::<2>().0.iter().map(|&b| half::f16::from_le_bytes(b).to_f32()).collect(),
            Dtype::BF16 => bytes.as_chunks::<2>().0.iter().map(|&b| half::bf16::from_le_bytes(b).to_f32()).collect(),
            other => return Err(format!("{name} is {other:?}; float32, float16 and bfloat16 are read")),
        };
        match values.iter().find(|value| !value.is_finite()) {
            Some(value) => Err(format!("{name} holds {value}")),
            None => Ok(values),
        }
    }

    /// A kernel `[rows, inputs, …]`, of which the first `taps` elements are read, as rows by (tap, input).
    fn kernel(
        &mut self,
        name: &str,
        rows: usize,
        inputs: usize,
        kernel: &[usize],
        taps: usize,
        bias: bool,
    ) -> Result<Dense, String> {
        let shape: Vec<usize> = [rows, inputs].into_iter().chain(kernel.iter().copied()).collect();
        let values = self.take(&format!("{name}.weight"), &shape)?;
        let elements: usize = kernel.iter().product();
        let mut weights = Vec::with_capacity(rows * taps * inputs);
        for row in values.chunks_exact(inputs * elements) {
            for tap in 0..taps {
                weights.extend((0..inputs).map(|input| row[input * elements + tap]));
            }
        }
        let biases = if bias { self.take(&format!("{name}.bias"), &[rows])? } else { vec![0.0; rows] };
        Ok(Dense::new(taps * inputs, weights, biases))
    }

    fn linear(&mut self, name: &str, rows: usize, inputs: usize) -> Result<Dense, String> {
        self.kernel(name, rows, inputs, &[], 1, true)
    }
}

impl Network {
    /// Reads a network.
    ///
    /// # Errors
    /// Files that cannot be read, weights that are missing, superfluous, not finite or of another shape.
    pub fn read(config: &Path, weights: &Path) -> Result<Self, NetworkError> {
        let read = |path: &Path| std::fs::read(path).map_err(|source| NetworkError::Read { path: path.into(), source });
        let config_error = |reason: String| NetworkError::Config { path: config.into(), reason };
        let shape: NetworkConfig =
            serde_json::from_slice(&read(config)?).map_err(|error| config_error(error.to_string()))?;
        shape.check().map_err(config_error)?;
        let bytes = read(weights)?;
        Self::from_safetensors(shape, &bytes).map_err(|reason| NetworkError::Weights { path: weights.into(), reason })
    }

    /// From the bytes of a safetensors file.
    ///
    /// # Errors
    /// Weights that are missing, superfluous, not finite or of another shape, in words.
    pub fn from_safetensors(config: NetworkConfig, bytes: &[u8]) -> Result<Self, String> {
        let all = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
        let left = all.names().into_iter().map(String::from).collect();
        let mut tensors = Tensors { all, left };
        let (h, m) = (usize::from(config.hidden), usize::from(config.head));
        let f = 2 * h;
        let first = tensors.kernel("first", f, usize::from(config.channels), &[7, 7], 24, true)?;
        let mut blocks = Vec::new();
        for number in 0..config.blocks {
            let name = |part: &str| format!("blocks.{number}.{part}");
            let block = match config.architecture {
                Architecture::PixelCnn => Block::PixelCnn {
                    reduce: tensors.linear(&name("reduce"), h, f)?,
                    convolution: tensors.kernel(&name("conv"), h, h, &[3, 3], 5, true)?,
                },
                Architecture::RowLstm => {
                    let kernel = usize::from(config.kernel);
                    Block::RowLstm(Lstm {
                        input_to_state: tensors.kernel(&name("input_to_state"), 4 * h, f, &[3], 2, true)?,
                        state_to_state: tensors.kernel(&name("state_to_state"), 4 * h, h, &[kernel], kernel, false)?,
                    })
                }
                Architecture::DiagonalBilstm => {
                    let mut direction = |side: &str| -> Result<Lstm, String> {
                        let input = name(&format!("{side}.input_to_state"));
                        let state = name(&format!("{side}.state_to_state"));
                        Ok(Lstm {
                            input_to_state: tensors.linear(&input, 4 * h, f)?,
                            state_to_state: tensors.kernel(&state, 4 * h, h, &[2], 2, false)?,
                        })
                    };
                    Block::DiagonalBilstm([direction("left")?, direction("right")?])
                }
            };
            let expand = tensors.linear(&name("expand"), f, h)?;
            let skip = if config.skip { Some(tensors.linear(&name("skip"), f, h)?) } else { None };
            blocks.push((block, expand, skip));
        }
        let head_hidden = tensors.linear("head.hidden", m, f)?;
        let outputs = if config.levels == 2 { 1 } else { config.levels as usize };
        let head_output = tensors.linear("head.output", outputs, m)?;
        match tensors.left.first() {
            Some(name) => Err(format!("{name} has no place in it")),
            None => Ok(Self { config, first, blocks, head_hidden, head_output }),
        }
    }
}
