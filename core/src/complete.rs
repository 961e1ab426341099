//! Completing images: known pixels are kept, unknown ones drawn.
//!
//! A raster pass conditions each pixel on those before it, and on nothing else: a known pixel steers the unknown ones
//! *after* it, never those before. [`fill`] is exact where every known pixel precedes every unknown one (a picture continued
//! from its first rows, or from a single pixel at its start). Elsewhere it draws from a distribution that ignores what comes
//! later; [`best_of`] is the honest remedy: draw several candidates and keep the one that makes the later known pixels likeliest.
//!
//! A known pixel costs everything but the head.
//!
//! ```no_run
//! use pixelrnn::{Model, Seeded, Stream, complete};
//! use rand_core::SeedableRng;
//!
//! # static BLOB: &[u8] = &[];
//! let model = Model::load(BLOB)?;
//! let mut state = [0u32; 4096];
//! let mut stream = Stream::begin(&model, 28, 28, &mut state)?;
//! let mut image = [0u8; 28 * 28]; // the first 14 rows from a sensor
//! complete::fill(&mut stream, &mut Seeded::seed_from_u64(1), &mut image, |pixel| pixel < 14 * 28)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use rand_core::Rng;

use crate::model::Model;
use crate::sample;
use crate::score::{self, CodeLength};
use crate::stream::{BeginError, Conditions, Stream, StreamError};
use crate::value::Value;

/// Why candidates were not drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum CompleteError {
    /// The image could not be begun.
    Begin(BeginError),
    /// A known pixel is not one of the model's levels.
    Stream(StreamError),
    /// The image or the trial buffer does not hold one image.
    WrongLength {
        /// Values of the image.
        needed: usize,
        /// Values of the shorter buffer, or of the one that is too long.
        given: usize,
    },
    /// No candidate was asked for.
    NoCandidates,
}

impl core::fmt::Display for CompleteError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Begin(error) => error.fmt(f),
            Self::Stream(error) => error.fmt(f),
            Self::WrongLength { needed, given } => {
                write!(f, "the image has {needed} values, the buffer {given}")
            }
            Self::NoCandidates => write!(f, "at least one candidate must be drawn"),
        }
    }
}

impl core::error::Error for CompleteError {}

impl From<BeginError> for CompleteError {
    fn from(error: BeginError) -> Self {
        Self::Begin(error)
    }
}

impl From<StreamError> for CompleteError {
    fn from(error: StreamError) -> Self {
        Self::Stream(error)
    }
}

/// The next value of an image, known or drawn: one step of a main loop. Returns its value. What a smaller image holds is known
/// anyway ([`Stream::known`]).
///
/// # Errors
/// The image is complete, or the known value is not one of the model's levels, or not the smaller image's.
pub fn next<R: Rng + ?Sized>(stream: &mut Stream<'_>, rng: &mut R, known: Option<u16>) -> Result<u16, StreamError> {
    match known {
        Some(value) => stream.observe(value).map(|()| value),
        None => sample::next(stream, rng),
    }
}

/// Completes `image` in place, from the stream's next pixel to the last of the image or the buffer.
///
/// `known` says of a value, by its place in `image` (from the stream's position on, channel by channel, pixel by pixel, row by row), whether its value is known.
///
/// # Errors
/// A known value that is not one of the model's levels; the pixels before it are complete then.
pub fn fill<R: Rng + ?Sized, V: Value>(
    stream: &mut Stream<'_>,
    rng: &mut R,
    image: &mut [V],
    known: impl Fn(usize) -> bool,
) -> Result<(), StreamError> {
    for (pixel, place) in image.iter_mut().enumerate() {
        if stream.is_complete() {
            break;
        }
        let value = known(pixel).then_some(place.to_level());
        *place = V::from_level(next(stream, rng, value)?);
    }
    Ok(())
}

