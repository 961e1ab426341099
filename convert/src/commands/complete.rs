//! `pixelrnn complete`: keeps known pixels, draws the others.

use std::error::Error;
use std::path::{Path, PathBuf};

use pixelrnn::{Model, Seeded, Stream, complete};
use rand_core::SeedableRng;
use rayon::prelude::*;

use super::sample::temperature;
use crate::blob_file::Blob;
use crate::data::pictures::{self, Picture, Values};
use crate::report::{self, Sheet, grey};

/// Arguments of `pixelrnn complete`.
///
/// A known pixel steers only the pixels after it, in reading order. Where known pixels lie after unknown ones,
/// `--candidates` draws several completions for each one asked for and keeps the one that makes those pixels likeliest.
#[derive(Debug, Clone, clap::Args)]
pub struct CompleteArguments {
    /// The model, a `.prnn` file.
    model: PathBuf,
    /// The image: a picture, or an idx file (see --index).
    image: PathBuf,
    /// Rows to keep, from the top.
    #[arg(long)]
    keep_rows: Option<usize>,
    /// Pixels to keep, in reading order from the top left.
    #[arg(long, conflicts_with = "keep_rows")]
    keep_pixels: Option<usize>,
    /// A picture of the image's size: pixels are kept where it is bright (128 and above), drawn where it is dark.
    #[arg(long, conflicts_with_all = ["keep_rows", "keep_pixels"])]
    mask: Option<PathBuf>,
    /// The image of an idx file to complete.
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
    /// How grey values become the model's levels.
    #[arg(long, value_enum, default_value_t)]
    values: Values,
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
        let pixels = image.width * image.height;
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

    fn complete(&self, model: &Model<'_>, image: &Picture, mask: &[bool], seed: u64) -> Result<Vec<u8>, String> {
        let (width, height) = (image.width as u32, image.height as u32);
        let mut rng = Seeded::seed_from_u64(seed);
        let mut state = vec![0; model.state_words(width)];
        let mut values = image.values.clone();
        let known = |pixel: usize| mask[pixel];
        if self.candidates > 1 {
            let mut trial = values.clone();
            complete::best_of(
                model,
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
            let mut stream = Stream::begin(model, width, height, &mut state).map_err(|error| error.to_string())?;
            stream.set_temperature(temperature(self.temperature).map_err(|error| error.to_string())?);
            complete::fill(&mut stream, &mut rng, &mut values, known).map_err(|error| error.to_string())?;
        }
        Ok(values)
    }
}

fn read_mask(path: &Path, image: &Picture) -> Result<Vec<bool>, Box<dyn Error>> {
    let mask = pictures::read(&[path.to_path_buf()])?.swap_remove(0);
    if (mask.width, mask.height) != (image.width, image.height) {
        return Err(format!(
            "{} is {}x{} pixels, {} is {}x{}: a mask has the image's size",
            path.display(),
            mask.width,
            mask.height,
            image.name,
            image.width,
            image.height
        )
        .into());
    }
    Ok(mask.values.iter().map(|&value| value >= 128).collect())
}

/// Completes, and writes the sheet.
///
/// # Errors
/// A model, an image or a mask that cannot be read or does not fit; a sheet that cannot be written.
pub fn run(arguments: &CompleteArguments) -> Result<(), Box<dyn Error>> {
    temperature(arguments.temperature)?;
    let blob = Blob::read(&arguments.model)?;
    let model = blob.load()?;
    let mut pictures = pictures::read(std::slice::from_ref(&arguments.image))?;
    let there = pictures.len();
    if arguments.index >= there {
        return Err(format!("--index {}: {} has {there} images", arguments.index, arguments.image.display()).into());
    }
    // All of a set, so that one image reads as it would among the others.
    pictures = arguments.values.apply(pictures, model.levels())?;
    let image = pictures.swap_remove(arguments.index);
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
    let tone = |values: &[u8]| values.iter().map(|&value| grey(value, model.levels())).collect::<Vec<u8>>();
    let given = tone(&image.values).iter().zip(&mask).map(|(&tone, &known)| if known { tone } else { 96 }).collect();
    let cells: Vec<Vec<u8>> = std::iter::once(given).chain(completed.iter().map(|values| tone(values))).collect();
    let size = (image.width, image.height);
    Sheet::new(&cells, size, 256, arguments.columns as usize, arguments.zoom).save(&arguments.out)?;
    report::print(&format!("{} completions in {}\n", completed.len(), arguments.out.display()))?;
    Ok(())
}
