//! Lossless coding: images in as few bits as the model finds them likely, streamed out and in by the byte.
//!
//! A device sends while it codes and never holds the coded image; a sink takes each byte as it comes, a source gives the next one.
//! All arithmetic is in integers, so that an image coded on a microcontroller decodes on a workstation, and the other way round.
//!
//! # The container
//!
//! ```text
//! byte  0  magic "PRNZ"
//!       4  format version, u8: 2, or with a class 3, or of images that are given smaller ones 4
//!       5  channels, u8; of version 4 also 16 times the factor that images are larger by than those they are given
//!       6  levels less 1, u16
//!       8  width, u16
//!      10  height, u16
//!      12  columns of a tile, u16: at most the width
//!      14  rows of a tile, u16: at most the height
//!      16  the model's fingerprint, u32
//!      20  from version 3 on: the class, u16; of version 4 65,535 without one
//!          CRC-32 (ISO-HDLC) of the bytes before, u32
//!          groups of tiles, each:
//!            range-coded: for every tile a binary value 0 of frequency 65,280 in 2^16, then its values;
//!                         then a binary value 1
//!            the coder's end, 1 or 2 bytes
//!            CRC-32 of the header, of the place (u32) of the group's first tile in its image and of all the group's values (bytes
//!            up to 256 levels, else u16), u32, its highest byte first
//!          a group without tiles: the end
//! ```
//!
//! Header integers are little-endian. All images of a container are of the one class that its header names, if it does: a model with
//! classes must be given one. Tiles come row by row of an image, images one after the other; an image that is not cut is a tile.
//! A tile is modelled as if it were an image alone, so that a stream's state is that of a tile's width. Values of a tile come row by row,
//! left to right, channel by channel.
//!
//! # Several scales
//!
//! Images of several scales are containers one after the other, the smallest scale's first; each later one is of version 4, and its images
//! are coded given those of the same places in the container before ([`Pyramid`](crate::Pyramid)). What those hold takes no bits, but is
//! checked again. A tile is given its own part of the smaller image, and begins with a small pixel: its columns and rows are multiples of
//! the factor, but for the last ones. A decoder may stop after any container.
//!
//! # Groups
//!
//! Many images share one header, and all tiles of a group one check. A group starts at a byte's border, needs nothing of those before
//! it, and ends with its own last byte, so that it can be sent as a packet and decoded alone ([`Decoder::at_tile`]): the decoder reads
//! nothing beyond it, and need not wait for the next to finish this one.
//!
//! Over the ideal code length, a group costs 4 bytes of check, 1 byte that says it ends and about half a byte of coder's end; a tile in
//! it costs 0.006 bit, and values next to nothing (see [`RangeEncoder`]). In a file of many images that is nothing. A device that sends single frames chooses:
//! a group a frame ([`Encoder::end_group`] after each) costs 5.5 bytes a frame and is checked at once; a group of n frames costs 5.5 / n bytes, and none of its
//! frames is certain until its last byte; [`RangeEncoder`] alone costs half a byte, on links that check frames themselves.
//!
//! # Damage
//!
//! Another model, a damaged header, a stream cut short: an error before or while decoding. Damaged values decode to *something* until
//! the group's check says so: [`Next::Checked`] is what makes the images before it true. Do not show or keep them earlier.

mod decode;
mod encode;
mod error;
mod group;
mod header;
mod packet;
mod range;
mod scales;
mod tiles;

pub use decode::{Decoder, Next};
pub use encode::Encoder;
pub use error::{CodeError, DecodeError};
pub use group::{GroupDecoder, GroupEncoder};
pub use header::{CLASS_HEADER_BYTES, CLASS_VERSION, HEADER_BYTES, Header, HeaderBytes, MAGIC, SCALE_VERSION, VERSION};
pub use packet::{PACKET_HEADER_BYTES, PacketInfo, Packets};
pub use range::{RangeDecoder, RangeEncoder, RangeError, ReadAhead};
pub use tiles::{Tile, Tiles};

/// Takes coded bytes, one at a time: a UART, a packet, a file. Any `FnMut(u8) -> Result<(), E>` is one.
pub trait ByteSink {
    /// Why a byte was not taken.
    type Error;

    /// Takes the next byte.
    ///
    /// # Errors
    /// The sink's own; the coded stream is lost then.
    fn put(&mut self, byte: u8) -> Result<(), Self::Error>;
}

impl<E, F: FnMut(u8) -> Result<(), E>> ByteSink for F {
    type Error = E;

    fn put(&mut self, byte: u8) -> Result<(), E> {
        self(byte)
    }
}

/// Gives coded bytes, one at a time; `None` at the end. Any `FnMut() -> Result<Option<u8>, E>` is one, and so is a byte slice.
pub trait ByteSource {
    /// Why there is no byte, if not because of the end.
    type Error;

    /// Gives the next byte.
    ///
    /// # Errors
    /// The source's own.
    fn take(&mut self) -> Result<Option<u8>, Self::Error>;
}

impl<E, F: FnMut() -> Result<Option<u8>, E>> ByteSource for F {
    type Error = E;

    fn take(&mut self) -> Result<Option<u8>, E> {
        self()
    }
}

impl ByteSource for &[u8] {
    type Error = core::convert::Infallible;

    fn take(&mut self) -> Result<Option<u8>, Self::Error> {
        Ok(self.split_off_first().copied())
    }
}
