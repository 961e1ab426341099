//! Image sets: idx files and folders of pictures, as values of a model's levels.

mod folder;
mod idx;
pub mod levels;
pub mod pictures;

use std::path::{Path, PathBuf};

pub use levels::{Levels, LevelsError};

/// Images of one size, one byte a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageSet {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// The values of one image after the other, row by row.
    pub values: Vec<u8>,
}

/// Why images were not read.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The file or folder cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// What was to be read.
        path: PathBuf,
        /// Why it was not.
        source: std::io::Error,
    },
    /// The file is no idx file of images.
    #[error("{path} is not an idx file of images: {reason}")]
    Idx {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The file is no picture.
    #[error("cannot decode {path}: {source}")]
    Picture {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: image::ImageError,
    },
    /// The pictures of a set differ in size.
    #[error("{path} is {found:?} pixels, the images before it {expected:?}; a set has one size")]
    Size {
        /// The picture.
        path: PathBuf,
        /// Its width and height.
        found: (usize, usize),
        /// The others'.
        expected: (usize, usize),
    },
    /// There is no image at all.
    #[error("no image in {0}")]
    Empty(PathBuf),
}

impl ImageSet {
    /// Reads an idx file (gzip too), a picture, or all pictures of a folder and the folders in it.
    ///
    /// # Errors
    /// What cannot be read, with the reason.
    pub fn read(path: &Path) -> Result<Self, DataError> {
        let set = match path {
            folder if folder.is_dir() => folder::read(folder)?,
            picture if folder::is_picture(picture) => folder::read_pictures(&[picture.to_path_buf()])?,
            file => idx::read(file)?,
        };
        if set.is_empty() {
            return Err(DataError::Empty(path.to_path_buf()));
        }
        Ok(set)
    }

    /// Values of one image.
    pub const fn pixels(&self) -> usize {
        self.width * self.height
    }

    /// Number of images.
    pub fn len(&self) -> usize {
        self.values.len().checked_div(self.pixels()).unwrap_or(0)
    }

    /// Whether there is no image.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The images, in order.
    pub fn images(&self) -> std::slice::ChunksExact<'_, u8> {
        self.values.chunks_exact(self.pixels().max(1))
    }

    /// The first `count` images.
    #[must_use]
    pub fn first(mut self, count: usize) -> Self {
        self.values.truncate(count * self.pixels());
        self
    }

    /// At most `count` images, spread evenly over the set (sets are often sorted).
    #[must_use]
    pub fn spread(self, count: usize) -> Self {
        if count >= self.len() {
            return self;
        }
        let chosen = (0..count).filter_map(|place| self.images().nth(place * self.len() / count));
        let values = chosen.flatten().copied().collect();
        Self { values, ..self }
    }

    /// Splits off the last `count` images.
    #[must_use]
    pub fn split_last(mut self, count: usize) -> (Self, Self) {
        let start = self.len().saturating_sub(count) * self.pixels();
        let values = self.values.split_off(start);
        let last = Self { values, ..self };
        (self, last)
    }
}
