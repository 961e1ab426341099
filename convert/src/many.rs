//! Many images of one model, each pixel by pixel: at once where the machine gains from it, else one after the other.

use pixelrnn::{BeginError, Distribution, Model, Stream, StreamError, Streams, Temperature, images_at_once};

/// Why images were not drawn or scored by the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ManyError {
    /// An image was not begun.
    #[error(transparent)]
    Begin(#[from] BeginError),
    /// A value is not one of the model's.
    #[error(transparent)]
    Stream(#[from] StreamError),
}

/// Images at once.
pub const AT_ONCE: usize = 16;
/// Fewer images than these are faster one after the other: at once, however few are wanted, takes as long as four to seven alone.
const FEW: usize = 7;

/// Asks `value` for every pixel of `count` images, up to [`AT_ONCE`], with the image's number and the distribution; an image's
/// pixels come in order.
///
/// # Errors
/// A size that the engine does not take, a value that is not one of the model's.
pub fn for_each_pixel(
    model: &Model<'_>,
    (width, height): (u32, u32),
    temperature: Temperature,
    count: usize,
    mut value: impl FnMut(usize, &Distribution<'_>) -> u8,
) -> Result<(), ManyError> {
    if count >= FEW && images_at_once() == AT_ONCE {
        let mut state = vec![0; Streams::<AT_ONCE>::state_words(model, width)];
        let mut streams = Streams::<AT_ONCE>::begin(model, width, height, &mut state)?;
        streams.set_temperature(temperature);
        while !streams.is_complete() {
            let distributions = streams.predict()?;
            let mut values = [0; AT_ONCE];
            for (image, place) in values.iter_mut().take(count).enumerate() {
                *place = value(image, &distributions.of(image));
            }
            streams.observe(&values)?;
        }
        return Ok(());
    }
    let mut state = vec![0; model.state_words(width)];
    for image in 0..count {
        let mut stream = Stream::begin(model, width, height, &mut state)?;
        stream.set_temperature(temperature);
        while !stream.is_complete() {
            let value = value(image, &stream.predict()?);
            stream.observe(value)?;
        }
    }
    Ok(())
}
