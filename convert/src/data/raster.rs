//! Picture files, and folders of them. Palettes and values of 1, 2 and 4 bits are expanded to 8 bits a value.

use std::path::{Path, PathBuf};

use image::DynamicImage;

use super::{DataError, Picture};

/// Whether a file's name is that of a picture.
pub(super) fn is_picture(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_lowercase();
    matches!(extension.as_str(), "png" | "jpg" | "jpeg" | "bmp" | "pgm" | "ppm" | "pnm" | "gif" | "webp" | "qoi")
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), DataError> {
    let error = |source| DataError::Read { path: folder.to_path_buf(), source };
    for entry in std::fs::read_dir(folder).map_err(error)? {
        let path = entry.map_err(error)?.path();
        if path.is_dir() {
            collect(&path, found)?;
        } else if is_picture(&path) {
            found.push(path);
        }
    }
    Ok(())
}

/// All pictures of a folder and the folders in it.
pub(super) fn folder(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let mut paths = Vec::new();
    collect(folder, &mut paths)?;
    // The order of a folder differs between file systems; training must not.
    paths.sort();
    Ok(paths)
}

/// Reads a picture file, channels and depth as they are in it.
pub(super) fn read(path: &Path) -> Result<Picture, DataError> {
    let image = image::open(path).map_err(|source| match source {
        image::ImageError::IoError(source) => DataError::Read { path: path.to_path_buf(), source },
        source => DataError::Picture { path: path.to_path_buf(), source },
    })?;
    let (width, height) = (image.width() as usize, image.height() as usize);
    let channels = usize::from(image.color().channel_count());
    let (depth, values) =
        values(image).ok_or_else(|| DataError::format(path, "a picture of 8 or 16 bits", "its values are floats"))?;
    Ok(Picture { name: path.display().to_string(), width, height, channels, depth, values })
}

/// Bits a value, and the values.
fn values(image: DynamicImage) -> Option<(u8, Vec<u16>)> {
    let wide = |bytes: Vec<u8>| Some((8, bytes.into_iter().map(u16::from).collect()));
    match image {
        DynamicImage::ImageLuma8(image) => wide(image.into_raw()),
        DynamicImage::ImageLumaA8(image) => wide(image.into_raw()),
        DynamicImage::ImageRgb8(image) => wide(image.into_raw()),
        DynamicImage::ImageRgba8(image) => wide(image.into_raw()),
        DynamicImage::ImageLuma16(image) => Some((16, image.into_raw())),
        DynamicImage::ImageLumaA16(image) => Some((16, image.into_raw())),
        DynamicImage::ImageRgb16(image) => Some((16, image.into_raw())),
        DynamicImage::ImageRgba16(image) => Some((16, image.into_raw())),
        _ => None,
    }
}
