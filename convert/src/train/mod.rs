//! `pixelrnn train`: trains a float network with libtorch, into a run folder.
//!
//! | file of a run | what it holds |
//! | --- | --- |
//! | `config.json` | the network's shape, a [`NetworkConfig`] |
//! | `train.json` | the settings of the training |
//! | `model.safetensors` | the averaged weights of the best validation so far (at the end: of the end), under documented names |
//! | `checkpoint.safetensors` | everything to go on from: weights, the optimizer's memory, and the progress as metadata |
//! | `log.csv` | a line a validation: step, minutes, epoch, learning rate, training and validation nats, … |
//! | `curve.png` | the likelihood over time |
//! | `samples/STEP.png` | images drawn from the averaged weights at a validation |
//!
//! Every file is written beside and renamed: it is whole or not there.

mod checkpoint;
mod device;
mod grow;
mod log;
pub mod lstm;
pub mod maps;
pub mod network;
pub mod optimizer;
mod order;
pub mod parameters;
pub mod recurrence;
mod run;
mod samples;
pub mod step;
#[cfg(test)]
mod twin_tests;
pub mod waves;

use std::path::PathBuf;

use crate::config::{Architecture, NetworkConfig};
use crate::data::{DataError, ImageOptions, Levels, LevelsError};
use crate::float::NetworkError;
use crate::report::WriteError;

pub use run::run;

/// Arguments of `pixelrnn train`.
#[derive(Debug, Clone, clap::Args, serde::Serialize, serde::Deserialize)]
pub struct TrainArguments {
    /// Run folder; one with a checkpoint is gone on with: give the same arguments again.
    #[arg(short, long, required_unless_present = "benchmark")]
    pub out: Option<PathBuf>,
    /// Training images: an idx file, gzip too, or a folder of pictures.
    #[arg(long, required_unless_present = "benchmark")]
    pub data: Option<PathBuf>,
    /// Validation images; without it, the last tenth of the training images.
    #[arg(long)]
    pub valid: Option<PathBuf>,
    /// Weights to begin from, a `.safetensors` file with documented names; the config beside it (the same name
    /// with `.json`, or `config.json`), if there is one, gives the network's shape.
    #[arg(long)]
    pub init: Option<PathBuf>,
    /// Begins from --init with a larger network, of --hidden, --blocks and --head, that computes the same at first.
    #[arg(long, requires = "init")]
    #[serde(default)]
    pub grow: bool,
    /// Share of the values to draw anew, 0 to 1, in training and validation images: 0.1 to 0.3 make a background model,
    /// whose likelihood `score --background` divides by.
    #[arg(long, default_value_t = 0.0)]
    #[serde(default)]
    pub mutate: f64,
    /// Kind of network.
    #[arg(long, value_enum, default_value = "pixelcnn")]
    pub architecture: Architecture,
    /// Values a pixel can take, 2 to 256.
    #[arg(long, default_value_t = 2)]
    pub levels: u32,
    /// How file values become levels.
    #[arg(long, value_enum, default_value = "auto")]
    pub values: Levels,
    /// How pictures are read.
    #[command(flatten)]
    #[serde(flatten)]
    pub options: ImageOptions,
    /// Features h inside a block, a multiple of 4.
    #[arg(long, default_value_t = 16)]
    pub hidden: u16,
    /// Blocks.
    #[arg(long, default_value_t = 7)]
    pub blocks: u8,
    /// Feature maps of the head, a multiple of 4.
    #[arg(long, default_value_t = 32)]
    pub head: u16,
    /// Row LSTM: columns of the row above that a state reads.
    #[arg(long, default_value_t = 3)]
    pub kernel: u8,
    /// Skip connections from every block to the head.
    #[arg(long)]
    pub skip: bool,
    /// Images a step, a multiple of 16.
    #[arg(long, default_value_t = 64)]
    pub batch: usize,
    /// Minutes to train in all, validations not counted; the learning rate falls to zero over them.
    #[arg(long, default_value_t = 60.0)]
    pub minutes: f64,
    /// Steps to train in all, instead of minutes: the same seed then gives the same weights.
    #[arg(long, conflicts_with = "minutes")]
    pub steps: Option<u64>,
    /// Largest learning rate.
    #[arg(long, default_value_t = 2e-3)]
    pub rate: f64,
    /// Decay of the weights.
    #[arg(long, default_value_t = 0.02)]
    pub decay: f64,
    /// Largest norm of a gradient.
    #[arg(long, default_value_t = 20.0)]
    pub clip: f64,
    /// The rule by which weights move.
    #[arg(long, value_enum, default_value = "muon")]
    pub optimizer: optimizer::Rule,
    /// Steps that the average of the weights spans.
    #[arg(long, default_value_t = 1000.0)]
    pub average: f64,
    /// Keep maps in bfloat16: faster on processors and devices that have it.
    #[arg(long)]
    pub bfloat16: bool,
    /// Seed of the weights and of the images' order.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// CPU threads; 0 for all.
    #[arg(long, default_value_t = 0)]
    pub threads: usize,
    /// `cpu` or `cuda`.
    #[arg(long, default_value = "cpu")]
    pub device: String,
    /// Validation images to use between the ends.
    #[arg(long, default_value_t = 1000)]
    pub valid_limit: usize,
    /// Minutes between validations, each with a checkpoint and a sheet of samples.
    #[arg(long, default_value_t = 2.0)]
    pub every: f64,
    /// Images on a sheet of samples; 0 for no sheets.
    #[arg(long, default_value_t = 16)]
    pub samples: usize,
    /// Only time this many steps (on random images if there is no --data), and write nothing.
    #[arg(long)]
    pub benchmark: Option<u32>,
}

impl TrainArguments {
    /// The shape of the network asked for.
    pub const fn network(&self) -> NetworkConfig {
        NetworkConfig {
            architecture: self.architecture,
            levels: self.levels,
            channels: 1,
            hidden: self.hidden,
            blocks: self.blocks,
            head: self.head,
            kernel: self.kernel,
            skip: self.skip,
            components: 0,
        }
    }
}

/// Why a training did not run.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The images cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The images do not fit the levels.
    #[error(transparent)]
    Levels(#[from] LevelsError),
    /// An argument is out of range.
    #[error("{0}")]
    Argument(String),
    /// libtorch refused.
    #[error("libtorch: {0}")]
    Torch(#[from] tch::TchError),
    /// A file of the run cannot be written.
    #[error("cannot write {path}: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A file of the run cannot be read.
    #[error("cannot read {path}: {reason}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// A weight is missing.
    #[error("no tensor named {0}")]
    Missing(String),
    /// The run folder's checkpoint cannot be gone on from.
    #[error("cannot go on from {path}: {reason}; remove it, or name another folder, to begin anew")]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The weights to begin from are not the network's.
    #[error(transparent)]
    Init(#[from] NetworkError),
    /// The training diverged.
    #[error(
        "{what} is not finite at step {step}: the training diverged; the last checkpoint stands, a lower --rate or --clip may help"
    )]
    NotFinite {
        /// What is infinite, or not a number.
        what: String,
        /// The step.
        step: u64,
    },
}

impl From<WriteError> for TrainError {
    fn from(WriteError { path, source }: WriteError) -> Self {
        Self::Write { path, source }
    }
}
