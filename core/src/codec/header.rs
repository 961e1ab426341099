//! What all images of a container share.

use super::{ByteSource, DecodeError, Tile, Tiles};
use crate::blob::CRC32;
use crate::model::Model;
use crate::stream::Stream;

/// First four bytes of coded images.
pub const MAGIC: [u8; 4] = *b"PRNZ";
/// The format version this library writes without a class.
pub const VERSION: u8 = 2;
/// The format version this library writes with one.
pub const CLASS_VERSION: u8 = 3;
/// The format version this library writes of images that are given smaller ones, with a class or without; all three are read.
pub const SCALE_VERSION: u8 = 4;
/// Bytes of a header of version 2.
pub const HEADER_BYTES: usize = 24;
/// Bytes of a header of a later one.
pub const CLASS_HEADER_BYTES: usize = 26;
/// What stands for no class in a header of version 4.
const NO_CLASS: u16 = u16::MAX;

/// A header's bytes.
pub type HeaderBytes = heapless::Vec<u8, CLASS_HEADER_BYTES>;

/// What all images of a container share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Header {
    /// Channels of each image.
    pub channels: u8,
    /// Values a channel of a pixel can take.
    pub levels: u32,
    /// The images' size, and how they are cut.
    pub tiles: Tiles,
    /// [`Model::fingerprint`] of the model that codes them.
    pub fingerprint: u32,
    /// The class that all images are coded given, of a model with classes.
    pub class: Option<u16>,
    /// How many times wider and higher images are than those of the same places in the container before, which they are coded given;
    /// 0 of a model that is given none.
    pub factor: u8,
}

impl Header {
    /// For whole images of a size under a model; `None` if the width or the height is 0 or above 65,535.
    pub fn new(model: &Model<'_>, width: u32, height: u32) -> Option<Self> {
        Self::tiled(model, (width, height), (width, height))
    }

    /// For images of a size in tiles of a size; `None` if one is 0 or above 65,535, or if images are given smaller ones and a tile would
    /// begin within a small pixel.
    pub fn tiled(model: &Model<'_>, image: (u32, u32), tile: (u32, u32)) -> Option<Self> {
        let tiles = Tiles::new(image, tile)?;
        let (channels, levels, fingerprint) = (model.channels(), model.levels(), model.fingerprint());
        let header = Self { channels, levels, tiles, fingerprint, class: None, factor: model.factor() };
        header.tiles_fit().then_some(header)
    }

    /// Whether every tile begins with a small pixel.
    fn tiles_fit(&self) -> bool {
        let factor = u32::from(self.factor).max(1);
        let fits = |image: u32, tile: u32| tile >= image || tile.is_multiple_of(factor);
        let ((width, height), (tile_width, tile_height)) = (self.tiles.image(), self.tiles.tile());
        fits(width, tile_width) && fits(height, tile_height)
    }

    /// The same for images of a class, which a model with classes must be given.
    #[must_use]
    pub fn of_class(self, class: impl Into<Option<u16>>) -> Self {
        Self { class: class.into(), ..self }
    }

    /// Bytes of the header that a container's bytes begin with, of which the first five tell.
    pub fn size_in(bytes: &[u8]) -> usize {
        if bytes.get(4).is_some_and(|&version| version >= CLASS_VERSION) { CLASS_HEADER_BYTES } else { HEADER_BYTES }
    }

    /// The format version that says all of it.
    const fn version(&self) -> u8 {
        match (self.factor, self.class) {
            (0, None) => VERSION,
            (0, Some(_)) => CLASS_VERSION,
            _ => SCALE_VERSION,
        }
    }

    /// Bytes of the header.
    pub const fn size(&self) -> usize {
        if self.version() == VERSION { HEADER_BYTES } else { CLASS_HEADER_BYTES }
    }

    /// Columns of an image.
    pub fn width(&self) -> u32 {
        self.tiles.image().0
    }

    /// Rows of an image.
    pub fn height(&self) -> u32 {
        self.tiles.image().1
    }

    /// Values of an image: columns times rows times channels.
    pub fn values(&self) -> u64 {
        u64::from(self.width()) * u64::from(self.height()) * u64::from(self.channels)
    }

    /// The header's bytes.
    pub fn to_bytes(&self) -> HeaderBytes {
        // 65,536 levels fit as their highest value.
        let highest = self.levels.wrapping_sub(1) as u16;
        let ((width, height), (tile_width, tile_height)) = (self.tiles.image(), self.tiles.tile());
        let halves = [highest, width as u16, height as u16, tile_width as u16, tile_height as u16];
        let class = if self.factor == 0 { self.class } else { Some(self.class.unwrap_or(NO_CLASS)) };
        let mut bytes = HeaderBytes::new();
        // There is room for all.
        let mut push = |part: &[u8]| bytes.extend_from_slice(part).unwrap_or_default();
        push(&MAGIC);
        push(&[self.version(), self.channels | self.factor << 4]);
        halves.iter().for_each(|half| push(&half.to_le_bytes()));
        push(&self.fingerprint.to_le_bytes());
        class.iter().for_each(|class| push(&class.to_le_bytes()));
        let checksum = CRC32.checksum(&bytes);
        bytes.extend_from_slice(&checksum.to_le_bytes()).unwrap_or_default();
        bytes
    }

