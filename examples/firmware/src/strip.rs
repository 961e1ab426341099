//! Frames from a camera to a radio: a strip of rows is read, its tiles are coded one after the other, and each leaves as packets of its own.
//!
//! Nothing here knows of a board: a driver implements [`RowSource`] or [`Radio`].

use pixelrnn::codec::{Header, Packets, Tile};
use pixelrnn::{BeginError, Model, Stream, StreamError, Value};

/// A camera, as its driver gives frames: row by row, left to right.
pub trait RowSource<V> {
    /// Why there is no row.
    type Error;

    /// Waits for the next row of the frame at hand, and fills `row` with it.
    ///
    /// # Errors
    /// The driver's.
    fn read(&mut self, row: &mut [V]) -> Result<(), Self::Error>;
}

/// A radio, as its driver takes packets.
pub trait Radio {
    /// Why a packet was not taken.
    type Error;

    /// Sends a packet.
    ///
    /// # Errors
    /// The driver's.
    fn send(&mut self, packet: &[u8]) -> Result<(), Self::Error>;
}

/// Why a frame was not sent whole.
#[allow(dead_code, reason = "the program here shows no details")]
pub enum FrameError<C, R> {
    /// The camera's.
    Camera(C),
    /// The radio's.
    Radio(R),
    /// A state that is too small.
    Begin(BeginError),
    /// A value beyond the model's levels.
    Stream(StreamError),
}

/// What a frame is coded in: both buffers are of [`Header`]'s sizes, see `build.rs`.
pub struct Buffers<'b, V> {
    /// The model's state at a tile's width.
    pub state: &'b mut [u32],
    /// Rows of the frame, as many as a tile has.
    pub strip: &'b mut [V],
}

/// Sends a frame: a header, then tile by tile while rows come.
pub fn send_frame<const PACKET: usize, V: Value, C: RowSource<V>, R: Radio>(
    (model, header, number): (&Model<'_>, &Header, u8),
    camera: &mut C,
    radio: &mut R,
    buffers: &mut Buffers<'_, V>,
) -> Result<(), FrameError<C::Error, R::Error>> {
    let mut packets = Packets::<PACKET, _>::begin(number, |packet: &[u8]| radio.send(packet));
    packets.header(header).map_err(FrameError::Radio)?;
    let row = header.width() as usize * usize::from(header.channels);
    let mut tiles = (0..header.tiles.count()).filter_map(|index| header.tiles.get(index)).peekable();
    while let Some(first) = tiles.peek().copied() {
        let rows = buffers.strip.chunks_exact_mut(row.max(1)).take(first.height as usize);
        for row in rows {
            camera.read(row).map_err(FrameError::Camera)?;
        }
        while let Some(tile) = tiles.next_if(|tile| tile.top == first.top) {
            code(model, header, &tile, &mut packets, buffers)?;
            packets.end_tile().map_err(FrameError::Radio)?;
        }
    }
    Ok(())
}

/// Codes a tile of the strip at hand.
fn code<const PACKET: usize, V: Value, C, R>(
    model: &Model<'_>,
    header: &Header,
    tile: &Tile,
    packets: &mut Packets<PACKET, impl FnMut(&[u8]) -> Result<(), R>>,
    buffers: &mut Buffers<'_, V>,
) -> Result<(), FrameError<C, R>> {
    let mut stream = Stream::begin(model, tile.width, tile.height, buffers.state).map_err(FrameError::Begin)?;
    let mut group = packets.begin_tile(header, tile.index as u16);
    group.tile(packets).map_err(FrameError::Radio)?;
    let channels = usize::from(header.channels);
    let (start, length) = (tile.left as usize * channels, tile.width as usize * channels);
    for row in buffers.strip.chunks_exact(header.width() as usize * channels).take(tile.height as usize) {
        for value in row.iter().skip(start).take(length).map(|value| value.to_level()) {
            group.value(&stream.predict().map_err(FrameError::Stream)?, value, packets).map_err(FrameError::Radio)?;
            stream.observe(value).map_err(FrameError::Stream)?;
        }
    }
    group.end(packets).map_err(FrameError::Radio)
}
