//! `pixelrnn decompress`: decodes what `compress`, or a device, coded.

use std::collections::HashSet;
use std::error::Error;
use std::io::Write;
use std::path::{Component, Path, PathBuf};

use pixelrnn::{Model, Pyramid};

use crate::archive::{Alpha, ArchiveError, Coded, Decoded, Region, decompress_scales};
use crate::blob_file::Blob;
use crate::data::{Picture, set};
use crate::report::{self, WriteError, png, shown};

/// Arguments of `pixelrnn decompress`.
#[derive(Debug, Clone, clap::Args)]
pub struct DecompressArguments {
    /// The model that coded the images, a `.prnn` file.
    model: PathBuf,
    /// The coded images, a `.prnz` file: an archive, or what a device sent.
    coded: PathBuf,
    /// Where to: a new folder of PNG files under their names (without names 00000.png, …); or an idx file of images of one size and up
    /// to 256 levels if the name ends in `.idx` or `ubyte`, with `.gz` behind it for gzip.
    #[arg(short, long)]
    out: PathBuf,
    /// Only this part of each picture, `X,Y,WIDTHxHEIGHT`: of an archive's pictures only the tiles that it touches are decoded.
    #[arg(long, value_name = "X,Y,WxH")]
    region: Option<Region>,
    /// Of a model of several scales decode up to this one alone, 0 the smallest: the rest of the file is not read, and may be missing.
    #[arg(long)]
    scale: Option<usize>,
}

/// Decodes all images of one network, as levels. `each` is told of the pixels that are done.
///
/// # Errors
/// Another model, or a file that is not whole: then there are no images at all.
pub fn decompress(
    model: &Model<'_>,
    bytes: &[u8],
    region: Option<Region>,
    each: &(dyn Fn(usize) + Sync),
) -> Result<Vec<Picture>, ArchiveError> {
    let pyramid = Pyramid::new(std::slice::from_ref(model)).map_err(|_| ArchiveError::WrongScales)?;
    Ok(decompress_scales(&pyramid, bytes, 0, region, each)?.pictures)
}

/// The scale to decode: the one wanted, or the largest.
///
/// # Errors
/// One that the model does not have.
pub fn wanted_scale(pyramid: &Pyramid<'_>, scale: Option<usize>) -> Result<usize, String> {
    let (count, last) = (pyramid.models().len(), pyramid.models().len() - 1);
    match scale.unwrap_or(last) {
        scale if scale > last => Err(format!("--scale {scale}: the model's {count} scales are 0 to {last}")),
        scale => Ok(scale),
    }
}

/// An idx file's bytes, if it can hold the images.
fn idx(pictures: &[Picture]) -> Result<Vec<u8>, String> {
    let (width, height) = set::common_size(pictures)
        .ok_or("the images differ in size: give a folder for --out, an idx file holds one size")?;
    let channels = pictures.first().map_or(1, |picture| picture.channels);
    if pictures.iter().any(|picture| picture.depth > 8) {
        return Err("the images have more than 8 bits a value: give a folder for --out, an idx file holds bytes".into());
    }
    let (magic, sizes) = match channels {
        1 => (2051, vec![pictures.len(), height, width]),
        _ => (2052, vec![pictures.len(), height, width, channels]),
    };
    let front = std::iter::once(magic).chain(sizes.into_iter().map(|size| size as u32));
    let values = pictures.iter().flat_map(|picture| &picture.values).map(|&value| value as u8);
    Ok(front.flat_map(u32::to_be_bytes).chain(values).collect())
}

/// Where a picture goes in its folder: its name as a PNG file's, below the folder whatever the name says; its number if it has none, or
/// one that is taken.
fn file_name(picture: &Picture, number: usize, digits: usize, taken: &mut HashSet<PathBuf>) -> PathBuf {
    let below: PathBuf = Path::new(&picture.name)
        .components()
        .filter_map(|part| if let Component::Normal(part) = part { Some(part) } else { None })
        .collect();
    let is_png = below.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("png"));
    let named = if is_png { below.clone() } else { PathBuf::from(format!("{}.png", below.display())) };
    let path = match below.as_os_str().is_empty() || taken.contains(&named) {
        true => PathBuf::from(format!("{number:0digits$}.png")),
        false => named,
    };
    taken.insert(path.clone());
    path
}

