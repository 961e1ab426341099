//! Images out of a container.

use crc::{Digest, Table};

use super::encode::begin_check;
use super::header::Position;
use super::range::RangeDecoder;
use super::{ByteSource, DecodeError, ENDS, Header};
use crate::model::Model;
use crate::stream::Stream;
use crate::temperature::Temperature;
use crate::value::Value;

/// What comes next in a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Next {
    /// An image: decode all its values, then ask again.
    Image,
    /// The end of a group: the images since the last one are what was coded.
    Checked,
    /// The end of the container.
    End,
}

/// Decodes images, a value at a time.
///
/// ```no_run
/// use pixelrnn::codec::{Decoder, Next};
/// use pixelrnn::{Model, Stream};
/// # static BLOB: &[u8] = &[];
/// # fn receive() -> Result<Option<u8>, core::fmt::Error> { Ok(None) }
/// # fn show(_: &[u8]) {}
///
/// let model = Model::load(BLOB)?;
/// let mut state = [0u32; 4096];
/// let mut frame = [0u8; 28 * 28];
/// let mut decoder = Decoder::begin(&model, receive)?;
/// loop {
///     match decoder.next()? {
///         Next::Image => {
///             let mut stream = Stream::begin(&model, 28, 28, &mut state)?;
///             decoder.image(&mut stream, &mut frame)?;
///         }
///         Next::Checked => show(&frame), // groups of one image, here
///         Next::End => break,
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Decoder<S> {
    source: S,
    header: Header,
    /// The group at hand; `None` between groups.
    range: Option<RangeDecoder>,
    check: Digest<'static, u32, Table<1>>,
    place: Place,
    /// Whether the group at hand has an image.
    group_begun: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Between,
    /// In an image, at the next value.
    Image(Position),
    End,
    /// An error was met: nothing behind it can be decoded.
    Lost,
}

impl<S> core::fmt::Debug for Decoder<S> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Decoder").field("header", &self.header).field("place", &self.place).finish_non_exhaustive()
    }
}

impl<S: ByteSource> Decoder<S> {
    /// Reads the header, and checks that it is this model's.
    ///
    /// # Errors
    /// The source's, its end, another magic, version or model, or damage.
    pub fn begin(model: &Model<'_>, mut source: S) -> Result<Self, DecodeError<S::Error>> {
        let header = Header::read(&mut source)?;
        Self::with_header(model, header, source)
    }

    /// Goes on behind a header that has been read: see [`Header::read`].
    ///
    /// # Errors
    /// Another model.
    pub fn with_header(model: &Model<'_>, header: Header, source: S) -> Result<Self, DecodeError<S::Error>> {
        let (needed, given) = (header.fingerprint, model.fingerprint());
        if needed != given {
            return Err(DecodeError::WrongModel { needed, given });
        }
        if header.levels != model.levels() || header.channels != model.channels() {
            return Err(DecodeError::DamagedHeader);
        }
        let check = begin_check(&header);
        Ok(Self { source, header, range: None, check, place: Place::Between, group_begun: false })
    }

    /// The images' size, levels and model.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Says what comes next. After an [`Image`](Next::Image), all its values must be decoded before it is asked again.
    ///
    /// # Errors
    /// The source's, its end, damage, or an image that is not complete. After any but the last, nothing more can be decoded.
    #[expect(clippy::should_implement_trait, reason = "an iterator cannot lend its stream in between")]
    pub fn next(&mut self) -> Result<Next, DecodeError<S::Error>> {
        match self.place {
            Place::Between => {}
            Place::End => return Ok(Next::End),
            Place::Image(_) => return Err(DecodeError::OutOfOrder),
            Place::Lost => return Err(DecodeError::Damaged),
        }
        self.place = Place::Lost;
        let mut range = match self.range.take() {
            Some(range) => range,
            None => RangeDecoder::begin(&mut self.source)?,
        };
        if range.decode(&ENDS, &mut self.source)? == 0 {
            self.range = Some(range);
            self.group_begun = true;
            self.place = Place::Image(Position::default());
            return Ok(Next::Image);
        }
        self.end(range)?;
        let next = if self.group_begun { Next::Checked } else { Next::End };
        self.place = if self.group_begun { Place::Between } else { Place::End };
        self.group_begun = false;
        Ok(next)
    }

    /// Checks a group at its end.
    fn end(&mut self, range: RangeDecoder) -> Result<(), DecodeError<S::Error>> {
        let ahead = range.finish().ok_or(DecodeError::Damaged)?;
        if ahead.missing > 0 {
            return Err(DecodeError::Truncated);
        }
        let mut stored = ahead.bytes;
        for _ in ahead.count..4 {
            let byte = self.source.take().map_err(DecodeError::Io)?.ok_or(DecodeError::Truncated)?;
            stored = (stored << 8) | u32::from(byte);
        }
        let check = core::mem::replace(&mut self.check, begin_check(&self.header));
        if check.finalize() == stored { Ok(()) } else { Err(DecodeError::Damaged) }
    }

    /// Decodes the next value of an image and lets the stream observe it: one step of a main loop.
    ///
    /// The value is certain only once the group is [`Checked`](Next::Checked).
    ///
    /// # Errors
    /// The source's, its end, no image announced, or a stream that is not the one that comes next.
    pub fn value(&mut self, stream: &mut Stream<'_>) -> Result<u16, DecodeError<S::Error>> {
        let Place::Image(next) = self.place else {
            return Err(if self.place == Place::Lost { DecodeError::Damaged } else { DecodeError::OutOfOrder });
        };
        if !self.header.fits(stream) || Position::of(stream) != next {
            return Err(DecodeError::WrongStream);
        }
        self.place = Place::Lost;
        stream.set_temperature(Temperature::ONE);
        let distribution = stream.predict().map_err(|_| DecodeError::WrongStream)?;
        let range = self.range.as_mut().ok_or(DecodeError::OutOfOrder)?;
        let value = range.decode(&distribution, &mut self.source)?;
        stream.observe(value).map_err(|_| DecodeError::WrongStream)?;
        self.header.check(&mut self.check, value);
        self.place = if stream.is_complete() { Place::Between } else { Place::Image(Position::of(stream)) };
        Ok(value)
    }

    /// Decodes a whole image, through a stream at its first pixel.
    ///
    /// # Errors
    /// As [`value`](Self::value), and a buffer of the wrong length.
    pub fn image<V: Value>(
        &mut self,
        stream: &mut Stream<'_>,
        values: &mut [V],
    ) -> Result<(), DecodeError<S::Error>> {
        let (needed, given) = (self.header.values(), values.len() as u64);
        if needed != given {
            return Err(DecodeError::WrongLength { needed, given });
        }
        for place in values {
            *place = V::from_level(self.value(stream)?);
        }
        Ok(())
    }

    /// Gives the source back, right behind the last byte that was needed.
    pub fn into_source(self) -> S {
        self.source
    }
}
