//! Pictures, or the parts of them that a region shows, from tiles.

use pixelrnn::codec::{Header, Tile};

use super::Region;
use crate::data::Picture;

/// What is shown of a container's pictures: a region, or all.
pub fn shown(header: &Header, region: Option<Region>) -> Region {
    let (width, height) = header.tiles.image();
    region.unwrap_or(Region { left: 0, top: 0, width, height })
}

/// What a region shows of a picture, still without values.
pub fn blank(header: &Header, region: Region, name: String) -> Picture {
    let channels = usize::from(header.channels);
    let depth = if header.levels <= 256 { 8 } else { 16 };
    let (width, height) = (region.width as usize, region.height as usize);
    Picture { name, width, height, channels, depth, values: Vec::new(), class: None }
}

/// The columns (or rows) that a tile and a region share: where they begin in each, and how many they are.
fn shared(tile: (u32, u32), region: (u32, u32)) -> (usize, usize, usize) {
    let start = tile.0.max(region.0);
    let end = (tile.0 + tile.1).min(region.0 + region.1);
    ((start - tile.0) as usize, (start - region.0) as usize, end.saturating_sub(start) as usize)
}

/// Copies the values of a tile that the region shows.
pub fn place(picture: &mut Picture, region: Region, tile: &Tile, values: &[u16]) {
    let (tile_column, column, columns) = shared((tile.left, tile.width), (region.left, region.width));
    let (tile_row, row, rows) = shared((tile.top, tile.height), (region.top, region.height));
    if rows == 0 || columns == 0 {
        return;
    }
    let channels = picture.channels;
    // Only now that there are values: what a file promises may be more than there is room for.
    picture.values.resize(picture.pixels() * channels, 0);
    for n in 0..rows {
        let from = ((tile_row + n) * tile.width as usize + tile_column) * channels;
        let to = ((row + n) * picture.width + column) * channels;
        picture.values[to..][..columns * channels].copy_from_slice(&values[from..][..columns * channels]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_gets_its_part_of_every_tile() {
        let tiles = [(0, 0, 2, 2), (2, 0, 1, 2), (0, 2, 2, 1), (2, 2, 1, 1)];
        for (left, top, width, height) in [(0, 0, 3, 3), (1, 1, 2, 2), (2, 2, 1, 1), (0, 1, 3, 1), (1, 0, 1, 3)] {
            let region = Region { left, top, width, height };
            let mut picture = Picture { width: width as usize, height: height as usize, ..Picture::grey(0, vec![]) };
            for (left, top, width, height) in tiles {
                let tile = Tile { index: 0, left, top, width, height };
                let values = (top..top + height).flat_map(|row| (left..left + width).map(move |x| row * 10 + x));
                place(&mut picture, region, &tile, &values.map(|value| value as u16).collect::<Vec<_>>());
            }
            let expected = (top..top + height).flat_map(|row| (left..left + width).map(move |x| row * 10 + x));
            assert_eq!(picture.values, expected.map(|value| value as u16).collect::<Vec<_>>());
        }
    }
}
