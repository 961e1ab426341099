//! What every command that reads images can be asked to do with them first.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{DataError, Picture, grid, read};

/// Options of every command that reads images.
#[derive(Debug, Clone, PartialEq, Eq, clap::Args, Serialize, Deserialize)]
pub struct ImageOptions {
    /// Read colour as grey: (299 R + 587 G + 114 B) / 1000, rounded; transparency is left out.
    #[arg(long)]
    #[serde(default)]
    pub grey: bool,
    /// Every picture is a sheet of images of this size, WIDTHxHEIGHT, side by side in reading order.
    #[arg(long, value_name = "WIDTHxHEIGHT")]
    #[serde(default)]
    pub grid: Option<Grid>,
    /// Take every so many pixels of every so many rows, from the first on: the images of a smaller scale (paper, section 3.6).
    #[arg(long, default_value_t = 1, value_name = "PIXELS", value_parser = clap::value_parser!(u16).range(1..=256), hide_default_value = true)]
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub shrink: u16,
}

const fn one() -> u16 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_one(shrink: &u16) -> bool {
    *shrink == 1
}

impl Default for ImageOptions {
    fn default() -> Self {
        Self { grey: false, grid: None, shrink: one() }
    }
}

impl ImageOptions {
    /// Reads the images of several files and folders, in the order given.
    ///
    /// # Errors
    /// What cannot be read, with the reason; a path without any image.
    pub fn read_all(&self, paths: &[PathBuf]) -> Result<Vec<Picture>, DataError> {
        let mut pictures = Vec::new();
        for path in paths {
            pictures.extend(self.read(path)?);
        }
        Ok(pictures)
    }

    /// Reads the images of one file, or of all pictures in a folder and the folders in it, sorted by path.
    ///
    /// # Errors
    /// What cannot be read, with the reason; no image at all.
    pub fn read(&self, path: &Path) -> Result<Vec<Picture>, DataError> {
        let mut pictures = Vec::new();
        for mut picture in read::path(path)? {
            if self.grey {
                picture = picture.as_grey();
            }
            match self.grid {
                Some(Grid { width, height }) => pictures.extend(grid::cut(&picture, (width, height))?),
                None => pictures.push(picture),
            }
        }
        if pictures.is_empty() {
            return Err(DataError::Empty(path.to_path_buf()));
        }
        match self.shrink {
            0 | 1 => Ok(pictures),
            factor => Ok(pictures.iter().map(|picture| picture.sampled_every(factor.into())).collect()),
        }
    }
}

/// The size of a sheet's images, typed as WIDTHxHEIGHT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Grid {
    /// Columns of an image.
    pub width: usize,
    /// Rows of an image.
    pub height: usize,
}

impl FromStr for Grid {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let side = |text: &str| text.parse().ok().filter(|side| (1..=65_535).contains(side));
        let (width, height) = text.split_once('x').unwrap_or_default();
        match (side(width), side(height)) {
            (Some(width), Some(height)) => Ok(Self { width, height }),
            _ => Err("a size is WIDTHxHEIGHT, like 32x32, each 1 to 65535".into()),
        }
    }
}

impl TryFrom<String> for Grid {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Grid> for String {
    fn from(grid: Grid) -> Self {
        format!("{}x{}", grid.width, grid.height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_two_numbers() {
        assert_eq!("40x8".parse(), Ok(Grid { width: 40, height: 8 }));
        assert_eq!(String::from(Grid { width: 40, height: 8 }), "40x8");
        for text in ["", "8", "x", "8x", "0x8", "8x0", "-8x8", "8x65536", "8x8x8"] {
            assert!(text.parse::<Grid>().is_err(), "{text}");
        }
    }
}
