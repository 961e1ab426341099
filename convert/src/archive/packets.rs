//! Pictures from the packets that a device sent: in any order, some doubled, some lost; scale after scale.

use std::collections::BTreeMap;

use pixelrnn::codec::{Header, PacketInfo, Tile};
use pixelrnn::{Model, Pyramid};

use super::ArchiveError;
use super::jobs::{Job, Piece};
use super::side_by_side::{decode, places, small_part};
use crate::data::Picture;

/// The packets of a tile by their numbers.
type OfTile = BTreeMap<u16, (PacketInfo, Vec<u8>)>;

/// A frame's packets by scale and tile.
type OfFrame = BTreeMap<(u8, u16), OfTile>;

/// Packets by frame, scale and tile, and each scale's container header.
#[derive(Debug, Default)]
pub struct Received {
    headers: BTreeMap<u8, Header>,
    frames: BTreeMap<u8, OfFrame>,
    /// Packets that were none, or of another header.
    pub refused: usize,
}

/// A scale of a picture as far as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Its number.
    pub number: u8,
    /// The scale, 0 the smallest.
    pub scale: usize,
    /// Levels; of missing tiles what the smaller scale shows there, and a pattern of two greys where nothing came.
    pub picture: Picture,
    /// Tiles of the scale.
    pub tiles: u32,
    /// Tiles that are missing or damaged, or given a part of the smaller scale that is.
    pub missing: Vec<Tile>,
}

impl Received {
    /// Reads packets as they were recorded: what a serial line printed, of which lines of `packet` and hexadecimal digits count; or of
    /// each packet its length, a little-endian u16, then its bytes. What is cut off at the end is lost.
    pub fn read(bytes: &[u8]) -> Self {
        match printed(bytes) {
            Some(text) => Self::from_text(text),
            None => Self::from_records(bytes),
        }
    }

    fn from_text(text: &str) -> Self {
        let mut received = Self::default();
        for digits in text.lines().filter_map(|line| line.trim().strip_prefix("packet ")) {
            match from_hexadecimal(digits) {
                Some(packet) => received.add(&packet),
                None => received.refused += 1,
            }
        }
        received
    }

    fn from_records(mut bytes: &[u8]) -> Self {
        let mut received = Self::default();
        while let Some((length, rest)) = bytes.split_first_chunk::<2>() {
            let length = usize::from(u16::from_le_bytes(*length)).min(rest.len());
            let (packet, rest) = rest.split_at(length);
            received.add(packet);
            bytes = rest;
        }
        received
    }

    /// Takes a packet. Of doubled ones the first counts.
    pub fn add(&mut self, packet: &[u8]) {
        let Some((info, bytes)) = PacketInfo::read(packet) else {
            self.refused += 1;
            return;
        };
        if info.is_header {
            self.add_header(info.scale, bytes);
            return;
        }
        let tile = self.frames.entry(info.frame).or_default().entry((info.scale, info.tile)).or_default();
        tile.entry(info.number).or_insert_with(|| (info, bytes.to_vec()));
    }

    fn add_header(&mut self, scale: u8, bytes: &[u8]) {
        let header = Header::from_bytes::<()>(bytes).ok().filter(|header| header.size() == bytes.len());
        match (header, self.headers.get(&scale)) {
            (Some(header), None) => drop(self.headers.insert(scale, header)),
            (Some(header), Some(known)) if header == *known => {}
            _ => self.refused += 1,
        }
    }

    /// Decodes every tile that is whole: of every frame each scale whose header came and those of all smaller ones.
    ///
    /// # Errors
    /// No header of the smallest scale came; other models.
    pub fn frames(&self, pyramid: &Pyramid<'_>) -> Result<Vec<Frame>, ArchiveError> {
        // A damaged packet may claim to be of a scale that there is none of.
        let scales = 0..pyramid.models().len() as u8;
        let headers: Vec<Header> = scales.map_while(|scale| self.headers.get(&scale).copied()).collect();
        let largest = headers.last().ok_or(ArchiveError::NoHeader)?;
        let models = &pyramid.models()[..headers.len()];
        for (header, model) in headers.iter().zip(models) {
            let wrong = |source| ArchiveError::Decode { what: "the packets".into(), source };
            header.check_model(model).map_err(wrong)?;
        }
        let came = Pyramid::new(models).map_err(|_| ArchiveError::WrongScales)?;
        let fits = |(scale, header): (usize, &Header)| header.tiles.image() == came.size(scale, largest.tiles.image());
        if !headers.iter().enumerate().all(fits) {
            return Err(ArchiveError::WrongScales);
        }
        let of_frame = |(&number, tiles): (&u8, &OfFrame)| frame(&came, &headers, number, tiles);
        let frames: Vec<Vec<Frame>> = self.frames.iter().map(of_frame).collect::<Result<_, _>>()?;
        Ok(frames.into_iter().flatten().collect())
    }
}

