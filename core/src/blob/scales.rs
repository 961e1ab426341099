//! The `.prnn` file of several scales: networks of the Multi-Scale model (paper, section 3.6), each as it would lie in a file of its own.
//!
//! ```text
//! byte  0  magic "PRNS"
//!       4  format version, u16
//!       6  number of scales, u16
//!       8  bytes before the first scale's, u32
//!      12  CRC-32 (ISO-HDLC) of bytes 0..12 and of 16.. up to the first scale's, u32
//!      16  for each scale, the smallest first: where its blob starts, and its length, u32 each
//!          zeros up to a multiple of 16
//!          the blobs, each from a multiple of 16 on, with zeros between
//! ```
//!
//! A blob is checked when it is [loaded](crate::Model::load), and not before. Scales may be missing from the end: a file that is cut
//! short holds the smaller ones, and so may a device.

use core::ops::Range;

use super::open::{checksum, field};
use super::{LoadError, MAGIC, PREFIX_BYTES};

/// First four bytes of a blob of several scales.
pub const SCALES_MAGIC: [u8; 4] = *b"PRNS";
/// The version of that format that this library reads and writes.
pub const SCALES_VERSION: u16 = 1;
/// Most scales: the largest image is up to 4^7 times wider than the smallest.
pub const MAX_SCALES: usize = 8;

/// A blob's scales, the smallest first; of the blob of a single network its one.
///
/// ```
/// use pixelrnn::LoadError;
/// use pixelrnn::blob::Scales;
/// #[repr(align(4))]
/// struct Aligned([u8; 20]);
/// let blob = Aligned(*b"not a model at all!!");
/// assert_eq!(Scales::open(&blob.0).err(), Some(LoadError::WrongMagic));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Scales<'a> {
    blob: &'a [u8],
    count: usize,
}

impl<'a> Scales<'a> {
    /// Checks the directory of scales; the blobs themselves are checked when they are loaded.
    ///
    /// # Errors
    /// No blob, another version, a directory that is cut short or damaged, bytes behind the last scale.
    pub fn open(blob: &'a [u8]) -> Result<Self, LoadError> {
        let magic: [u8; 4] = field(blob, 0)?;
        if magic == MAGIC {
            return Ok(Self { blob, count: 1 });
        }
        if magic != SCALES_MAGIC {
            return Err(LoadError::WrongMagic);
        }
        if blob.as_ptr().align_offset(4) != 0 {
            return Err(LoadError::Misaligned);
        }
        let found = u16::from_le_bytes(field(blob, 4)?);
        if found != SCALES_VERSION {
            return Err(LoadError::UnsupportedVersion { found, supported: SCALES_VERSION });
        }
        let count = u16::from_le_bytes(field(blob, 6)?).into();
        let (needed, given) = (u32::from_le_bytes(field(blob, 8)?), blob.len() as u32);
        let directory = blob.get(..needed as usize).ok_or(LoadError::Truncated { needed, given })?;
        let (stored, computed) = (u32::from_le_bytes(field(blob, 12)?), checksum(directory));
        if stored != computed {
            return Err(LoadError::WrongChecksum { stored, computed });
        }
        if !(1..=MAX_SCALES).contains(&count) || directory_bytes(count) != needed as usize {
            return Err(LoadError::InvalidHeader);
        }
        let scales = Self { blob, count };
        let end = (0..count).try_fold(needed, |end, scale| Ok(scales.range(scale)?.end.max(end)))?;
        match given.saturating_sub(end) {
            0 => Ok(scales),
            extra => Err(LoadError::TrailingBytes { extra }),
        }
    }

    /// Where the directory says that a scale's blob lies.
    fn range(&self, scale: usize) -> Result<Range<u32>, LoadError> {
        let entry = PREFIX_BYTES + 8 * scale;
        let start = u32::from_le_bytes(field(self.blob, entry)?);
        let length = u32::from_le_bytes(field(self.blob, entry + 4)?);
        Ok(start..start.saturating_add(length))
    }

    /// Number of scales.
    pub const fn count(&self) -> usize {
        self.count
    }

    /// The blob of a scale, 0 the smallest.
    ///
    /// # Errors
    /// A scale that the file does not have, or was cut off.
    pub fn blob(&self, scale: usize) -> Result<&'a [u8], LoadError> {
        if scale >= self.count {
            return Err(LoadError::NoScale { scale: scale.min(255) as u8, scales: self.count as u8 });
        }
        if self.blob.first_chunk() == Some(&MAGIC) {
            return Ok(self.blob);
        }
        let Range { start, end } = self.range(scale)?;
        let blob = self.blob.get(start as usize..end as usize);
        blob.ok_or(LoadError::Truncated { needed: end, given: self.blob.len() as u32 })
    }
}

/// Bytes before the first scale's blob.
pub const fn directory_bytes(scales: usize) -> usize {
    (PREFIX_BYTES + 8 * scales).next_multiple_of(16)
}
