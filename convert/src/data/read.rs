//! A path's images, by what kind of file it is.

use std::path::Path;

use super::{DataError, Picture, idx, npy, raster};

/// Reads a picture, all pictures of a folder, or an array of images.
pub(super) fn path(path: &Path) -> Result<Vec<Picture>, DataError> {
    if path.is_dir() {
        return raster::folder(path)?.iter().map(|path| raster::read(path)).collect();
    }
    if raster::is_picture(path) {
        return Ok(vec![raster::read(path)?]);
    }
    if npy::is_npy(path) {
        return npy::read(path);
    }
    idx::read(path)
}
