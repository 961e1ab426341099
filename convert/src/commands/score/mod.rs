//! `pixelrnn score`: how likely images are.

use std::error::Error;
use std::path::{Path, PathBuf};

use indicatif::ProgressBar;
use pixelrnn::{CodeLength, Distribution, Model, score};
use rayon::prelude::*;

use crate::blob_file::Blob;
use crate::data::{ImageOptions, Picture, Values, set};
use crate::many::{ManyError, in_groups, sums};
use crate::report::{self, heat_map, heat_maps, shown};

mod table;

pub(super) use table::quoted;

/// Arguments of `pixelrnn score`.
#[derive(Debug, Clone, clap::Args)]
pub struct ScoreArguments {
    /// The model, a `.prnn` file.
    model: PathBuf,
    /// Pictures, folders of pictures, idx and npy files; of any sizes.
    #[arg(required = true)]
    images: Vec<PathBuf>,
    /// A model of what is usual anywhere: the likelihood ratio corrects for plain images being likely under any model.
    #[arg(long)]
    background: Option<PathBuf>,
    /// Print CSV instead of a table; all images.
    #[arg(long)]
    csv: bool,
    /// A PNG of the most unusual images, each with the bits of its pixels.
    #[arg(long)]
    heat_map: Option<PathBuf>,
    /// Show in the heat map the bits of one channel alone, 0 the first; without it, those of a pixel's channels together.
    #[arg(long)]
    channel: Option<usize>,
    /// Images in the heat map.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    heat_map_count: u32,
    /// PNG pixels a pixel of the heat map.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=64))]
    zoom: u32,
    /// Score only the first so many images.
    #[arg(long)]
    limit: Option<usize>,
    /// How a file's values become the model's levels.
    #[arg(long, value_enum, default_value_t)]
    values: Values,
    #[command(flatten)]
    options: ImageOptions,
}

/// What is known of an image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// The code length under the model.
    pub length: CodeLength,
    /// The code length under the background.
    pub background: Option<CodeLength>,
    /// Values of the image: pixels times channels.
    pub values: usize,
}

/// Nats of a code length, in double precision.
pub fn nats(length: CodeLength) -> f64 {
    length.units() as f64 / 65536.0 * std::f64::consts::LN_2
}

impl Score {
    /// Bits a dimension under the model.
    pub fn bits_per_dimension(&self) -> f64 {
        self.length.units() as f64 / 65536.0 / self.values as f64
    }

    /// `ln p_background - ln p_model`: positive where the background explains the image better.
    pub fn ratio(&self) -> Option<f64> {
        self.background.map(|background| nats(self.length) - nats(background))
    }

    /// What the table is sorted by: the ratio a dimension where there is a background, else the bits a dimension.
    fn unusual(&self) -> f64 {
        self.ratio().map_or_else(|| self.bits_per_dimension(), |ratio| ratio / self.values as f64)
    }
}

/// The code length of an image under a model, and of each value; of a model with classes the values' given the likeliest class.
///
/// # Errors
/// An image that the model cannot take.
pub fn value_lengths(model: &Model<'_>, image: &Picture) -> Result<(CodeLength, Vec<CodeLength>), ManyError> {
    let add = |lengths: &mut Vec<CodeLength>, distribution: &Distribution<'_>, value| {
        lengths.push(length_of(distribution, value));
    };
    let of_classes = sums(model, &[image], |image| image.class, add)?.swap_remove(0);
    let totals: Vec<CodeLength> = of_classes.iter().map(|lengths| lengths.iter().copied().sum()).collect();
    let likeliest = totals.iter().zip(of_classes).min_by_key(|(total, _)| **total);
    let lengths = likeliest.map(|(_, lengths)| lengths).unwrap_or_default();
    Ok((of_mixture(&totals), lengths))
}

/// The code length of an image from those given each class.
fn of_mixture(lengths: &[CodeLength]) -> CodeLength {
    match *lengths {
        [length] => length,
        _ => score::of_mixture(lengths),
    }
}

/// A value beyond the levels has no code length: observing it will be an error.
pub fn length_of(distribution: &Distribution<'_>, value: u16) -> CodeLength {
    score::of(distribution, value).unwrap_or(CodeLength::ZERO)
}

/// Scores images of any sizes on all cores.
///
/// # Errors
/// An image that a model cannot take.
pub fn scores(
    model: &Model<'_>,
    background: Option<&Model<'_>>,
    pictures: &[Picture],
    bar: &ProgressBar,
) -> Result<Vec<Score>, ManyError> {
    in_groups(pictures, bar, |images| scores_of_one_size(model, background, images))
}

