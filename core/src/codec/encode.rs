//! Images into a container.

use crc::{Digest, Table};

use super::range::RangeEncoder;
use super::header::Position;
use super::{ByteSink, CodeError, ENDS, Header};
use crate::blob::CRC32;
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
    range: RangeEncoder,
    check: Digest<'static, u32, Table<1>>,
    /// Where the next value lies; the first one between images.
    next: Position,
    /// Whether the group at hand has an image.
    group_begun: bool,
}

impl<K> core::fmt::Debug for Encoder<K> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Encoder").field("header", &self.header).field("next", &self.next).finish_non_exhaustive()
    }
}

/// A group's check, begun with the header: the same values under another header fail it.
pub(super) fn begin_check(header: &Header) -> Digest<'static, u32, Table<1>> {
    let mut check = CRC32.digest();
    check.update(&header.to_bytes());
    check
}

impl<K: ByteSink> Encoder<K> {
    /// Begins a container: sends the header.
    ///
    /// # Errors
    /// A size of 0 or above 65,535, or the sink's.
    pub fn begin(model: &Model<'_>, width: u32, height: u32, mut sink: K) -> Result<Self, CodeError<K::Error>> {
        let header = Header::new(model, width, height).ok_or(CodeError::WrongSize)?;
        for byte in header.to_bytes() {
            sink.put(byte).map_err(CodeError::Io)?;
        }
        let check = begin_check(&header);
        Ok(Self { sink, header, range: RangeEncoder::new(), check, next: Position::default(), group_begun: false })
    }

    /// Codes the next value of an image and observes it: one step of a main loop. A new stream begins a new image.
    ///
    /// # Errors
    /// The sink's, a value beyond the levels, or a stream that is not the one that comes next.
    pub fn value(&mut self, stream: &mut Stream<'_>, value: u16) -> Result<(), CodeError<K::Error>> {
        if !self.header.fits(stream) || Position::of(stream) != self.next {
            return Err(CodeError::WrongStream);
        }
        let levels = self.header.levels;
        if u32::from(value) >= levels {
            return Err(StreamError::ValueOutOfRange { value, levels }.into());
        }
        stream.set_temperature(Temperature::ONE);
        if self.next == Position::default() {
            self.range.encode(&ENDS, 0, &mut self.sink).map_err(CodeError::Io)?;
            self.group_begun = true;
        }
        self.range.encode(&stream.predict()?, value, &mut self.sink).map_err(CodeError::Io)?;
        stream.observe(value)?;
        self.header.check(&mut self.check, value);
        self.next = if stream.is_complete() { Position::default() } else { Position::of(stream) };
        Ok(())
    }

    /// Codes a whole image, through a stream at its first pixel.
    ///
    /// # Errors
    /// As [`value`](Self::value), and a buffer of the wrong length.
    pub fn image<V: Value>(&mut self, stream: &mut Stream<'_>, values: &[V]) -> Result<(), CodeError<K::Error>> {
        let (needed, given) = (self.header.values(), values.len() as u64);
        if needed != given {
            return Err(CodeError::WrongLength { needed, given });
        }
        values.iter().try_for_each(|&value| self.value(stream, value.to_level()))
    }

    /// Ends a group: sends whatever is held back, and the check. Does nothing if the group has no image yet.
    ///
    /// # Errors
    /// The sink's, or an image that is not complete.
    pub fn end_group(&mut self) -> Result<(), CodeError<K::Error>> {
        if self.next != Position::default() {
            return Err(CodeError::InsideImage);
        }
        if self.group_begun { self.end() } else { Ok(()) }
    }

    fn end(&mut self) -> Result<(), CodeError<K::Error>> {
        let mut range = core::mem::take(&mut self.range);
        range.encode(&ENDS, 1, &mut self.sink).map_err(CodeError::Io)?;
        range.finish(&mut self.sink).map_err(CodeError::Io)?;
        let check = core::mem::replace(&mut self.check, begin_check(&self.header));
        for byte in check.finalize().to_be_bytes() {
            self.sink.put(byte).map_err(CodeError::Io)?;
        }
        self.group_begun = false;
        Ok(())
    }

    /// Ends the container, and gives the sink back.
    ///
    /// # Errors
    /// The sink's, or an image that is not complete.
    pub fn finish(mut self) -> Result<K, CodeError<K::Error>> {
        self.end_group()?;
        self.end()?;
        Ok(self.sink)
    }
}
