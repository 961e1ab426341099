//! Images being modelled: *predict* the next value's distribution, *observe* the value, one after the other.

mod conditions;
mod distributions;
mod error;
mod predict;
mod state;
mod streams;

pub use conditions::Conditions;
pub use distributions::Distributions;
pub use error::{BeginError, StreamError};
pub use state::State;
pub use streams::{Streams, images_at_once};

use crate::distribution::Distribution;
use crate::model::Model;
use crate::temperature::Temperature;

/// One image being modelled, in a state of a few rows that the caller lends.
///
/// Values come row by row, left to right, channel by channel of a pixel. A value's features depend only on the values before it,
/// so one that is observed without having been predicted costs everything but the head.
#[derive(Debug)]
pub struct Stream<'s>(Streams<'s, 1>);

impl<'s> Stream<'s> {
    /// Begins an image. The buffer's contents do not matter; only its first [`Model::state_words`] words are used.
    ///
    /// # Errors
    /// A buffer too small, a size of 0 or above 65,535, or a model that asks for a class or a smaller image.
    pub fn begin(model: &'s Model<'s>, width: u32, height: u32, state: &'s mut [u32]) -> Result<Self, BeginError> {
        Streams::begin(model, width, height, state).map(Self)
    }

    /// Begins an image of a class; `None` for a model that has no classes.
    ///
    /// # Errors
    /// A buffer too small, a size of 0 or above 65,535, or a class that the model does not have.
    pub fn begin_class(
        model: &'s Model<'s>,
        class: impl Into<Option<u16>>,
        width: u32,
        height: u32,
        state: &'s mut [u32],
    ) -> Result<Self, BeginError> {
        Self::begin_given(model, class.into(), width, height, state)
    }

    /// Begins an image that is given what its model asks for: a class, a smaller image, both, or nothing.
    ///
    /// ```no_run
    /// use pixelrnn::{Conditions, Model, Seeded, Stream, sample};
    /// # fn enlarge(model: &Model<'_>, small: &[u8; 14 * 14], generator: &mut Seeded) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut state = [0; 4096];
    /// let mut stream = Stream::begin_given(model, Conditions::of_small(small), 28, 28, &mut state)?;
    /// let mut image = [0u8; 28 * 28];
    /// sample::fill(&mut stream, generator, &mut image); // keeps the small image's pixels, draws those between
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// A buffer too small, a size of 0 or above 65,535, a class that the model does not have, a smaller image of another size, or of
    /// values beyond the model's.
    pub fn begin_given(
        model: &'s Model<'s>,
        given: impl Into<Conditions<'s>>,
        width: u32,
        height: u32,
        state: &'s mut [u32],
    ) -> Result<Self, BeginError> {
        Streams::begin_each_given(model, [given.into()], width, height, state).map(Self)
    }

    /// Columns of the image.
    pub const fn width(&self) -> u32 {
        self.0.width()
    }

    /// Rows of the image.
    pub const fn height(&self) -> u32 {
        self.0.height()
    }

    /// Column of the next value.
    pub const fn column(&self) -> u32 {
        self.0.column()
    }

    /// Row of the next value; the height once the image is complete.
    pub const fn row(&self) -> u32 {
        self.0.row()
    }

    /// Channel of the next value.
    pub const fn channel(&self) -> u8 {
        self.0.channel()
    }

    /// Whether every value has been observed.
    pub const fn is_complete(&self) -> bool {
        self.0.is_complete()
    }

    /// Values a channel of a pixel can take.
    pub const fn levels(&self) -> u32 {
        self.0.levels()
    }

    /// The image's class, if the model has classes.
    pub fn class(&self) -> Option<u16> {
        self.0.class(0)
    }

    /// The next value, if the smaller image that this one is given holds it. It costs no head, and no bits in a code: its distribution
    /// is [certain](crate::Distribution::certain).
    #[inline]
    pub fn known(&self) -> Option<u16> {
        self.0.known().map(|[value]| value)
    }

    /// The model.
    pub const fn model(&self) -> &'s Model<'s> {
        self.0.model()
    }

    /// Sets the temperature of predictions, from the next one that is computed.
    pub const fn set_temperature(&mut self, temperature: Temperature) {
        self.0.set_temperature(temperature);
    }

    /// The distribution of the next value. Asked again before an [`observe`](Self::observe), it gives the same.
    ///
    /// # Errors
    /// [`StreamError::PastEnd`] once the image is complete.
    pub fn predict(&mut self) -> Result<Distribution<'_>, StreamError> {
        Ok(self.0.predict()?.of(0))
    }

    /// Feeds the true value at hand, and moves on to the next: the pixel's next channel, or the next pixel.
    ///
    /// # Errors
    /// The image is complete, the value is not one of the model's levels, or not the [known](Self::known) one; nothing has changed then.
    pub fn observe(&mut self, value: u16) -> Result<(), StreamError> {
        self.0.observe(&[value])
    }

    /// Runs up to `steps` of the work that a complete row leaves behind, and returns how many steps are left.
    ///
    /// Only a Diagonal BiLSTM has any: a step is one column of one layer, right to left. Whatever is left is run by the next
    /// [`predict`](Self::predict) or [`observe`](Self::observe); a main loop that must stay responsive calls this in between.
    pub fn row_end(&mut self, steps: u32) -> u32 {
        self.0.row_end(steps)
    }
}
