//! The one check, at loading, that everything later relies on.

use crc::{CRC_32_ISO_HDLC, Crc, Table};

use super::section::{Matrix, Section};
use super::{Architecture, Condition, Header, LayerDescription, LoadError, MAGIC, PREFIX_BYTES, VERSION, body_offset};
use crate::kernels;
use crate::layers::Shape;

/// The checksum of blobs and coded images: one table, in flash.
pub(crate) static CRC32: Crc<u32, Table<1>> = Crc::<u32, Table<1>>::new(&CRC_32_ISO_HDLC);

/// CRC-32 of a blob, all but the checksum's own bytes.
pub fn checksum(blob: &[u8]) -> u32 {
    let mut digest = CRC32.digest();
    digest.update(blob.get(..12).unwrap_or_default());
    digest.update(blob.get(PREFIX_BYTES..).unwrap_or_default());
    digest.finalize()
}

fn field<const N: usize>(blob: &[u8], at: usize) -> Result<[u8; N], LoadError> {
    blob.get(at..)
        .and_then(|bytes| bytes.first_chunk())
        .copied()
        .ok_or(LoadError::Truncated { needed: PREFIX_BYTES as u32, given: blob.len() as u32 })
}

/// Checks a blob whole; returns its header, its body and its checksum.
pub fn load(blob: &[u8]) -> Result<(Header, &[u8], u32), LoadError> {
    if blob.as_ptr().align_offset(4) != 0 {
        return Err(LoadError::Misaligned);
    }
    let magic: [u8; 4] = field(blob, 0)?;
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

    let bytes = blob.get(PREFIX_BYTES..).unwrap_or_default();
    let (header, rest) = postcard::take_from_bytes::<Header>(bytes).map_err(|_| LoadError::InvalidHeader)?;
    let header_bytes = bytes.len() - rest.len();
    let padding = blob.get(PREFIX_BYTES + header_bytes..body_offset(header_bytes)).ok_or(LoadError::InvalidHeader)?;
    if padding.iter().any(|&byte| byte != 0) {
        return Err(LoadError::InvalidHeader);
    }
    let body = blob.get(body_offset(header_bytes)..).unwrap_or_default();
    check_header(&header)?;
    check_body(&header, body)?;
    Ok((header, body, stored))
}

fn check_header(header: &Header) -> Result<(), LoadError> {
    if !(2..=256).contains(&header.levels) {
        return Err(LoadError::UnsupportedLevels(header.levels));
    }
    if header.channels != 1 {
        return Err(LoadError::UnsupportedChannels(header.channels));
    }
    if header.condition != Condition::None {
        return Err(LoadError::UnsupportedCondition);
    }
    if !kernels::reads(header.packing) {
        return Err(LoadError::UnsupportedPacking);
    }
    let last = header.layers.len().saturating_sub(1);
    if header.layers.len() < 2 {
        return Err(LoadError::InvalidLayer { layer: last as u8 });
    }
    for (place, layer) in header.layers.iter().enumerate() {
        let invalid = LoadError::InvalidLayer { layer: place as u8 };
        let fits = match (layer, header.architecture) {
            (LayerDescription::First { .. }, _) => place == 0,
            (LayerDescription::Head { .. }, _) => place == last,
            (LayerDescription::PixelCnn { .. }, Architecture::PixelCnn)
            | (LayerDescription::RowLstm { .. }, Architecture::RowLstm)
            | (LayerDescription::DiagonalBilstm { .. }, Architecture::DiagonalBilstm) => place != 0 && place != last,
            _ => false,
        };
        if !fits || !Shape::new(header, layer).is_possible() {
            return Err(invalid);
        }
        if layer.shifts().iter().any(|&shift| shift > 30) {
            return Err(LoadError::InvalidShift { layer: place as u8 });
        }
    }
    Ok(())
}

fn check_body(header: &Header, body: &[u8]) -> Result<(), LoadError> {
    let needed: usize = header.layers.iter().map(|layer| Shape::new(header, layer).body_bytes()).sum();
    if needed != body.len() {
        return Err(LoadError::WrongBodyLength { needed: needed as u32, given: body.len() as u32 });
    }
    let mut section = Section::new(body, header.packing);
    for (place, layer) in header.layers.iter().enumerate() {
        let mut valid = true;
        Shape::new(header, layer).visit(&mut section, &mut |multipliers, matrix| {
            valid &= multipliers.iter().all(|&multiplier| multiplier >= 0);
            valid &= matrix.is_none_or(|matrix| accumulators_fit(&matrix));
        });
        if !valid {
            return Err(LoadError::InvalidWeights { layer: place as u8 });
        }
    }
    Ok(())
}

/// No weight is -128, and no activations of -127..=127 take an accumulator out of -2^23..2^23.
fn accumulators_fit(matrix: &Matrix<'_>) -> bool {
    let rows = matrix.weights.chunks_exact((4 * matrix.columns).max(4));
    rows.into_iter().all(|block| {
        let mut norms = [0u32; 4];
        for group in block.as_chunks::<16>().0 {
            for (norm, weights) in norms.iter_mut().zip(group.as_chunks::<4>().0) {
                let magnitudes = matrix.packing.weights(*weights).map(|weight| u32::from(weight.unsigned_abs()));
                if magnitudes.contains(&128) {
                    *norm = u32::MAX / 2;
                }
                *norm = norm.saturating_add(magnitudes.iter().sum());
            }
        }
        norms.iter().all(|&norm| norm.saturating_mul(127) < 1 << 23)
    })
}
