//! Why a training did not run.

use std::path::PathBuf;

use crate::data::{DataError, LevelsError};
use crate::report::WriteError;

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
