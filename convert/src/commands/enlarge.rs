//! `pixelrnn enlarge`: plausible larger images around a small one.

use std::error::Error;
use std::path::PathBuf;

use indicatif::ProgressBar;
use pixelrnn::{Model, Pyramid, Temperature};

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

    /// How the image is enlarged.
    fn enlargement(&self) -> Result<Enlargement, Box<dyn Error>> {
        Ok(Enlargement {
            scale: self.scale,
            size: self.size.map(|size| (size.width as u32, size.height as u32)),
            class: self.class,
            temperature: temperature(self.temperature)?,
        })
    }
}

/// How a small image is enlarged.
#[derive(Debug, Clone, Copy)]
pub struct Enlargement {
    /// Which scale of the model the image is, 0 the smallest.
    pub scale: usize,
    /// Columns and rows to draw, if not those of the small image times what it is enlarged by.
    pub size: Option<(u32, u32)>,
    /// Class of the image, of a model with classes.
    pub class: Option<u16>,
    /// Below 1 sharpens, above 1 flattens.
    pub temperature: Temperature,
}

impl Enlargement {
    /// Whether the model has larger scales, and the class.
    ///
    /// # Errors
    /// It has not, in words.
    pub fn check(&self, pyramid: &Pyramid<'_>) -> Result<(), String> {
        let models = pyramid.models();
        if self.scale >= models.len() - 1 {
            let count = models.len();
            return Err(format!(
                "--scale {}: the model has {count} scales, of which the last is the largest",
                self.scale
            ));
        }
        class::check(&models[0], self.class).map(drop)
    }

    /// `count` images of the largest scale around a small one of levels on all cores, number n from `seed + n`.
    ///
    /// # Errors
    /// What [`Self::check`] finds; a size that the small image does not have as its scale, or that the engine does not take.
    pub fn draw(
        &self,
        pyramid: &Pyramid<'_>,
        small: &Picture,
        (seed, count): (u64, u32),
        bar: &ProgressBar,
    ) -> Result<Vec<Picture>, Box<dyn Error>> {
        self.check(pyramid)?;
        let size = self.size(pyramid, small)?;
        // Smaller scales than the given one say no more than it does.
        let scales = vec![small.clone(); self.scale + 1];
        let begun = |n: u32| Begun { seed: seed.wrapping_add(n.into()), class: self.class, scales: scales.clone() };
        let begun = (0..count).map(begun).collect();
        let drawn = pyramid::draw(pyramid, size, self.temperature, begun, |count| bar.inc(count as u64))?;
        Ok(pyramid::largest(drawn))
    }

    /// The size to draw, of which the small image is the scale that it should be.
    fn size(&self, pyramid: &Pyramid<'_>, small: &Picture) -> Result<(u32, u32), String> {
        let factor = pyramid.factor(self.scale);
        let (width, height) = (small.width as u32, small.height as u32);
        let size = self.size.unwrap_or((width.saturating_mul(factor), height.saturating_mul(factor)));
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
    let blob = Blob::read_to_run(&arguments.model)?;
    let all = blob.load_scales()?;
    let pyramid = Pyramid::new(&all)?;
    let enlargement = arguments.enlargement()?;
    enlargement.check(&pyramid)?;
    let small = arguments.picture(&all[0])?;
    let bar = report::bar(arguments.count as usize, "drawing");
    let drawn = enlargement.draw(&pyramid, &small, (arguments.seed, arguments.count), &bar)?;
    bar.finish_and_clear();
    write(arguments, &pyramid, &small, drawn)
}

fn write(
    arguments: &EnlargeArguments,
    pyramid: &Pyramid<'_>,
    small: &Picture,
    images: Vec<Picture>,
) -> Result<(), Box<dyn Error>> {
    if is_npy(&arguments.out) {
        report::write(&arguments.out, &npy_bytes(&images))?;
        return Ok(());
    }
    let levels = pyramid.models()[0].levels();
    let factor = pyramid.factor(arguments.scale) as usize;
    let size = images.first().map_or((0, 0), Picture::size);
    let all = [small.enlarged(factor, size)].into_iter().chain(images);
    let shown: Vec<Picture> = all.map(|picture| report::shown(&picture, levels)).collect();
    report::save_png(&report::sheet(&shown, arguments.columns as usize, arguments.zoom as usize), &arguments.out)?;
    println!("{} images in {}", shown.len() - 1, arguments.out.display());
    Ok(())
}
