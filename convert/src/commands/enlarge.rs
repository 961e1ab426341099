//! `pixelrnn enlarge`: plausible larger images around a small one.

use std::error::Error;
use std::path::PathBuf;

use pixelrnn::{Model, Pyramid};

use super::class;
use super::sample::temperature;
use crate::blob_file::Blob;
use crate::data::{ImageOptions, Picture, Values, is_npy, npy_bytes, set};
use crate::pyramid::{self, Begun};
use crate::report;

/// Arguments of `pixelrnn enlarge`.
///
/// The small image's pixels are kept, at rows and columns that are multiples of what it is enlarged by; those between are drawn.
#[derive(Debug, Clone, clap::Args)]
pub struct EnlargeArguments {
    /// The model, a `.prnn` file of several scales, or of one that is given a smaller image.
    model: PathBuf,
    /// The small image, a picture.
    image: PathBuf,
    /// Which scale of the model the image is, 0 the smallest.
    #[arg(long, default_value_t = 0)]
    scale: usize,
    /// Columns and rows to draw; without it, those of the small image times what it is enlarged by.
    #[arg(long, value_name = "WIDTHxHEIGHT")]
    size: Option<crate::data::Grid>,
    /// Class of the image, of a model with classes.
    #[arg(long)]
    class: Option<u16>,
    /// Images to draw.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    count: u32,
    /// A PNG sheet: the small image, then the drawn ones. A name that ends in `.npy` gets the drawn values themselves.
    #[arg(short, long)]
    out: PathBuf,
    /// Seed: image n is drawn from seed + n, the same on every machine.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Below 1 sharpens, above 1 flattens; two decimals, 0.01 to 100.
    #[arg(long, default_value_t = 1.0)]
    temperature: f64,
    /// How the file's values become the model's levels.
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

impl EnlargeArguments {
    /// The one image, in the model's levels.
    fn picture(&self, model: &Model<'_>) -> Result<Picture, Box<dyn Error>> {
        let mut pictures = self.options.read(&self.image)?;
        pictures.truncate(1);
        set::check_channels(&pictures, usize::from(model.channels()), set::MODEL)?;
        let pictures = self.values.apply(pictures, model.levels())?;
        pictures.into_iter().next().ok_or_else(|| "there is no image".into())
    }

    /// The size to draw, of which the small image is the scale that it should be.
    fn size(&self, pyramid: &Pyramid<'_>, small: &Picture) -> Result<(u32, u32), String> {
        let factor = pyramid.factor(self.scale);
        let (width, height) = (small.width as u32, small.height as u32);
        let size = match self.size {
            Some(size) => (size.width as u32, size.height as u32),
            None => (width.saturating_mul(factor), height.saturating_mul(factor)),
        };
        let needed = pyramid.size(self.scale, size);
        match needed == (width, height) {
            true => Ok(size),
            false => Err(format!(
                "--size {}x{}: its small image is {}x{}, {} is {width}x{height}",
                size.0, size.1, needed.0, needed.1, small.name
            )),
        }
    }
}

/// Draws and writes.
///
/// # Errors
/// A model or an image that cannot be read or do not go together, a sheet that cannot be written.
pub fn run(arguments: &EnlargeArguments) -> Result<(), Box<dyn Error>> {
    let blob = Blob::read_scales(&arguments.model)?;
    let all = blob.load_scales()?;
    let pyramid = Pyramid::new(&all)?;
    if arguments.scale + 1 >= all.len() {
        return Err(format!(
            "--scale {}: the model has {} scales, of which the last is the largest",
            arguments.scale,
            all.len()
        )
        .into());
    }
    let class = class::check(&all[0], arguments.class)?;
    let small = arguments.picture(&all[0])?;
    let size = arguments.size(&pyramid, &small)?;
    // Smaller scales than the given one say no more than it does.
    let scales: Vec<Picture> = vec![small; arguments.scale + 1];
    let begun = |n: u32| Begun { seed: arguments.seed.wrapping_add(n.into()), class, scales: scales.clone() };
    let bar = report::bar(arguments.count as usize, "drawing");
    let begun = (0..arguments.count).map(begun).collect();
    let drawn =
        pyramid::draw(&pyramid, size, temperature(arguments.temperature)?, begun, |count| bar.inc(count as u64))?;
    bar.finish_and_clear();
    write(arguments, &pyramid, &scales[0], drawn, all[0].levels())
}

fn write(
    arguments: &EnlargeArguments,
    pyramid: &Pyramid<'_>,
    small: &Picture,
    drawn: Vec<Vec<Picture>>,
    levels: u32,
) -> Result<(), Box<dyn Error>> {
    let images: Vec<Picture> = drawn.into_iter().filter_map(|mut scales| scales.pop()).collect();
    if is_npy(&arguments.out) {
        report::write(&arguments.out, &npy_bytes(&images))?;
        return Ok(());
    }
    let factor = pyramid.factor(arguments.scale) as usize;
    let size = images.first().map_or((0, 0), Picture::size);
    let all = [small.enlarged(factor, size)].into_iter().chain(images);
    let shown: Vec<Picture> = all.map(|picture| report::shown(&picture, levels)).collect();
    report::save_png(&report::sheet(&shown, arguments.columns as usize, arguments.zoom as usize), &arguments.out)?;
    println!("{} images in {}", shown.len() - 1, arguments.out.display());
    Ok(())
}
