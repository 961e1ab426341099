//! Coded tiles as packets of at most a given size: a packet that is lost costs its tile and nothing else.
//!
//! ```text
//! byte  0  the frame's number, u8: counts pictures, and begins anew
//!       1  flags, u8: 1 a tile's first packet, 2 its last one, 4 a header; the scale in bits 3 to 5, 0 the smallest
//!       2  the tile's place in its picture, u16; of a header 0
//!       4  the packet's number in its frame, u16, from 0 on; of headers 0
//!       6  bytes of the tile's group (see the container), or a container's header
//! ```
//!
//! Integers are little-endian. Packets may come in any order and more than once. A tile is whole if a packet of each number from
//! its first to its last is there; its group's check, begun with the frame's number too ([`PacketInfo::place`]), says whether it is what was
//! sent. A header may be sent as often as one likes.
//!
//! Of several scales each has a header and tiles of its own; the packets' numbers go on from one to the next.

use super::{ByteSink, CLASS_HEADER_BYTES, GroupEncoder, Header};
use crate::blob::MAX_SCALES;

/// Bytes before a packet's own.
pub const PACKET_HEADER_BYTES: usize = 6;

/// Flag of a tile's first packet.
const FIRST: u8 = 1;
/// Flag of a tile's last packet.
const LAST: u8 = 2;
/// Flag of a container's header.
const HEADER: u8 = 4;
/// Where the scale's three bits begin.
const SCALE_SHIFT: u32 = 3;
/// The scale's bits: as many as a model has scales at most.
const SCALE: u8 = (MAX_SCALES as u8 - 1) << SCALE_SHIFT;

/// What a packet says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PacketInfo {
    /// The frame's number.
    pub frame: u8,
    /// Whether it is a tile's first packet.
    pub is_first: bool,
    /// Whether it is a tile's last packet.
    pub is_last: bool,
    /// Whether it holds a container's header.
    pub is_header: bool,
    /// The scale that it is of, 0 the smallest.
    pub scale: u8,
    /// The tile's place in its picture.
    pub tile: u16,
    /// The packet's number in its frame.
    pub number: u16,
}

impl PacketInfo {
    /// Reads a packet: what it says of itself, and its bytes. `None` if it is none.
    ///
    /// ```
    /// use pixelrnn::codec::PacketInfo;
    /// let (info, bytes) = PacketInfo::read(&[7, 3, 5, 0, 9, 0, 1, 2]).unwrap();
    /// assert_eq!((info.frame, info.tile, info.number, bytes), (7, 5, 9, &[1, 2][..]));
    /// assert!(PacketInfo::read(&[7, 3, 5]).is_none());
    /// ```
    pub fn read(packet: &[u8]) -> Option<(Self, &[u8])> {
        let (&[frame, flags, t0, t1, n0, n1], bytes) = packet.split_first_chunk::<PACKET_HEADER_BYTES>()?;
        let has = |flag: u8| flags & flag != 0;
        let (tile, number) = (u16::from_le_bytes([t0, t1]), u16::from_le_bytes([n0, n1]));
        let (is_first, is_last, is_header) = (has(FIRST), has(LAST), has(HEADER));
        let scale = (flags & SCALE) >> SCALE_SHIFT;
        let info = Self { frame, is_first, is_last, is_header, scale, tile, number };
        (flags <= (FIRST | LAST | HEADER | SCALE)).then_some((info, bytes))
    }

    /// The place that the check of its tile's group begins with ([`GroupDecoder::begin`](super::GroupDecoder::begin)): the frame's
    /// number in the upper byte, so that a tile which is taken for another frame's fails it.
    pub const fn place(&self) -> u32 {
        (self.frame as u32) << 24 | self.tile as u32
    }

    fn to_bytes(self) -> [u8; PACKET_HEADER_BYTES] {
        let flag = |is: bool, flag: u8| if is { flag } else { 0 };
        let flags = flag(self.is_first, FIRST) | flag(self.is_last, LAST) | flag(self.is_header, HEADER);
        let flags = flags | (self.scale << SCALE_SHIFT) & SCALE;
        let ([t0, t1], [n0, n1]) = (self.tile.to_le_bytes(), self.number.to_le_bytes());
        [self.frame, flags, t0, t1, n0, n1]
    }
}

/// Takes the bytes of tiles' groups, and sends them as packets of at most `SIZE` bytes, at least 32: a sink for a [`GroupEncoder`].
///
/// ```no_run
/// use pixelrnn::codec::{Header, Packets};
/// use pixelrnn::{Model, Stream};
/// # static BLOB: &[u8] = &[];
/// # fn radio(_: &[u8]) -> Result<(), core::fmt::Error> { Ok(()) }
/// # let frame = [0u8; 160 * 120];
/// let model = Model::load(BLOB)?;
/// let header = Header::tiled(&model, (160, 120), (160, 16)).ok_or("no size")?;
/// let mut state = [0u32; 8192];
/// let mut packets = Packets::<51, _>::begin(0, radio);
/// packets.header(&header)?;
/// for tile in (0..header.tiles.count()).filter_map(|index| header.tiles.get(index)) {
///     let mut stream = Stream::begin(&model, tile.width, tile.height, &mut state)?;
///     let mut group = packets.begin_tile(&header, tile.index as u16);
///     group.tile(&mut packets)?;
///     let first = (tile.top * 160) as usize;
///     for &value in &frame[first..first + (160 * tile.height) as usize] {
///         group.value(&stream.predict()?, value.into(), &mut packets)?;
///         stream.observe(value.into())?;
///     }
///     group.end(&mut packets)?;
///     packets.end_tile()?;
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Packets<const SIZE: usize, F> {
    send: F,
    packet: [u8; SIZE],
    length: usize,
    info: PacketInfo,
}

