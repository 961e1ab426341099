//! What all images of a container share.

use crc::{Digest, Table};

use super::{ByteSource, DecodeError};
use crate::blob::CRC32;
use crate::model::Model;
use crate::stream::Stream;

/// First four bytes of coded images.
pub const MAGIC: [u8; 4] = *b"PRNZ";
/// The format version this library reads and writes.
pub const VERSION: u8 = 2;
/// Bytes of the header.
pub const HEADER_BYTES: usize = 20;

/// What all images of a container share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Header {
    /// Channels of each image.
    pub channels: u8,
    /// Values a channel of a pixel can take.
    pub levels: u32,
    /// Columns of each image, at least 1.
    pub width: u16,
    /// Rows of each image, at least 1.
    pub height: u16,
    /// [`Model::fingerprint`] of the model that codes them.
    pub fingerprint: u32,
}

impl Header {
    /// For images of a size under a model; `None` if the width or the height is 0 or above 65,535.
    pub fn new(model: &Model<'_>, width: u32, height: u32) -> Option<Self> {
        let size = |pixels: u32| u16::try_from(pixels).ok().filter(|&pixels| pixels != 0);
        Some(Self {
            channels: model.channels(),
            levels: model.levels(),
            width: size(width)?,
            height: size(height)?,
            fingerprint: model.fingerprint(),
        })
    }

    /// Values of an image: columns times rows times channels.
    pub const fn values(&self) -> u64 {
        self.width as u64 * self.height as u64 * self.channels as u64
    }

    /// The header's bytes.
    pub fn to_bytes(&self) -> [u8; HEADER_BYTES] {
        // 65,536 levels fit as their highest value.
        let [l0, l1, ..] = self.levels.wrapping_sub(1).to_le_bytes();
        let [w0, w1] = self.width.to_le_bytes();
        let [h0, h1] = self.height.to_le_bytes();
        let [f0, f1, f2, f3] = self.fingerprint.to_le_bytes();
        let [m0, m1, m2, m3] = MAGIC;
        let front = [m0, m1, m2, m3, VERSION, self.channels, l0, l1, w0, w1, h0, h1, f0, f1, f2, f3];
        let [c0, c1, c2, c3] = CRC32.checksum(&front).to_le_bytes();
        [m0, m1, m2, m3, VERSION, self.channels, l0, l1, w0, w1, h0, h1, f0, f1, f2, f3, c0, c1, c2, c3]
    }

    /// Reads a header's bytes.
    ///
    /// # Errors
    /// Another magic or version, or damage.
    pub fn from_bytes<E>(bytes: &[u8; HEADER_BYTES]) -> Result<Self, DecodeError<E>> {
        let [m0, m1, m2, m3, version, channels, l0, l1, w0, w1, h0, h1, f0, f1, f2, f3, ..] = *bytes;
        if [m0, m1, m2, m3] != MAGIC {
            return Err(DecodeError::WrongMagic);
        }
        if version != VERSION {
            return Err(DecodeError::UnsupportedVersion { found: version, supported: VERSION });
        }
        let header = Self {
            channels,
            levels: u32::from(u16::from_le_bytes([l0, l1])) + 1,
            width: u16::from_le_bytes([w0, w1]),
            height: u16::from_le_bytes([h0, h1]),
            fingerprint: u32::from_le_bytes([f0, f1, f2, f3]),
        };
        if header.width == 0 || header.height == 0 || header.to_bytes() != *bytes {
            return Err(DecodeError::DamagedHeader);
        }
        Ok(header)
    }

    /// Reads a header from a source: to learn which model the images need, before there is a decoder.
    ///
    /// # Errors
    /// The source's, its end, another magic or version, or damage.
    pub fn read<S: ByteSource>(source: &mut S) -> Result<Self, DecodeError<S::Error>> {
        let mut bytes = [0; HEADER_BYTES];
        for (place, byte) in bytes.iter_mut().enumerate() {
            *byte = match source.take().map_err(DecodeError::Io)? {
                Some(byte) => byte,
                // What is there may tell that it never was a container.
                None if place < 4 => return Err(DecodeError::Truncated),
                None if bytes.first_chunk() != Some(&MAGIC) => return Err(DecodeError::WrongMagic),
                None => return Err(DecodeError::Truncated),
            };
        }
        Self::from_bytes(&bytes)
    }

    /// Whether a stream is of this model and size.
    pub(super) fn fits(&self, stream: &Stream<'_>) -> bool {
        stream.model().fingerprint() == self.fingerprint
            && stream.width() == u32::from(self.width)
            && stream.height() == u32::from(self.height)
    }

    /// Adds a value to a group's check: a byte up to 256 levels, else two, the lower first.
    pub(super) fn check(&self, check: &mut Digest<'static, u32, Table<1>>, value: u16) {
        let [low, high] = value.to_le_bytes();
        match self.levels {
            0..=256 => check.update(&[low]),
            _ => check.update(&[low, high]),
        }
    }
}

/// A place in an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Position {
    row: u32,
    column: u32,
    channel: u8,
}

impl Position {
    /// Where a stream is.
    pub fn of(stream: &Stream<'_>) -> Self {
        Self { row: stream.row(), column: stream.column(), channel: stream.channel() }
    }
}
