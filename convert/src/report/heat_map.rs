//! Heat maps as PNG: how many bits each pixel of an image takes.

use std::io::Cursor;
use std::path::Path;

use image::{ImageFormat, Rgb, RgbImage};

use super::{WriteError, grey, write};

const GAP: u32 = 2;

/// A sheet of images, each with its heat map on its right: black for a pixel that was expected, through red and yellow to white
/// for the most bits of all.
#[derive(Debug, Clone)]
pub struct HeatMaps {
    cells: Vec<RgbImage>,
    most: f64,
}

/// A share of the most bits as a colour.
fn colour(share: f64) -> Rgb<u8> {
    let part = |third: f64| ((3.0 * share - third).clamp(0.0, 1.0) * 255.0).round() as u8;
    Rgb([part(0.0), part(1.0), part(2.0)])
}

impl HeatMaps {
    /// An empty sheet, whose white stands for `most` bits a pixel.
    pub const fn new(most: f64) -> Self {
        Self { cells: Vec::new(), most }
    }

    /// Adds an image of `levels` levels and the bits of its pixels, row by row; each pixel becomes `zoom` by `zoom`.
    pub fn add(&mut self, values: &[u8], bits: &[f64], width: usize, levels: u16, zoom: u32) {
        let (width, height) = (width as u32, (values.len() / width.max(1)) as u32);
        let mut cell = RgbImage::from_pixel(2 * width * zoom + GAP, height * zoom, Rgb([96; 3]));
        for y in 0..height * zoom {
            for x in 0..width * zoom {
                let place = ((y / zoom) * width + x / zoom) as usize;
                cell.put_pixel(x, y, Rgb([grey(values[place], levels); 3]));
                cell.put_pixel(width * zoom + GAP + x, y, colour(bits[place] / self.most.max(f64::MIN_POSITIVE)));
            }
        }
        self.cells.push(cell);
    }

    /// Writes a PNG, `columns` images a row.
    ///
    /// # Errors
    /// What the file system says.
    pub fn save(&self, path: &Path, columns: usize) -> Result<(), WriteError> {
        let columns = columns.clamp(1, self.cells.len().max(1));
        let cell_width = self.cells.iter().map(RgbImage::width).max().unwrap_or(0) + 3 * GAP;
        let cell_height = self.cells.iter().map(RgbImage::height).max().unwrap_or(0) + GAP;
        let rows = self.cells.len().div_ceil(columns) as u32;
        let mut sheet = RgbImage::from_pixel(columns as u32 * cell_width + GAP, rows * cell_height + GAP, Rgb([96; 3]));
        for (place, cell) in self.cells.iter().enumerate() {
            let left = GAP + (place % columns) as u32 * cell_width;
            let top = GAP + (place / columns) as u32 * cell_height;
            image::imageops::replace(&mut sheet, cell, i64::from(left), i64::from(top));
        }
        let mut bytes = Cursor::new(Vec::new());
        sheet
            .write_to(&mut bytes, ImageFormat::Png)
            .map_err(|error| WriteError { path: path.to_path_buf(), source: std::io::Error::other(error) })?;
        write(path, bytes.get_ref())
    }
}
