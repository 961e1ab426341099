//! All scales of an image into containers, one after the other, and out of them.

use super::{ByteSink, ByteSource, CodeError, DecodeError, Decoder, Encoder, Header, Next};
use crate::pyramid::{Pyramid, PyramidError, Size};
use crate::value::Value;

impl Pyramid<'_> {
    /// Codes an image whose values the largest scale of `images` holds: fills the smaller ones, and sends a container of each, the smallest
    /// first.
    ///
    /// # Errors
    /// The sink's, a buffer that does not hold all scales, a state too small, a value or a class that the models do not have, a size of 0.
    pub fn encode<V: Value, K: ByteSink>(
        &self,
        class: Option<u16>,
        size: Size,
        state: &mut [u32],
        images: &mut [V],
        mut sink: K,
    ) -> Result<K, CodeError<K::Error>> {
        self.shrink(size, images)?;
        for (scale, model) in self.models().iter().enumerate() {
            let (width, height) = self.size(scale, size);
            let header = Header::new(model, width, height).ok_or(CodeError::WrongSize)?;
            let mut encoder = Encoder::with_header(header.of_class(class), sink)?;
            let (mut stream, image) = self.begin(scale, class, size, state, images)?;
            encoder.image(&mut stream, image)?;
            sink = encoder.finish()?;
        }
        Ok(sink)
    }

    /// Decodes an image of a size into `images`, the smallest scale first. Once a scale is checked, `show` is given its number and its values,
    /// and tells whether to go on to the next.
    ///
    /// Hands the source back, right behind the last container that was decoded.
    ///
    /// # Errors
    /// The source's, its end, damage, other models or an image of another size; a buffer that does not hold all scales, or a state too
    /// small. Scales that were shown are whole all the same.
    pub fn decode<V: Value, S: ByteSource>(
        &self,
        size: Size,
        state: &mut [u32],
        images: &mut [V],
        mut source: S,
        mut show: impl FnMut(usize, &[V]) -> bool,
    ) -> Result<S, DecodeError<S::Error>> {
        for (scale, model) in self.models().iter().enumerate() {
            let mut decoder = Decoder::begin(model, source)?;
            let (mut stream, image) = self.begin(scale, decoder.header().class, size, state, images)?;
            if decoder.next()? != Next::Image {
                return Err(DecodeError::OutOfOrder);
            }
            decoder.image(&mut stream, image)?;
            if (decoder.next()?, decoder.next()?) != (Next::Checked, Next::End) {
                return Err(DecodeError::OutOfOrder);
            }
            let goes_on = show(scale, image);
            source = decoder.into_source();
            if !goes_on {
                break;
            }
        }
        Ok(source)
    }
}

impl<E> From<PyramidError> for CodeError<E> {
    fn from(error: PyramidError) -> Self {
        match error {
            PyramidError::Begin(error) => Self::Begin(error),
            PyramidError::Stream(error) => Self::Stream(error),
            PyramidError::WrongLength { needed, given } => {
                Self::WrongLength { needed: needed as u64, given: given as u64 }
            }
            // A pyramid that there is has its scales, and codes no candidates.
            PyramidError::NoScale | PyramidError::WrongScale { .. } | PyramidError::NoCandidates => Self::WrongStream,
        }
    }
}

impl<E> From<PyramidError> for DecodeError<E> {
    fn from(error: PyramidError) -> Self {
        match error {
            PyramidError::Begin(error) => Self::Begin(error),
            PyramidError::WrongLength { needed, given } => {
                Self::WrongLength { needed: needed as u64, given: given as u64 }
            }
            PyramidError::NoScale
            | PyramidError::WrongScale { .. }
            | PyramidError::NoCandidates
            | PyramidError::Stream(_) => Self::WrongStream,
        }
    }
}
