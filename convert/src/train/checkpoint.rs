//! Everything a training goes on from, in one file: it is whole or not there, and cannot disagree with itself.

use std::collections::HashMap;
use std::path::Path;

use safetensors::{Dtype, SafeTensors};
use serde::{Deserialize, Serialize};
use tch::{Device, Tensor};

use super::TrainError;
use super::optimizer::{Memory, Rule};
use super::order::Look;
use super::parameters::{self, Named};
use crate::config::NetworkConfig;
use crate::data::Picture;
use crate::report;

/// The metadata's key.
const KEY: &str = "pixelrnn.checkpoint";

/// The format's version.
const FORMAT: u32 = 2;

/// Where a training stands.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Steps made.
    pub steps: u64,
    /// Minutes trained.
    pub minutes: f64,
    /// The best validation.
    pub best: Option<Best>,
    /// Validations made.
    pub validations: u32,
    /// Validations since the best one.
    pub worse: u32,
    /// Whether the last validation was made.
    pub finished: bool,
}

/// A validation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// Nats an image.
    pub nats: f64,
    /// Steps made until then.
    pub steps: u64,
}

/// What must stay the same for a run to be gone on with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// The network's shape.
    pub network: NetworkConfig,
    /// Seed of the images' order.
    pub seed: u64,
    /// Images a step.
    pub batch: usize,
    /// The rule by which weights move.
    pub optimizer: Rule,
    /// The training images, as they are read: their number, and a CRC-32 of their sizes and values.
    pub images: (usize, u32),
    /// What a step sees of them.
    pub look: Look,
}

impl Identity {
    /// What identifies a set of images.
    pub fn of(pictures: &[Picture]) -> (usize, u32) {
        let mut crc = flate2::Crc::new();
        for picture in pictures {
            crc.update(&picture.width.to_le_bytes());
            picture.values.iter().chain(&picture.class).for_each(|value| crc.update(&value.to_le_bytes()));
        }
        (pictures.len(), crc.sum())
    }

