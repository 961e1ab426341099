//! An image, printed as it is drawn.

use pixelrnn::{BeginError, Model, Seeded, State, Stream, sample};

use crate::settings::{SIDE, STATE_WORDS};
use crate::write;

/// Draws an image.
// Its state lies on the stack, where the loading before had its own.
#[inline(never)]
pub fn image(model: &Model<'_>, random: &mut Seeded) -> Result<(), BeginError> {
    let mut state = State::<STATE_WORDS>::new();
    // Not copied: see `main`.
    let begun = &mut Stream::begin(model, SIDE, SIDE, &mut state);
    let stream = begun.as_mut().map_err(|error| *error)?;
    while let Ok(value) = sample::next(stream, random) {
        write(if value == 0 { b'.' } else { b'#' });
        if stream.column() == 0 {
            write(b'\n');
        }
    }
    write(b'\n');
    Ok(())
}
