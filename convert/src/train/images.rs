//! The images of a training: read, made levels, divided into those to train on and those to validate with.

use std::path::Path;

use super::{TrainArguments, TrainError};
use crate::data::levels::mutate;
use crate::data::{ChannelsError, DataError, Grid, ImageOptions, Labels, Levels, Picture, labels};

/// Columns and rows of what a step sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Size {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

impl Size {
    /// Pixels.
    pub const fn pixels(self) -> usize {
        self.width * self.height
    }

    /// A picture's.
    pub const fn of(picture: &Picture) -> Self {
        Self { width: picture.width, height: picture.height }
    }
}

impl From<Size> for (usize, usize) {
    fn from(Size { width, height }: Size) -> Self {
        (width, height)
    }
}

impl From<Grid> for Size {
    fn from(Grid { width, height }: Grid) -> Self {
        Self { width, height }
    }
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

/// Images of a batch.
#[derive(Debug, Clone, Copy)]
pub struct Examples<'a> {
    /// Image by image, row by row, channels interleaved.
    pub values: &'a [u16],
    /// Each image's class; nothing without classes.
    pub classes: &'a [u16],
    /// How much each image's nats count; nothing where all count once.
    pub weights: &'a [f32],
}

impl<'a> From<&'a Vec<u16>> for Examples<'a> {
    fn from(values: &'a Vec<u16>) -> Self {
        Self { values, classes: &[], weights: &[] }
    }
}

/// Images that are gathered for a batch.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Gathered {
    /// As [`Examples`] has them.
    pub values: Vec<u16>,
    /// As [`Examples`] has them.
    pub classes: Vec<u16>,
    /// As [`Examples`] has them.
    pub weights: Vec<f32>,
}

impl<'a> From<&'a Gathered> for Examples<'a> {
    fn from(Gathered { values, classes, weights }: &'a Gathered) -> Self {
        Self { values, classes, weights }
    }
}

/// Images of one size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pieces {
    /// Their size.
    pub size: Size,
    /// Values of a pixel.
    pub channels: usize,
    /// Image by image, row by row, channels interleaved.
    pub values: Vec<u16>,
    /// Each image's class; nothing without classes.
    pub classes: Vec<u16>,
}

impl Pieces {
    /// Values of one image.
    pub const fn values_each(&self) -> usize {
        self.size.pixels() * self.channels
    }

    /// Number of images.
    pub const fn len(&self) -> usize {
        self.values.len() / self.values_each()
    }

    /// Some of them, as a batch.
    pub fn gather(&self, numbers: &[usize]) -> Gathered {
        let image = |&number: &usize| &self.values[number * self.values_each()..][..self.values_each()];
        let values = numbers.iter().flat_map(image).copied().collect();
        let classes = numbers.iter().filter_map(|&number| self.classes.get(number)).copied().collect();
        Gathered { values, classes, weights: Vec::new() }
    }

    /// Some of them, from the first on and again from the first behind the last, image n of class n.
    pub fn examples(&self, count: usize, classes: u16) -> Vec<Picture> {
        let one = |number: usize| {
            let class = (number as u64).checked_rem(classes.into()).map(|class| class as u16);
            let of_class =
                (0..self.len()).filter(|&place| class.is_none_or(|class| self.classes.get(place) == Some(&class)));
            let places: Vec<usize> = of_class.collect();
            let nth = number / usize::from(classes.max(1));
            let place = places.get(nth % places.len().max(1)).copied().unwrap_or(number % self.len());
            let Size { width, height } = self.size;
            let values = self.gather(&[place]).values;
            Picture { name: String::new(), width, height, channels: self.channels, depth: 16, values, class }
        };
        (0..count).map(one).collect()
    }

    /// Whole pieces of a size, side by side from each picture's upper left corner.
    fn of(pictures: &[Picture], size: Size, channels: usize) -> Self {
        let (mut values, mut classes) = (Vec::new(), Vec::new());
        for picture in pictures {
            for row in 0..picture.height / size.height {
                for column in 0..picture.width / size.width {
                    cut(picture, (row * size.height, column * size.width), size, &mut values);
                    classes.extend(picture.class);
                }
            }
        }
        Self { size, channels, values, classes }
    }
}

/// Adds a part of a picture, its upper left corner at a row and column.
fn cut(picture: &Picture, place: (usize, usize), size: Size, values: &mut Vec<u16>) {
    cut_every(picture, place, size, 1, values);
}

/// The same of a smaller scale: every so many pixels of every so many rows.
pub fn cut_every(picture: &Picture, (row, column): (usize, usize), size: Size, every: usize, values: &mut Vec<u16>) {
    for row in (row..).step_by(every).take(size.height) {
        let start = (row * picture.width + column) * picture.channels;
        let pixels = picture.values[start..].chunks_exact(picture.channels).step_by(every);
        values.extend(pixels.take(size.width).flatten());
    }
}

