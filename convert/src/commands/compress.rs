//! `pixelrnn compress`: codes images without loss, into an archive.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use pixelrnn::{Model, Pyramid};
use rayon::prelude::*;

use super::class;
use super::eval::label;
use crate::archive::{Alpha, Cut, compress_scales, split};
use crate::blob_file::Blob;
use crate::data::{Grid, ImageOptions, Labels, Picture, Values, set};
use crate::report;

/// Images that share a check unless told otherwise: what a group costs is then 0.02 bytes an image.
pub const DEFAULT_GROUP: u32 = 256;

/// Arguments of `pixelrnn compress`.
#[derive(Debug, Clone, clap::Args)]
pub struct CompressArguments {
    /// The model, a `.prnn` file: the same one decompresses. Of several scales, the smallest is coded first.
    model: PathBuf,
    /// Pictures, folders of pictures, idx and npy files, of any sizes.
    #[arg(required = true)]
    images: Vec<PathBuf>,
    /// The coded images, a `.prnz` file.
    #[arg(short, long)]
    out: PathBuf,
    /// Class of the pictures, of a model with classes: they take less room given the right one.
    #[arg(long, conflicts_with = "labels")]
    class: Option<u16>,
    /// The class of each picture: an idx file of labels (gzip too), or `folders`.
    #[arg(long, value_name = "FILE|folders")]
    labels: Option<Labels>,
    /// Cut pictures in tiles of WIDTHxHEIGHT: each decodes alone and has a check of its own, and all cores share a picture. `none`
    /// codes pictures whole.
    #[arg(long, value_name = "WIDTHxHEIGHT", default_value = "128x128")]
    tile: TileSize,
    /// Whole pictures that share a check: 1 costs some 5 bytes an image more, and then damage spares all images before it.
    #[arg(long, default_value_t = DEFAULT_GROUP, value_parser = clap::value_parser!(u32).range(1..))]
    group: u32,
    /// Keep no names: the order alone.
    #[arg(long)]
    no_names: bool,
    /// How a file's values become the model's levels: what is coded without loss is the levels.
    #[arg(long, value_enum, default_value_t = Values::Exact)]
    values: Values,
    #[command(flatten)]
    options: ImageOptions,
}

impl CompressArguments {
    /// Gives each picture its class.
    fn classify(&self, model: &Model<'_>, pictures: &mut [Picture]) -> Result<(), Box<dyn Error>> {
        let Some(labels) = &self.labels else {
            let class = class::check(model, self.class)?;
            pictures.iter_mut().for_each(|picture| picture.class = class);
            return Ok(());
        };
        match (&self.images[..], labels) {
            ([_, _, ..], Labels::Folders) => Err("--labels folders: give one folder of images".into()),
            (images, _) => label(labels, &images[0], model, pictures),
        }
    }
}

/// Columns and rows of a tile, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TileSize(pub Option<(u32, u32)>);

impl FromStr for TileSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(Self(None));
        }
        let Grid { width, height } = text.parse::<Grid>().map_err(|error| error.to_string())?;
        let size = |length: usize| u32::try_from(length).ok().filter(|length| (1..=65_535).contains(length));
        match (size(width), size(height)) {
            (Some(width), Some(height)) => Ok(Self(Some((width, height)))),
            _ => Err("a tile has 1 to 65535 columns and rows".into()),
        }
    }
}

/// A picture's name in the archive: its path below the folder that was given, or its file's name.
fn name_in_archive(given: &[PathBuf], name: &str) -> String {
    let path = Path::new(name);
    let below = given.iter().filter(|given| given.is_dir()).find_map(|folder| path.strip_prefix(folder).ok());
    let file = || path.file_name().map(Path::new);
    below.or_else(file).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

/// Bytes of the same pictures as PNG files.
fn png_bytes(pictures: &[Picture], levels: u32) -> usize {
    pictures.par_iter().map(|picture| report::png(&report::shown(picture, levels)).map_or(0, |png| png.len())).sum()
}

/// Pictures of a file's values as a model's levels, and the transparency that is kept beside them.
///
/// # Errors
/// Pictures of other channels or values than the model's.
pub fn modelled(
    model: &Model<'_>,
    pictures: Vec<Picture>,
    values: Values,
) -> Result<(Vec<Picture>, Vec<Alpha>), Box<dyn Error>> {
    let channels = usize::from(model.channels());
    let (pictures, alpha): (Vec<Picture>, Vec<Alpha>) =
        pictures.into_iter().map(|picture| split(picture, channels)).unzip();
    check_alpha(model, &pictures, &alpha)?;
    let alpha = if alpha.iter().all(|alpha| *alpha == Alpha::None) { vec![] } else { alpha };
    set::check_channels(&pictures, channels, set::MODEL)?;
    Ok((values.apply(pictures, model.levels())?, alpha))
}

/// Whether transparency has the bits that pictures are written with.
fn check_alpha(model: &Model<'_>, pictures: &[Picture], alpha: &[Alpha]) -> Result<(), String> {
    let is_wide = |(picture, alpha): &(&Picture, &Alpha)| picture.depth > 8 && matches!(alpha, Alpha::Deflated(_));
    match pictures.iter().zip(alpha).find(is_wide).filter(|_| model.levels() <= 256) {
        Some((picture, _)) => Err(format!(
            "{} has transparency of 16 bits a value: pictures of the model's {} levels are written with 8, give some of 8 bits",
            picture.name,
            model.levels()
        )),
        None => Ok(()),
    }
}

/// Codes, and writes the file.
///
/// # Errors
/// A model or images that cannot be read or do not fit; a file that cannot be written.
pub fn run(arguments: &CompressArguments) -> Result<(), Box<dyn Error>> {
    let blob = Blob::read_to_run(&arguments.model)?;
    let models = blob.load_scales()?;
    let (pyramid, model) = (Pyramid::new(&models)?, &models[0]);
    let mut pictures = arguments.options.read_all(&arguments.images)?;
    arguments.classify(model, &mut pictures)?;
    let (pictures, alpha) = modelled(model, pictures, arguments.values)?;
    let names: Vec<String> = pictures.iter().map(|picture| name_in_archive(&arguments.images, &picture.name)).collect();
    let names = (!arguments.no_names).then_some(&names[..]);
    let cut = Cut { tile: arguments.tile.0, group: arguments.group };
    let bar = report::bar(pictures.iter().map(Picture::pixels).sum(), "coding pixels");
    let bytes = compress_scales(&pyramid, &pictures, names, &alpha, &cut, &|pixels| bar.inc(pixels as u64))?;
    bar.finish_and_clear();
    report::write(&arguments.out, &bytes)?;
    report::print(&summary(&pictures, arguments, bytes.len(), png_bytes(&pictures, model.levels())))?;
    Ok(())
}

fn summary(pictures: &[Picture], arguments: &CompressArguments, bytes: usize, png: usize) -> String {
    format!(
        "{} images in {}: {bytes} bytes, {:.2} an image, {:.4} bits a dimension; as PNG files {png} bytes, {:.2} times as many\n",
        pictures.len(),
        arguments.out.display(),
        bytes as f64 / pictures.len() as f64,
        8.0 * bytes as f64 / set::count_values(pictures) as f64,
        png as f64 / bytes as f64,
    )
}
