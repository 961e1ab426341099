//! Images cut in tiles: each is coded as if it were an image alone.

/// A tile of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Tile {
    /// Its place among the image's tiles, row by row.
    pub index: u32,
    /// Its first column in the image.
    pub left: u32,
    /// Its first row in the image.
    pub top: u32,
    /// Columns, at least 1; fewer than others' at the image's right.
    pub width: u32,
    /// Rows, at least 1; fewer than others' at the image's bottom.
    pub height: u32,
}

/// How an image is cut: tiles of one size from the upper left, what is left over at the right and the bottom.
///
/// ```
/// use pixelrnn::codec::Tiles;
/// let tiles = Tiles::new((100, 60), (64, 32)).unwrap();
/// assert_eq!(tiles.count(), 4);
/// let last = tiles.get(3).unwrap();
/// assert_eq!((last.left, last.top, last.width, last.height), (64, 32, 36, 28));
/// assert_eq!(tiles.get(4), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Tiles {
    width: u16,
    height: u16,
    tile_width: u16,
    tile_height: u16,
}

impl Tiles {
    /// Of an image of columns and rows, and of tiles of columns and rows; `None` if one is 0 or above 65,535. Tiles that are larger
    /// than the image are as large as it.
    pub fn new((width, height): (u32, u32), (tile_width, tile_height): (u32, u32)) -> Option<Self> {
        let size = |pixels: u32| u16::try_from(pixels).ok().filter(|&pixels| pixels != 0);
        let (width, height) = (size(width)?, size(height)?);
        let (tile_width, tile_height) = (size(tile_width)?.min(width), size(tile_height)?.min(height));
        Some(Self { width, height, tile_width, tile_height })
    }

    /// Columns and rows of the image.
    pub fn image(&self) -> (u32, u32) {
        (self.width.into(), self.height.into())
    }

    /// Columns and rows of a tile.
    pub fn tile(&self) -> (u32, u32) {
        (self.tile_width.into(), self.tile_height.into())
    }

    /// Tiles side by side.
    pub fn across(&self) -> u32 {
        u32::from(self.width).div_ceil(u32::from(self.tile_width).max(1))
    }

    /// Tiles one above the other.
    pub fn down(&self) -> u32 {
        u32::from(self.height).div_ceil(u32::from(self.tile_height).max(1))
    }

    /// Tiles in all.
    pub fn count(&self) -> u32 {
        self.across() * self.down()
    }

    /// A tile by its place; `None` beyond the last.
    pub fn get(&self, index: u32) -> Option<Tile> {
        let across = self.across().max(1);
        let (row, column) = (index.checked_div(across)?, index.checked_rem(across)?);
        let (left, top) = (column * u32::from(self.tile_width), row.checked_mul(self.tile_height.into())?);
        let width = u32::from(self.width).checked_sub(left)?.min(self.tile_width.into());
        let height = u32::from(self.height).checked_sub(top)?.min(self.tile_height.into());
        (height > 0).then_some(Tile { index, left, top, width, height })
    }

    /// Whether a tile shows any pixel of a region: its first column and row, its columns and rows.
    pub fn touches(tile: &Tile, (left, top): (u32, u32), (width, height): (u32, u32)) -> bool {
        let meet = |a: u32, a_length: u32, b: u32, b_length: u32| {
            a < b.saturating_add(b_length) && b < a.saturating_add(a_length)
        };
        meet(tile.left, tile.width, left, width) && meet(tile.top, tile.height, top, height)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec::Vec;

    use super::*;

    /// Every pixel lies in one tile, whatever the sizes.
    #[test]
    fn tiles_cover_the_image_once() {
        for (image, tile) in [((7, 5), (3, 2)), ((6, 4), (3, 2)), ((1, 9), (4, 4)), ((5, 5), (9, 1)), ((2, 2), (1, 1))]
        {
            let tiles = Tiles::new(image, tile).unwrap();
            assert_eq!(tiles.image(), image);
            assert_eq!(tiles.tile(), (tile.0.min(image.0), tile.1.min(image.1)));
            assert_eq!(tiles.count(), tiles.across() * tiles.down());
            let all: Vec<Tile> = (0..tiles.count()).map(|index| tiles.get(index).unwrap()).collect();
            assert!(all.iter().enumerate().all(|(place, tile)| tile.index as usize == place));
            for (column, row) in (0..image.0).flat_map(|column| (0..image.1).map(move |row| (column, row))) {
                let holding = all.iter().filter(|tile| Tiles::touches(tile, (column, row), (1, 1)));
                assert_eq!(holding.count(), 1, "{image:?} in {tile:?}: {column}, {row}");
            }
            assert_eq!(all.iter().map(|tile| tile.width * tile.height).sum::<u32>(), image.0 * image.1);
            assert_eq!((tiles.get(tiles.count()), tiles.get(u32::MAX)), (None, None));
        }
    }

    #[test]
    fn sizes_are_1_to_65535() {
        for (image, tile) in [((0, 1), (1, 1)), ((1, 0), (1, 1)), ((1, 1), (0, 1)), ((1, 1), (1, 0))] {
            assert_eq!(Tiles::new(image, tile), None);
        }
        assert_eq!(Tiles::new((65_536, 1), (1, 1)), None);
        let largest = Tiles::new((65_535, 65_535), (1, 1)).unwrap();
        let last = largest.get(largest.count() - 1).unwrap();
        assert_eq!((last.left, last.top, last.width, last.height), (65_534, 65_534, 1, 1));
    }

    /// A region touches a tile that it shares a pixel with, not one that it only borders on.
    #[test]
    fn regions_touch_tiles_that_they_share_a_pixel_with() {
        let tile = Tile { index: 0, left: 4, top: 6, width: 3, height: 2 };
        let touches = |corner, size| Tiles::touches(&tile, corner, size);
        assert!(
            touches((4, 6), (1, 1)) && touches((6, 7), (1, 1)) && touches((0, 0), (5, 7)) && touches((6, 7), (9, 9))
        );
        assert!(
            !touches((0, 6), (4, 2))
                && !touches((7, 6), (4, 2))
                && !touches((4, 0), (3, 6))
                && !touches((4, 8), (3, 1))
        );
        assert!(touches((0, 0), (u32::MAX, u32::MAX)) && !touches((4, 6), (0, 1)));
    }
}
