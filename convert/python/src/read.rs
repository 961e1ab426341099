//! Images from files, and their values as levels.

use std::path::PathBuf;

use pixelrnn_convert::data::{Grid, ImageOptions, Labels, Levels};
use pyo3::prelude::*;

use crate::arguments::choice;
use crate::error::compute;
use crate::images::{arrays, pictures};

/// The images of a file or folder, as every command reads them: an array of (rows, columns, channels) each.
#[pyfunction]
#[pyo3(signature = (path, *, grey=false, grid=None))]
pub fn read<'py>(
    py: Python<'py>,
    path: PathBuf,
    grey: bool,
    grid: Option<(usize, usize)>,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    arrays(py, &compute(py, move || Ok(options(grey, grid)?.read(&path)?))?)
}

/// The images of a file or folder and their classes: `labels` is an idx file, or `"folders"`, as `--labels`; a folder's class is
/// that of the same name's in `like`, another folder, if that is given.
#[pyfunction]
#[pyo3(signature = (path, labels, *, like=None, grey=false, grid=None))]
pub fn read_labelled<'py>(
    py: Python<'py>,
    path: PathBuf,
    labels: PathBuf,
    like: Option<PathBuf>,
    grey: bool,
    grid: Option<(usize, usize)>,
) -> PyResult<(Vec<Bound<'py, PyAny>>, Vec<u16>)> {
    let read = move || {
        let mut pictures = options(grey, grid)?.read(&path)?;
        let labels = Labels::from(labels.to_string_lossy().into_owned());
        labels.apply_like(like.as_deref().unwrap_or(&path), &path, &mut pictures)?;
        Ok(pictures)
    };
    let pictures = compute(py, read)?;
    Ok((arrays(py, &pictures)?, pictures.iter().filter_map(|picture| picture.class).collect()))
}

fn options(grey: bool, grid: Option<(usize, usize)>) -> Result<ImageOptions, String> {
    let grid = grid.map(|(width, height)| format!("{width}x{height}").parse::<Grid>()).transpose()?;
    Ok(ImageOptions { grey, grid, ..ImageOptions::default() })
}

/// Images' values as a model's levels, all in the same way: an array of (rows, columns, channels) each.
#[pyfunction(name = "levels")]
#[pyo3(signature = (images, levels, *, values="auto"))]
pub fn levels<'py>(images: &Bound<'py, PyAny>, levels: u32, values: &str) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let (py, pictures, values) = (images.py(), pictures(images)?, choice::<Levels>("values", values)?);
    arrays(py, &compute(py, move || Ok(values.apply(pictures, levels)?))?)
}
