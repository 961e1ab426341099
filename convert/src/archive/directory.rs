//! What an archive says of its pictures before they are decoded.

use pixelrnn::codec::Header;
use serde::{Deserialize, Serialize};

use super::{Alpha, ArchiveError, is_cut};

pub const MAGIC: [u8; 4] = *b"PRNA";
pub const VERSION: u32 = 1;
pub const PREFIX_BYTES: usize = 16;
/// 8 / log2(65,536 / 65,280), rounded up.
const MOST_TILES_A_BYTE: u64 = 1417;

/// What an archive holds: pictures of one size after those of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directory {
    /// Pictures of one size each.
    pub sets: Vec<Set>,
}

/// Pictures of one size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Set {
    /// Places of the pictures among all of the archive; none if they are all there are, in order.
    pub places: Vec<u32>,
    /// Their number.
    pub pictures: u32,
    /// Their names.
    pub names: Names,
    /// What transparency each has beside the model's channels; none if no picture has any.
    pub alpha: Vec<Alpha>,
    /// Whole pictures a group; 1 for cut ones, whose groups are tiles.
    pub group: u32,
    /// Bytes of each group, the empty one at the end among them.
    pub bytes: Vec<u32>,
}

/// Names of pictures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Names {
    /// None were kept.
    None,
    /// The first picture is this and `#0`, the second `#1`, …: a file of many.
    Numbered(String),
    /// One each.
    List(Vec<String>),
}

impl Names {
    /// The shortest form of these names.
    pub fn new(names: Vec<String>) -> Self {
        let numbered = |prefix: &str| names.iter().enumerate().all(|(n, name)| *name == format!("{prefix}#{n}"));
        match names.first().and_then(|name| name.strip_suffix("#0")) {
            Some(prefix) if numbered(prefix) => Self::Numbered(prefix.to_owned()),
            _ => Self::List(names),
        }
    }

    /// A picture's name.
    pub fn get(&self, number: usize) -> Option<String> {
        match self {
            Self::None => None,
            Self::Numbered(prefix) => Some(format!("{prefix}#{number}")),
            Self::List(names) => names.get(number).cloned(),
        }
    }
}

impl Set {
    /// Bytes of the container that these bytes begin with: its header is longer if it names a class.
    pub fn container_bytes(&self, bytes: &[u8]) -> u64 {
        Header::size_in(bytes) as u64 + self.bytes.iter().map(|&bytes| u64::from(bytes)).sum::<u64>()
    }

    /// Whether each group has bytes for as many tiles as it is said to have: that one follows costs 1/177 bit at least.
    pub fn is_credible(&self, header: &Header) -> bool {
        let mut left = u64::from(self.pictures) * u64::from(header.tiles.count());
        let group = if is_cut(&header.tiles) { 1 } else { u64::from(self.group.max(1)) };
        self.bytes.iter().all(|&bytes| {
            let tiles = left.min(group);
            left -= tiles;
            tiles <= u64::from(bytes) * MOST_TILES_A_BYTE
        })
    }

    /// The place of a picture among all.
    pub fn place(&self, number: usize) -> usize {
        self.places.get(number).map_or(number, |&place| place as usize)
    }
}

impl Directory {
    /// The archive's bytes up to the first container.
    pub fn to_bytes(&self) -> Vec<u8> {
        let body = postcard::to_stdvec(self).unwrap_or_default();
        let mut bytes = Vec::from(MAGIC);
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend((body.len() as u32).to_le_bytes());
        bytes.extend(checksum(&bytes, &body).to_le_bytes());
        bytes.extend(body);
        bytes
    }

    /// Reads a directory; returns it, the containers' bytes, and what follows the archive.
    ///
    /// # Errors
    /// No archive, another version, damage, an end too early.
    pub fn read(bytes: &[u8]) -> Result<(Self, &[u8], &[u8]), ArchiveError> {
        let (front, body, rest) = split(bytes)?;
        let stored = u32::from_le_bytes([front[12], front[13], front[14], front[15]]);
        if checksum(&front[..12], body) != stored {
            return Err(ArchiveError::DamagedDirectory);
        }
        let directory: Self = postcard::from_bytes(body).map_err(|_| ArchiveError::DamagedDirectory)?;
        let mut needed = 0;
        for set in &directory.sets {
            needed += set.container_bytes(rest.get(needed as usize..).unwrap_or_default());
        }
        let before = (bytes.len() - rest.len()) as u64;
        let truncated = ArchiveError::Truncated { needed: before + needed, given: bytes.len() as u64 };
        let (containers, after) = rest.split_at_checked(needed as usize).ok_or(truncated)?;
        Ok((directory, containers, after))
    }
}

/// Prefix, directory, containers.
type Pieces<'b> = (&'b [u8; PREFIX_BYTES], &'b [u8], &'b [u8]);

fn split(bytes: &[u8]) -> Result<Pieces<'_>, ArchiveError> {
    let truncated = |needed: usize| ArchiveError::Truncated { needed: needed as u64, given: bytes.len() as u64 };
    if !bytes.starts_with(&MAGIC) {
        return Err(ArchiveError::WrongMagic);
    }
    let (front, rest) = bytes.split_first_chunk::<PREFIX_BYTES>().ok_or_else(|| truncated(PREFIX_BYTES))?;
    let found = u32::from_le_bytes([front[4], front[5], front[6], front[7]]);
    if found != VERSION {
        return Err(ArchiveError::UnsupportedVersion { found, supported: VERSION });
    }
    let length = u32::from_le_bytes([front[8], front[9], front[10], front[11]]) as usize;
    let (body, rest) = rest.split_at_checked(length).ok_or_else(|| truncated(PREFIX_BYTES + length))?;
    Ok((front, body, rest))
}

fn checksum(front: &[u8], body: &[u8]) -> u32 {
    let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);
    let mut digest = crc.digest();
    digest.update(front);
    digest.update(body);
    digest.finalize()
}

#[cfg(test)]
mod tests {
    use pixelrnn::codec::HEADER_BYTES;

    use super::*;

    fn directory() -> Directory {
        let alpha = vec![Alpha::Opaque, Alpha::None];
        let set = |names| Set { places: vec![], pictures: 2, names, alpha: alpha.clone(), group: 1, bytes: vec![3, 4] };
        Directory { sets: vec![set(Names::None), set(Names::new(vec!["a".into(), "b#1".into()]))] }
    }

    #[test]
    fn names_of_one_file_take_no_room() {
        let names = Names::new((0..1000).map(|n| format!("a.idx#{n}")).collect());
        assert_eq!(names, Names::Numbered("a.idx".into()));
        assert_eq!(names.get(7).unwrap(), "a.idx#7");
        assert_eq!(Names::new(vec!["x".into()]).get(0).unwrap(), "x");
        assert_eq!(Names::None.get(0), None);
    }

    #[test]
    fn a_directory_is_read_back_and_every_flipped_bit_found() {
        let mut bytes = directory().to_bytes();
        let end = bytes.len();
        bytes.resize(end + 2 * (HEADER_BYTES + 7), 0);
        let (read, rest, after) = Directory::read(&bytes).unwrap();
        assert_eq!((read, rest.len(), after.len()), (directory(), 2 * (HEADER_BYTES + 7), 0));
        for bit in 0..8 * end {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(Directory::read(&bytes).is_err(), "bit {bit}");
        }
        for length in 0..bytes.len() {
            assert!(Directory::read(&bytes[..length]).is_err(), "{length} bytes");
        }
        bytes.push(0);
        assert_eq!(Directory::read(&bytes).unwrap().2, [0]);
    }
}
