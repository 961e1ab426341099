//! `pixelrnn compress`: codes images without loss.

use std::convert::Infallible;
use std::error::Error;
use std::path::PathBuf;

use pixelrnn::codec::{CodeError, Encoder, HEADER_BYTES};
use pixelrnn::{Model, Stream};
use rayon::prelude::*;

use crate::blob_file::Blob;
use crate::data::{ImageOptions, Picture, Values, set};
use crate::report;

/// Images that share a check unless told otherwise: what a group costs is then 0.02 bytes an image.
pub const DEFAULT_GROUP: u32 = 256;

/// Arguments of `pixelrnn compress`.
#[derive(Debug, Clone, clap::Args)]
pub struct CompressArguments {
    /// The model, a `.prnn` file: the same one decompresses.
    model: PathBuf,
    /// Pictures, folders of pictures, idx and npy files; all of one size. Names are not kept, the order is.
    #[arg(required = true)]
    images: Vec<PathBuf>,
    /// The coded images, a `.prnz` file.
    #[arg(short, long)]
    out: PathBuf,
    /// Images that share a check: 1 costs some 5 bytes an image more, and then damage spares all images before it.
    #[arg(long, default_value_t = DEFAULT_GROUP, value_parser = clap::value_parser!(u32).range(1..))]
    group: u32,
    /// How a file's values become the model's levels: what is coded without loss is the levels.
    #[arg(long, value_enum, default_value_t = Values::Exact)]
    values: Values,
    #[command(flatten)]
    options: ImageOptions,
}

/// Why images were not coded.
#[derive(Debug, thiserror::Error)]
pub enum CompressError {
    /// The images differ in size.
    #[error("{name} is {found:?} pixels, {first} {expected:?}: a file holds images of one size")]
    Size {
        /// The image.
        name: String,
        /// Its size.
        found: (usize, usize),
        /// The first image.
        first: String,
        /// Its size.
        expected: (usize, usize),
    },
    /// The coder or the engine refused.
    #[error(transparent)]
    Code(#[from] CodeError<Infallible>),
    /// The image was not begun.
    #[error(transparent)]
    Begin(#[from] pixelrnn::BeginError),
}

/// The bytes of one group (`None`: of none), behind a header of its own.
fn container(
    model: &Model<'_>,
    (width, height): (u32, u32),
    group: &[Picture],
    finish: bool,
    each: &(dyn Fn() + Sync),
) -> Result<Vec<u8>, CompressError> {
    let mut bytes = Vec::new();
    let sink = |byte| -> Result<(), Infallible> {
        bytes.push(byte);
        Ok(())
    };
    let mut state = vec![0; model.state_words(width)];
    let mut encoder = Encoder::begin(model, width, height, sink)?;
    for picture in group {
        encoder.image(&mut Stream::begin(model, width, height, &mut state)?, &picture.values)?;
        each();
    }
    if finish {
        let _sink = encoder.finish()?;
    } else {
        encoder.end_group()?;
    }
    Ok(bytes)
}

/// Codes images of levels, groups on all cores: the same bytes as one coder after the other. `each` is called after each image.
///
/// # Errors
/// Images of different sizes, or that the model cannot take.
pub fn compress(
    model: &Model<'_>,
    pictures: &[Picture],
    group: usize,
    each: &(dyn Fn() + Sync),
) -> Result<Vec<u8>, CompressError> {
    let Some(first) = pictures.first() else { return Ok(Vec::new()) };
    let expected = (first.width, first.height);
    if let Some(other) = pictures.iter().find(|picture| (picture.width, picture.height) != expected) {
        let found = (other.width, other.height);
        return Err(CompressError::Size { name: other.name.clone(), found, first: first.name.clone(), expected });
    }
    let size = (u32::try_from(expected.0).unwrap_or(u32::MAX), u32::try_from(expected.1).unwrap_or(u32::MAX));
    let groups: Vec<Vec<u8>> = pictures
        .par_chunks(group.max(1))
        .map(|group| container(model, size, group, false, each))
        .collect::<Result<_, _>>()?;
    let empty = container(model, size, &[], true, each)?;
    let (header, end) = empty.split_at(HEADER_BYTES);
    let groups = groups.iter().flat_map(|group| &group[HEADER_BYTES..]);
    Ok(header.iter().chain(groups).chain(end).copied().collect())
}

/// Codes, and writes the file.
///
/// # Errors
/// A model or images that cannot be read or do not fit; a file that cannot be written.
pub fn run(arguments: &CompressArguments) -> Result<(), Box<dyn Error>> {
    let blob = Blob::read(&arguments.model)?;
    let model = blob.load()?;
    let pictures = arguments.options.read_all(&arguments.images)?;
    set::check_channels(&pictures, usize::from(model.channels()), set::MODEL)?;
    let pictures = arguments.values.apply(pictures, model.levels())?;
    let bar = report::bar(pictures.len(), "coding");
    let bytes = compress(&model, &pictures, arguments.group as usize, &|| bar.inc(1))?;
    bar.finish_and_clear();
    report::write(&arguments.out, &bytes)?;
    report::print(&format!(
        "{} images in {}: {} bytes, {:.2} an image, {:.4} bits a dimension\n",
        pictures.len(),
        arguments.out.display(),
        bytes.len(),
        bytes.len() as f64 / pictures.len() as f64,
        8.0 * bytes.len() as f64 / set::count_values(&pictures) as f64,
    ))?;
    Ok(())
}
