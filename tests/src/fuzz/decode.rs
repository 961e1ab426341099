//! Any bytes as coded images.

use pixelrnn::Model;
use pixelrnn::codec::Header;

use super::{MODELS, Models};
use crate::coded::{Most, Piece, class, decode as decoded, encode, pieces};

/// Columns and rows of the images.
pub const SIZE: (u32, u32) = (5, 3);
/// Four tiles, smaller at the right and at the bottom.
const TILE: (u32, u32) = (3, 2);
/// Values of a pixel; images have so many bytes in an input.
const PIXELS: usize = 15;
const MOST: Most = Most { tiles: 40, values: 200 };

/// The header of images, cut in tiles or whole.
///
/// # Panics
/// Never: the size is possible.
pub fn header(model: &Model<'_>, is_cut: bool) -> Header {
    let header = Header::tiled(model, SIZE, if is_cut { TILE } else { SIZE }).expect("a possible size");
    header.of_class(class(model, 1))
}

/// The first byte chooses a model and what the others are: coded images with or without a header, or images and damage to them.
///
/// # Panics
/// If the codec breaks a promise.
pub fn decode(bytes: &[u8]) {
    let Some((&choice, rest)) = bytes.split_first() else { return };
    thread_local!(static CORPUS: Models = Models::corpus());
    CORPUS.with(|models| {
        let model = &models.chosen(choice);
        match choice / MODELS % 6 {
            // As they are. Nothing that passes its check may differ from what codes to the same bytes; that is for the next arms.
            0 | 1 => drop(decoded(model, rest, MOST)),
            arm @ (2 | 3) => groups(model, arm == 3, rest),
            arm => damage(model, arm == 5, rest),
        }
    });
}

/// The bytes are groups. What a check lets through is what an encoder would have sent, or a one in 2^32 chance.
fn groups(model: &Model<'_>, is_cut: bool, bytes: &[u8]) {
    let header = header(model, is_cut);
    let container = [&header.to_bytes(), bytes].concat();
    let (checked, _) = decoded(model, &container, MOST);
    let tiles = header.tiles.count() as usize;
    let images: Vec<Vec<u16>> = checked.chunks_exact(tiles).map(|tiles| whole(&header, tiles)).collect();
    let again = encode(model, header, &images, usize::MAX).bytes;
    let complete = checked.len() - checked.len() % tiles;
    assert_eq!(decoded(model, &again, MOST), (checked[..complete].to_vec(), Ok(0)));
}

/// An image from its tiles.
fn whole(header: &Header, tiles: &[Piece]) -> Vec<u16> {
    let channels = usize::from(header.channels);
    let mut image = vec![0; header.values() as usize];
    for (index, values) in tiles {
        let tile = header.tiles.get(*index).expect("a tile of the image");
        let columns = tile.width as usize * channels;
        for (row, values) in values.chunks_exact(columns).enumerate() {
            let start = ((tile.top as usize + row) * header.width() as usize + tile.left as usize) * channels;
            image[start..start + columns].copy_from_slice(values);
        }
    }
    image
}

/// A value of an image from a byte: spread over all levels.
fn value(model: &Model<'_>, byte: u8) -> u16 {
    (u32::from(byte) * 257 % model.levels()) as u16
}

/// Images from the bytes come back; damaged where and how the first bytes say, they are an error and never a wrong image.
fn damage(model: &Model<'_>, is_cut: bool, bytes: &[u8]) {
    let Some((&[place, change, group], rest)) = bytes.split_first_chunk() else { return };
    let header = header(model, is_cut);
    let values = rest.chunks_exact(PIXELS * usize::from(model.channels())).take(MOST.tiles / 8);
    let images: Vec<Vec<u16>> = values.map(|values| values.iter().map(|&byte| value(model, byte)).collect()).collect();
    let mut container = encode(model, header, &images, usize::from(group).max(1)).bytes;
    let pieces = pieces(&header, &images);
    assert_eq!(decoded(model, &container, MOST), (pieces.clone(), Ok(0)));
    if change == 0 {
        return;
    }
    let place = usize::from(place) * container.len() / 256;
    container[place.max(header.size() * usize::from(change & 1))] ^= change;
    let (checked, end) = decoded(model, &container, MOST);
    assert!(end.is_err(), "damage passed");
    assert!(pieces.starts_with(&checked), "a wrong image was vouched for");
}
