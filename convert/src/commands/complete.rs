//! `pixelrnn complete`: keeps known pixels, draws the others.

use std::error::Error;
use std::path::PathBuf;

use indicatif::ProgressBar;
use pixelrnn::{Model, Pyramid, PyramidError, Seeded, Temperature, complete};
use rand_core::SeedableRng;
use rayon::prelude::*;

use super::class;
use super::sample::temperature;
use crate::blob_file::Blob;
use crate::data::{ImageOptions, Picture, Values, is_npy, npy_bytes, set};
use crate::report::{self, between, shown};

/// Arguments of `pixelrnn complete`.
///
/// A known pixel steers only the pixels after it, in reading order; of several scales also all pixels of larger ones. Where known pixels lie after unknown ones,
/// `--candidates` draws several completions for each one asked for and keeps the one that makes those pixels likeliest.
#[derive(Debug, Clone, clap::Args)]
pub struct CompleteArguments {
    /// The model, a `.prnn` file, of one or several scales.
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
    /// The sheet, a PNG: what is known (the rest grey), then the completions. A name that ends in `.npy` gets the completions' values
    /// themselves instead, an array of images, rows, columns and channels.
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
        let mask = |path: &PathBuf| ImageOptions::default().read(path).map(|mut pictures| pictures.swap_remove(0));
        let mask = self.mask.as_ref().map(mask).transpose()?;
        Ok(known(image, mask.as_ref(), self.keep_rows, self.keep_pixels)?)
    }

    /// Writes the completions' values, or what they look like behind what was given.
    fn write(
        &self,
        model: &Model<'_>,
        (image, mask): (&Picture, &[bool]),
        completed: &[Picture],
    ) -> Result<(), report::WriteError> {
        if is_npy(&self.out) {
            return report::write(&self.out, &npy_bytes(completed));
        }
        // Tones rather than levels: unknown pixels have one of their own.
        let tones = |picture: &Picture| shown(picture, model.levels());
        let given = given(&tones(image), mask);
        let cells: Vec<Picture> = std::iter::once(given).chain(completed.iter().map(tones)).collect();
        report::save_png(&report::sheet(&cells, self.columns as usize, self.zoom as usize), &self.out)
    }
}

/// How images are completed.
#[derive(Debug, Clone, Copy)]
pub struct Completion {
    /// Class of the image, of a model with classes.
    pub class: Option<u16>,
    /// Below 1 sharpens, above 1 flattens. Not used with several candidates.
    pub temperature: Temperature,
    /// Candidates drawn for each completion: the one is kept that makes the known pixels behind unknown ones likeliest.
    pub candidates: u32,
}

impl Completion {
    /// `count` completions of an image of levels on all cores, number n from `seed + n`; `mask` says which pixels are known.
    ///
    /// # Errors
    /// An image that the engine does not take.
    pub fn draw(
        &self,
        pyramid: &Pyramid<'_>,
        (image, mask): (&Picture, &[bool]),
        (seed, count): (u64, u32),
        bar: &ProgressBar,
    ) -> Result<Vec<Picture>, PyramidError> {
        let one = |number| {
            let completed = self.one(pyramid, (image, mask), seed.wrapping_add(number));
            bar.inc(1);
            completed
        };
        (0..u64::from(count)).into_par_iter().map(one).collect()
    }

    fn one(
        &self,
        pyramid: &Pyramid<'_>,
        (image, mask): (&Picture, &[bool]),
        seed: u64,
    ) -> Result<Picture, PyramidError> {
        let size = (image.width as u32, image.height as u32);
        let mut rng = Seeded::seed_from_u64(seed);
        let mut state = vec![0; pyramid.state_words(size.0)];
        let mut scales = vec![0; pyramid.values(size)];
        let largest = pyramid.range(pyramid.models().len() - 1, size);
        scales[largest.clone()].copy_from_slice(&image.values);
        let known = |value: usize| mask[value / image.channels];
        if self.candidates > 1 {
            let mut trial = scales.clone();
            let Self { class, candidates, .. } = *self;
            pyramid.complete_best_of(class, size, &mut state, &mut rng, candidates, known, &mut scales, &mut trial)?;
        } else {
            pyramid.shrink(size, &mut scales)?;
            for scale in 0..pyramid.models().len() {
                let place = pyramid.places(scale, size);
                let (mut stream, image) = pyramid.begin(scale, self.class, size, &mut state, &mut scales)?;
                stream.set_temperature(self.temperature);
                complete::fill(&mut stream, &mut rng, image, |index| known(place(index)))?;
            }
        }
        Ok(Picture { name: image.name.clone(), values: scales.split_off(largest.start), ..*image })
    }
}

/// Which pixels of an image are known: those that a mask shows bright, or the first rows or pixels.
///
/// # Errors
/// A mask of another size, more than the image has, nothing told; in words.
pub fn known(
    image: &Picture,
    mask: Option<&Picture>,
    keep_rows: Option<usize>,
    keep_pixels: Option<usize>,
) -> Result<Vec<bool>, String> {
    let pixels = image.pixels();
    let kept = match (mask, keep_rows, keep_pixels) {
        (Some(mask), ..) => return bright(mask, image),
        (_, Some(rows), _) if rows > image.height => {
            return Err(format!("--keep-rows {rows}: the image has {} rows", image.height));
        }
        (_, _, Some(kept)) if kept > pixels => {
            return Err(format!("--keep-pixels {kept}: the image has {pixels} pixels"));
        }
        (_, Some(rows), _) => rows * image.width,
        (_, _, Some(kept)) => kept,
        _ => return Err("say what is known: --keep-rows, --keep-pixels or --mask".into()),
    };
    Ok((0..pixels).map(|pixel| pixel < kept).collect())
}

/// The pixels that a mask shows bright, in the upper half of all values.
fn bright(mask: &Picture, image: &Picture) -> Result<Vec<bool>, String> {
    if mask.size() != image.size() {
        let what = |picture: &Picture| format!("{} is {}x{} pixels", picture.name, picture.width, picture.height);
        return Err(format!("{}, {}: a mask has the image's size", what(mask), what(image)));
    }
    let middle = if mask.depth == 8 { 128 } else { 32_768 };
    Ok(mask.as_grey().values.iter().map(|&value| value >= middle).collect())
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
    let temperature = temperature(arguments.temperature)?;
    let blob = Blob::read_to_run(&arguments.model)?;
    let models = blob.load_scales()?;
    let (pyramid, model) = (Pyramid::new(&models)?, &models[0]);
    class::check(model, arguments.class)?;
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
    let completion = Completion { class: arguments.class, temperature, candidates: arguments.candidates };
    let completed = completion.draw(&pyramid, (&image, &mask), (arguments.seed, arguments.count), &bar)?;
    bar.finish_and_clear();
    arguments.write(model, (&image, &mask), &completed)?;
    report::print(&format!("{} completions in {}\n", completed.len(), arguments.out.display()))?;
    Ok(())
}
