//! What a device sent: one container, without a directory.

use std::convert::Infallible;

use pixelrnn::codec::{DecodeError, Decoder, MAGIC, Next};
use pixelrnn::{Model, Stream};

use super::part::{blank, place, shown};
use super::{ArchiveError, Region};
use crate::data::Picture;
use crate::many::ManyError;

/// Whether these bytes begin as a container does.
pub fn is_container(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

/// Decodes all images, as levels, one tile after the other. `each` is told of the pixels that are done.
///
/// # Errors
/// Another model, or a container that is not whole: then there are no images at all.
pub fn decode(
    model: &Model<'_>,
    bytes: &[u8],
    region: Option<Region>,
    each: &(dyn Fn(usize) + Sync),
) -> Result<Vec<Picture>, ArchiveError> {
    let left = std::cell::Cell::new(bytes);
    let source = || -> Result<Option<u8>, Infallible> {
        let Some((&byte, rest)) = left.get().split_first() else { return Ok(None) };
        left.set(rest);
        Ok(Some(byte))
    };
    let mut pictures: Vec<Picture> = Vec::new();
    let wrong = |source| ArchiveError::Decode { what: "the coded images".into(), source };
    let mut decoder = Decoder::begin(model, source).map_err(wrong)?;
    let header = *decoder.header();
    if let Some(region) = region.filter(|region| !region.fits(header.tiles.image())) {
        return Err(ArchiveError::Region(region));
    }
    let shown = shown(&header, region);
    let mut tiles = Vec::new();
    loop {
        match decoder.next().map_err(wrong)? {
            Next::Image => {}
            Next::Checked => continue,
            Next::End => break,
        }
        let tile = decoder.tile();
        let values = tile_values(model, &mut decoder).map_err(|error| match error {
            TileError::Decode(source) => wrong(source),
            TileError::Begin(error) => ManyError::from(error).into(),
        })?;
        each(tile.width as usize * tile.height as usize);
        tiles.push((tile, values));
        if decoder.tile().index == 0 {
            let mut picture = blank(&header, shown, String::new());
            tiles.drain(..).for_each(|(tile, values)| place(&mut picture, shown, &tile, &values));
            pictures.push(picture);
        }
    }
    if !tiles.is_empty() {
        return Err(wrong(DecodeError::Truncated));
    }
    match left.get().len() {
        0 => Ok(pictures),
        extra => Err(ArchiveError::TrailingBytes(extra as u64)),
    }
}

enum TileError {
    Decode(DecodeError<Infallible>),
    Begin(pixelrnn::BeginError),
}

/// The values of the tile that was announced: grown as they come, since a damaged header may promise far more than there are.
fn tile_values<S: pixelrnn::codec::ByteSource<Error = Infallible>>(
    model: &Model<'_>,
    decoder: &mut Decoder<S>,
) -> Result<Vec<u16>, TileError> {
    let tile = decoder.tile();
    let mut state = vec![0; model.state_words(tile.width)];
    let class = decoder.header().class;
    let begun = Stream::begin_class(model, class, tile.width, tile.height, &mut state);
    let mut stream = begun.map_err(TileError::Begin)?;
    let mut values = Vec::new();
    while !stream.is_complete() {
        values.push(decoder.value(&mut stream).map_err(TileError::Decode)?);
    }
    Ok(values)
}
