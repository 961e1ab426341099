//! `pixelrnn complete`: keeps known pixels, draws the others.

use std::error::Error;
use std::path::{Path, PathBuf};

use pixelrnn::{Model, Seeded, Stream, complete};
use rand_core::SeedableRng;
use rayon::prelude::*;

use super::class;
use super::sample::temperature;
use crate::blob_file::Blob;
use crate::data::{ImageOptions, Picture, Values, set};
use crate::report::{self, between, shown};

/// Arguments of `pixelrnn complete`.
///
/// A known pixel steers only the pixels after it, in reading order. Where known pixels lie after unknown ones,
/// `--candidates` draws several completions for each one asked for and keeps the one that makes those pixels likeliest.
#[derive(Debug, Clone, clap::Args)]
pub struct CompleteArguments {
    /// The model, a `.prnn` file.
    model: PathBuf,
    /// The image: a picture, or several in a folder, an idx or npy file or a sheet (see --index and --grid).
    image: PathBuf,
    /// Rows to keep, from the top.
    #[arg(long)]
    keep_rows: Option<usize>,
    /// Pixels to keep, in reading order from the top left.
    #[arg(long, conflicts_with = "keep_rows")]
    keep_pixels: Option<usize>,
    /// A picture of the image's size: pixels are kept where it is bright (the upper half of its values), drawn where it is dark.
    #[arg(long, conflicts_with_all = ["keep_rows", "keep_pixels"])]
    mask: Option<PathBuf>,
    /// Class of the image, of a model with classes.
    #[arg(long)]
    class: Option<u16>,
    /// Which of several images to complete, 0 the first.
    #[arg(long, default_value_t = 0)]
    index: usize,
    /// Completions.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    count: u32,
    /// Candidates drawn for each completion.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    candidates: u32,
    /// The sheet, a PNG: what is known (the rest grey), then the completions.
    #[arg(short, long)]
    out: PathBuf,
    /// Seed: completion n is drawn from seed + n, the same on every machine.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Below 1 sharpens, above 1 flattens; two decimals, 0.01 to 100. Not with --candidates.
    #[arg(long, default_value_t = 1.0, conflicts_with = "candidates")]
    temperature: f64,
    /// How a file's values become the model's levels.
    #[arg(long, value_enum, default_value_t)]
    values: Values,
    #[command(flatten)]
    options: ImageOptions,
    /// Images a row of the sheet.
    #[arg(long, default_value_t = 9, value_parser = clap::value_parser!(u32).range(1..=1000))]
    columns: u32,
    /// PNG pixels a pixel.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=64))]
    zoom: u32,
}

impl CompleteArguments {
    /// Which pixels are known.
    fn mask(&self, image: &Picture) -> Result<Vec<bool>, Box<dyn Error>> {
        let pixels = image.pixels();
        if let Some(path) = &self.mask {
            return read_mask(path, image);
        }
        let kept = match (self.keep_rows, self.keep_pixels) {
            (Some(rows), _) if rows > image.height => {
                return Err(format!("--keep-rows {rows}: the image has {} rows", image.height).into());
            }
            (_, Some(kept)) if kept > pixels => {
                return Err(format!("--keep-pixels {kept}: the image has {pixels} pixels").into());
            }
            (Some(rows), _) => rows * image.width,
            (_, Some(kept)) => kept,
            _ => return Err("say what is known: --keep-rows, --keep-pixels or --mask".into()),
        };
        Ok((0..pixels).map(|pixel| pixel < kept).collect())
    }

