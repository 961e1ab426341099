//! Folders of pictures, read as 8-bit grey.

use std::path::{Path, PathBuf};

use super::{DataError, ImageSet};

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
pub(super) fn paths(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let mut paths = Vec::new();
    collect(folder, &mut paths)?;
    // The order of a folder differs between file systems; training must not.
    paths.sort();
    Ok(paths)
}

pub(super) fn read(folder: &Path) -> Result<ImageSet, DataError> {
    read_pictures(&paths(folder)?)
}

pub(super) fn read_pictures(paths: &[PathBuf]) -> Result<ImageSet, DataError> {
    let mut set = ImageSet { width: 0, height: 0, values: Vec::new() };
    for path in paths {
        let picture = image::open(path)
            .map_err(|source| match source {
                image::ImageError::IoError(source) => DataError::Read { path: path.clone(), source },
                source => DataError::Picture { path: path.clone(), source },
            })?
            .into_luma8();
        let found = (picture.width() as usize, picture.height() as usize);
        let expected = (set.width, set.height);
        if !set.values.is_empty() && found != expected {
            return Err(DataError::Size { path: path.clone(), found, expected });
        }
        (set.width, set.height) = found;
        set.values.extend_from_slice(picture.as_raw());
    }
    Ok(set)
}