/// The recording as text, if it is some: the length of a record that is short has a byte 0.
fn printed(bytes: &[u8]) -> Option<&str> {
    let is_printed = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    bytes.iter().all(is_printed).then(|| str::from_utf8(bytes).ok())?
}

fn from_hexadecimal(digits: &str) -> Option<Vec<u8>> {
    let (pairs, []) = digits.as_bytes().as_chunks::<2>() else { return None };
    // `from_str_radix` takes a sign.
    let digits = |pair: &&[u8; 2]| pair.iter().all(u8::is_ascii_hexdigit);
    let byte = |pair: &[u8; 2]| u8::from_str_radix(str::from_utf8(Some(pair).filter(digits)?).ok()?, 16).ok();
    pairs.iter().map(byte).collect()
}

/// All scales of a frame.
fn frame(
    pyramid: &Pyramid<'_>,
    headers: &[Header],
    number: u8,
    received: &OfFrame,
) -> Result<Vec<Frame>, ArchiveError> {
    let mut frames: Vec<Frame> = Vec::new();
    for (scale, header) in headers.iter().enumerate() {
        let mut frame = begun(number, scale, header, frames.last());
        for tile in (0..header.tiles.count()).filter_map(|index| header.tiles.get(index)) {
            let packets = u16::try_from(tile.index).ok().and_then(|index| received.get(&(scale as u8, index)));
            let values = match packets.and_then(whole).filter(|_| is_given(header, &tile, frames.last())) {
                Some((place, bytes)) => {
                    values(&pyramid.models()[scale], header, Tile { index: place, ..tile }, &bytes, frames.last())?
                }
                None => None,
            };
            let Some(values) = values else {
                frame.missing.push(tile);
                continue;
            };
            let places = places(frame.picture.width, frame.picture.channels, &tile);
            places.zip(values).for_each(|(place, value)| frame.picture.values[place] = value);
        }
        frames.push(frame);
    }
    Ok(frames)
}

/// A scale of which nothing came yet: what the smaller one shows, if there is one.
fn begun(number: u8, scale: usize, header: &Header, smaller: Option<&Frame>) -> Frame {
    let size = (header.width() as usize, header.height() as usize);
    let picture = smaller.map_or_else(|| blank(header), |frame| frame.picture.enlarged(header.factor.into(), size));
    Frame { number, scale, picture, tiles: header.tiles.count(), missing: Vec::new() }
}

/// Whether the part of the smaller scale that a tile is given is there.
fn is_given(header: &Header, tile: &Tile, smaller: Option<&Frame>) -> bool {
    let part = small_part(header, tile);
    let apart = |start: u32, length: u32, other: u32, other_length: u32| {
        start + length <= other || other + other_length <= start
    };
    let is_apart = |missing: &Tile| {
        apart(part.left, part.width, missing.left, missing.width)
            || apart(part.top, part.height, missing.top, missing.height)
    };
    smaller.is_none_or(|frame| frame.missing.iter().all(is_apart))
}

/// The place that a tile's check begins with, and its bytes, if every packet from its first to its last is there.
fn whole(packets: &OfTile) -> Option<(u32, Vec<u8>)> {
    let first = packets.values().position(|(info, _)| info.is_first)?;
    let mut bytes = Vec::new();
    let mut expected = None;
    for (info, part) in packets.values().skip(first) {
        if expected.is_some_and(|expected| expected != info.number) {
            return None;
        }
        bytes.extend(part);
        if info.is_last {
            return Some((info.place(), bytes));
        }
        expected = Some(info.number.wrapping_add(1));
    }
    None
}

/// A tile's values, unless its check says that they are not what was sent.
fn values(
    model: &Model<'_>,
    header: &Header,
    tile: Tile,
    bytes: &[u8],
    smaller: Option<&Frame>,
) -> Result<Option<Vec<u16>>, ArchiveError> {
    let job = Job { number: 0, pieces: vec![Piece { picture: 0, tile }] };
    let smaller = smaller.map(|frame| [&frame.picture]);
    let decoded = decode(model, header, &[job], &[bytes], smaller.as_ref().map(|all| &all[..]))?;
    Ok(decoded.into_iter().next().and_then(Result::ok).and_then(|mut tiles| tiles.pop()))
}

/// A picture of which nothing came: squares of two greys.
fn blank(header: &Header) -> Picture {
    let (width, height) = (header.width() as usize, header.height() as usize);
    let channels = usize::from(header.channels);
    let grey = |place: usize| {
        let (row, column) = (place / channels / width, place / channels % width);
        let thirds = if (row / 4 + column / 4) % 2 == 0 { 1 } else { 2 };
        ((header.levels - 1) * thirds / 3) as u16
    };
    let values = (0..width * height * channels).map(grey).collect();
    let depth = if header.levels <= 256 { 8 } else { 16 };
    Picture { name: String::new(), width, height, channels, depth, values, class: None }
}