impl<const SIZE: usize, E, F: FnMut(&[u8]) -> Result<(), E>> Packets<SIZE, F> {
    const LARGE_ENOUGH: () = assert!(SIZE >= PACKET_HEADER_BYTES + CLASS_HEADER_BYTES, "a packet must hold a header");

    /// Begins a frame. `send` gets each packet whole.
    pub fn begin(frame: u8, send: F) -> Self {
        const { Self::LARGE_ENOUGH };
        let info = PacketInfo { frame, is_first: true, is_last: false, is_header: false, scale: 0, tile: 0, number: 0 };
        Self { send, packet: [0; SIZE], length: PACKET_HEADER_BYTES, info }
    }

    /// Goes on with a scale, 0 the smallest, at most 7: what is sent from here on is of it. Comes between tiles.
    pub fn scale(&mut self, scale: u8) {
        self.info.scale = scale;
    }

    /// Sends the container's header: what a receiver needs to know before any tile. Comes between tiles.
    ///
    /// # Errors
    /// The sender's.
    pub fn header(&mut self, header: &Header) -> Result<(), E> {
        let info = PacketInfo { is_header: true, is_first: true, is_last: true, tile: 0, number: 0, ..self.info };
        let mut packet = [0; PACKET_HEADER_BYTES + CLASS_HEADER_BYTES];
        let header = header.to_bytes();
        let bytes = info.to_bytes().into_iter().chain(header.iter().copied());
        packet.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
        (self.send)(packet.get(..PACKET_HEADER_BYTES + header.len()).unwrap_or_default())
    }

    /// Begins a tile's packets, and its group, whose check tells this frame's tile from others.
    pub fn begin_tile(&mut self, header: &Header, tile: u16) -> GroupEncoder {
        self.start(tile);
        GroupEncoder::begin(header, self.info.place())
    }

    fn start(&mut self, tile: u16) {
        (self.info.tile, self.info.is_first, self.length) = (tile, true, PACKET_HEADER_BYTES);
    }

    /// Sends what is left of a tile.
    ///
    /// # Errors
    /// The sender's.
    pub fn end_tile(&mut self) -> Result<(), E> {
        self.info.is_last = true;
        let sent = self.flush();
        self.info.is_last = false;
        sent
    }

    /// The number that the next frame has.
    pub fn next_frame(&self) -> u8 {
        self.info.frame.wrapping_add(1)
    }

    fn flush(&mut self) -> Result<(), E> {
        self.packet.iter_mut().zip(self.info.to_bytes()).for_each(|(place, byte)| *place = byte);
        let length = core::mem::replace(&mut self.length, PACKET_HEADER_BYTES);
        self.info.number = self.info.number.wrapping_add(1);
        self.info.is_first = false;
        (self.send)(self.packet.get(..length).unwrap_or_default())
    }
}

impl<const SIZE: usize, E, F: FnMut(&[u8]) -> Result<(), E>> ByteSink for Packets<SIZE, F> {
    type Error = E;

    /// A full packet is sent only once another byte is there: the last one of a tile says that it is.
    fn put(&mut self, byte: u8) -> Result<(), E> {
        if self.length == SIZE {
            self.flush()?;
        }
        if let Some(place) = self.packet.get_mut(self.length) {
            *place = byte;
            self.length += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec::Vec;

    use super::*;

    fn packets(tiles: &[usize]) -> Vec<Vec<u8>> {
        let mut sent = Vec::new();
        let mut packets = Packets::<32, _>::begin(9, |packet: &[u8]| -> Result<(), ()> {
            sent.push(packet.to_vec());
            Ok(())
        });
        for (tile, &bytes) in tiles.iter().enumerate() {
            packets.start(tile as u16);
            (0..bytes).try_for_each(|byte| packets.put(byte as u8)).unwrap();
            packets.end_tile().unwrap();
        }
        sent
    }

    #[test]
    fn packets_hold_what_was_sent_and_say_where_it_belongs() {
        let tiles = [0, 1, 25, 26, 27, 52, 53, 100];
        let sent = packets(&tiles);
        for (number, packet) in sent.iter().enumerate() {
            let (info, _) = PacketInfo::read(packet).unwrap();
            assert_eq!((info.frame, usize::from(info.number), info.is_header), (9, number, false));
            assert!(packet.len() <= 32);
        }
        for (tile, &bytes) in tiles.iter().enumerate() {
            let of_tile = sent.iter().filter_map(|packet| PacketInfo::read(packet));
            let of_tile: Vec<_> = of_tile.filter(|(info, _)| usize::from(info.tile) == tile).collect();
            let whole: Vec<u8> = of_tile.iter().flat_map(|(_, bytes)| bytes.iter().copied()).collect();
            assert!(whole.iter().copied().eq((0..bytes).map(|byte| byte as u8)));
            assert_eq!(of_tile.len(), bytes.div_ceil(26).max(1));
            let last = of_tile.len() - 1;
            for (place, (info, _)) in of_tile.iter().enumerate() {
                assert_eq!((info.is_first, info.is_last), (place == 0, place == last));
            }
        }
    }

    #[test]
    fn packets_say_their_scale() {
        for scale in 0..MAX_SCALES as u8 {
            let info = PacketInfo {
                frame: 3,
                is_first: true,
                is_last: false,
                is_header: scale == 5,
                scale,
                tile: 700,
                number: 4,
            };
            assert_eq!(PacketInfo::read(&info.to_bytes()).unwrap().0, info);
        }
    }

    #[test]
    fn other_bytes_are_no_packets() {
        assert!(PacketInfo::read(&[0; 5]).is_none());
        for flags in 0..=255 {
            assert_eq!(PacketInfo::read(&[0, flags, 0, 0, 0, 0]).is_some(), flags < 64);
        }
    }
}
