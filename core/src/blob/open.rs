//! The outer check: prefix, checksum, and a header that can be read.

use crc::{CRC_32_ISO_HDLC, Crc, Table};

use super::scales::SCALES_MAGIC;
use super::{Header, LoadError, MAGIC, PREFIX_BYTES, VERSION, body_offset, reader};

/// The checksum of blobs and coded images: one table, in flash.
pub(crate) static CRC32: Crc<u32, Table<1>> = Crc::<u32, Table<1>>::new(&CRC_32_ISO_HDLC);

/// CRC-32 of a blob, or of the directory of several scales: all but the checksum's own bytes, which lie in the same place.
pub fn checksum(blob: &[u8]) -> u32 {
    let pieces = [blob.get(..12), blob.get(PREFIX_BYTES..)].map(Option::unwrap_or_default);
    if cfg!(kernels = "small") {
        return !pieces.into_iter().flatten().fold(!0, bit_by_bit);
    }
    let mut digest = CRC32.digest();
    pieces.iter().for_each(|piece| digest.update(piece));
    digest.finalize()
}

/// A CRC-32 with a byte more: without the table, a kilobyte of flash.
fn bit_by_bit(crc: u32, &byte: &u8) -> u32 {
    (0..8).fold(crc ^ u32::from(byte), |crc, _| crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 })
}

pub(super) fn field<const N: usize>(blob: &[u8], at: usize) -> Result<[u8; N], LoadError> {
    blob.get(at..)
        .and_then(|bytes| bytes.first_chunk())
        .copied()
        .ok_or(LoadError::Truncated { needed: PREFIX_BYTES as u32, given: blob.len() as u32 })
}

/// Checks a blob from the outside; returns its header, its body and its checksum.
///
/// Whether layers and weights are ones that the engine runs, [`Model::load`](crate::Model::load) checks.
///
/// # Errors
/// No blob, another version, a blob that is cut short, too long or damaged, a header that cannot be read.
pub fn open(blob: &[u8]) -> Result<(Header, &[u8], u32), LoadError> {
    let checksum = prefix(blob)?;
    let mut header = Header::EMPTY;
    let body = read(blob, &mut header)?;
    Ok((header, body, checksum))
}

/// Checks all that lies before the header, and the checksum of the whole, which it returns.
pub(crate) fn prefix(blob: &[u8]) -> Result<u32, LoadError> {
    if blob.as_ptr().align_offset(4) != 0 {
        return Err(LoadError::Misaligned);
    }
    let magic: [u8; 4] = field(blob, 0)?;
    if magic == SCALES_MAGIC {
        return Err(LoadError::SeveralScales);
    }
    if magic != MAGIC {
        return Err(LoadError::WrongMagic);
    }
    let found = u16::from_le_bytes(field(blob, 4)?);
    if found != VERSION {
        return Err(LoadError::UnsupportedVersion { found, supported: VERSION });
    }
    if field(blob, 6)? != [0; 2] {
        return Err(LoadError::ReservedBits);
    }
    let needed = u32::from_le_bytes(field(blob, 8)?);
    let stored = u32::from_le_bytes(field(blob, 12)?);
    let given = u32::try_from(blob.len()).unwrap_or(u32::MAX);
    if given < needed {
        return Err(LoadError::Truncated { needed, given });
    }
    if given > needed {
        return Err(LoadError::TrailingBytes { extra: given - needed });
    }
    let computed = checksum(blob);
    if computed != stored {
        return Err(LoadError::WrongChecksum { stored, computed });
    }
    Ok(stored)
}

/// Reads the header of a blob whose prefix was checked; returns its body.
// In place: a header is large, and a microcontroller's stack small.
pub(crate) fn read<'a>(blob: &'a [u8], header: &mut Header) -> Result<&'a [u8], LoadError> {
    let bytes = blob.get(PREFIX_BYTES..).unwrap_or_default();
    let rest = reader::header(bytes, header)?;
    let header_bytes = bytes.len() - rest.len();
    let padding = blob.get(PREFIX_BYTES + header_bytes..body_offset(header_bytes)).ok_or(LoadError::InvalidHeader)?;
    if padding.iter().any(|&byte| byte != 0) {
        return Err(LoadError::InvalidHeader);
    }
    Ok(blob.get(body_offset(header_bytes)..).unwrap_or_default())
}
