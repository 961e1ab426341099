//! `pixelrnn sample`: draws images.

use std::error::Error;
use std::path::{Path, PathBuf};

use indicatif::ProgressBar;
use pixelrnn::{Model, Pyramid, Temperature};

use super::class::Chosen;
use crate::blob_file::Blob;
use crate::data::{Picture, is_npy, npy_bytes};
use crate::many::ManyError;
use crate::pyramid::{self, Begun};
use crate::report;

/// Arguments of `pixelrnn sample`.
#[derive(Debug, Clone, clap::Args)]
pub struct SampleArguments {
    /// The model, a `.prnn` file, of one or several scales.
    model: PathBuf,
    /// A PNG sheet of all images, of a model of several scales each with its smaller ones before it, as they look: of up to 256 levels in tones of 8 bits, else of 16. A name that ends in `.npy` gets the
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

/// An image's seed, and its class or nothing.
pub type Seed = (u64, Option<u16>);

/// The seed and class of each of `count` images of every class that is asked for: image n of a class is drawn from `seed + n`.
///
/// # Errors
/// A class that the model does not have, or none told where it has some.
pub fn seeds(model: &Model<'_>, class: Option<Chosen>, count: u32, seed: u64) -> Result<Vec<Seed>, String> {
    let seeds = (0..u64::from(count)).map(|number| seed.wrapping_add(number));
    let of_class = |class| seeds.clone().map(move |seed| (seed, class));
    Ok(Chosen::of(class, model)?.into_iter().flat_map(of_class).collect())
}

/// Draws all scales of an image from each of some seeds, on all cores.
///
/// # Errors
/// A size that the engine does not take.
pub fn draw_all(
    pyramid: &Pyramid<'_>,
    size: (u32, u32),
    temperature: Temperature,
    seeds: &[Seed],
    bar: &ProgressBar,
) -> Result<Vec<Vec<Picture>>, ManyError> {
    let begun = seeds.iter().map(|&(seed, class)| Begun { seed, class, scales: Vec::new() }).collect();
    pyramid::draw(pyramid, size, temperature, begun, |count| bar.inc(count as u64))
}

impl SampleArguments {
    /// Draws all scales of all images, on all cores.
    fn draw(&self, pyramid: &Pyramid<'_>) -> Result<Vec<Vec<Picture>>, Box<dyn Error>> {
        let temperature = temperature(self.temperature)?;
        let seeds = seeds(&pyramid.models()[0], self.class, self.count, self.seed)?;
        let bar = report::bar(seeds.len(), "drawing");
        let images = draw_all(pyramid, (self.width, self.height), temperature, &seeds, &bar)?;
        bar.finish_and_clear();
        Ok(images)
    }

    /// Writes the images' values, or what they look like, all scales side by side.
    fn write(&self, out: &Path, pyramid: &Pyramid<'_>, images: &[Vec<Picture>]) -> Result<(), report::WriteError> {
        if is_npy(out) {
            let largest: Vec<Picture> = images.iter().filter_map(|scales| scales.last()).cloned().collect();
            return report::write(out, &npy_bytes(&largest));
        }
        let levels = pyramid.models()[0].levels();
        let all = pyramid::shown(pyramid, images);
        let shown: Vec<Picture> = all.iter().map(|image| report::shown(image, levels)).collect();
        let columns = if self.class == Some(Chosen::All) { self.count } else { self.columns };
        let columns = columns as usize * pyramid.models().len();
        report::save_png(&report::sheet(&shown, columns, self.zoom as usize), out)
    }
}

/// Draws, previews and writes.
///
/// # Errors
/// A model that cannot be read, a sheet that cannot be written.
pub fn run(arguments: &SampleArguments) -> Result<(), Box<dyn Error>> {
    let blob = Blob::read_to_run(&arguments.model)?;
    let models = blob.load_scales()?;
    let pyramid = Pyramid::new(&models)?;
    let start = std::time::Instant::now();
    let images = arguments.draw(&pyramid)?;
    let seconds = start.elapsed().as_secs_f64();
    for image in images.iter().filter_map(|scales| scales.last()).take(arguments.preview) {
        println!("{}", report::preview(&report::shown(image, models[0].levels())));
    }
    if let Some(out) = &arguments.out {
        arguments.write(out, &pyramid, &images)?;
        println!("{} images in {}", images.len(), out.display());
    }
    println!("{:.1} images a second", images.len() as f64 / seconds);
    Ok(())
}
