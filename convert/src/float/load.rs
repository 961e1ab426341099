//! Reads a float network: a config and safetensors under documented names (see [`config`](crate::config)).
//!
//! Which tensors there are, layers know; here is how one is taken.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use safetensors::{Dtype, SafeTensors};

use super::{Dense, Network};
use crate::config::NetworkConfig;

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
pub(super) struct Tensors<'a> {
    all: SafeTensors<'a>,
    left: BTreeSet<String>,
}

impl Tensors<'_> {
    /// Takes a tensor's values.
    pub fn take(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, String> {
        let tensor = self.all.tensor(name).map_err(|_| format!("{name} is missing"))?;
        if tensor.shape() != shape {
            return Err(format!("{name} is {:?}, {shape:?} is expected", tensor.shape()));
        }
        self.left.remove(name);
        let values = floats(name, tensor.dtype(), tensor.data())?;
        match values.iter().find(|value| !value.is_finite()) {
            Some(value) => Err(format!("{name} holds {value}")),
            None => Ok(values),
        }
    }

    /// Takes a kernel `[rows, inputs, …]`, of which the first `taps` elements are read, as rows by (tap, input); and its biases.
    pub fn kernel(&mut self, name: &str, shape: &[usize], taps: usize) -> Result<Dense, String> {
        let biases = self.take(&format!("{name}.bias"), &shape[..1])?;
        self.kernel_alone(name, shape, taps).map(|kernel| Dense::new(kernel.inputs, kernel.weights, biases))
    }

    /// The same without biases.
    pub fn kernel_alone(&mut self, name: &str, shape: &[usize], taps: usize) -> Result<Dense, String> {
        let values = self.take(&format!("{name}.weight"), shape)?;
        let (rows, inputs, elements) = (shape[0], shape[1], shape[2..].iter().product::<usize>());
        let mut weights = Vec::with_capacity(rows * taps * inputs);
        for row in values.chunks_exact(inputs * elements) {
            for tap in 0..taps {
                weights.extend((0..inputs).map(|input| row[input * elements + tap]));
            }
        }
        Ok(Dense::new(taps * inputs, weights, vec![0.0; rows]))
    }

    /// Takes a 1x1 product with biases.
    pub fn linear(&mut self, name: &str, rows: usize, inputs: usize) -> Result<Dense, String> {
        self.kernel(name, &[rows, inputs], 1)
    }
}

fn floats(name: &str, kind: Dtype, bytes: &[u8]) -> Result<Vec<f32>, String> {
    let halves = || bytes.as_chunks::<2>().0.iter().copied();
    match kind {
        Dtype::F32 => Ok(bytes.as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect()),
        Dtype::F16 => Ok(halves().map(|bytes| half::f16::from_le_bytes(bytes).to_f32()).collect()),
        Dtype::BF16 => Ok(halves().map(|bytes| half::bf16::from_le_bytes(bytes).to_f32()).collect()),
        other => Err(format!("{name} is {other:?}; float32, float16 and bfloat16 are read")),
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
        let network = Self::take(config, &mut tensors)?;
        match tensors.left.first() {
            Some(name) => Err(format!("{name} has no place in it")),
            None => Ok(network),
        }
    }
}
