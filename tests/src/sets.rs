//! The sets of pictures that shipped models are measured on, in `../shared/data`, which this repository does not hold.

use std::path::{Path, PathBuf};

use pixelrnn::Model;
use pixelrnn_convert::blob_file::{Blob, ModelError};
use pixelrnn_convert::data::{Grid, ImageOptions, Labels, Levels, Picture, Values};

use crate::cross::workspace;

/// Where the sets lie unless a command is told.
pub const FOLDER: &str = "../shared/data";

/// A set of pictures, and who codes it.
#[derive(Debug, Clone, Copy)]
pub struct Set {
    /// For people.
    pub title: &'static str,
    /// The file, or folder, in the sets' folder.
    pub path: &'static str,
    /// Read as grey.
    pub is_grey: bool,
    /// Side of the images on a sheet, if it is one.
    pub sheet: Option<usize>,
    /// Shipped models. One that is not there is left out.
    pub models: &'static [&'static str],
}

const fn set(title: &'static str, path: &'static str, models: &'static [&'static str]) -> Set {
    Set { title, path, is_grey: false, sheet: None, models }
}

const GREY: &[&str] = &["photos-grey", "photos-grey-fast"];

/// Photographs.
pub const PHOTOGRAPHS: [Set; 6] = [
    set("photos, test, colour", "photos/test", &["photos"]),
    Set { is_grey: true, ..set("photos, test, grey", "photos/test", GREY) },
    set("photos12, test, 12 bits", "photos12/test", &["photos-12bit"]),
    Set { sheet: Some(32), ..set("CIFAR-10, the first 512 test images", "cifar10/test", &["cifar10", "photos"]) },
    set("Kodak, colour", "kodak", &["photos"]),
    Set { is_grey: true, ..set("Kodak, grey", "kodak", GREY) },
];

/// Digits.
pub const DIGITS: [Set; 2] = [
    set(
        "binarized MNIST, test",
        "binarized-mnist/test-images-idx3-ubyte.gz",
        &["mnist-micro", "mnist-rowlstm", "mnist-diagonal", "mnist-pixelcnn"],
    ),
    set("optdigits, test", "optdigits/test-images-idx3-ubyte.gz", &["digits8"]),
];

/// Why a set was not read.
pub type Error = Box<dyn std::error::Error>;

impl Set {
    /// Reads the pictures as files have them, at most so many.
    ///
    /// # Errors
    /// What cannot be read.
    pub fn read(&self, folder: &Path, most: usize) -> Result<Vec<Picture>, Error> {
        let grid = self.sheet.map(|side| Grid { width: side, height: side });
        let options = ImageOptions { grey: self.is_grey, grid, ..ImageOptions::default() };
        let mut pictures = options.read_all(&[folder.join(self.path)])?;
        pictures.truncate(most);
        Ok(pictures)
    }

    /// The models that are there.
    ///
    /// # Errors
    /// One that cannot be read.
    pub fn models(&self) -> Result<Vec<(&'static str, Blob)>, ModelError> {
        let there = self.models.iter().map(|&name| (name, model_path(name))).filter(|(_, path)| path.exists());
        there.map(|(name, path)| Ok((name, Blob::read(&path)?))).collect()
    }
}

/// Columns and rows of a digit of MNIST.
pub const MNIST_SIZE: (u32, u32) = (28, 28);

/// A part of MNIST, `train` or `t10k`, with its labels.
///
/// # Errors
/// What cannot be read.
pub fn mnist(folder: &Path, part: &str) -> Result<Vec<Picture>, Error> {
    let images = folder.join(format!("mnist/{part}-images-idx3-ubyte.gz"));
    let labels = Labels::File(folder.join(format!("mnist/{part}-labels-idx1-ubyte.gz")));
    let mut pictures = ImageOptions::default().read(&images)?;
    labels.apply(&images, &mut pictures)?;
    Ok(pictures)
}

/// Grey images as what `mnist-classes` is measured on: binarized by one draw.
///
/// # Errors
/// Images that are not grey.
pub fn binarized(grey: &[Picture]) -> Result<Vec<Picture>, Error> {
    Ok(Levels::Sample.apply(grey.to_vec(), 2)?)
}

/// Where a shipped model lies.
pub fn model_path(name: &str) -> PathBuf {
    workspace().join("examples/models").join(format!("{name}.prnn"))
}

/// Pictures as a model's levels.
///
/// # Errors
/// Values that are none of its levels.
pub fn levels(model: &Model<'_>, pictures: &[Picture]) -> Result<Vec<Picture>, Error> {
    Ok(Values::Exact.apply(pictures.to_vec(), model.levels())?)
}
