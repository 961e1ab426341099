//! `pixelrnn decompress`: decodes what `compress` coded.

use std::convert::Infallible;
use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};

use pixelrnn::codec::{DecodeError, Decoder, Header, Next};
use pixelrnn::{Model, Stream};

use crate::blob_file::Blob;
use crate::data::Picture;
use crate::report::{self, WriteError, png, shown};

/// Arguments of `pixelrnn decompress`.
#[derive(Debug, Clone, clap::Args)]
pub struct DecompressArguments {
    /// The model that coded the images, a `.prnn` file.
    model: PathBuf,
    /// The coded images, a `.prnz` file.
    coded: PathBuf,
    /// Where to: a new folder of PNG files (00000.png, ...), or an idx file if the name ends in `.idx` or `ubyte`, with `.gz` behind it for gzip.
    #[arg(short, long)]
    out: PathBuf,
}

/// Why images were not decoded.
#[derive(Debug, thiserror::Error)]
pub enum DecompressError {
    /// The coded images are not this model's, or not whole.
    #[error(transparent)]
    Decode(#[from] DecodeError<Infallible>),
    /// Something follows the last image.
    #[error("{0} bytes follow the coded images' end")]
    TrailingBytes(usize),
    /// The image was not begun.
    #[error(transparent)]
    Begin(#[from] pixelrnn::BeginError),
}

/// Decodes all images, as levels. `each` is told how many bytes are left.
///
/// # Errors
/// Another model, or a file that is not whole: then there are no images at all.
pub fn decompress(
    model: &Model<'_>,
    bytes: &[u8],
    mut each: impl FnMut(usize),
) -> Result<(Header, Vec<Vec<u16>>), DecompressError> {
    let left = std::cell::Cell::new(bytes);
    let source = || -> Result<Option<u8>, Infallible> {
        let Some((&byte, rest)) = left.get().split_first() else { return Ok(None) };
        left.set(rest);
        Ok(Some(byte))
    };
    let mut decoder = Decoder::begin(model, source)?;
    let header = *decoder.header();
    let (width, height) = (header.width(), header.height());
    let mut state = vec![0; model.state_words(width)];
    let mut images = Vec::new();
    loop {
        match decoder.next()? {
            Next::Image => {
                let mut stream = Stream::begin(model, width, height, &mut state)?;
                // Grown as it is decoded: a damaged header may promise far more than the file holds.
                let image: Result<Vec<u16>, _> = (0..header.values()).map(|_| decoder.value(&mut stream)).collect();
                images.push(image?);
                each(left.get().len());
            }
            Next::Checked => {}
            Next::End => break,
        }
    }
    match left.get().len() {
        0 => Ok((header, images)),
        extra => Err(DecompressError::TrailingBytes(extra)),
    }
}

/// An idx file's bytes.
fn idx(header: &Header, images: &[Vec<u16>]) -> Vec<u8> {
    let sizes = [2051, images.len() as u32, header.height(), header.width()];
    sizes.into_iter().flat_map(u32::to_be_bytes).chain(images.iter().flatten().map(|&value| value as u8)).collect()
}

/// An image as it is written.
fn picture(header: &Header, image: &[u16]) -> Picture {
    let picture = Picture {
        name: String::new(),
        width: header.width() as usize,
        height: header.height() as usize,
        channels: usize::from(header.channels),
        depth: 16,
        values: image.to_vec(),
    };
    // Tones that show the levels; beyond 256 levels the levels themselves, which read back as they are.
    if header.levels <= 256 { shown(&picture, header.levels) } else { picture }
}

/// Writes a folder beside, then renames it.
fn write_folder(out: &Path, header: &Header, images: &[Vec<u16>]) -> Result<(), Box<dyn Error>> {
    let error = |source| WriteError { path: out.to_path_buf(), source };
    let exists = out.is_file() || std::fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some());
    if exists {
        return Err(format!("{} is already there: give a new folder", out.display()).into());
    }
    let parent = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let beside = tempfile::Builder::new().prefix(".decompress-").tempdir_in(parent).map_err(error)?;
    let digits = images.len().saturating_sub(1).to_string().len().max(5);
    for (number, image) in images.iter().enumerate() {
        std::fs::write(
            beside.path().join(format!("{number:0digits$}.png")),
            png(&picture(header, image)).map_err(error)?,
        )
        .map_err(error)?;
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

/// Decodes, checks, and only then writes.
///
/// # Errors
/// A model or file that cannot be read, is damaged or does not fit the other; a result that cannot be written.
pub fn run(arguments: &DecompressArguments) -> Result<(), Box<dyn Error>> {
    let blob = Blob::read(&arguments.model)?;
    let model = blob.load()?;
    let coded = arguments.coded.display();
    let bytes = std::fs::read(&arguments.coded).map_err(|error| format!("cannot read {coded}: {error}"))?;
    let bar = report::bar(bytes.len(), "decoding bytes");
    let decoded = decompress(&model, &bytes, |left| bar.set_position((bytes.len() - left) as u64));
    bar.finish_and_clear();
    let (header, images) = decoded.map_err(|error| format!("{coded}: {error}"))?;

    let name = arguments.out.to_string_lossy();
    let plain = name.strip_suffix(".gz").unwrap_or(&name);
    if plain.ends_with(".idx") || plain.ends_with("ubyte") {
        let values = idx(&header, &images);
        report::write_new(&arguments.out, |file| {
            if plain.len() == name.len() {
                return file.write_all(&values);
            }
            let mut packer = flate2::write::GzEncoder::new(file, flate2::Compression::best());
            packer.write_all(&values)?;
            packer.finish().map(drop)
        })?;
    } else {
        write_folder(&arguments.out, &header, &images)?;
    }
    report::print(&format!(
        "{} images of {}x{} pixels in {}\n",
        images.len(),
        header.width(),
        header.height(),
        arguments.out.display()
    ))?;
    Ok(())
}
