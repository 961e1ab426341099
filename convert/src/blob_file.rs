//! Blobs on disk and in memory: aligned as the engine asks.

use std::path::{Path, PathBuf};

use pixelrnn::blob::Scales;
use pixelrnn::{LoadError, Model};

use crate::quantize::pack::{self, Form};

/// A blob in memory, at an address that is a multiple of 16.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    words: Vec<u128>,
    length: usize,
}

/// Why a model was not read.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The file is no model.
    #[error("{path} is not a model: {source}")]
    Load {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: LoadError,
    },
}

impl Blob {
    /// Copies bytes to where they are aligned.
    pub fn new(bytes: &[u8]) -> Self {
        let mut words = vec![0u128; bytes.len().div_ceil(16)];
        bytemuck::cast_slice_mut(&mut words)[..bytes.len()].copy_from_slice(bytes);
        Self { words, length: bytes.len() }
    }

    /// Reads a `.prnn` file, and checks it.
    ///
    /// # Errors
    /// The file cannot be read, or is no model.
    pub fn read(path: &Path) -> Result<Self, ModelError> {
        let bytes = std::fs::read(path).map_err(|source| ModelError::Read { path: path.into(), source })?;
        let blob = Self::new(&bytes);
        blob.load().map_err(|source| ModelError::Load { path: path.into(), source })?;
        Ok(blob)
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.words)[..self.length]
    }

    /// Reads a `.prnn` file of one or several scales, and checks all of them.
    ///
    /// # Errors
    /// The file cannot be read, or is no model.
    pub fn read_scales(path: &Path) -> Result<Self, ModelError> {
        let bytes = std::fs::read(path).map_err(|source| ModelError::Read { path: path.into(), source })?;
        let blob = Self::new(&bytes);
        blob.load_scales().map_err(|source| ModelError::Load { path: path.into(), source })?;
        Ok(blob)
    }

    /// The same model in the form that this machine computes fastest: weights of 4 bits, which it has no loops for, become 8. The
    /// fingerprint and all that is drawn or coded stay.
    ///
    /// # Errors
    /// The blob is no model.
    pub fn to_run(&self) -> Result<Self, LoadError> {
        pack::repack(self, Form::All)
    }

    /// Reads a `.prnn` file as [`Self::read_scales`] does, [to be run](Self::to_run).
    ///
    /// # Errors
    /// The file cannot be read, or is no model.
    pub fn read_to_run(path: &Path) -> Result<Self, ModelError> {
        Self::read_scales(path)?.to_run().map_err(|source| ModelError::Load { path: path.into(), source })
    }

    /// Loads the models of all scales in it, the smallest first; of a single network that one.
    ///
    /// # Errors
    /// What [`Scales::open`] and [`Model::load`] find.
    pub fn load_scales(&self) -> Result<Vec<Model<'_>>, LoadError> {
        let scales = Scales::open(self.bytes())?;
        (0..scales.count()).map(|scale| Model::load(scales.blob(scale)?)).collect()
    }

    /// Loads the model in it.
    ///
    /// # Errors
    /// What [`Model::load`] finds.
    pub fn load(&self) -> Result<Model<'_>, LoadError> {
        Model::load(self.bytes())
    }
}
