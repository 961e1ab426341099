//! Groups coded and decoded side by side: each has its coder, all share the model's loads.

use std::convert::Infallible;

use pixelrnn::codec::{DecodeError, GroupDecoder, GroupEncoder, Header, Tile};
use pixelrnn::{Conditions, Model, Temperature};

use super::jobs::{Job, Piece};
use crate::data::Picture;
use crate::many::{ManyError, for_each_value, until_none};

/// A sink of bytes.
fn sink(bytes: &mut Vec<u8>) -> impl FnMut(u8) -> Result<(), Infallible> + '_ {
    |byte| {
        bytes.push(byte);
        Ok(())
    }
}

/// Nothing fails that cannot.
fn sure<T>(result: Result<T, Infallible>) -> T {
    result.unwrap_or_else(|never| match never {})
}

/// Where a tile's values lie in its picture, in order.
pub fn places(picture_width: usize, channels: usize, tile: &Tile) -> impl Iterator<Item = usize> {
    let (left, top) = (tile.left as usize, tile.top as usize);
    let (width, height) = (tile.width as usize, tile.height as usize);
    (top..top + height).flat_map(move |row| {
        let start = (row * picture_width + left) * channels;
        start..start + width * channels
    })
}

/// Where the part of a smaller picture lies that a tile is given.
pub fn small_part(header: &Header, tile: &Tile) -> Tile {
    let factor = u32::from(header.factor).max(1);
    Tile {
        left: tile.left / factor,
        top: tile.top / factor,
        width: tile.width.div_ceil(factor),
        height: tile.height.div_ceil(factor),
        ..*tile
    }
}

/// The part of a smaller picture that a tile is given.
pub fn small_tile(header: &Header, tile: &Tile, smaller: &Picture) -> Vec<u16> {
    let part = small_part(header, tile);
    places(smaller.width, smaller.channels, &part).map(|place| smaller.values[place]).collect()
}

/// What tiles are given: the class, and their parts of smaller pictures.
fn conditions<'s>(header: &Header, small: &'s [Option<Vec<u16>>]) -> Vec<Conditions<'s>> {
    let one = |small: &'s Option<Vec<u16>>| {
        small.as_deref().map_or_else(Conditions::default, Conditions::of_small).and_class(header.class)
    };
    small.iter().map(one).collect()
}

/// The bytes of groups alike.
pub fn encode(
    model: &Model<'_>,
    header: &Header,
    jobs: &[Job],
    pictures: &[&Picture],
) -> Result<Vec<Vec<u8>>, ManyError> {
    let first = |job: &Job| job.pieces.first().map_or(0, |piece| piece.tile.index);
    let mut coders: Vec<(GroupEncoder, Vec<u8>)> =
        jobs.iter().map(|job| (GroupEncoder::begin(header, first(job)), Vec::new())).collect();
    let length = jobs.first().map_or(0, |job| job.pieces.len());
    let smaller: Vec<Option<Picture>> = pictures.iter().map(|picture| picture.sampled(header.factor)).collect();
    for step in 0..length {
        let pieces: Vec<_> = jobs.iter().filter_map(|job| job.pieces.get(step)).collect();
        let small =
            |piece: &&Piece| smaller[piece.picture].as_ref().map(|small| small_tile(header, &piece.tile, small));
        let small: Vec<_> = pieces.iter().map(small).collect();
        let given = conditions(header, &small);
        let mut values: Vec<_> = pieces
            .iter()
            .map(|piece| {
                let picture = pictures[piece.picture];
                places(picture.width, picture.channels, &piece.tile).map(|place| picture.values[place])
            })
            .collect();
        for (coder, bytes) in &mut coders {
            sure(coder.tile(&mut sink(bytes)));
        }
        let tile = pieces[0].tile;
        for_each_value(model, (tile.width, tile.height), Temperature::ONE, &given, |lane, distribution| {
            let value = values[lane].next().unwrap_or_default();
            let (coder, bytes) = &mut coders[lane];
            if u32::from(value) < distribution.levels() {
                sure(coder.value(distribution, value, &mut sink(bytes)));
            }
            value
        })?;
    }
    let end = |(coder, mut bytes): (GroupEncoder, Vec<u8>)| {
        sure(coder.end(&mut sink(&mut bytes)));
        bytes
    };
    Ok(coders.into_iter().map(end).collect())
}

