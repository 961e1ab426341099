//! Why images were not read.

use std::path::{Path, PathBuf};

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
    /// The file is not what its name or its first bytes say.
    #[error("{path} is not {what}: {reason}")]
    Format {
        /// The file.
        path: PathBuf,
        /// What it was read as.
        what: &'static str,
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
    /// A sheet does not divide into images of the size asked for.
    #[error("{name} is {}x{} pixels, which --grid {}x{} does not divide: a sheet is whole images side by side, without gaps", size.0, size.1, grid.0, grid.1)]
    Grid {
        /// The sheet.
        name: String,
        /// Its columns and rows.
        size: (usize, usize),
        /// Those of an image.
        grid: (usize, usize),
    },
    /// An image has other channels than the model, or than the images before it.
    #[error(transparent)]
    Channels(#[from] ChannelsError),
    /// Labels do not belong to the images.
    #[error("{path}: {reason}")]
    Labels {
        /// The labels' file, or the images' folder.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// There is no image at all.
    #[error("no image in {0}")]
    Empty(PathBuf),
}

/// An image has other channels than what it is for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} has {} a pixel, {wanted_by} {wanted}{}", channels_in_words(*found), if *wanted == 1 { ": --grey makes one of them" } else { "" })]
pub struct ChannelsError {
    /// The image.
    pub name: String,
    /// Its channels.
    pub found: usize,
    /// Why it should have others, in words that a number follows.
    pub wanted_by: &'static str,
    /// So many.
    pub wanted: usize,
}

fn channels_in_words(channels: usize) -> &'static str {
    match channels {
        1 => "1 channel (grey)",
        2 => "2 channels (grey and transparency)",
        3 => "3 channels (colour)",
        _ => "4 channels (colour and transparency)",
    }
}

impl DataError {
    pub(super) fn format(path: &Path, what: &'static str, reason: impl Into<String>) -> Self {
        Self::Format { path: path.to_path_buf(), what, reason: reason.into() }
    }
}