/// Draws `candidates` completions and leaves the best in `image`: the one under which the known pixels that lie after an unknown one
/// are likeliest. Returns the code length of those pixels, [`CodeLength::ZERO`] if there are none (then one candidate is enough, and
/// only one is drawn).
///
/// Each candidate's importance weight is the product of the probabilities of exactly those pixels, computed in fixed point as a code
/// length; the largest weight wins, the earliest of equals. This is no draw from the exact conditional distribution: with few
/// candidates the later pixels steer weakly, with many the result leans to completions that explain them best.
///
/// `given` is what the model asks for: a class, a smaller image, both, or `None`. `image` holds the known values; `trial` is a second buffer of the same length. `known` is asked of a value's place.
///
/// # Errors
/// [`CompleteError`]; the unknown pixels of `image` are then undefined, the known ones untouched.
#[expect(clippy::too_many_arguments, reason = "buffers are the caller's, and a struct for one call says no more")]
pub fn best_of<'s, R: Rng + ?Sized, V: Value>(
    model: &Model<'_>,
    given: impl Into<Conditions<'s>>,
    width: u32,
    height: u32,
    state: &mut [u32],
    rng: &mut R,
    candidates: u32,
    known: impl Fn(usize) -> bool,
    image: &mut [V],
    trial: &mut [V],
) -> Result<CodeLength, CompleteError> {
    let needed = (width as usize).saturating_mul(height as usize).saturating_mul(model.channels().into());
    for given in [image.len(), trial.len()] {
        if given != needed {
            return Err(CompleteError::WrongLength { needed, given });
        }
    }
    let given = given.into();
    best_candidate(candidates, image, trial, |image, trial, steered| {
        let mut stream = Stream::begin_given(model, given, width, height, state)?;
        Ok(candidate(&mut stream, rng, &known, image, trial, steered)?)
    })
}

/// Leaves the best of some candidates in `image`; `draw` draws one into the second buffer.
pub(crate) fn best_candidate<V: Value, E: From<CompleteError>>(
    candidates: u32,
    image: &mut [V],
    trial: &mut [V],
    mut draw: impl FnMut(&[V], &mut [V], &mut Steered) -> Result<(), E>,
) -> Result<CodeLength, E> {
    let mut best = None;
    for _ in 0..candidates {
        let mut steered = Steered::default();
        draw(image, trial, &mut steered)?;
        if best.is_none_or(|best| steered.length < best) {
            best = Some(steered.length);
            image.copy_from_slice(trial);
        }
        if !steered.any {
            break;
        }
    }
    Ok(best.ok_or(CompleteError::NoCandidates)?)
}

/// What the known values behind an unknown one say of a candidate.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Steered {
    /// Their code length.
    length: CodeLength,
    /// Whether there are any.
    any: bool,
    /// Whether an unknown value has been drawn.
    unknown_before: bool,
}

/// Draws one candidate, or a scale of it.
pub(crate) fn candidate<R: Rng + ?Sized, V: Value>(
    stream: &mut Stream<'_>,
    rng: &mut R,
    known: &impl Fn(usize) -> bool,
    image: &[V],
    trial: &mut [V],
    steered: &mut Steered,
) -> Result<(), StreamError> {
    for (index, (place, &value)) in trial.iter_mut().zip(image).enumerate() {
        if !known(index) {
            steered.unknown_before |= stream.known().is_none();
            *place = V::from_level(sample::next(stream, rng)?);
            continue;
        }
        if steered.unknown_before {
            steered.any |= stream.known().is_none();
            steered.length += score::next(stream, value.to_level())?;
        } else {
            stream.observe(value.to_level())?;
        }
        *place = value;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keeps the best of candidates of these code lengths, each of its number.
    fn best(lengths: &[u64], any: bool) -> Result<(u64, u8), CompleteError> {
        let (mut image, mut trial, mut number) = ([0], [0], 0);
        let length = best_candidate(lengths.len() as u32, &mut image, &mut trial, |_, trial, steered| {
            *steered = Steered { length: CodeLength::from_units(lengths[number]), any, unknown_before: true };
            number += 1;
            trial[0] = number as u8;
            Ok::<_, CompleteError>(())
        });
        Ok((length?.units(), image[0]))
    }

    #[test]
    fn the_earliest_of_equals_is_kept() {
        assert_eq!(best(&[7, 5, 9, 5], true), Ok((5, 2)));
        assert_eq!(best(&[7, 7, 7], true), Ok((7, 1)));
    }

    /// What steers nothing needs one candidate.
    #[test]
    fn one_candidate_is_drawn_if_nothing_tells_them_apart() {
        assert_eq!(best(&[0, 0], false), Ok((0, 1)));
        assert_eq!(best(&[7, 5], false), Ok((7, 1)));
        assert_eq!(best(&[], true), Err(CompleteError::NoCandidates));
    }
}
