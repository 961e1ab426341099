//! Archives: pictures of any sizes in one file, with their names, coded by a model on all cores.
//!
//! ```text
//! byte  0  magic "PRNA"
//!       4  format version, u32
//!       8  bytes of the directory, u32
//!      12  CRC-32 (ISO-HDLC) of bytes 0..12 and of the directory, u32
//!      16  the directory, postcard: see `Directory`
//!          containers (see `pixelrnn::codec`), one for the pictures of each size
//! ```
//!
//! Integers are little-endian. A container is what a device would send: without names, and whole by itself. The directory says how long
//! each of its groups is, so that groups are decoded side by side, and one tile without the others.

mod alpha;
mod coded;
pub mod device;
mod directory;
mod jobs;
pub mod packets;
mod part;
mod region;
mod scales;
mod side_by_side;

use pixelrnn::Model;
use pixelrnn::codec::{Header, Tiles};

use crate::data::Picture;

pub use alpha::{Alpha, split};
pub use coded::{Coded, compress};
pub use directory::{Directory, Names, Set};
pub use region::Region;
pub use scales::{Decoded, compress_scales, decompress_scales};

/// How pictures are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// Columns and rows of a tile; none for whole pictures.
    pub tile: Option<(u32, u32)>,
    /// Whole pictures that share a check, at most. A tile has a check of its own.
    pub group: u32,
}

impl Cut {
    /// The same where tiles begin with a pixel of images that are so many times smaller.
    fn in_steps(self, factor: u8) -> Self {
        let step = u32::from(factor).max(1);
        let side = |side: u32| side.next_multiple_of(step).min(65_535 / step * step);
        Self { tile: self.tile.map(|(width, height)| (side(width), side(height))), ..self }
    }
}

/// Why an archive was not written or read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The engine refused a picture.
    #[error(transparent)]
    Engine(#[from] crate::many::ManyError),
    /// A picture that no container takes.
    #[error("{name} is {width}x{height} pixels: 1 to 65535 in each direction can be coded")]
    Size {
        /// The picture.
        name: String,
        /// Columns.
        width: usize,
        /// Rows.
        height: usize,
    },
    /// The first four bytes are neither an archive's nor a container's.
    #[error("these are no coded images: they begin with neither \"PRNA\" nor \"PRNZ\"")]
    WrongMagic,
    /// Another version.
    #[error("archive format version {found}; this program reads version {supported}")]
    UnsupportedVersion {
        /// Its version.
        found: u32,
        /// The version that is read.
        supported: u32,
    },
    /// The directory was changed or damaged, or says what cannot be.
    #[error("the archive's directory is damaged")]
    DamagedDirectory,
    /// The file ends early.
    #[error("the coded images end early: {needed} bytes are needed, {given} are there")]
    Truncated {
        /// Bytes that the archive has.
        needed: u64,
        /// Bytes given.
        given: u64,
    },
    /// Something follows.
    #[error("{0} bytes follow the coded images' end")]
    TrailingBytes(u64),
    /// The coded images are not this model's, or not whole.
    #[error("{what}: {source}")]
    Decode {
        /// The picture, and its tile.
        what: String,
        /// Why not.
        source: pixelrnn::codec::DecodeError<std::convert::Infallible>,
    },
    /// A scale of the coded images does not go with the one before.
    #[error("the coded images' scales do not go together")]
    WrongScales,
    /// No packet held the container's header.
    #[error("no packet holds a header: without one the pictures' size is not known")]
    NoHeader,
    /// A region that no picture has.
    #[error("no picture has the region {0}")]
    Region(Region),
}

/// The header of a container of pictures of a size.
fn header(model: &Model<'_>, picture: &Picture, cut: &Cut) -> Result<Header, ArchiveError> {
    let (width, height) = picture.size();
    let wrong = || ArchiveError::Size { name: picture.name.clone(), width, height };
    let size = (u32::try_from(width).map_err(|_| wrong())?, u32::try_from(height).map_err(|_| wrong())?);
    let header = Header::tiled(model, size, cut.tile.unwrap_or(size)).ok_or_else(wrong)?;
    Ok(header.of_class(picture.class.filter(|_| model.classes() > 0)))
}

/// Whether pictures are cut at all.
fn is_cut(tiles: &Tiles) -> bool {
    tiles.count() > 1
}
