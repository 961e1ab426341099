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
use crate::stream::{BeginError, Stream, StreamError};

/// Why candidates were not drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum CompleteError {
    /// The image could not be begun.
    Begin(BeginError),
    /// A known pixel is not one of the model's levels.
    Stream(StreamError),
    /// The image or the trial buffer has not one byte a pixel.
    WrongLength {
        /// Pixels of the image.
        needed: usize,
        /// Bytes of the shorter buffer, or of the one that is too long.
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
                write!(f, "the image has {needed} pixels, the buffer {given} bytes")
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

/// The next pixel of an image, known or drawn: one step of a main loop. Returns its value.
///
/// # Errors
/// The image is complete, or the known value is not one of the model's levels.
pub fn next<R: Rng + ?Sized>(stream: &mut Stream<'_>, rng: &mut R, known: Option<u8>) -> Result<u8, StreamError> {
    match known {
        Some(value) => stream.observe(value).map(|()| value),
        None => sample::next(stream, rng),
    }
}

/// Completes `image` in place, from the stream's next pixel to the last of the image or the buffer.
///
/// `known` says of a pixel, by its place in `image` (`row * width + column` from the stream's position), whether its value is known.
///
/// # Errors
/// A known value that is not one of the model's levels; the pixels before it are complete then.
pub fn fill<R: Rng + ?Sized>(
    stream: &mut Stream<'_>,
    rng: &mut R,
    image: &mut [u8],
    known: impl Fn(usize) -> bool,
) -> Result<(), StreamError> {
    for (pixel, place) in image.iter_mut().enumerate() {
        if stream.is_complete() {
            break;
        }
        *place = next(stream, rng, known(pixel).then_some(*place))?;
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
/// `image` holds the known values; `trial` is a second buffer of the same length, one byte a pixel.
///
/// # Errors
/// [`CompleteError`]; the unknown pixels of `image` are then undefined, the known ones untouched.
#[expect(clippy::too_many_arguments, reason = "buffers are the caller's, and a struct for one call says no more")]
pub fn best_of<R: Rng + ?Sized>(
    model: &Model<'_>,
    width: u32,
    height: u32,
    state: &mut [u32],
    rng: &mut R,
    candidates: u32,
    known: impl Fn(usize) -> bool,
    image: &mut [u8],
    trial: &mut [u8],
) -> Result<CodeLength, CompleteError> {
    let needed = (width as usize).saturating_mul(height as usize);
    for given in [image.len(), trial.len()] {
        if given != needed {
            return Err(CompleteError::WrongLength { needed, given });
        }
    }
    let mut best = None;
    for _ in 0..candidates {
        let mut stream = Stream::begin(model, width, height, state)?;
        let mut length = CodeLength::ZERO;
        let mut unknown_before = false;
        let mut steered = false;
        for (pixel, (place, &value)) in trial.iter_mut().zip(image.iter()).enumerate() {
            *place = if !known(pixel) {
                unknown_before = true;
                sample::next(&mut stream, rng)?
            } else {
                if unknown_before {
                    steered = true;
                    length += score::next(&mut stream, value)?;
                } else {
                    stream.observe(value)?;
                }
                value
            };
        }
        if best.is_none_or(|best| length < best) {
            best = Some(length);
            image.copy_from_slice(trial);
        }
        if !steered {
            break;
        }
    }
    best.ok_or(CompleteError::NoCandidates)
}
