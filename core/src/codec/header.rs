//! What all images of a container share.

use super::{ByteSource, DecodeError};
use crate::blob::CRC32;
use crate::model::Model;
use crate::stream::Stream;

/// First four bytes of coded images.
pub const MAGIC: [u8; 4] = *b"PRNZ";
/// The format version this library reads and writes.
pub const VERSION: u8 = 1;
/// Bytes of the header.
pub const HEADER_BYTES: usize = 20;

/// What all images of a container share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Header {
    /// Channels of each image.
    pub channels: u8,
    /// Values a pixel can take.
    pub levels: u16,
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

    /// Values of an image: columns times rows (times 1 channel).
    pub const fn pixels(&self) -> u32 {
        self.width as u32 * self.height as u32
    }

    /// The header's bytes.
    pub fn to_bytes(&self) -> [u8; HEADER_BYTES] {
        let [l0, l1] = self.levels.to_le_bytes();
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
            levels: u16::from_le_bytes([l0, l1]),
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

    /// Whether a stream is of this model and size, and at this pixel of the image.
    pub(super) fn fits(&self, stream: &Stream<'_>, pixel: u32) -> bool {
        stream.model().fingerprint() == self.fingerprint
            && stream.width() == u32::from(self.width)
            && stream.height() == u32::from(self.height)
            && stream.row() * stream.width() + stream.column() == pixel
    }
}