    /// What differs, in words.
    fn difference(&self, other: &Self) -> Option<String> {
        let differ = |what: &str, was: &dyn std::fmt::Debug, is: &dyn std::fmt::Debug| {
            Some(format!("it was begun with {what} {was:?}, not {is:?}"))
        };
        match (self, other) {
            (was, is) if was.network != is.network => differ("the network", &was.network, &is.network),
            (was, is) if was.seed != is.seed => differ("--seed", &was.seed, &is.seed),
            (was, is) if was.batch != is.batch => differ("--batch", &was.batch, &is.batch),
            (was, is) if was.optimizer != is.optimizer => differ("--optimizer", &was.optimizer, &is.optimizer),
            (was, is) if was.look.size != is.look.size => differ("images of", &was.look.size, &is.look.size),
            (was, is) if was.look.flip != is.look.flip => differ("--flip", &was.look.flip, &is.look.flip),
            (was, is) if was.images != is.images || was.look != is.look => {
                Some("it was begun with other training images, or other --levels, --labels or --values".into())
            }
            _ => None,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Header {
    format: u32,
    identity: Identity,
    progress: Progress,
}

/// A training's state.
#[derive(Debug)]
pub struct Checkpoint {
    /// The weights.
    pub parameters: Named,
    /// What the optimizer remembers.
    pub memory: Memory,
    /// Where it stands.
    pub progress: Progress,
}

/// Writes a checkpoint beside the old one, then renames.
///
/// # Errors
/// Weights that are not finite (the old checkpoint stays); what the file system says.
pub fn save(
    path: &Path,
    identity: &Identity,
    parameters: &Named,
    memory: &Memory,
    progress: &Progress,
) -> Result<(), TrainError> {
    let mut all: Named = memory.tensors.iter().map(|(name, tensor)| (name.clone(), tensor.shallow_clone())).collect();
    for (name, tensor) in parameters {
        all.insert(format!("parameter/{name}"), tensor.shallow_clone());
    }
    let header = Header { format: FORMAT, identity: identity.clone(), progress: progress.clone() };
    let header = serde_json::to_string(&header).map_err(|error| TrainError::Argument(error.to_string()))?;
    for (name, tensor) in &all {
        if tensor.isfinite().all().int64_value(&[]) == 0 {
            return Err(TrainError::NotFinite { what: name.clone(), step: progress.steps });
        }
    }
    let bytes = parameters::serialize(&all, Some(HashMap::from([(KEY.into(), header)])))?;
    Ok(report::write(path, &bytes)?)
}

/// Reads a checkpoint, and checks that it is the run's and whole.
///
/// # Errors
/// A file that cannot be read, is damaged, or belongs to another run: what it is, and what to do.
pub fn load(path: &Path, identity: &Identity, device: Device) -> Result<Checkpoint, TrainError> {
    let bytes = std::fs::read(path)
        .map_err(|error| TrainError::Read { path: path.to_path_buf(), reason: error.to_string() })?;
    parse(&bytes, identity, device).map_err(|reason| TrainError::Checkpoint { path: path.to_path_buf(), reason })
}

fn parse(bytes: &[u8], identity: &Identity, device: Device) -> Result<Checkpoint, String> {
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|error| error.to_string())?;
    let file = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
    let header = metadata.metadata().as_ref().and_then(|entries| entries.get(KEY)).ok_or("it has no progress in it")?;
    let Header { format, identity: was, progress } = serde_json::from_str(header).map_err(|error| error.to_string())?;
    if format != FORMAT {
        return Err(format!("its format is {format}, this program reads {FORMAT}"));
    }
    if let Some(difference) = was.difference(identity) {
        return Err(difference);
    }
    let mut tensors = Named::new();
    for (name, view) in file.iter() {
        if view.dtype() != Dtype::F32 {
            return Err(format!("{name} is {:?}, not float32", view.dtype()));
        }
        let values: Vec<f32> = view.data().as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
        let shape: Vec<i64> = view.shape().iter().map(|&size| size as i64).collect();
        tensors.insert(name.to_owned(), Tensor::from_slice(&values).view(shape.as_slice()).to_device(device));
    }
    let mut parameters = Named::new();
    let mut memory = Memory { steps: progress.steps, ..Memory::default() };
    for (name, shape) in parameters::shapes(&identity.network) {
        let mut take = |name: String| {
            let tensor = tensors.remove(&name).ok_or(format!("{name} is missing"))?;
            if tensor.size() != shape {
                return Err(format!("{name} is {:?}, {shape:?} is expected", tensor.size()));
            }
            Ok(tensor)
        };
        let kinds = if progress.steps == 0 { &[] } else { identity.optimizer.kinds(&name) };
        for kind in kinds {
            let name = format!("{kind}/{name}");
            memory.tensors.insert(name.clone(), take(name)?);
        }
        let tensor = take(format!("parameter/{name}"))?;
        parameters.insert(name, tensor);
    }
    match tensors.keys().next() {
        Some(name) => Err(format!("{name} has no place in it")),
        None => Ok(Checkpoint { parameters, memory, progress }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::images::Size;
    use super::super::optimizer::Settings;
    use super::*;
    use crate::config::Architecture;

    fn identity() -> Identity {
        let network = NetworkConfig::plain(Architecture::RowLstm, 4, 1);
        let look = Look { size: Size { width: 2, height: 2 }, flip: false, redraw: false, every: 1 };
        Identity { network, seed: 1, batch: 16, optimizer: Rule::Adamw, images: (16, 7), look }
    }

    #[test]
    fn every_rule_goes_on_exactly() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint.safetensors");
        for optimizer in [Rule::Adamw, Rule::Muon, Rule::Rmsprop] {
            let identity = Identity { optimizer, ..identity() };
            let mut parameters = parameters::initialize(&identity.network, 1, Device::Cpu);
            let mut memory = Memory::default();
            let step = |parameters: &mut Named, memory: &mut Memory| {
                let gradients = parameters.iter().map(|(name, tensor)| (name.clone(), tensor.sin())).collect();
                memory.step(&Settings { rule: optimizer, rate: 0.1, decay: 0.01, clip: 10.0 }, parameters, &gradients);
                memory.average(parameters, 10.0);
            };
            step(&mut parameters, &mut memory);
            let progress = Progress { steps: 1, ..Progress::default() };
            save(&path, &identity, &parameters, &memory, &progress).unwrap();
            let mut back = load(&path, &identity, Device::Cpu).unwrap();
            step(&mut parameters, &mut memory);
            step(&mut back.parameters, &mut back.memory);
            for (name, tensor) in &parameters {
                assert!(tensor.equal(&back.parameters[name]), "{optimizer:?}, {name}");
            }
        }
    }

    #[test]
    fn a_checkpoint_comes_back_and_a_wrong_one_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint.safetensors");
        let identity = identity();
        let mut parameters = parameters::initialize(&identity.network, 1, Device::Cpu);
        let mut memory = Memory::default();
        let gradients: Named = parameters.iter().map(|(name, tensor)| (name.clone(), tensor.ones_like())).collect();
        let settings = Settings { rule: Rule::Adamw, rate: 0.1, decay: 0.0, clip: 10.0 };
        memory.step(&settings, &mut parameters, &gradients);
        memory.average(&parameters, 10.0);
        let progress =
            Progress { steps: 1, minutes: 0.5, best: Some(Best { nats: 3.0, steps: 1 }), ..Progress::default() };
        save(&path, &identity, &parameters, &memory, &progress).unwrap();
        let back = load(&path, &identity, Device::Cpu).unwrap();
        assert_eq!(back.progress, progress);
        for (name, tensor) in parameters.iter().chain(&memory.tensors) {
            let other = back.parameters.get(name).unwrap_or_else(|| &back.memory.tensors[name]);
            assert!(tensor.equal(other), "{name}");
        }

        let reason = |identity: &Identity| load(&path, identity, Device::Cpu).unwrap_err().to_string();
        let mut other = identity.clone();
        other.batch = 32;
        assert!(reason(&other).contains("--batch 16, not 32"), "{}", reason(&other));
        other = identity.clone();
        other.network.hidden = 8;
        assert!(reason(&other).contains("network"));
        other = identity.clone();
        other.images.1 = 8;
        assert!(reason(&other).contains("images"));

        let bytes = std::fs::read(&path).unwrap();
        for length in [0, 5, 100, bytes.len() / 2, bytes.len() - 1] {
            std::fs::write(&path, &bytes[..length]).unwrap();
            assert!(reason(&identity).contains("remove it"), "{}", reason(&identity));
        }
        std::fs::write(&path, parameters::documented_bytes(&parameters, &identity.network).unwrap()).unwrap();
        assert!(reason(&identity).contains("no progress"));
        std::fs::write(&path, &bytes).unwrap();

        // Weights that are not finite never replace a checkpoint.
        let broken = parameters.iter().map(|(name, tensor)| (name.clone(), tensor / 0.0)).collect();
        assert!(matches!(save(&path, &identity, &broken, &memory, &progress), Err(TrainError::NotFinite { .. })));
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
    }
}
