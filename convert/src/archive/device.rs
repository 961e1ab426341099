//! What a device sent: one container, without a directory.

use std::convert::Infallible;

use pixelrnn::codec::{ByteSource, DecodeError, Decoder, MAGIC, Next};
use pixelrnn::{Conditions, Model, Stream};

use super::coded::check_smaller;
use super::part::{blank, place, shown};
use super::side_by_side::small_tile;
use super::{ArchiveError, Region};
use crate::data::Picture;
use crate::many::ManyError;

/// Whether these bytes begin as a container does.
pub fn is_container(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

/// Decodes all images of one container, as levels, one tile after the other; hands over what follows it. `smaller` are the images of the
/// scale before, of a model that asks for them. `each` is told of the pixels that are done.
///
/// # Errors
/// Another model, or a container that is not whole: then there are no images at all.
pub fn decode_first<'b>(
    model: &Model<'_>,
    bytes: &'b [u8],
    smaller: Option<&[Picture]>,
    region: Option<Region>,
    each: &(dyn Fn(usize) + Sync),
) -> Result<(Vec<Picture>, &'b [u8]), ArchiveError> {
    let mut left = bytes;
    let mut decoder = Decoder::begin(model, || Ok(left.split_off_first().copied())).map_err(wrong)?;
    let header = *decoder.header();
    if let Some(region) = region.filter(|region| !region.fits(header.tiles.image())) {
        return Err(ArchiveError::Region(region));
    }
    let shown = shown(&header, region);
    let smaller: Option<Vec<&Picture>> = smaller.map(|all| all.iter().collect());
    check_smaller(&header, smaller.as_deref())?;
    let (mut pictures, mut tiles) = (Vec::new(), Vec::new());
    while begins(&mut decoder)? {
        let tile = decoder.tile();
        let given = smaller.as_ref().map(|all| all.get(pictures.len()).ok_or(ArchiveError::WrongScales)).transpose()?;
        let small = given.map(|picture| small_tile(&header, &tile, picture));
        tiles.push((tile, tile_values(model, &mut decoder, small.as_deref())?));
        each(tile.width as usize * tile.height as usize);
        if decoder.tile().index == 0 {
            let mut picture = blank(&header, shown, String::new());
            tiles.drain(..).for_each(|(tile, values)| place(&mut picture, shown, &tile, &values));
            pictures.push(picture);
        }
    }
    if !tiles.is_empty() {
        return Err(wrong(DecodeError::Truncated));
    }
    if smaller.is_some_and(|all| all.len() != pictures.len()) {
        return Err(ArchiveError::WrongScales);
    }
    Ok((pictures, left))
}

fn wrong(source: DecodeError<Infallible>) -> ArchiveError {
    ArchiveError::Decode { what: "the coded images".into(), source }
}

/// Whether there is another tile, which is announced then.
fn begins<S: ByteSource<Error = Infallible>>(decoder: &mut Decoder<S>) -> Result<bool, ArchiveError> {
    loop {
        match decoder.next().map_err(wrong)? {
            Next::Image => return Ok(true),
            Next::Checked => {}
            Next::End => return Ok(false),
        }
    }
}

/// The values of the tile that was announced: grown as they come, since a damaged header may promise far more than there are.
fn tile_values<S: ByteSource<Error = Infallible>>(
    model: &Model<'_>,
    decoder: &mut Decoder<S>,
    small: Option<&[u16]>,
) -> Result<Vec<u16>, ArchiveError> {
    let tile = decoder.tile();
    let mut state = vec![0; model.state_words(tile.width)];
    let given = small.map_or_else(Conditions::default, Conditions::of_small).and_class(decoder.header().class);
    let begun = Stream::begin_given(model, given, tile.width, tile.height, &mut state);
    let mut stream = begun.map_err(ManyError::from)?;
    let mut values = Vec::new();
    while !stream.is_complete() {
        values.push(decoder.value(&mut stream).map_err(wrong)?);
    }
    Ok(values)
}
