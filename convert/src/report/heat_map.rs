//! Heat maps: how many bits each pixel of an image takes.

use super::sheet::{BETWEEN, sheet};
use crate::data::Picture;

/// Pixels between an image and its heat map.
const GAP: usize = 2;

/// An image's tones with its heat map on its right: black for a pixel that was expected, through red and yellow to white for `most`
/// bits. `bits` are those of the pixels, row by row; each pixel becomes `zoom` by `zoom`.
pub fn heat_map(picture: &Picture, bits: &[f64], most: f64, zoom: usize) -> Picture {
    // What follows the heat map keeps it apart from the next image.
    let width = 2 * picture.width * zoom + 3 * GAP;
    let mut cell = colours(width, picture.height * zoom, [BETWEEN; 3]);
    for row in 0..picture.height * zoom {
        for column in 0..picture.width * zoom {
            let place = row / zoom * picture.width + column / zoom;
            let heat = colour(bits[place] / most.max(f64::MIN_POSITIVE));
            put(&mut cell, (column, row), colour_of(picture, place));
            put(&mut cell, (picture.width * zoom + GAP + column, row), heat);
        }
    }
    cell
}

/// A sheet of heat maps.
pub fn heat_maps(cells: &[Picture]) -> Picture {
    sheet(cells, 4, 1)
}

fn colours(width: usize, height: usize, colour: [u16; 3]) -> Picture {
    let values = colour.repeat(width * height);
    Picture { name: String::new(), width, height, channels: 3, depth: 8, values, class: None }
}

fn put(picture: &mut Picture, (column, row): (usize, usize), colour: [u16; 3]) {
    let place = 3 * (row * picture.width + column);
    picture.values[place..place + 3].copy_from_slice(&colour);
}

/// A pixel as an 8-bit colour, without transparency.
fn colour_of(picture: &Picture, place: usize) -> [u16; 3] {
    let pixel = &picture.values[place * picture.channels..][..picture.channels];
    let shown = |value: u16| if picture.depth == 8 { value } else { value >> 8 };
    match *pixel {
        [red, green, blue, ..] => [red, green, blue].map(shown),
        [grey, ..] => [shown(grey); 3],
        [] => [0; 3],
    }
}

/// A share of the most bits as a colour.
fn colour(share: f64) -> [u16; 3] {
    let part = |third: f64| ((3.0 * share - third).clamp(0.0, 1.0) * 255.0).round() as u16;
    [part(0.0), part(1.0), part(2.0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heat_lies_beside_the_image() {
        let picture =
            Picture { channels: 3, depth: 16, height: 1, ..Picture::grey(2, vec![256, 512, 65_535, 0, 0, 0]) };
        let cell = heat_map(&picture, &[2.0, 6.0], 6.0, 1);
        assert_eq!(cell.size(), (10, 1));
        let expected = [[1, 2, 255], [0; 3], [96; 3], [96; 3], [255, 0, 0], [255; 3]];
        assert_eq!(cell.values[..18], expected.concat());
        assert_eq!(heat_maps(&[cell.clone(), cell]).size(), (26, 5));
    }
}