    /// Reads the header at the beginning of a container's bytes: [`size`](Self::size) says how many it has.
    ///
    /// # Errors
    /// Too few bytes, another magic or version, or damage.
    pub fn from_bytes<E>(bytes: &[u8]) -> Result<Self, DecodeError<E>> {
        let (front, rest) = bytes.split_first_chunk::<20>().ok_or(DecodeError::Truncated)?;
        let [m0, m1, m2, m3, version, kind, l0, l1, w0, w1, h0, h1, u0, u1, v0, v1, f0, f1, f2, f3] = *front;
        if [m0, m1, m2, m3] != MAGIC {
            return Err(DecodeError::WrongMagic);
        }
        let class = match (version, rest) {
            (VERSION, _) => None,
            (CLASS_VERSION | SCALE_VERSION, &[low, high, ..]) => Some(u16::from_le_bytes([low, high])),
            (CLASS_VERSION | SCALE_VERSION, _) => return Err(DecodeError::Truncated),
            _ => return Err(DecodeError::UnsupportedVersion { found: version, supported: SCALE_VERSION }),
        };
        let class = class.filter(|&class| version != SCALE_VERSION || class != NO_CLASS);
        let (channels, factor) = (kind & 0xf, kind >> 4);
        let half = |low, high| u32::from(u16::from_le_bytes([low, high]));
        let tiles = Tiles::new((half(w0, w1), half(h0, h1)), (half(u0, u1), half(v0, v1)));
        let tiles = tiles.ok_or(DecodeError::DamagedHeader)?;
        let fingerprint = u32::from_le_bytes([f0, f1, f2, f3]);
        let header = Self { channels, levels: half(l0, l1) + 1, tiles, fingerprint, class, factor };
        let given = bytes.get(..header.size()).ok_or(DecodeError::Truncated)?;
        if *header.to_bytes() == *given && header.tiles_fit() { Ok(header) } else { Err(DecodeError::DamagedHeader) }
    }

    /// Reads a header from a source: to learn which model the images need, before there is a decoder.
    ///
    /// # Errors
    /// The source's, its end, another magic or version, or damage.
    pub fn read<S: ByteSource>(source: &mut S) -> Result<Self, DecodeError<S::Error>> {
        let mut bytes = HeaderBytes::new();
        while bytes.len() < Self::size_in(&bytes) {
            match source.take().map_err(DecodeError::Io)? {
                Some(byte) => bytes.push(byte).unwrap_or_default(),
                // What is there may tell that it never was a container.
                None if bytes.len() < 4 => return Err(DecodeError::Truncated),
                None if bytes.first_chunk() != Some(&MAGIC) => return Err(DecodeError::WrongMagic),
                None => return Err(DecodeError::Truncated),
            }
        }
        Self::from_bytes(&bytes)
    }

    /// Whether this model codes these images.
    ///
    /// # Errors
    /// Another model; a header that does not agree with its model.
    pub fn check_model<E>(&self, model: &Model<'_>) -> Result<(), DecodeError<E>> {
        let (needed, given) = (self.fingerprint, model.fingerprint());
        if needed != given {
            return Err(DecodeError::WrongModel { needed, given });
        }
        let class_fits = self.class.map_or(model.classes() == 0, |class| class < model.classes());
        let agrees =
            self.levels == model.levels() && self.channels == model.channels() && self.factor == model.factor();
        if agrees && class_fits { Ok(()) } else { Err(DecodeError::DamagedHeader) }
    }
}

/// A place in a container: a tile, and a value in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    tile: Tile,
    row: u32,
    column: u32,
    channel: u8,
}

impl Position {
    /// The first value of an image's tile; of one that is not there, the first tile's.
    pub fn first(header: &Header, tile: u32) -> Self {
        let whole = Tile { index: 0, left: 0, top: 0, width: header.width(), height: header.height() };
        let tile = header.tiles.get(tile).or_else(|| header.tiles.get(0)).unwrap_or(whole);
        Self { tile, row: 0, column: 0, channel: 0 }
    }

    /// The tile.
    pub const fn tile(&self) -> Tile {
        self.tile
    }

    /// Whether this is a tile's first value.
    pub const fn is_first(&self) -> bool {
        self.row == 0 && self.column == 0 && self.channel == 0
    }

    /// Whether a stream is of the header's model and class and the tile's size, and at the value.
    pub fn fits(&self, header: &Header, stream: &Stream<'_>) -> bool {
        let Self { tile, row, column, channel } = *self;
        stream.model().fingerprint() == header.fingerprint
            && stream.class() == header.class
            && (stream.width(), stream.height()) == (tile.width, tile.height)
            && (stream.row(), stream.column(), stream.channel()) == (row, column, channel)
    }

    /// Where a stream is now: the next value, or the first of the tile that follows.
    pub fn follow(&mut self, header: &Header, stream: &Stream<'_>) {
        if stream.is_complete() {
            *self = Self::first(header, self.tile.index.wrapping_add(1));
        } else {
            (self.row, self.column, self.channel) = (stream.row(), stream.column(), stream.channel());
        }
    }
}
