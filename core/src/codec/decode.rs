//! Images out of a container.

use super::encode::values_of;
use super::group::GroupDecoder;
use super::header::Position;
use super::{ByteSource, DecodeError, Header, Tile};
use crate::model::Model;
use crate::stream::Stream;
use crate::temperature::Temperature;
use crate::value::Value;

/// What comes next in a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Next {
    /// A tile of an image, the whole if it is not cut: decode all its values, then ask again.
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
    group: Option<GroupDecoder>,
    next: Position,
    place: Place,
    /// Whether the group at hand has a tile.
    group_begun: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Between,
    /// In a tile.
    Image,
    End,
    /// An error was met: nothing behind it can be decoded.
    Lost,
}

impl<S> core::fmt::Debug for Decoder<S> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Decoder").field("header", &self.header).field("next", &self.next).finish_non_exhaustive()
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
        Self::at_tile(model, header, 0, source)
    }

    /// Goes on at a group whose first tile has this place in its image: one tile of an image can be decoded without the others, if
    /// it begins a group and one knows where that lies.
    ///
    /// # Errors
    /// Another model.
    pub fn at_tile(model: &Model<'_>, header: Header, tile: u32, source: S) -> Result<Self, DecodeError<S::Error>> {
        header.check_model(model)?;
        let next = Position::first(&header, tile);
        Ok(Self { source, header, group: None, next, place: Place::Between, group_begun: false })
    }

    /// The images' size, tiles, levels and model.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The tile that is at hand, or comes next: the whole image, unless it is cut.
    pub const fn tile(&self) -> Tile {
        self.next.tile()
    }

    /// Says what comes next. After an [`Image`](Next::Image), all its values must be decoded before it is asked again.
    ///
    /// # Errors
    /// The source's, its end, damage, or a tile that is not complete. After any but the last, nothing more can be decoded.
    #[expect(clippy::should_implement_trait, reason = "an iterator cannot lend its stream in between")]
    pub fn next(&mut self) -> Result<Next, DecodeError<S::Error>> {
        match self.place {
            Place::Between => {}
            Place::End => return Ok(Next::End),
            Place::Image => return Err(DecodeError::OutOfOrder),
            Place::Lost => return Err(DecodeError::Damaged),
        }
        self.place = Place::Lost;
        let mut group = match self.group.take() {
            Some(group) => group,
            None => GroupDecoder::begin(&self.header, self.tile().index, &mut self.source)?,
        };
        if group.tile(&mut self.source)? {
            self.group = Some(group);
            self.group_begun = true;
            self.place = Place::Image;
            return Ok(Next::Image);
        }
        group.end(&mut self.source)?;
        let next = if self.group_begun { Next::Checked } else { Next::End };
        self.place = if self.group_begun { Place::Between } else { Place::End };
        self.group_begun = false;
        Ok(next)
    }

    /// Decodes the next value of a tile and lets the stream observe it: one step of a main loop.
    ///
    /// The value is certain only once the group is [`Checked`](Next::Checked).
    ///
    /// # Errors
    /// The source's, its end, no tile announced, or a stream that is not the one that comes next.
    pub fn value(&mut self, stream: &mut Stream<'_>) -> Result<u16, DecodeError<S::Error>> {
        match self.place {
            Place::Image => {}
            Place::Lost => return Err(DecodeError::Damaged),
            Place::Between | Place::End => return Err(DecodeError::OutOfOrder),
        }
        if !self.next.fits(&self.header, stream) {
            return Err(DecodeError::WrongStream);
        }
        self.place = Place::Lost;
        stream.set_temperature(Temperature::ONE);
        let distribution = stream.predict().map_err(|_| DecodeError::WrongStream)?;
        let group = self.group.as_mut().ok_or(DecodeError::OutOfOrder)?;
        let value = group.value(&distribution, &mut self.source)?;
        stream.observe(value).map_err(|_| DecodeError::WrongStream)?;
        self.place = if stream.is_complete() { Place::Between } else { Place::Image };
        self.next.follow(&self.header, stream);
        Ok(value)
    }

    /// Decodes a whole tile, or image, through a stream at its first value.
    ///
    /// # Errors
    /// As [`value`](Self::value), and a buffer of the wrong length.
    pub fn image<V: Value>(&mut self, stream: &mut Stream<'_>, values: &mut [V]) -> Result<(), DecodeError<S::Error>> {
        let (needed, given) = (values_of(self.tile(), &self.header), values.len() as u64);
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