/// What a group was decoded to: the values of each of its tiles.
pub type Decoded = Result<Vec<Vec<u16>>, DecodeError<Infallible>>;

/// A group being decoded.
struct Lane<'b> {
    coder: Result<GroupDecoder, DecodeError<Infallible>>,
    source: &'b [u8],
    tiles: Vec<Vec<u16>>,
}

impl<'b> Lane<'b> {
    fn begin(header: &Header, job: &Job, mut source: &'b [u8]) -> Self {
        let first = job.pieces.first().map_or(0, |piece| piece.tile.index);
        Self { coder: GroupDecoder::begin(header, first, &mut source), source, tiles: Vec::new() }
    }

    /// Goes on with `what` unless an error was met.
    fn with<T>(
        &mut self,
        what: impl FnOnce(&mut GroupDecoder, &mut &'b [u8]) -> Result<T, DecodeError<Infallible>>,
    ) -> Option<T> {
        let coder = self.coder.as_mut().ok()?;
        match what(coder, &mut self.source) {
            Ok(value) => Some(value),
            Err(error) => {
                self.coder = Err(error);
                None
            }
        }
    }

    fn begin_tile(&mut self) {
        let follows = |coder: &mut GroupDecoder, source: &mut &'b [u8]| match coder.tile(source)? {
            true => Ok(()),
            false => Err(DecodeError::Damaged),
        };
        let _ = self.with(follows);
        self.tiles.push(Vec::new());
    }

    /// The values, if the group is whole and nothing follows it.
    fn end(mut self) -> Decoded {
        let mut coder = self.coder?;
        if coder.tile(&mut self.source)? {
            return Err(DecodeError::Damaged);
        }
        coder.end(&mut self.source)?;
        if self.source.is_empty() { Ok(self.tiles) } else { Err(DecodeError::Damaged) }
    }
}

/// Decodes groups alike, given the smaller pictures of a set if the model asks for them. An error in one leaves the others as they are.
pub fn decode(
    model: &Model<'_>,
    header: &Header,
    jobs: &[Job],
    sources: &[&[u8]],
    smaller: Option<&[&Picture]>,
) -> Result<Vec<Decoded>, ManyError> {
    let mut lanes: Vec<Lane<'_>> =
        jobs.iter().zip(sources).map(|(job, source)| Lane::begin(header, job, source)).collect();
    let length = jobs.first().map_or(0, |job| job.pieces.len());
    for step in 0..length {
        let small = |job: &Job| {
            let piece = &job.pieces[step];
            smaller.map(|smaller| small_tile(header, &piece.tile, smaller[piece.picture]))
        };
        let small: Vec<_> = jobs.iter().map(small).collect();
        let given = conditions(header, &small);
        lanes.iter_mut().for_each(Lane::begin_tile);
        if lanes.iter().all(|lane| lane.coder.is_err()) {
            break;
        }
        let tile = jobs[0].pieces[step].tile;
        until_none(model, (tile.width, tile.height), Temperature::ONE, &given, |number, distribution| {
            let lane = &mut lanes[number];
            let value = lane.with(|coder, source| coder.value(distribution, source));
            // A file may promise far more values than it holds: once no group goes on, nothing is left to wait for.
            if value.is_none() && lanes.iter().all(|lane| lane.coder.is_err()) {
                return None;
            }
            let value = value.unwrap_or_default();
            lanes[number].tiles.last_mut()?.push(value);
            Some(value)
        })?;
    }
    Ok(lanes.into_iter().map(Lane::end).collect())
}
