//! Several scales of an image, from the smallest up (the Multi-Scale model: paper, section 3.6).
//!
//! A network alone draws the smallest image; each other one draws an image that is two or four times wider and higher, given the one
//! before, whose pixels it keeps. So the scales' likelihoods add up to the image's, and a code of all scales, one after the other, shows
//! a small picture after its first bytes.
//!
//! All scales of an image lie in one buffer of the caller's, the smallest first: [`Pyramid::values`] says how long it is. One state
//! serves them in turn, [`Pyramid::state_words`].
//!
//! ```no_run
//! use pixelrnn::blob::Scales;
//! use pixelrnn::{Model, Pyramid, Seeded};
//! use rand_core::SeedableRng;
//!
//! static BLOB: &[u8] = &[]; // pixelrnn::include_model!("mnist-scales.prnn")
//! let scales = Scales::open(BLOB)?;
//! let models = [Model::load(scales.blob(0)?)?, Model::load(scales.blob(1)?)?, Model::load(scales.blob(2)?)?];
//! let pyramid = Pyramid::new(&models)?;
//! let mut state = [0u32; 4096];
//! let mut images = [0u8; 7 * 7 + 14 * 14 + 28 * 28];
//! pyramid.draw(None, (28, 28), &mut state, &mut Seeded::seed_from_u64(1), &mut images)?;
//! let image = &images[7 * 7 + 14 * 14..];
//! # let _ = image;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use core::ops::Range;

use rand_core::Rng;

use crate::complete::CompleteError;
use crate::model::Model;
use crate::score::CodeLength;
use crate::stream::{BeginError, Conditions, Stream, StreamError};
use crate::value::Value;
use crate::{complete, sample, score};

/// Columns and rows.
pub type Size = (u32, u32);

/// Why models are no pyramid, or an image of one could not be worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum PyramidError {
    /// There is no model.
    NoScale,
    /// A model does not go with the one before: the first must draw images given none, all others given a smaller one, of the same
    /// levels, channels and classes.
    WrongScale {
        /// Its place, 0 the smallest.
        scale: u8,
    },
    /// An image could not be begun.
    Begin(BeginError),
    /// No candidate was asked for.
    NoCandidates,
    /// A value is not one of the models' levels, or not the one that a smaller scale holds.
    Stream(StreamError),
    /// The buffer does not hold all scales.
    WrongLength {
        /// Values of all scales together: [`Pyramid::values`].
        needed: usize,
        /// Values given.
        given: usize,
    },
}

impl core::fmt::Display for PyramidError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NoScale => write!(f, "a pyramid has at least one scale"),
            Self::WrongScale { scale: 0 } => write!(f, "the smallest scale's model is given a smaller image"),
            Self::WrongScale { scale } => write!(
                f,
                "scale {scale}'s model is given no smaller image, or one of other levels, channels or classes than the smallest's"
            ),
            Self::Begin(error) => error.fmt(f),
            Self::NoCandidates => CompleteError::NoCandidates.fmt(f),
            Self::Stream(error) => error.fmt(f),
            Self::WrongLength { needed, given } => {
                write!(f, "all scales of the image have {needed} values, the buffer {given}")
            }
        }
    }
}

impl core::error::Error for PyramidError {}

impl From<BeginError> for PyramidError {
    fn from(error: BeginError) -> Self {
        Self::Begin(error)
    }
}

impl From<StreamError> for PyramidError {
    fn from(error: StreamError) -> Self {
        Self::Stream(error)
    }
}

impl From<CompleteError> for PyramidError {
    fn from(error: CompleteError) -> Self {
        match error {
            CompleteError::Begin(error) => Self::Begin(error),
            CompleteError::Stream(error) => Self::Stream(error),
            CompleteError::WrongLength { needed, given } => Self::WrongLength { needed, given },
            CompleteError::NoCandidates => Self::NoCandidates,
        }
    }
}

/// Models of several scales, the smallest first.
#[derive(Debug, Clone, Copy)]
pub struct Pyramid<'a> {
    models: &'a [Model<'a>],
}

