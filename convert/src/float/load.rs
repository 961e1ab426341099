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

/// Where a network's weights and config are, of a run folder or a `.safetensors` file: its config has the same name with `.json`, or is
/// `config.json`.
pub fn files(path: &Path) -> (PathBuf, PathBuf) {
    if path.is_dir() {
        return (path.join("model.safetensors"), path.join("config.json"));
    }
    let beside = path.with_extension("json");
    (path.to_path_buf(), if beside.exists() { beside } else { path.with_file_name("config.json") })
}

/// Gives the values of a tensor by its name and shape, or says in words why not.
pub type Source<'a> = dyn FnMut(&str, &[usize]) -> Result<Vec<f32>, String> + 'a;

/// Where layers take their weights from.
pub(super) struct Tensors<'a>(&'a mut Source<'a>);

impl Tensors<'_> {
    /// Takes a tensor's values.
    pub fn take(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, String> {
        let values = (self.0)(name, shape)?;
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

/// Takes a tensor out of a file.
fn tensor(file: &SafeTensors<'_>, name: &str, shape: &[usize]) -> Result<Vec<f32>, String> {
    let tensor = file.tensor(name).map_err(|_| format!("{name} is missing"))?;
    if tensor.shape() != shape {
        return Err(format!("{name} is {:?}, {shape:?} is expected", tensor.shape()));
    }
    let bytes = tensor.data();
    let halves = || bytes.as_chunks::<2>().0.iter().copied();
    match tensor.dtype() {
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
        let file = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
        let mut left: BTreeSet<String> = file.names().into_iter().map(String::from).collect();
        let network = Self::from_tensors(config, &mut |name, shape| {
            left.remove(name);
            tensor(&file, name, shape)
        })?;
        match left.first() {
            Some(name) => Err(format!("{name} has no place in it")),
            None => Ok(network),
        }
    }

    /// From weights under their documented names and shapes (see [`config`](crate::config)), each of which is asked for once.
    ///
    /// # Errors
    /// What the source says; weights that are not finite.
    pub fn from_tensors(config: NetworkConfig, source: &mut Source<'_>) -> Result<Self, String> {
        Self::take(config, &mut Tensors(source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Architecture;

    fn config() -> NetworkConfig {
        NetworkConfig { levels: 17, skip: true, ..NetworkConfig::plain(Architecture::PixelCnn, 4, 1) }
    }

    #[test]
    fn layers_ask_for_the_documented_tensors() {
        let mut asked = Vec::new();
        let source = &mut |name: &str, shape: &[usize]| {
            asked.push((name.to_owned(), shape.to_vec()));
            Ok(vec![0.0; shape.iter().product()])
        };
        Network::from_tensors(config(), source).unwrap();
        asked.sort();
        let weights = |name: &str| asked.iter().find(|(other, _)| other == name).map(|(_, shape)| shape.as_slice());
        assert_eq!(asked.len(), 14);
        assert_eq!(weights("first.weight"), Some([8, 1, 7, 7].as_slice()));
        assert_eq!(weights("blocks.0.conv.weight"), Some([4, 4, 3, 3].as_slice()));
        assert_eq!(weights("blocks.0.skip.bias"), Some([8].as_slice()));
        assert_eq!(weights("head.output.weight"), Some([17, 4].as_slice()));
    }

    #[test]
    fn weights_that_are_no_numbers_are_refused() {
        let source = &mut |_: &str, shape: &[usize]| Ok(vec![f32::NAN; shape.iter().product()]);
        assert!(Network::from_tensors(config(), source).unwrap_err().contains("NaN"));
    }
}
