//! `pixelrnn score`: how likely images are.

use std::error::Error;
use std::path::{Path, PathBuf};

use indicatif::ProgressBar;
use pixelrnn::{CodeLength, Distribution, Model, Pyramid, score};
use rayon::prelude::*;

use crate::blob_file::Blob;
use crate::data::{ImageOptions, Picture, Values, set};
use crate::many::{ManyError, in_groups};
use crate::pyramid::sums;
use crate::report::{self, heat_map, heat_maps, shown};

mod table;

pub(super) use table::quoted;

/// Arguments of `pixelrnn score`.
#[derive(Debug, Clone, clap::Args)]
pub struct ScoreArguments {
    /// The model, a `.prnn` file, of one or several scales.
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

/// The code length of an image, and of each value at the scale that codes it; with classes the values' given the likeliest class.
///
/// # Errors
/// An image that the models cannot take.
pub fn value_lengths(pyramid: &Pyramid<'_>, image: &Picture) -> Result<(CodeLength, Vec<CodeLength>), ManyError> {
    let add = |lengths: &mut Vec<CodeLength>, distribution: &Distribution<'_>, value| {
        lengths.push(length_of(distribution, value));
    };
    let size = (image.width as u32, image.height as u32);
    let mut of_classes: Vec<Vec<CodeLength>> = Vec::new();
    for (scale, mut of_images) in sums(pyramid, &[image], |image| image.class, add)?.into_iter().enumerate() {
        let of_scale = of_images.swap_remove(0);
        of_classes.resize(of_scale.len(), vec![CodeLength::ZERO; image.values.len()]);
        let place = pyramid.places(scale, size);
        for (all, lengths) in of_classes.iter_mut().zip(&of_scale) {
            // What a smaller scale holds costs nothing here.
            lengths.iter().enumerate().for_each(|(index, &length)| all[place(index)] += length);
        }
    }
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
    pyramid: &Pyramid<'_>,
    background: Option<&Pyramid<'_>>,
    pictures: &[Picture],
    bar: &ProgressBar,
) -> Result<Vec<Score>, ManyError> {
    in_groups(pictures, bar, |images| scores_of_one_size(pyramid, background, images))
}

fn scores_of_one_size(
    pyramid: &Pyramid<'_>,
    background: Option<&Pyramid<'_>>,
    images: &[&Picture],
) -> Result<Vec<Score>, ManyError> {
    let lengths = lengths(pyramid, images)?;
    let background = background.map(|pyramid| self::lengths(pyramid, images)).transpose()?;
    let score = |(place, &length): (usize, &CodeLength)| {
        let background = background.as_ref().map(|lengths: &Vec<CodeLength>| lengths[place]);
        Score { length, background, values: images[place].values.len() }
    };
    Ok(lengths.iter().enumerate().map(score).collect())
}

/// The code lengths of images of one size.
fn lengths(pyramid: &Pyramid<'_>, images: &[&Picture]) -> Result<Vec<CodeLength>, ManyError> {
    let given_classes = lengths_given_classes(pyramid, images, |image| image.class)?;
    Ok(given_classes.iter().map(|lengths| of_mixture(lengths)).collect())
}

/// The code lengths of images of one size, all scales together: of each one for each class that it is given, of what `class` knows.
///
/// # Errors
/// An image that the models cannot take.
pub fn lengths_given_classes(
    pyramid: &Pyramid<'_>,
    images: &[&Picture],
    class: impl Fn(&Picture) -> Option<u16>,
) -> Result<Vec<Vec<CodeLength>>, ManyError> {
    let add = |sum: &mut CodeLength, distribution: &Distribution<'_>, value| *sum += length_of(distribution, value);
    let scales = sums(pyramid, images, class, add)?;
    let of_image = |image: usize| -> Vec<CodeLength> {
        let classes = 0..scales[0][image].len();
        classes.map(|class| scales.iter().map(|scale| scale[image][class]).sum()).collect()
    };
    Ok((0..images.len()).map(of_image).collect())
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
    fn write_heat_maps(&self, pyramid: &Pyramid<'_>, pictures: &[&Picture], path: &Path) -> Result<(), Box<dyn Error>> {
        let model = &pyramid.models()[0];
        let channels = usize::from(model.channels());
        let bits = |picture: &&Picture| -> Result<Vec<f64>, ManyError> {
            Ok(pixel_bits(&value_lengths(pyramid, picture)?.1, channels, self.channel))
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
    let blob = Blob::read_to_run(&arguments.model)?;
    let models = blob.load_scales()?;
    let (pyramid, model) = (Pyramid::new(&models)?, &models[0]);
    let background_blob = arguments.background.as_deref().map(Blob::read_to_run).transpose()?;
    let background_models = background_blob.as_ref().map(Blob::load_scales).transpose()?;
    let background = background_models.as_deref().map(Pyramid::new).transpose()?;
    background.map_or(Ok(()), |background| check_background(model, &background.models()[0]))?;
    if let Some(channel) = arguments.channel.filter(|&channel| channel >= usize::from(model.channels())) {
        return Err(format!("--channel {channel}: the model has {}, counted from 0", model.channels()).into());
    }
    let pictures = arguments.pictures(model)?;
    let bar = report::bar(pictures.len(), "scoring");
    let scores = scores(&pyramid, background.as_ref(), &pictures, &bar)?;
    bar.finish_and_clear();
    let mut rows: Vec<(&Picture, Score)> = pictures.iter().zip(scores).collect();
    rows.sort_by(|(_, one), (_, other)| other.unusual().total_cmp(&one.unusual()));
    if let Some(path) = &arguments.heat_map {
        let most_unusual = rows.iter().take(arguments.heat_map_count as usize).map(|&(picture, _)| picture);
        arguments.write_heat_maps(&pyramid, &most_unusual.collect::<Vec<_>>(), path)?;
    }
    let write = if arguments.csv { table::csv } else { table::table };
    let text = write(&rows, background.is_some());
    report::print(&text?)?;
    Ok(())
}
