//! A group: tiles that share a check, and that decode alone. [`Encoder`](super::Encoder) and [`Decoder`](super::Decoder) make
//! containers of groups; whoever codes many tiles side by side, or sends each as packets, takes groups as they are.

use crc::{Digest, Table};

use super::range::{RangeDecoder, RangeEncoder};
use super::{ByteSink, ByteSource, DecodeError, Header};
use crate::blob::CRC32;
use crate::distribution::Distribution;

/// Whether a group ends here: value 1, a byte's worth of bits; a tile more costs next to nothing.
const ENDS: Distribution<'static> = Distribution::of_binary(1 << 8);

/// The check of a group's values, begun with the header and the place of its first tile: the same values elsewhere fail it.
struct Check {
    digest: Digest<'static, u32, Table<1>>,
    is_wide: bool,
}

impl Check {
    fn begin(header: &Header, tile: u32) -> Self {
        let mut digest = CRC32.digest();
        digest.update(&header.to_bytes());
        digest.update(&tile.to_le_bytes());
        Self { digest, is_wide: header.levels > 256 }
    }

    /// A byte up to 256 levels, else two, the lower first.
    fn add(&mut self, value: u16) {
        let [low, high] = value.to_le_bytes();
        match self.is_wide {
            false => self.digest.update(&[low]),
            true => self.digest.update(&[low, high]),
        }
    }
}

/// Codes the values of a group.
pub struct GroupEncoder {
    range: RangeEncoder,
    check: Check,
}

impl GroupEncoder {
    /// Begins a group whose first tile has this place in its image.
    pub fn begin(header: &Header, tile: u32) -> Self {
        Self { range: RangeEncoder::new(), check: Check::begin(header, tile) }
    }

    /// Says that a tile follows: comes before its values.
    ///
    /// # Errors
    /// The sink's.
    pub fn tile<K: ByteSink>(&mut self, sink: &mut K) -> Result<(), K::Error> {
        self.range.encode(&ENDS, 0, sink)
    }

    /// Codes a value.
    ///
    /// # Errors
    /// The sink's.
    pub fn value<K: ByteSink>(
        &mut self,
        distribution: &Distribution<'_>,
        value: u16,
        sink: &mut K,
    ) -> Result<(), K::Error> {
        self.range.encode(distribution, value, sink)?;
        self.check.add(value);
        Ok(())
    }

    /// Ends the group: sends what is held back, and the check.
    ///
    /// # Errors
    /// The sink's.
    pub fn end<K: ByteSink>(mut self, sink: &mut K) -> Result<(), K::Error> {
        self.range.encode(&ENDS, 1, sink)?;
        self.range.finish(sink)?;
        self.check.digest.finalize().to_be_bytes().into_iter().try_for_each(|byte| sink.put(byte))
    }
}

/// Decodes the values of a group.
pub struct GroupDecoder {
    range: RangeDecoder,
    check: Check,
}

impl GroupDecoder {
    /// Begins a group whose first tile has this place in its image.
    ///
    /// # Errors
    /// The source's, or its end.
    pub fn begin<S: ByteSource>(header: &Header, tile: u32, source: &mut S) -> Result<Self, DecodeError<S::Error>> {
        Ok(Self { range: RangeDecoder::begin(source)?, check: Check::begin(header, tile) })
    }

    /// Whether a tile follows; if not, [`end`](Self::end) does.
    ///
    /// # Errors
    /// The source's, or its end.
    pub fn tile<S: ByteSource>(&mut self, source: &mut S) -> Result<bool, DecodeError<S::Error>> {
        Ok(self.range.decode(&ENDS, source)? == 0)
    }

    /// Decodes a value.
    ///
    /// # Errors
    /// The source's, or its end.
    pub fn value<S: ByteSource>(
        &mut self,
        distribution: &Distribution<'_>,
        source: &mut S,
    ) -> Result<u16, DecodeError<S::Error>> {
        let value = self.range.decode(distribution, source)?;
        self.check.add(value);
        Ok(value)
    }

    /// Ends the group: whether its values are those that were coded.
    ///
    /// # Errors
    /// The source's, its end, damage.
    pub fn end<S: ByteSource>(self, source: &mut S) -> Result<(), DecodeError<S::Error>> {
        // The check would have been read ahead.
        if self.range.is_short() {
            return Err(DecodeError::Truncated);
        }
        let ahead = self.range.finish().ok_or(DecodeError::Damaged)?;
        let mut stored = ahead.bytes;
        for _ in ahead.count..4 {
            let byte = source.take().map_err(DecodeError::Io)?.ok_or(DecodeError::Truncated)?;
            stored = (stored << 8) | u32::from(byte);
        }
        if self.check.digest.finalize() == stored { Ok(()) } else { Err(DecodeError::Damaged) }
    }
}
