//! Sheets of images as PNG, and a preview in text.

use std::io::Cursor;
use std::path::Path;

use image::{GrayImage, ImageFormat, Luma};

use super::{WriteError, write};

/// A value of a model's levels as an 8-bit grey.
pub fn grey(value: u8, levels: u16) -> u8 {
    let most = u32::from(levels.max(2)) - 1;
    ((u32::from(value) * 255 + most / 2) / most).min(255) as u8
}

/// Images of one size in rows and columns, with a gap between them.
#[derive(Debug, Clone)]
pub struct Sheet {
    picture: GrayImage,
}

impl Sheet {
    /// Lays images out, `columns` a row. Values are of `levels` levels; every pixel becomes `zoom` by `zoom`.
    pub fn new(images: &[Vec<u8>], (width, height): (usize, usize), levels: u16, columns: usize, zoom: u32) -> Self {
        const GAP: u32 = 2;
        let columns = columns.clamp(1, images.len().max(1));
        let rows = images.len().div_ceil(columns).max(1);
        let (cell_width, cell_height) = (width as u32 * zoom + GAP, height as u32 * zoom + GAP);
        let size = (columns as u32 * cell_width + GAP, rows as u32 * cell_height + GAP);
        let mut picture = GrayImage::from_pixel(size.0, size.1, Luma([96]));
        for (place, image) in images.iter().enumerate() {
            let left = GAP + (place % columns) as u32 * cell_width;
            let top = GAP + (place / columns) as u32 * cell_height;
            for y in 0..height as u32 * zoom {
                for x in 0..width as u32 * zoom {
                    let value = image[(y / zoom) as usize * width + (x / zoom) as usize];
                    picture.put_pixel(left + x, top + y, Luma([grey(value, levels)]));
                }
            }
        }
        Self { picture }
    }

    /// Writes a PNG.
    ///
    /// # Errors
    /// What the file system says.
    pub fn save(&self, path: &Path) -> Result<(), WriteError> {
        let mut bytes = Cursor::new(Vec::new());
        self.picture
            .write_to(&mut bytes, ImageFormat::Png)
            .map_err(|error| WriteError { path: path.to_path_buf(), source: std::io::Error::other(error) })?;
        write(path, bytes.get_ref())
    }
}

/// An image as text, two rows of pixels a line.
pub fn preview(image: &[u8], width: usize, levels: u16) -> String {
    let bright = |value: Option<&u8>| value.is_some_and(|&value| grey(value, levels) > 127);
    let rows: Vec<&[u8]> = image.chunks(width.max(1)).collect();
    let mut text = String::new();
    for pair in rows.chunks(2) {
        for column in 0..width {
            let (upper, lower) = (bright(pair[0].get(column)), bright(pair.get(1).and_then(|row| row.get(column))));
            text.push(match (upper, lower) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        text.push('\n');
    }
    text
}