fn scores_of_one_size(
    model: &Model<'_>,
    background: Option<&Model<'_>>,
    images: &[&Picture],
) -> Result<Vec<Score>, ManyError> {
    let lengths = lengths(model, images)?;
    let background = background.map(|model| self::lengths(model, images)).transpose()?;
    let score = |(place, &length): (usize, &CodeLength)| {
        let background = background.as_ref().map(|lengths: &Vec<CodeLength>| lengths[place]);
        Score { length, background, values: images[place].values.len() }
    };
    Ok(lengths.iter().enumerate().map(score).collect())
}

/// The code lengths of images of one size.
fn lengths(model: &Model<'_>, images: &[&Picture]) -> Result<Vec<CodeLength>, ManyError> {
    let add = |sum: &mut CodeLength, distribution: &Distribution<'_>, value| *sum += length_of(distribution, value);
    Ok(sums(model, images, |image| image.class, add)?.iter().map(|lengths| of_mixture(lengths)).collect())
}

/// Bits of each pixel: of all its channels, or of one.
fn pixel_bits(lengths: &[CodeLength], channels: usize, channel: Option<usize>) -> Vec<f64> {
    let bits = |length: &CodeLength| length.units() as f64 / 65536.0;
    let of_pixel = |pixel: &[CodeLength]| match channel {
        Some(channel) => bits(&pixel[channel]),
        None => pixel.iter().map(bits).sum(),
    };
    lengths.chunks_exact(channels).map(of_pixel).collect()
}

impl ScoreArguments {
    /// Reads the images as the model's levels.
    fn pictures(&self, model: &Model<'_>) -> Result<Vec<Picture>, Box<dyn Error>> {
        let mut pictures = self.options.read_all(&self.images)?;
        pictures.truncate(self.limit.unwrap_or(usize::MAX));
        set::check_channels(&pictures, usize::from(model.channels()), set::MODEL)?;
        Ok(self.values.apply(pictures, model.levels())?)
    }

    /// Writes the heat maps of the first images of some.
    fn write_heat_maps(&self, model: &Model<'_>, pictures: &[&Picture], path: &Path) -> Result<(), Box<dyn Error>> {
        let channels = usize::from(model.channels());
        let bits = |picture: &&Picture| -> Result<Vec<f64>, ManyError> {
            Ok(pixel_bits(&value_lengths(model, picture)?.1, channels, self.channel))
        };
        let bits: Vec<Vec<f64>> = pictures.par_iter().map(bits).collect::<Result<_, _>>()?;
        let most = bits.iter().flatten().copied().fold(0.0, f64::max);
        let tones = pictures.iter().map(|picture| shown(picture, model.levels()));
        let cells: Vec<Picture> =
            tones.zip(&bits).map(|(picture, bits)| heat_map(&picture, bits, most, self.zoom as usize)).collect();
        report::save_png(&heat_maps(&cells), path)?;
        eprintln!("{} heat maps in {}: black is 0 bits a pixel, white {most:.1}", cells.len(), path.display());
        Ok(())
    }
}

/// Whether a background has the model's levels and channels.
///
/// # Errors
/// It has not, in words.
pub fn check_background(model: &Model<'_>, background: &Model<'_>) -> Result<(), String> {
    let kind = |model: &Model<'_>| format!("{} levels and {} channels", model.levels(), model.channels());
    match (kind(model), kind(background)) {
        (model, background) if model == background => Ok(()),
        (model, background) => Err(format!("the model has {model}, the background {background}: they must agree")),
    }
}

/// Scores, and prints the table.
///
/// # Errors
/// A model or an image that cannot be read or does not fit; a heat map that cannot be written.
pub fn run(arguments: &ScoreArguments) -> Result<(), Box<dyn Error>> {
    let blob = Blob::read(&arguments.model)?;
    let model = blob.load()?;
    let background_blob = arguments.background.as_deref().map(Blob::read).transpose()?;
    let background = background_blob.as_ref().map(Blob::load).transpose()?;
    background.as_ref().map_or(Ok(()), |background| check_background(&model, background))?;
    if let Some(channel) = arguments.channel.filter(|&channel| channel >= usize::from(model.channels())) {
        return Err(format!("--channel {channel}: the model has {}, counted from 0", model.channels()).into());
    }
    let pictures = arguments.pictures(&model)?;
    let bar = report::bar(pictures.len(), "scoring");
    let scores = scores(&model, background.as_ref(), &pictures, &bar)?;
    bar.finish_and_clear();
    let mut rows: Vec<(&Picture, Score)> = pictures.iter().zip(scores).collect();
    rows.sort_by(|(_, one), (_, other)| other.unusual().total_cmp(&one.unusual()));
    if let Some(path) = &arguments.heat_map {
        let most_unusual = rows.iter().take(arguments.heat_map_count as usize).map(|&(picture, _)| picture);
        arguments.write_heat_maps(&model, &most_unusual.collect::<Vec<_>>(), path)?;
    }
    let write = if arguments.csv { table::csv } else { table::table };
    let text = write(&rows, background.is_some());
    report::print(&text?)?;
    Ok(())
}
