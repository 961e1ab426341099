//! Sheets of images side by side.

use super::{DataError, Picture};

/// Cuts a sheet into images, in reading order.
pub(super) fn cut(sheet: &Picture, (width, height): (usize, usize)) -> Result<Vec<Picture>, DataError> {
    if !sheet.width.is_multiple_of(width) || !sheet.height.is_multiple_of(height) {
        let (name, size) = (sheet.name.clone(), sheet.size());
        return Err(DataError::Grid { name, size, grid: (width, height) });
    }
    let columns = sheet.width / width;
    let count = columns * (sheet.height / height);
    Ok((0..count).map(|number| tile(sheet, number, (width, height))).collect())
}

fn tile(sheet: &Picture, number: usize, (width, height): (usize, usize)) -> Picture {
    let columns = sheet.width / width;
    let (left, top) = (number % columns * width, number / columns * height);
    let row = |row| {
        let start = (row * sheet.width + left) * sheet.channels;
        &sheet.values[start..start + width * sheet.channels]
    };
    let values = (top..top + height).flat_map(row).copied().collect();
    Picture { name: format!("{}#{number}", sheet.name), width, height, values, ..*sheet }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_is_cut_in_reading_order() {
        let sheet = Picture { name: "s".into(), channels: 2, height: 2, ..Picture::grey(4, (0..16).collect()) };
        let tiles = cut(&sheet, (2, 1)).unwrap();
        assert_eq!(tiles.iter().map(|tile| tile.name.as_str()).collect::<Vec<_>>(), ["s#0", "s#1", "s#2", "s#3"]);
        assert_eq!((tiles[2].size(), tiles[2].channels), ((2, 1), 2));
        assert_eq!(tiles[1].values, [4, 5, 6, 7]);
        assert_eq!(tiles[2].values, [8, 9, 10, 11]);
        let text = cut(&sheet, (3, 2)).unwrap_err().to_string();
        assert!(text.contains("4x2") && text.contains("3x2"), "{text}");
    }
}
