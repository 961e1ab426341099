//! What a training begins with: a shape and weights, drawn, read, grown, or those of its checkpoint.

use std::path::Path;

use serde::Serialize;
use tch::Device;

use super::checkpoint::{self, Checkpoint, Identity, Progress};
use super::optimizer::Memory;
use super::order::Look;
use super::parameters::{self, Named};
use super::{TrainArguments, TrainError, grow, nibbles};
use crate::config::NetworkConfig;
use crate::data::{Levels, Picture};
use crate::quantize::Bits;
use crate::report;

/// A network's shape, and the weights that `--init` gives it.
pub struct Beginning {
    /// The shape.
    pub config: NetworkConfig,
    init: Option<(NetworkConfig, Named)>,
}

impl Beginning {
    /// What the arguments ask for, for images of so many channels and classes.
    ///
    /// # Errors
    /// A shape out of range; weights that cannot be read or do not fit.
    pub fn read(
        arguments: &TrainArguments,
        (channels, classes): (u8, u16),
        device: Device,
    ) -> Result<Self, TrainError> {
        let init = match &arguments.init {
            Some(path) => Some(weights(arguments, path, (channels, classes), device)?),
            None => None,
        };
        let mut config =
            init.as_ref().map_or_else(|| arguments.network(channels, classes), |(config, _)| config.clone());
        if arguments.grow {
            config = grow::shape(&config, arguments).map_err(TrainError::Argument)?;
        }
        classes_of(&mut config, classes).map_err(TrainError::Argument)?;
        config.dilation = config.dilation.max(arguments.dilation);
        config.check().map_err(TrainError::Argument)?;
        if (config.levels, config.channels) != (arguments.levels, channels) {
            return Err(TrainError::Argument(format!(
                "the weights to begin from are for --levels {} and {} channels, not {} and {channels}",
                config.levels, config.channels, arguments.levels
            )));
        }
        if config.factor != arguments.scale {
            return Err(TrainError::Argument(format!(
                "the weights to begin from are for --scale {}, not {} (0: given no smaller image)",
                config.factor, arguments.scale
            )));
        }
        Ok(Self { config, init })
    }

    /// Begins from weights whose blocks have 4 bits, if the arguments ask for such; gives their steps.
    ///
    /// # Errors
    /// A network whose blocks cannot have them.
    pub fn round(&mut self, arguments: &TrainArguments, images: &[Picture]) -> Result<nibbles::Steps, TrainError> {
        let Some((from, named)) = self.init.as_mut().filter(|_| arguments.bits == Bits::Four) else {
            return Ok(nibbles::Steps::default());
        };
        *named = nibbles::begin(named, from, images.to_vec(), arguments.values == Levels::Sample)?;
        Ok(nibbles::Steps::of(named, from))
    }

    /// Where the training stands: at its beginning, or where the checkpoint says.
    ///
    /// # Errors
    /// A checkpoint that cannot be gone on from.
    pub fn state(&self, path: &Path, identity: &Identity, device: Device) -> Result<Checkpoint, TrainError> {
        if path.exists() {
            return checkpoint::load(path, identity, device);
        }
        let seed = identity.seed as i64;
        let parameters = match &self.init {
            Some((from, weights)) => grow::grow(weights, from, &self.config, seed, device),
            None => parameters::initialize(&self.config, seed, device),
        };
        Ok(Checkpoint { parameters, memory: Memory::default(), progress: Progress::default() })
    }

    /// What must stay the same for the training to be gone on with.
    pub fn identity(&self, arguments: &TrainArguments, pictures: &[Picture], look: Look) -> Identity {
        Identity {
            network: self.config.clone(),
            seed: arguments.seed,
            batch: arguments.batch,
            optimizer: arguments.optimizer,
            images: Identity::of(pictures),
            look,
        }
    }

    /// Writes the shape and the settings into the run folder.
    ///
    /// # Errors
    /// What the file system says.
    pub fn write(&self, arguments: &TrainArguments, out: &Path) -> Result<(), TrainError> {
        write_json(&out.join("config.json"), &self.config)?;
        write_json(&out.join("train.json"), arguments)
    }
}

/// Gives a network that knows no classes those of the labels; checks that one that does has as many.
fn classes_of(config: &mut NetworkConfig, classes: u16) -> Result<(), String> {
    match config.classes {
        known if known == classes => {}
        0 => config.classes = classes,
        known if classes == 0 => {
            return Err(format!("the weights to begin from are for {known} classes: give --labels"));
        }
        known if classes < known => config.classes = known,
        known => return Err(format!("the weights to begin from are for {known} classes, the labels name {classes}")),
    }
    Ok(())
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<(), TrainError> {
    let text = serde_json::to_string_pretty(value).map_err(|error| TrainError::Argument(error.to_string()))?;
    Ok(report::write(path, (text + "\n").as_bytes())?)
}

/// The weights that `--init` or `--teacher` names, and the shape of the network they belong to.
///
/// # Errors
/// Files that cannot be read, or that are no weights.
pub fn weights(
    arguments: &TrainArguments,
    path: &Path,
    (channels, classes): (u8, u16),
    device: Device,
) -> Result<(NetworkConfig, Named), TrainError> {
    let error = |path: &Path, reason: String| TrainError::Read { path: path.to_path_buf(), reason };
    let read = |path: &Path| std::fs::read(path).map_err(|source| error(path, source.to_string()));
    let bytes = read(path)?;
    let beside = [path.with_extension("json"), path.with_file_name("config.json")];
    let (config, hint) = match beside.iter().find(|config| config.exists()) {
        Some(beside) => {
            let config = serde_json::from_slice(&read(beside)?).map_err(|reason| error(beside, reason.to_string()))?;
            (config, "")
        }
        None => (arguments.network(channels, classes), " asked for, and no config lies beside it"),
    };
    let named = parameters::from_documented(&config, &bytes, device)
        .map_err(|reason| error(path, format!("it does not hold the weights of the network{hint}: {reason}")))?;
    Ok((config, named))
}