    fn complete(&self, model: &Model<'_>, image: &Picture, mask: &[bool], seed: u64) -> Result<Picture, String> {
        let (width, height) = (image.width as u32, image.height as u32);
        let mut rng = Seeded::seed_from_u64(seed);
        let mut state = vec![0; model.state_words(width)];
        let mut values = image.values.clone();
        let known = |value: usize| mask[value / image.channels];
        if self.candidates > 1 {
            let mut trial = values.clone();
            complete::best_of(
                model,
                self.class,
                width,
                height,
                &mut state,
                &mut rng,
                self.candidates,
                known,
                &mut values,
                &mut trial,
            )
            .map_err(|error| error.to_string())?;
        } else {
            let begun = Stream::begin_class(model, self.class, width, height, &mut state);
            let mut stream = begun.map_err(|error| error.to_string())?;
            stream.set_temperature(temperature(self.temperature).map_err(|error| error.to_string())?);
            complete::fill(&mut stream, &mut rng, &mut values, known).map_err(|error| error.to_string())?;
        }
        Ok(Picture { name: image.name.clone(), values, ..*image })
    }
}

fn read_mask(path: &Path, image: &Picture) -> Result<Vec<bool>, Box<dyn Error>> {
    let mask = ImageOptions { grey: true, ..ImageOptions::default() }.read(path)?.swap_remove(0);
    if mask.size() != image.size() {
        let what = |picture: &Picture| format!("{} is {}x{} pixels", picture.name, picture.width, picture.height);
        return Err(format!("{}, {}: a mask has the image's size", what(&mask), what(image)).into());
    }
    let middle = if mask.depth == 8 { 128 } else { 32_768 };
    Ok(mask.values.iter().map(|&value| value >= middle).collect())
}

/// What is given, as people see it: pixels that are unknown have the tone between images.
fn given(image: &Picture, mask: &[bool]) -> Picture {
    let mut given = image.clone();
    let unknown = between(image.channels, image.depth);
    for (pixel, _) in given.values.chunks_exact_mut(image.channels).zip(mask).filter(|(_, known)| !**known) {
        pixel.copy_from_slice(&unknown);
    }
    given
}

/// Completes, and writes the sheet.
///
/// # Errors
/// A model, an image or a mask that cannot be read or does not fit; a sheet that cannot be written.
pub fn run(arguments: &CompleteArguments) -> Result<(), Box<dyn Error>> {
    temperature(arguments.temperature)?;
    let blob = Blob::read(&arguments.model)?;
    let model = blob.load()?;
    class::check(&model, arguments.class)?;
    let pictures = arguments.options.read(&arguments.image)?;
    let there = pictures.len();
    if arguments.index >= there {
        return Err(format!("--index {}: {} has {there} images", arguments.index, arguments.image.display()).into());
    }
    set::check_channels(&pictures, usize::from(model.channels()), set::MODEL)?;
    // All of a set, so that one image reads as it would among the others.
    let image = arguments.values.apply(pictures, model.levels())?.swap_remove(arguments.index);
    let mask = arguments.mask(&image)?;

    let first_unknown = mask.iter().position(|known| !known).unwrap_or(mask.len());
    let late = mask[first_unknown..].iter().filter(|&&known| known).count();
    if late > 0 && arguments.candidates == 1 {
        eprintln!(
            "note: {late} known pixels lie after an unknown one, and steer only what follows them; \
             --candidates 64 would keep the completion, of 64, that makes them likeliest"
        );
    }
    let bar = report::bar(arguments.count as usize, "completing");
    let completed: Result<Vec<_>, String> = (0..u64::from(arguments.count))
        .into_par_iter()
        .map(|number| {
            let values = arguments.complete(&model, &image, &mask, arguments.seed.wrapping_add(number));
            bar.inc(1);
            values
        })
        .collect();
    let completed = completed?;
    bar.finish_and_clear();

    // Tones rather than levels: unknown pixels have one of their own.
    let tones = |picture: &Picture| shown(picture, model.levels());
    let given = given(&tones(&image), &mask);
    let cells: Vec<Picture> = std::iter::once(given).chain(completed.iter().map(tones)).collect();
    let sheet = report::sheet(&cells, arguments.columns as usize, arguments.zoom as usize);
    report::save_png(&sheet, &arguments.out)?;
    report::print(&format!("{} completions in {}\n", completed.len(), arguments.out.display()))?;
    Ok(())
}
