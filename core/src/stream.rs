//! One image being modelled: *predict* the next value's distribution, *observe* the value, pixel by pixel.

use crate::distribution::{Distribution, Temperature, frequencies};
use crate::kernels::lanes::LANES;
use crate::layers::{Canvas, Carver, Lane, Work, WorkSizes, logits, row_end, step};
use crate::model::Model;

/// Why an image was not begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum BeginError {
    /// The state's buffer is too small for the width.
    StateTooSmall {
        /// Words (`u32`) that the width needs: [`Model::state_words`].
        needed_words: usize,
        /// Words given.
        given_words: usize,
    },
    /// Width or height is 0.
    EmptyImage,
    /// Width or height is above 65,535.
    TooLarge,
}

/// Why a value was not predicted or observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum StreamError {
    /// The image is complete.
    PastEnd,
    /// The value is not one of the model's levels.
    ValueOutOfRange {
        /// The value given.
        value: u8,
        /// The model's levels.
        levels: u16,
    },
}

impl core::fmt::Display for BeginError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::StateTooSmall { needed_words, given_words } => {
                write!(f, "the state needs {needed_words} words of 32 bits, {given_words} were given")
            }
            Self::EmptyImage => write!(f, "the image has no pixels"),
            Self::TooLarge => write!(f, "the image is wider or higher than 65535"),
        }
    }
}

impl core::fmt::Display for StreamError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::PastEnd => write!(f, "the image is complete"),
            Self::ValueOutOfRange { value, levels } => {
                write!(f, "value {value} is not one of the model's {levels} levels")
            }
        }
    }
}

impl core::error::Error for BeginError {}
impl core::error::Error for StreamError {}

/// A state of a fixed number of words, for a `static` or the stack.
///
/// [`Model::state_words`] says how many a model needs for a width (`pixelrnn inspect` prints four times as many bytes);
/// any slice of `u32` serves as well.
///
/// ```
/// let mut state = pixelrnn::State::<1264>::new();
/// assert_eq!(state.len(), 1264); // `state` serves wherever `&mut [u32]` is asked for: `&mut state`
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State<const WORDS: usize>([u32; WORDS]);

impl<const WORDS: usize> State<WORDS> {
    /// A state to begin an image with.
    pub const fn new() -> Self {
        Self([0; WORDS])
    }
}

impl<const WORDS: usize> Default for State<WORDS> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const WORDS: usize> core::ops::Deref for State<WORDS> {
    type Target = [u32];

    fn deref(&self) -> &[u32] {
        &self.0
    }
}

impl<const WORDS: usize> core::ops::DerefMut for State<WORDS> {
    fn deref_mut(&mut self) -> &mut [u32] {
        &mut self.0
    }
}

/// One image being modelled, in a state of a few rows that the caller lends.
///
/// Pixels come row by row, left to right. A value's features depend only on the values before it,
/// so a pixel that is observed without having been predicted costs everything but the head.
#[derive(Debug)]
pub struct Stream<'s> {
    model: &'s Model<'s>,
    state: &'s mut [u32],
    work: WorkSizes,
    width: u32,
    height: u32,
    row: u32,
    column: u32,
    /// What is known of the pixel at hand.
    pixel: Pixel,
    /// Layer columns that the last complete row still asks for.
    pending: u32,
    temperature: Temperature,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pixel {
    /// Nothing.
    New,
    /// The layers have been run.
    Features,
    /// The head too; the total of the frequencies.
    Predicted(u32),
}

impl<'s> Stream<'s> {
    /// Begins an image. The buffer's contents do not matter; only its first [`Model::state_words`] words are used.
    ///
    /// # Errors
    /// A buffer too small, or a size of 0 or above 65,535.
    pub fn begin(model: &'s Model<'s>, width: u32, height: u32, state: &'s mut [u32]) -> Result<Self, BeginError> {
        if width == 0 || height == 0 {
            return Err(BeginError::EmptyImage);
        }
        if width > 65_535 || height > 65_535 {
            return Err(BeginError::TooLarge);
        }
        let needed_words = model.state_words(width);
        let given_words = state.len();
        let state = state.get_mut(..needed_words).ok_or(BeginError::StateTooSmall { needed_words, given_words })?;
        state.fill(0);
        let temperature = Temperature::ONE;
        let work = model.work_sizes();
        Ok(Self { model, state, work, width, height, row: 0, column: 0, pixel: Pixel::New, pending: 0, temperature })
    }

