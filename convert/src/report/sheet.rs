//! Images side by side as one, and a preview in text.

use crate::data::Picture;

/// Pixels between images.
const GAP: usize = 2;
/// The tone between images, of 255.
pub const BETWEEN: u16 = 96;

/// Lays images out, `columns` a row, each in a cell of the largest one's size; every pixel becomes `zoom` by `zoom`. The images have
/// the same channels and depth.
pub fn sheet(pictures: &[Picture], columns: usize, zoom: usize) -> Picture {
    let columns = columns.clamp(1, pictures.len().max(1));
    let rows = pictures.len().div_ceil(columns).max(1);
    let widest = pictures.iter().map(|picture| picture.width).max().unwrap_or(0);
    let highest = pictures.iter().map(|picture| picture.height).max().unwrap_or(0);
    let cell = (widest * zoom + GAP, highest * zoom + GAP);
    let mut sheet = blank(pictures.first(), (columns * cell.0 + GAP, rows * cell.1 + GAP));
    for (place, picture) in pictures.iter().enumerate() {
        put(&mut sheet, picture, (GAP + place % columns * cell.0, GAP + place / columns * cell.1), zoom);
    }
    sheet
}

/// A sheet without images, of the channels and depth of `like`.
fn blank(like: Option<&Picture>, (width, height): (usize, usize)) -> Picture {
    let (channels, depth) = like.map_or((1, 8), |like| (like.channels, like.depth));
    let pixel = between(channels, depth);
    let values = pixel.repeat(width * height);
    Picture { name: String::new(), width, height, channels, depth, values, class: None }
}

/// The pixel between images: grey, and opaque.
pub fn between(channels: usize, depth: u8) -> Vec<u16> {
    let unit = if depth == 8 { 1 } else { 257 };
    let opaque = |channel| channel == 3 || (channels == 2 && channel == 1);
    (0..channels).map(|channel| unit * if opaque(channel) { 255 } else { BETWEEN }).collect()
}

/// Draws an image into a sheet, its upper left corner at a place.
fn put(sheet: &mut Picture, picture: &Picture, (left, top): (usize, usize), zoom: usize) {
    let channels = picture.channels;
    for row in 0..picture.height * zoom {
        for column in 0..picture.width * zoom {
            let from = (row / zoom * picture.width + column / zoom) * channels;
            let to = ((top + row) * sheet.width + left + column) * channels;
            sheet.values[to..to + channels].copy_from_slice(&picture.values[from..from + channels]);
        }
    }
}

/// An image of tones as text, two rows of pixels a line.
pub fn preview(picture: &Picture) -> String {
    let middle = if picture.depth == 8 { 127 } else { 32_767 };
    let grey = picture.as_grey();
    let bright = |value: Option<&u16>| value.is_some_and(|&value| value > middle);
    let rows: Vec<&[u16]> = grey.values.chunks(grey.width.max(1)).collect();
    let mut text = String::new();
    for pair in rows.chunks(2) {
        for column in 0..grey.width {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_lie_side_by_side_with_gaps() {
        let wide = Picture { channels: 4, height: 1, ..Picture::grey(2, vec![1, 2, 3, 4, 5, 6, 7, 8]) };
        let high = Picture { channels: 4, height: 2, ..Picture::grey(1, vec![9, 9, 9, 9, 8, 8, 8, 8]) };
        let sheet = sheet(&[wide, high], 2, 1);
        assert_eq!((sheet.size(), sheet.channels, sheet.depth), ((10, 6), 4, 8));
        let pixel = |x: usize, y: usize| &sheet.values[(y * 10 + x) * 4..][..4];
        assert_eq!((pixel(2, 2), pixel(3, 2)), (&[1, 2, 3, 4][..], &[5, 6, 7, 8][..]));
        assert_eq!((pixel(6, 2), pixel(6, 3)), (&[9; 4][..], &[8; 4][..]));
        assert_eq!((pixel(0, 0), pixel(2, 3)), (&[96, 96, 96, 255][..], &[96, 96, 96, 255][..]));
        assert_eq!(between(2, 16), [96 * 257, 65_535]);
    }

    #[test]
    fn zoomed_pixels_are_squares_and_a_preview_is_text() {
        let picture = Picture::grey(2, vec![0, 255, 200, 100]);
        let sheet = sheet(std::slice::from_ref(&picture), 8, 3);
        assert_eq!(sheet.size(), (10, 10));
        assert_eq!((sheet.values[2 * 10 + 5], sheet.values[4 * 10 + 7]), (255, 255));
        assert_eq!(preview(&picture), "▄▀\n");
    }
}