impl<'a> Pyramid<'a> {
    /// Of models that follow one another. The last ones may be left out: images are then smaller.
    ///
    /// # Errors
    /// No model, or one that does not go with the one before.
    pub fn new(models: &'a [Model<'a>]) -> Result<Self, PyramidError> {
        let smallest = models.first().ok_or(PyramidError::NoScale)?;
        let shared = |model: &Model<'_>| (model.levels(), model.channels(), model.classes());
        let fits = |(scale, model): &(usize, &Model<'_>)| {
            (*scale > 0) == (model.factor() > 0) && shared(model) == shared(smallest)
        };
        match models.iter().enumerate().find(|scale| !fits(scale)) {
            Some((scale, _)) => Err(PyramidError::WrongScale { scale: scale.min(255) as u8 }),
            None => Ok(Self { models }),
        }
    }

    /// The models, the smallest scale's first.
    pub const fn models(&self) -> &'a [Model<'a>] {
        self.models
    }

    /// How many times wider and higher the largest scale is than another, 0 the smallest.
    pub fn factor(&self, scale: usize) -> u32 {
        let larger = self.models.iter().skip(scale.saturating_add(1));
        larger.map(|model| u32::from(model.factor())).fold(1, u32::saturating_mul)
    }

    /// The sizes of all scales of an image, the largest first.
    fn sizes(&self, size: Size) -> impl Iterator<Item = Size> + '_ {
        let mut next = Some(size);
        self.models.iter().rev().map_while(move |model| {
            let size = next?;
            next = model.small_size(size);
            Some(size)
        })
    }

    /// The size of a scale of an image, 0 the smallest; of one beyond the largest, the image's.
    pub fn size(&self, scale: usize, size: Size) -> Size {
        let above = self.models.len().saturating_sub(scale + 1);
        self.sizes(size).nth(above).unwrap_or(size)
    }

    /// Values of a scale of an image.
    fn values_of(&self, (width, height): Size) -> usize {
        let channels = self.models.first().map_or(1, Model::channels);
        (width as usize).saturating_mul(height as usize).saturating_mul(channels.into())
    }

    /// Values of all scales of an image together: what the caller's buffer holds.
    pub fn values(&self, size: Size) -> usize {
        self.sizes(size).map(|size| self.values_of(size)).fold(0, usize::saturating_add)
    }

    /// Where a scale's values lie among all.
    pub fn range(&self, scale: usize, size: Size) -> Range<usize> {
        let above = self.models.len().saturating_sub(scale + 1);
        let larger = self.sizes(size).take(above).map(|size| self.values_of(size)).sum::<usize>();
        let end = self.values(size).saturating_sub(larger);
        end.saturating_sub(self.values_of(self.size(scale, size)))..end
    }

    /// Words (`u32`) of state that an image takes, whatever its height: one state serves all scales in turn.
    pub fn state_words(&self, width: u32) -> usize {
        let sizes = self.sizes((width, 1));
        let words = self.models.iter().rev().zip(sizes).map(|(model, (width, _))| model.state_words(width));
        words.max().unwrap_or(0)
    }

    /// Begins a scale of an image: given the scale before from `images`, which holds all scales. Hands over where its own values lie.
    ///
    /// # Errors
    /// A buffer that does not hold all scales, a state too small, a class that the models do not have, a size of 0.
    pub fn begin<'s, V: Value>(
        &self,
        scale: usize,
        class: Option<u16>,
        size: Size,
        state: &'s mut [u32],
        images: &'s mut [V],
    ) -> Result<(Stream<'s>, &'s mut [V]), PyramidError>
    where
        'a: 's,
    {
        let (needed, given) = (self.values(size), images.len());
        let model = self.models.get(scale).ok_or(PyramidError::NoScale)?;
        let (range, (width, height)) = (self.range(scale, size), self.size(scale, size));
        let parts = images.get_mut(..range.end).filter(|_| given == needed);
        let (before, image) = parts
            .and_then(|all| all.split_at_mut_checked(range.start))
            .ok_or(PyramidError::WrongLength { needed, given })?;
        let conditions = match scale.checked_sub(1) {
            Some(smaller) => {
                Conditions::of_small(before.get(self.range(smaller, size)).unwrap_or_default()).and_class(class)
            }
            None => class.into(),
        };
        Ok((Stream::begin_given(model, conditions, width, height, state)?, image))
    }

    /// Draws all scales of an image.
    ///
    /// # Errors
    /// A buffer that does not hold all scales, a state too small, a class that the models do not have, a size of 0.
    pub fn draw<R: Rng + ?Sized, V: Value>(
        &self,
        class: Option<u16>,
        size: Size,
        state: &mut [u32],
        rng: &mut R,
        images: &mut [V],
    ) -> Result<(), PyramidError> {
        self.complete(class, size, state, rng, images, |_| false)
    }

    /// Draws a plausible image of the largest scale around one of a smaller scale, whose values `images` holds, and of all scales between.
    ///
    /// # Errors
    /// A buffer that does not hold all scales, a state too small, values or a class that the models do not have, a size of 0.
    pub fn enlarge<R: Rng + ?Sized, V: Value>(
        &self,
        scale: usize,
        class: Option<u16>,
        size: Size,
        state: &mut [u32],
        rng: &mut R,
        images: &mut [V],
    ) -> Result<(), PyramidError> {
        for scale in scale + 1..self.models.len() {
            let (mut stream, image) = self.begin(scale, class, size, state, images)?;
            sample::fill(&mut stream, rng, image);
        }
        Ok(())
    }

    /// Completes an image: `known` says of a value, by its place in the largest scale, whether it is known. The largest scale of `images`
    /// holds the known values.
    ///
    /// A known value steers the unknown ones after it in its own scale and all in larger scales: those before it less than in a raster
    /// pass of one scale, as far as the smaller scale holds it.
    ///
    /// # Errors
    /// A buffer that does not hold all scales, a state too small, values or a class that the models do not have, a size of 0.
    pub fn complete<R: Rng + ?Sized, V: Value>(
        &self,
        class: Option<u16>,
        size: Size,
        state: &mut [u32],
        rng: &mut R,
        images: &mut [V],
        known: impl Fn(usize) -> bool,
    ) -> Result<(), PyramidError> {
        self.shrink(size, images)?;
        for scale in 0..self.models.len() {
            let place = self.places(scale, size);
            let (mut stream, image) = self.begin(scale, class, size, state, images)?;
            complete::fill(&mut stream, rng, image, |index| known(place(index)))?;
        }
        Ok(())
    }

    /// Fills the smaller scales with what the largest holds.
    ///
    /// # Errors
    /// A buffer that does not hold all scales.
    pub fn shrink<V: Value>(&self, size: Size, images: &mut [V]) -> Result<(), PyramidError> {
        let (needed, given) = (self.values(size), images.len());
        let largest = self.range(self.models.len().saturating_sub(1), size);
        let split = images.split_at_mut_checked(largest.start).filter(|_| needed == given);
        let (smaller, largest) = split.ok_or(PyramidError::WrongLength { needed, given })?;
        for scale in 0..self.models.len().saturating_sub(1) {
            let place = self.places(scale, size);
            let image = smaller.get_mut(self.range(scale, size)).unwrap_or_default();
            for (index, value) in image.iter_mut().enumerate() {
                if let Some(&from) = largest.get(place(index)) {
                    *value = from;
                }
            }
        }
        Ok(())
    }

    /// The same, but for the best of some candidates, as [`complete::best_of`] chooses it: the one under which the known values that are
    /// coded after an unknown one, of its scale or of a smaller one, are likeliest. Returns their code length.
    ///
    /// `trial` is a second buffer, as large as `images`.
    ///
    /// # Errors
    /// A buffer that does not hold all scales, a state too small, values or a class that the models do not have, a size of 0, no candidate.
    #[expect(clippy::too_many_arguments, reason = "as complete::best_of")]
    pub fn complete_best_of<R: Rng + ?Sized, V: Value>(
        &self,
        class: Option<u16>,
        size: Size,
        state: &mut [u32],
        rng: &mut R,
        candidates: u32,
        known: impl Fn(usize) -> bool,
        images: &mut [V],
        trial: &mut [V],
    ) -> Result<CodeLength, PyramidError> {
        self.shrink(size, images)?;
        self.shrink(size, trial)?;
        complete::best_candidate(candidates, images, trial, |images, trial, steered| {
            for scale in 0..self.models.len() {
                let (place, range) = (self.places(scale, size), self.range(scale, size));
                let (mut stream, trial) = self.begin(scale, class, size, state, trial)?;
                let image = images.get(range).unwrap_or_default();
                complete::candidate(&mut stream, rng, &|index| known(place(index)), image, trial, steered)?;
            }
            Ok(())
        })
    }

    /// From a value's place in a scale to its place in the largest.
    pub fn places(&self, scale: usize, size: Size) -> impl Fn(usize) -> usize + use<> {
        let factor = self.factor(scale) as usize;
        let channels = usize::from(self.models.first().map_or(1, Model::channels)).max(1);
        let (width, small_width) = (size.0 as usize, (self.size(scale, size).0 as usize).max(1));
        move |index| {
            let (pixel, channel) = (index.checked_div(channels).unwrap_or(0), index.checked_rem(channels).unwrap_or(0));
            let row = pixel.checked_div(small_width).unwrap_or(0);
            let column = pixel.checked_rem(small_width).unwrap_or(0);
            (row * factor * width + column * factor) * channels + channel
        }
    }

    /// Scores an image whose values the largest scale of `images` holds: fills the smaller ones, and shows the code length of each scale's
    /// unknown values, the smallest first. Returns that of all, the image's.
    ///
    /// # Errors
    /// A buffer that does not hold all scales, a state too small, values or a class that the models do not have, a size of 0.
    pub fn score<V: Value>(
        &self,
        class: Option<u16>,
        size: Size,
        state: &mut [u32],
        images: &mut [V],
        mut look: impl FnMut(usize, CodeLength),
    ) -> Result<CodeLength, PyramidError> {
        self.shrink(size, images)?;
        let mut total = CodeLength::ZERO;
        for scale in 0..self.models.len() {
            let (mut stream, image) = self.begin(scale, class, size, state, images)?;
            let length = score::image(&mut stream, image)?;
            look(scale, length);
            total += length;
        }
        Ok(total)
    }
}
