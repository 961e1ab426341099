//! Telling an image's class: the one under which the image is likeliest.
//!
//! A model with classes knows `p(image | class)` for each. The largest names the class, the distance to the second says how sure
//! that is, and their mean, `p(image)`, whether the image is of any class at all: what no ordinary classifier knows.
//!
//! A class is scored after the other, in the state of one image.
//!
//! ```no_run
//! use pixelrnn::{CodeLength, Model, classify};
//!
//! # static BLOB: &[u8] = &[];
//! let model = Model::load(BLOB)?;
//! let mut state = [0u32; 4096];
//! let image = [0u8; 28 * 28];
//! let mut lengths = [CodeLength::ZERO; 10];
//! let found = classify::image(&model, 28, 28, &mut state, &image, &mut lengths)?;
//! if found.evidence.nats() < 200.0 && found.margin.nats() > 3.0 {
//!     // an image as those the model knows, of class `found.class`
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use crate::model::Model;
use crate::score::{self, CodeLength};
use crate::stream::{BeginError, Stream, StreamError};
use crate::value::Value;

/// What an image is, and how sure that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Classified {
    /// The class under which the image is likeliest; of equals the first.
    pub class: u16,
    /// `-log p(image | class)`.
    pub length: CodeLength,
    /// How much longer the second likeliest class's is; of a model of one class the most there is.
    pub margin: CodeLength,
    /// `-log p(image)`, every class as likely as the others: large where the image is of none of them.
    pub evidence: CodeLength,
}

/// Why an image was not classified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ClassifyError {
    /// The image could not be begun.
    Begin(BeginError),
    /// A value is not one of the model's levels.
    Stream(StreamError),
    /// The model has no classes.
    NoClasses,
    /// The buffer does not hold one image.
    WrongLength {
        /// Values of the image.
        needed: usize,
        /// Values given.
        given: usize,
    },
    /// There is not a place for every class's length.
    WrongClasses {
        /// Classes of the model.
        needed: u16,
        /// Places given.
        given: usize,
    },
}

impl core::fmt::Display for ClassifyError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Begin(error) => error.fmt(f),
            Self::Stream(error) => error.fmt(f),
            Self::NoClasses => write!(f, "the model has no classes"),
            Self::WrongLength { needed, given } => write!(f, "the image has {needed} values, the buffer {given}"),
            Self::WrongClasses { needed, given } => {
                write!(f, "the model has {needed} classes, there is room for {given}")
            }
        }
    }
}

impl core::error::Error for ClassifyError {}

impl From<BeginError> for ClassifyError {
    fn from(error: BeginError) -> Self {
        Self::Begin(error)
    }
}

impl From<StreamError> for ClassifyError {
    fn from(error: StreamError) -> Self {
        Self::Stream(error)
    }
}

/// Classifies an image; leaves `-log p(image | class)` of every class in `lengths`.
///
/// # Errors
/// [`ClassifyError`]; the lengths are undefined then.
pub fn image<V: Value>(
    model: &Model<'_>,
    width: u32,
    height: u32,
    state: &mut [u32],
    values: &[V],
    lengths: &mut [CodeLength],
) -> Result<Classified, ClassifyError> {
    check(model, width, height, values.len())?;
    if lengths.len() != usize::from(model.classes()) {
        return Err(ClassifyError::WrongClasses { needed: model.classes(), given: lengths.len() });
    }
    for (class, length) in (0..).zip(lengths.iter_mut()) {
        let mut stream = Stream::begin_class(model, class, width, height, state)?;
        *length = score::image(&mut stream, values)?;
    }
    of_lengths(lengths).ok_or(ClassifyError::NoClasses)
}

/// The class under which an image is likeliest, and `-log p(image | class)`; of equals the first.
///
/// It is the class that [`image`] gives, for less work: a class is given up once it is less likely than the best so far is in
/// all, since what is left of the image can only make it less likely.
///
/// # Errors
/// [`ClassifyError`].
pub fn likeliest<V: Value>(
    model: &Model<'_>,
    width: u32,
    height: u32,
    state: &mut [u32],
    values: &[V],
) -> Result<(u16, CodeLength), ClassifyError> {
    check(model, width, height, values.len())?;
    let mut best = None;
    for class in 0..model.classes() {
        let mut stream = Stream::begin_class(model, class, width, height, state)?;
        let most = best.map(|(_, length)| length);
        if let Some(length) = shorter(&mut stream, values, most)? {
            best = Some((class, length));
        }
    }
    best.ok_or(ClassifyError::NoClasses)
}

/// What the lengths of all classes say; nothing without classes.
pub fn of_lengths(lengths: &[CodeLength]) -> Option<Classified> {
    let (class, &length) = (0..).zip(lengths).min_by_key(|(_, length)| **length)?;
    let others = (0..).zip(lengths).filter(|(other, _)| *other != class);
    let second = others.map(|(_, length)| length.units()).min();
    let margin = CodeLength::from_units(second.map_or(u64::MAX, |second| second.saturating_sub(length.units())));
    Some(Classified { class, length, margin, evidence: score::of_mixture(lengths) })
}

fn check(model: &Model<'_>, width: u32, height: u32, given: usize) -> Result<(), ClassifyError> {
    let needed = (width as usize).saturating_mul(height as usize).saturating_mul(model.channels().into());
    match given == needed {
        true if model.classes() == 0 => Err(ClassifyError::NoClasses),
        true => Ok(()),
        false => Err(ClassifyError::WrongLength { needed, given }),
    }
}

/// An image's code length, if it is below `most`.
fn shorter<V: Value>(
    stream: &mut Stream<'_>,
    values: &[V],
    most: Option<CodeLength>,
) -> Result<Option<CodeLength>, StreamError> {
    let mut total = CodeLength::ZERO;
    for value in values {
        if most.is_some_and(|most| total >= most) {
            return Ok(None);
        }
        total += score::next(stream, value.to_level())?;
    }
    Ok(Some(total).filter(|total| most.is_none_or(|most| *total < most)))
}