/// The images of a training.
#[derive(Debug)]
pub struct Images {
    /// Pictures to train on.
    pub training: Vec<Picture>,
    /// Whether their grey values are drawn to black and white anew each epoch.
    pub redraw: bool,
    /// Pieces to train on are of every so many pixels; those to validate with are so already.
    pub every: usize,
    /// Images to validate with.
    pub validation: Pieces,
    /// Classes that the labels name; 0 without labels.
    pub classes: u16,
}

impl Images {
    /// Reads what the arguments name.
    ///
    /// # Errors
    /// What cannot be read, made levels, or cut.
    pub fn read(arguments: &TrainArguments, path: &Path) -> Result<Self, TrainError> {
        let (values, levels) = (arguments.values, arguments.levels);
        let redraw = values == Levels::Sample;
        // Drawn values are checked here, and drawn when a step wants them.
        let every = usize::from(arguments.images.shrink);
        let whole = ImageOptions { shrink: 1, ..arguments.images.clone() };
        let mut grey = whole.read(path)?;
        let classes = label(arguments, path, &mut grey)?;
        let read = values.apply(grey.clone(), levels)?;
        let (mut training, mut validation) = match &arguments.valid {
            Some(valid) => {
                let read_as = arguments.valid_values.unwrap_or(values);
                let validation = read_as.apply(validation(arguments, path, valid, classes)?, levels)?;
                (if redraw { grey } else { read }, validation)
            }
            None => {
                let (training, held) = hold_out(if redraw { grey } else { read.clone() }, read);
                (training, held.iter().map(|picture| picture.sampled_every(every)).collect())
            }
        };
        if arguments.mutate > 0.0 {
            mutate(&mut training, arguments.mutate, levels, arguments.seed);
            mutate(&mut validation, arguments.mutate, levels, !arguments.seed);
        }
        let (size, channels) = common(arguments.crop.map(Size::from), &training, every, &validation)?;
        Ok(Self { training, redraw, every, validation: Pieces::of(&validation, size, channels), classes })
    }
}

/// Gives training images their classes, if labels are given; tells how many classes there are.
fn label(arguments: &TrainArguments, path: &Path, pictures: &mut [Picture]) -> Result<u16, TrainError> {
    let Some(labels) = &arguments.labels else { return Ok(0) };
    labels.apply(path, pictures)?;
    u16::try_from(labels::count(pictures)).map_err(|_| TrainError::Argument("labels are at most 65534".into()))
}

/// Validation images, with their classes if training images have some.
fn validation(
    arguments: &TrainArguments,
    training: &Path,
    path: &Path,
    classes: u16,
) -> Result<Vec<Picture>, TrainError> {
    let mut pictures = arguments.images.read(path)?;
    match (&arguments.labels, &arguments.valid_labels) {
        (Some(Labels::Folders), _) => Labels::Folders.apply_like(training, path, &mut pictures)?,
        (Some(Labels::File(_)), Some(labels)) => labels.apply(path, &mut pictures)?,
        (Some(Labels::File(_)), None) => {
            return Err(TrainError::Argument("--valid needs --valid-labels, as --data has --labels".into()));
        }
        (None, _) => return Ok(pictures),
    }
    labels::check(&pictures, classes).map_err(TrainError::Argument)?;
    Ok(pictures)
}

/// All pictures but the last tenth of one list, and the last tenth of another.
fn hold_out(mut kept: Vec<Picture>, mut last: Vec<Picture>) -> (Vec<Picture>, Vec<Picture>) {
    let start = kept.len() - (kept.len() / 10).max(1).min(kept.len());
    kept.truncate(start);
    (kept, last.split_off(start))
}

/// The size of what a step sees, and the channels of all pictures.
fn common(
    crop: Option<Size>,
    training: &[Picture],
    every: usize,
    validation: &[Picture],
) -> Result<(Size, usize), TrainError> {
    let (Some(first), false) = (training.first(), validation.is_empty()) else {
        return Err(TrainError::Argument("there are too few images to train on some and validate with others".into()));
    };
    let size_of = |picture: &Picture, every| {
        let Size { width, height } = Size::of(picture);
        Size { width: width.div_ceil(every), height: height.div_ceil(every) }
    };
    let size = crop.unwrap_or_else(|| size_of(first, every));
    let sampled = training.iter().map(|picture| (picture, every)).chain(validation.iter().map(|picture| (picture, 1)));
    for (picture, every) in sampled {
        let found = size_of(picture, every);
        let fits = match crop {
            Some(crop) => found.width >= crop.width && found.height >= crop.height,
            None => found == size,
        };
        if !fits {
            return Err(TrainError::Argument(misfit(picture, found, size, crop.is_some())));
        }
        if picture.channels != first.channels {
            return Err(DataError::from(ChannelsError {
                name: picture.name.clone(),
                found: picture.channels,
                wanted_by: "the first image has",
                wanted: first.channels,
            })
            .into());
        }
    }
    Ok((size, first.channels))
}

fn misfit(Picture { name, .. }: &Picture, found: Size, size: Size, cropped: bool) -> String {
    if cropped {
        format!("{name} is {found}, smaller than --crop {size}; a smaller crop fits, or leave that picture out")
    } else {
        format!("{name} is {found}, the first image {size}; --crop trains on pieces of one size, as --crop 48x48")
    }
}
