//! `pixelrnn sample`: draws images.

use std::error::Error;
use std::path::{Path, PathBuf};

use pixelrnn::{Conditions, Model, Seeded, Temperature, sample};
use rand_core::SeedableRng;
use rayon::prelude::*;

use super::class::Chosen;
use crate::blob_file::Blob;
use crate::data::{Picture, is_npy, npy_bytes};
use crate::many::{ManyError, for_each_value, share};
use crate::report;

/// Arguments of `pixelrnn sample`.
#[derive(Debug, Clone, clap::Args)]
pub struct SampleArguments {
    /// The model, a `.prnn` file.
    model: PathBuf,
    /// A PNG sheet of all images, as they look: of up to 256 levels in tones of 8 bits, else of 16. A name that ends in `.npy` gets the
    /// values themselves instead, an array of images, rows, columns and channels.
    #[arg(short, long)]
    out: Option<PathBuf>,
    /// Class of the images, of a model with classes; or `all`: --count of each, a row a class on the sheet.
    #[arg(long, value_name = "CLASS|all")]
    class: Option<Chosen>,
    /// Images to draw.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    count: u32,
    /// Seed: image n (of each class) is drawn from seed + n, the same on every machine.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Columns.
    #[arg(long, default_value_t = 28, value_parser = clap::value_parser!(u32).range(1..=65_535))]
    width: u32,
    /// Rows.
    #[arg(long, default_value_t = 28, value_parser = clap::value_parser!(u32).range(1..=65_535))]
    height: u32,
    /// Below 1 sharpens, above 1 flattens; two decimals, 0.01 to 100.
    #[arg(long, default_value_t = 1.0)]
    temperature: f64,
    /// Images a row of the sheet.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=1000))]
    columns: u32,
    /// PNG pixels a pixel.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=64))]
    zoom: u32,
    /// Images to show in the terminal.
    #[arg(long, default_value_t = 2)]
    preview: usize,
}

/// A temperature from what was typed.
///
/// # Errors
/// One outside 0.01 to 100.
pub fn temperature(typed: f64) -> Result<Temperature, Box<dyn Error>> {
    let percent = (typed * 100.0).round();
    let within = (1.0..=10_000.0).contains(&percent).then_some(percent as u32);
    Ok(within.and_then(Temperature::from_percent).ok_or("--temperature is 0.01 to 100")?)
}

/// Draws an image of levels from each of some seeds, given a class or nothing.
///
/// # Errors
/// A size that the engine does not take.
pub fn draw(
    model: &Model<'_>,
    size: (u32, u32),
    temperature: Temperature,
    seeds: &[(u64, Option<u16>)],
) -> Result<Vec<Picture>, ManyError> {
    let mut generators: Vec<_> = seeds.iter().map(|&(seed, _)| Seeded::seed_from_u64(seed)).collect();
    let mut images: Vec<Picture> = seeds.iter().map(|&seed| empty(model, size, seed)).collect();
    let given: Vec<Conditions<'_>> = seeds.iter().map(|&(_, class)| class.into()).collect();
    for_each_value(model, size, temperature, &given, |image, distribution| {
        let value = sample::draw(distribution, &mut generators[image]);
        images[image].values.push(value);
        value
    })?;
    Ok(images)
}

/// An image without values yet.
fn empty(model: &Model<'_>, (width, height): (u32, u32), (seed, class): (u64, Option<u16>)) -> Picture {
    let channels = usize::from(model.channels());
    let (width, height) = (width as usize, height as usize);
    let depth = if model.levels() <= 256 { 8 } else { 16 };
    let values = Vec::with_capacity(width * height * channels);
    Picture { name: format!("seed {seed}"), width, height, channels, depth, values, class }
}

impl SampleArguments {
    /// Draws all images, on all cores.
    fn draw(&self, model: &Model<'_>) -> Result<Vec<Picture>, Box<dyn Error>> {
        let temperature = temperature(self.temperature)?;
        let seeds = (0..u64::from(self.count)).map(|number| self.seed.wrapping_add(number));
        let of_class = |class| seeds.clone().map(move |seed| (seed, class));
        let seeds: Vec<_> = Chosen::of(self.class, model)?.into_iter().flat_map(of_class).collect();
        let bar = report::bar(seeds.len(), "drawing");
        let of_seeds = |seeds: &[(u64, Option<u16>)]| {
            let images = draw(model, (self.width, self.height), temperature, seeds);
            bar.inc(seeds.len() as u64);
            images
        };
        let images: Vec<_> = seeds.par_chunks(share(seeds.len())).map(of_seeds).collect::<Result<_, _>>()?;
        bar.finish_and_clear();
        Ok(images.into_iter().flatten().collect())
    }

    /// Writes the images' values, or what they look like.
    fn write(&self, out: &Path, images: &[Picture], shown: &[Picture]) -> Result<(), report::WriteError> {
        if is_npy(out) {
            return report::write(out, &npy_bytes(images));
        }
        let columns = if self.class == Some(Chosen::All) { self.count } else { self.columns };
        report::save_png(&report::sheet(shown, columns as usize, self.zoom as usize), out)
    }
}

/// Draws, previews and writes.
///
/// # Errors
/// A model that cannot be read, a sheet that cannot be written.
pub fn run(arguments: &SampleArguments) -> Result<(), Box<dyn Error>> {
    let blob = Blob::read(&arguments.model)?;
    let model = blob.load()?;
    let start = std::time::Instant::now();
    let images = arguments.draw(&model)?;
    let seconds = start.elapsed().as_secs_f64();
    let shown: Vec<Picture> = images.iter().map(|image| report::shown(image, model.levels())).collect();
    for image in shown.iter().take(arguments.preview) {
        println!("{}", report::preview(image));
    }
    if let Some(out) = &arguments.out {
        arguments.write(out, &images, &shown)?;
        println!("{} images in {}", images.len(), out.display());
    }
    println!("{:.1} images a second", images.len() as f64 / seconds);
    Ok(())
}