    /// Columns of the image.
    pub const fn width(&self) -> u32 {
        self.width
    }

    /// Rows of the image.
    pub const fn height(&self) -> u32 {
        self.height
    }

    /// Column of the next value.
    pub const fn column(&self) -> u32 {
        self.column
    }

    /// Row of the next value; the height once the image is complete.
    pub const fn row(&self) -> u32 {
        self.row
    }

    /// Whether every value has been observed.
    pub const fn is_complete(&self) -> bool {
        self.row >= self.height
    }

    /// Values a pixel can take.
    pub const fn levels(&self) -> u16 {
        self.model.levels()
    }

    /// The model.
    pub const fn model(&self) -> &'s Model<'s> {
        self.model
    }

    /// Sets the temperature of predictions, from the next one that is computed.
    pub const fn set_temperature(&mut self, temperature: Temperature) {
        self.temperature = temperature;
    }

    /// The distribution of the next value. Asked again before an [`observe`](Self::observe), it gives the same.
    ///
    /// # Errors
    /// [`StreamError::PastEnd`] once the image is complete.
    pub fn predict(&mut self) -> Result<Distribution<'_>, StreamError> {
        self.compute_features()?;
        let levels = usize::from(self.levels());
        let mut carver = Carver::new(self.state);
        let work = carver.words(self.work.words());
        let mut work = Work::carve(work, &self.work);
        let total = match self.pixel {
            Pixel::Predicted(total) => total,
            _ => {
                if let Some((shape, body)) = self.model.bodies().last() {
                    logits(&shape, body, &mut work);
                }
                let total = match levels {
                    2 => work
                        .logits
                        .first()
                        .map_or(0, |&logit| Distribution::binary(logit, self.temperature).frequency(1)),
                    _ => frequencies(work.logits.get_mut(..levels).unwrap_or_default(), self.temperature),
                };
                self.pixel = Pixel::Predicted(total);
                total
            }
        };
        if levels == 2 {
            return Ok(Distribution::of_binary(total));
        }
        let unsigned: &[u32] = bytemuck::try_cast_slice(work.logits).unwrap_or_default();
        Ok(Distribution::of_frequencies(unsigned.get(..levels).unwrap_or_default(), total))
    }

    /// Feeds the true value of the pixel at hand, and moves on to the next.
    ///
    /// # Errors
    /// The image is complete, or the value is not one of the model's levels; nothing has changed then.
    pub fn observe(&mut self, value: u8) -> Result<(), StreamError> {
        let levels = self.levels();
        if self.is_complete() {
            return Err(StreamError::PastEnd);
        }
        if u16::from(value) >= levels {
            return Err(StreamError::ValueOutOfRange { value, levels });
        }
        self.compute_features()?;
        let mut carver = Carver::new(self.state);
        carver.words(self.work.words());
        let rows = carver.u8(4 * self.width as usize);
        if let Some(place) = rows.get_mut(((self.row % 4) * self.width + self.column) as usize) {
            *place = value;
        }
        self.pixel = Pixel::New;
        self.column += 1;
        if self.column == self.width {
            self.column = 0;
            self.row += 1;
            // Nothing reads the last row's.
            if self.model.has_row_end() && !self.is_complete() {
                self.pending = self.width * self.model.layers().len() as u32;
            }
        }
        Ok(())
    }

    /// Runs up to `steps` of the work that a complete row leaves behind, and returns how many steps are left.
    ///
    /// Only a Diagonal BiLSTM has any: a step is one column of one layer, right to left. Whatever is left is run by the next
    /// [`predict`](Self::predict) or [`observe`](Self::observe); a main loop that must stay responsive calls this in between.
    pub fn row_end(&mut self, steps: u32) -> u32 {
        run_row_end(core::array::from_mut(self), steps);
        self.pending
    }

    /// Runs every layer but the head on the pixel at hand, unless that is done.
    fn compute_features(&mut self) -> Result<(), StreamError> {
        if self.is_complete() {
            return Err(StreamError::PastEnd);
        }
        if self.pixel != Pixel::New {
            return Ok(());
        }
        compute(core::array::from_mut(self));
        Ok(())
    }

    /// Cuts the state into the scratch, the values so far, and the layers' states.
    #[inline]
    fn lane(&mut self) -> Lane<'_> {
        let width = self.width as usize;
        let mut carver = Carver::new(self.state);
        let work = Work::carve(carver.words(self.work.words()), &self.work);
        let canvas = Canvas { rows: carver.u8(4 * width), width, row: self.row as usize };
        Lane::new(work, canvas, carver)
    }
}

