//! Images into a container.

use super::group::GroupEncoder;
use super::header::Position;
use super::{ByteSink, CodeError, Header, Tile};
use crate::model::Model;
use crate::stream::{Stream, StreamError};
use crate::temperature::Temperature;
use crate::value::Value;

/// Codes images of one size under one model, a value at a time.
///
/// ```no_run
/// use pixelrnn::{Model, Stream, codec};
/// # static BLOB: &[u8] = &[];
/// # fn uart(_: u8) -> Result<(), core::fmt::Error> { Ok(()) }
/// # let camera = [[0u8; 28 * 28]; 3];
///
/// let model = Model::load(BLOB)?;
/// let mut state = [0u32; 4096];
/// let mut encoder = codec::Encoder::begin(&model, 28, 28, uart)?;
/// for frame in camera {
///     let mut stream = Stream::begin(&model, 28, 28, &mut state)?;
///     encoder.image(&mut stream, &frame)?;
///     encoder.end_group()?; // this frame is now on its way whole, and can be checked
/// }
/// encoder.finish()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Encoder<K> {
    sink: K,
    header: Header,
    /// The group at hand; `None` before its first tile.
    group: Option<GroupEncoder>,
    next: Position,
}

impl<K> core::fmt::Debug for Encoder<K> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Encoder").field("header", &self.header).field("next", &self.next).finish_non_exhaustive()
    }
}

impl<K: ByteSink> Encoder<K> {
    /// Begins a container of whole images: sends the header.
    ///
    /// # Errors
    /// A size of 0 or above 65,535, or the sink's.
    pub fn begin(model: &Model<'_>, width: u32, height: u32, sink: K) -> Result<Self, CodeError<K::Error>> {
        Self::with_header(Header::new(model, width, height).ok_or(CodeError::WrongSize)?, sink)
    }

    /// Begins a container under a header, such as [`Header::tiled`] gives: sends it.
    ///
    /// # Errors
    /// The sink's.
    pub fn with_header(header: Header, mut sink: K) -> Result<Self, CodeError<K::Error>> {
        header.to_bytes().iter().try_for_each(|&byte| sink.put(byte)).map_err(CodeError::Io)?;
        Ok(Self { sink, header, group: None, next: Position::first(&header, 0) })
    }

    /// The images' size, tiles, levels and model.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The tile that is at hand, or comes next: the whole image, unless it is cut.
    pub const fn tile(&self) -> Tile {
        self.next.tile()
    }

    /// Codes the next value of a tile and observes it: one step of a main loop. A new stream, of the tile's size, begins a new tile.
    ///
    /// # Errors
    /// The sink's, a value beyond the levels or not the known one, or a stream that is not the one that comes next.
    pub fn value(&mut self, stream: &mut Stream<'_>, value: u16) -> Result<(), CodeError<K::Error>> {
        if !self.next.fits(&self.header, stream) {
            return Err(CodeError::WrongStream);
        }
        let levels = self.header.levels;
        if u32::from(value) >= levels {
            return Err(StreamError::ValueOutOfRange { value, levels }.into());
        }
        stream.set_temperature(Temperature::ONE);
        if let Some(known) = stream.known().filter(|&known| known != value) {
            return Err(StreamError::NotTheKnownValue { value, known }.into());
        }
        let Self { sink, header, group, next } = self;
        let group = group.get_or_insert_with(|| GroupEncoder::begin(header, next.tile().index));
        if next.is_first() {
            group.tile(sink).map_err(CodeError::Io)?;
        }
        group.value(&stream.predict()?, value, sink).map_err(CodeError::Io)?;
        stream.observe(value)?;
        next.follow(header, stream);
        Ok(())
    }

    /// Codes a whole tile, or image, through a stream at its first value.
    ///
    /// # Errors
    /// As [`value`](Self::value), and a buffer of the wrong length.
    pub fn image<V: Value>(&mut self, stream: &mut Stream<'_>, values: &[V]) -> Result<(), CodeError<K::Error>> {
        let (needed, given) = (values_of(self.tile(), &self.header), values.len() as u64);
        if needed != given {
            return Err(CodeError::WrongLength { needed, given });
        }
        values.iter().try_for_each(|&value| self.value(stream, value.to_level()))
    }

    /// Ends a group: sends whatever is held back, and the check. Does nothing if the group has no tile yet.
    ///
    /// # Errors
    /// The sink's, or a tile that is not complete.
    pub fn end_group(&mut self) -> Result<(), CodeError<K::Error>> {
        if !self.next.is_first() {
            return Err(CodeError::InsideImage);
        }
        match self.group.take() {
            Some(group) => group.end(&mut self.sink).map_err(CodeError::Io),
            None => Ok(()),
        }
    }

    /// Ends the container, and gives the sink back.
    ///
    /// # Errors
    /// The sink's, or a tile that is not complete.
    pub fn finish(mut self) -> Result<K, CodeError<K::Error>> {
        self.end_group()?;
        let end = GroupEncoder::begin(&self.header, self.tile().index);
        end.end(&mut self.sink).map_err(CodeError::Io)?;
        Ok(self.sink)
    }
}

/// Values of a tile: columns times rows times channels.
pub(super) fn values_of(tile: Tile, header: &Header) -> u64 {
    u64::from(tile.width) * u64::from(tile.height) * u64::from(header.channels)
}