/// Writes a folder beside, then renames it.
fn write_folder(out: &Path, pictures: &[Picture]) -> Result<(), Box<dyn Error>> {
    let error = |source| WriteError { path: out.to_path_buf(), source };
    let exists = out.is_file() || std::fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some());
    if exists {
        return Err(format!("{} is already there: give a new folder", out.display()).into());
    }
    let parent = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let beside = tempfile::Builder::new().prefix(".decompress-").tempdir_in(parent).map_err(error)?;
    let digits = pictures.len().saturating_sub(1).to_string().len().max(5);
    let mut taken = HashSet::new();
    for (number, picture) in pictures.iter().enumerate() {
        let path = beside.path().join(file_name(picture, number, digits, &mut taken));
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(error)?;
        }
        std::fs::write(path, png(picture).map_err(error)?).map_err(error)?;
    }
    #[cfg(unix)]
    {
        // A temporary folder is its owner's alone; a result is like any other folder.
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(beside.path(), std::fs::Permissions::from_mode(0o755)).map_err(error)?;
    }
    std::fs::rename(beside.path(), out).map_err(error)?;
    // It is the result now: nothing is left to clean up.
    let _moved = beside.keep();
    Ok(())
}

/// Pictures with their transparency, if they have one: `alpha` is what [`Coded::alpha`] says, or nothing.
///
/// # Errors
/// Transparency that is damaged.
pub fn with_alpha(
    pictures: Vec<Picture>,
    alpha: &[(Alpha, (u32, u32))],
    region: Option<Region>,
) -> Result<Vec<Picture>, ArchiveError> {
    let join = |(number, picture): (usize, Picture)| {
        let Some((alpha, (width, height))) = alpha.get(number) else { return Ok(picture) };
        let (left, top) = region.map_or((0, 0), |region| (region.left as usize, region.top as usize));
        let columns = picture.width;
        let place = |pixel: usize| (top + pixel / columns) * *width as usize + left + pixel % columns;
        let all = *width as usize * *height as usize;
        alpha.join(&picture, all, place).ok_or(ArchiveError::DamagedDirectory)
    };
    pictures.into_iter().enumerate().map(join).collect()
}

/// A picture as it is written: tones up to 256 levels, beyond the values as they were read.
pub fn written(picture: &Picture, levels: u32) -> Picture {
    if levels <= 256 { shown(picture, levels) } else { picture.clone() }
}

/// Decodes, checks, and only then writes.
///
/// # Errors
/// A model or file that cannot be read, is damaged or does not fit the other; a result that cannot be written.
pub fn run(arguments: &DecompressArguments) -> Result<(), Box<dyn Error>> {
    let blob = Blob::read_to_run(&arguments.model)?;
    let models = blob.load_scales()?;
    let pyramid = Pyramid::new(&models)?;
    let scale = wanted_scale(&pyramid, arguments.scale)?;
    let coded = arguments.coded.display();
    let bytes = std::fs::read(&arguments.coded).map_err(|error| format!("cannot read {coded}: {error}"))?;
    let pixels = Coded::open_first(&models[0], &bytes).map_or(0, |(coded, _)| coded.pixels());
    let bar = report::bar(pixels * (pyramid.factor(0) as usize).pow(2), "decoding pixels");
    let decoded = decompress_scales(&pyramid, &bytes, scale, arguments.region, &|pixels| bar.inc(pixels as u64));
    bar.finish_and_clear();
    let Decoded { pictures, alpha } = decoded.map_err(|error| format!("{coded}: {error}"))?;

    let count = pictures.len();
    let name = arguments.out.to_string_lossy();
    let plain = name.strip_suffix(".gz").unwrap_or(&name);
    if plain.ends_with(".idx") || plain.ends_with("ubyte") {
        let values = idx(&pictures)?;
        report::write_new(&arguments.out, |file| {
            if plain.len() == name.len() {
                return file.write_all(&values);
            }
            let mut packer = flate2::write::GzEncoder::new(file, flate2::Compression::best());
            packer.write_all(&values)?;
            packer.finish().map(drop)
        })?;
    } else {
        let pictures = pictures.iter().map(|picture| written(picture, models[0].levels())).collect();
        write_folder(&arguments.out, &with_alpha(pictures, &alpha, arguments.region)?)?;
    }
    report::print(&format!("{count} images in {}\n", arguments.out.display()))?;
    Ok(())
}