/// Runs every layer but the head on the pixels at hand of streams of one model, at the same column of the same width.
fn compute<const N: usize>(streams: &mut [Stream<'_>; N]) {
    run_row_end(streams, u32::MAX);
    let Some(first) = streams.first() else { return };
    let (model, width, column) = (first.model, first.width as usize, first.column as usize);
    let mut lanes = streams.each_mut().map(Stream::lane);
    for (shape, body) in model.bodies() {
        step(&shape, body, width, column, &mut lanes);
    }
    for stream in streams {
        stream.pixel = Pixel::Features;
    }
}

/// Runs up to `steps` of the work that a complete row leaves behind, of streams that have the same left to do.
fn run_row_end<const N: usize>(streams: &mut [Stream<'_>; N], steps: u32) {
    let Some(first) = streams.first() else { return };
    let (model, width, pending) = (first.model, first.width as usize, first.pending);
    let end = pending.saturating_sub(steps);
    for left in (end..pending).rev() {
        // The width is not 0, which the compiler does not know: plain division would link a panic.
        let layer = (left as usize).checked_div(width).unwrap_or(0);
        let column = left as usize - layer * width;
        let mut lanes = streams.each_mut().map(Stream::lane);
        for (place, (shape, body)) in model.bodies().enumerate() {
            if place == layer {
                row_end(&shape, body, width, column, &mut lanes);
                break;
            }
            for lane in &mut lanes {
                lane.states.words(shape.state_words(width));
            }
        }
    }
    for stream in streams {
        stream.pending = end;
    }
}

/// Computes the pixels at hand of several images, so that a load of weights serves several images at once.
///
/// What [`Stream::predict`] and [`Stream::observe`] give is the same with and without; they find the layers' work done.
/// Worth it on x86-64 with AVX-512 (feature `std`), where four images in a row of `streams` share loads if they are of one
/// model and width, and at the same column. Everything else is computed one by one; what is computed already, or complete, is
/// left as it is.
///
/// ```no_run
/// use pixelrnn::{Model, Seeded, Stream, compute_together, sample};
/// # fn draw(streams: &mut [Stream<'_>], generators: &mut [Seeded]) -> Result<(), pixelrnn::StreamError> {
/// while streams.iter().any(|stream| !stream.is_complete()) {
///     compute_together(streams);
///     for (stream, generator) in streams.iter_mut().zip(&mut *generators) {
///         sample::next(stream, generator)?;
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub fn compute_together(streams: &mut [Stream<'_>]) {
    let (groups, rest) = streams.as_chunks_mut::<LANES>();
    for group in groups {
        if are_in_step(group) {
            compute(group);
        } else {
            compute_apart(group);
        }
    }
    compute_apart(rest);
}

/// Whether all are at a pixel not computed yet, in the same column, of the same model and width.
fn are_in_step(streams: &[Stream<'_>]) -> bool {
    streams.first().is_some_and(|first| {
        streams.iter().all(|stream| {
            core::ptr::eq(stream.model, first.model)
                && (stream.width, stream.column, stream.pending) == (first.width, first.column, first.pending)
                && stream.pixel == Pixel::New
                && !stream.is_complete()
        })
    })
}

fn compute_apart(streams: &mut [Stream<'_>]) {
    for stream in streams {
        // A complete one has nothing to compute.
        let _ = stream.compute_features();
    }
}
