//! Pictures from the packets that a device sent: in any order, some doubled, some lost.

use std::collections::BTreeMap;

use pixelrnn::Model;
use pixelrnn::codec::{Header, PacketInfo, Tile};

use super::ArchiveError;
use super::jobs::{Job, Piece};
use super::side_by_side::{decode, places};
use crate::data::Picture;

/// The packets of a tile by their numbers.
type OfTile = BTreeMap<u16, (PacketInfo, Vec<u8>)>;

/// Packets by frame and tile, and the container's header.
#[derive(Debug, Default)]
pub struct Received {
    header: Option<Header>,
    frames: BTreeMap<u8, BTreeMap<u16, OfTile>>,
    /// Packets that were none, or of another header.
    pub refused: usize,
}

/// A picture as far as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Its number.
    pub number: u8,
    /// Levels; of missing tiles a pattern of two greys.
    pub picture: Picture,
    /// Tiles that are missing or damaged.
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
            self.add_header(bytes);
            return;
        }
        let tile = self.frames.entry(info.frame).or_default().entry(info.tile).or_default();
        tile.entry(info.number).or_insert_with(|| (info, bytes.to_vec()));
    }

    fn add_header(&mut self, bytes: &[u8]) {
        let header = Header::from_bytes::<()>(bytes).ok().filter(|header| header.size() == bytes.len());
        match (header, self.header) {
            (Some(header), None) => self.header = Some(header),
            (Some(header), Some(known)) if header == known => {}
            _ => self.refused += 1,
        }
    }

    /// The header, if it came.
    pub const fn header(&self) -> Option<&Header> {
        self.header.as_ref()
    }

    /// Decodes every tile that is whole, of every frame.
    ///
    /// # Errors
    /// No header came; another model.
    pub fn frames(&self, model: &Model<'_>) -> Result<Vec<Frame>, ArchiveError> {
        let header = self.header.ok_or(ArchiveError::NoHeader)?;
        let wrong = |source| ArchiveError::Decode { what: "the packets".into(), source };
        header.check_model(model).map_err(wrong)?;
        self.frames.iter().map(|(&number, tiles)| frame(model, &header, number, tiles)).collect()
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

fn frame(
    model: &Model<'_>,
    header: &Header,
    number: u8,
    received: &BTreeMap<u16, OfTile>,
) -> Result<Frame, ArchiveError> {
    let mut picture = blank(header);
    let mut missing = Vec::new();
    for tile in (0..header.tiles.count()).filter_map(|index| header.tiles.get(index)) {
        let values = match u16::try_from(tile.index).ok().and_then(|index| received.get(&index)).and_then(whole) {
            Some((place, bytes)) => values(model, header, Tile { index: place, ..tile }, &bytes)?,
            None => None,
        };
        let Some(values) = values else {
            missing.push(tile);
            continue;
        };
        let places = places(picture.width, picture.channels, &tile);
        places.zip(values).for_each(|(place, value)| picture.values[place] = value);
    }
    Ok(Frame { number, picture, missing })
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
fn values(model: &Model<'_>, header: &Header, tile: Tile, bytes: &[u8]) -> Result<Option<Vec<u16>>, ArchiveError> {
    let job = Job { number: 0, pieces: vec![Piece { picture: 0, tile }] };
    let decoded = decode(model, header, &[job], &[bytes], None)?;
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
