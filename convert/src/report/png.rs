//! PNG files of any picture: 1 to 4 channels, 8 or 16 bits a value.

use std::path::Path;

use image::{ExtendedColorType, ImageEncoder};

use super::{WriteError, write};
use crate::data::Picture;

/// A PNG file's bytes: the values as they are.
///
/// # Errors
/// A picture that no PNG holds: of no pixel, of more than 4 channels.
pub fn png(picture: &Picture) -> std::io::Result<Vec<u8>> {
    let (width, height) = (picture.width as u32, picture.height as u32);
    let kind = match (picture.channels, picture.depth) {
        (1, 8) => ExtendedColorType::L8,
        (2, 8) => ExtendedColorType::La8,
        (3, 8) => ExtendedColorType::Rgb8,
        (4, 8) => ExtendedColorType::Rgba8,
        (1, _) => ExtendedColorType::L16,
        (2, _) => ExtendedColorType::La16,
        (3, _) => ExtendedColorType::Rgb16,
        (4, _) => ExtendedColorType::Rgba16,
        (channels, _) => return Err(std::io::Error::other(format!("a PNG has 1 to 4 channels, not {channels}"))),
    };
    let mut bytes = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    encoder.write_image(&raw(picture), width, height, kind).map_err(std::io::Error::other)?;
    Ok(bytes)
}

/// The values as bytes, of 16 bits in the machine's order.
fn raw(picture: &Picture) -> Vec<u8> {
    match picture.depth {
        8 => picture.values.iter().map(|&value| value as u8).collect(),
        _ => bytemuck::cast_slice(&picture.values).to_vec(),
    }
}

/// Writes a PNG file.
///
/// # Errors
/// What the file system says; a picture that no PNG holds.
pub fn save_png(picture: &Picture, path: &Path) -> Result<(), WriteError> {
    let bytes = png(picture).map_err(|source| WriteError { path: path.to_path_buf(), source })?;
    write(path, &bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::ImageOptions;

    #[test]
    fn every_kind_is_read_back_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        for (channels, depth) in [1, 2, 3, 4].into_iter().flat_map(|channels| [(channels, 8), (channels, 16)]) {
            let most = if depth == 8 { 255 } else { 65_535 };
            let values = (0..6 * channels as u16).map(|n| n.wrapping_mul(12_345) & most).collect();
            let name = path.display().to_string();
            let picture = Picture { name, width: 3, height: 2, channels, depth, values, class: None };
            save_png(&picture, &path).unwrap();
            assert_eq!(ImageOptions::default().read(&path).unwrap(), [picture]);
        }
        assert!(png(&Picture { channels: 5, ..Picture::grey(1, vec![0; 5]) }).is_err());
        assert!(png(&Picture::grey(0, vec![])).is_err());
    }
}
