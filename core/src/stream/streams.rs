//! Several images at once.

use super::{BeginError, StreamError};
use crate::distribution::{Distribution, Temperature};
use crate::kernels::lanes;
use crate::layers::{Canvas, Carver, Images, Work, WorkSizes, logits, row_end, step};
use crate::model::Model;

/// Images of one size being modelled side by side: each pixel is predicted and observed in all of them at once.
///
/// What an image's [`Stream`](super::Stream) gives is what it gives here. A load of weights serves all images, and a vector holds
/// the same number of each: `N` of 16 is two to four times as fast as 16 streams on x86-64 with AVX2 or AVX-512 (feature `std`).
/// Elsewhere streams are faster; [`images_at_once`] tells.
///
/// ```no_run
/// use pixelrnn::{Model, Seeded, Streams, sample};
/// # fn draw(model: &Model<'_>, generators: &mut [Seeded; 16]) -> Result<(), Box<dyn std::error::Error>> {
/// let mut state = vec![0; Streams::<16>::state_words(model, 28)];
/// let mut streams = Streams::<16>::begin(model, 28, 28, &mut state)?;
/// while !streams.is_complete() {
///     let values: [u8; 16] = sample::next_of_each(&mut streams, generators)?;
/// #   let _ = values;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Streams<'s, const N: usize> {
    model: &'s Model<'s>,
    state: &'s mut [u32],
    work: WorkSizes,
    width: u32,
    height: u32,
    row: u32,
    column: u32,
    /// What is known of the pixel at hand.
    pixel: Pixel<N>,
    /// Layer columns that the last complete row still asks for.
    pending: u32,
    temperature: Temperature,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pixel<const N: usize> {
    /// Nothing.
    New,
    /// The layers have been run.
    Features,
    /// The head too; each image's total of the frequencies.
    Predicted([u32; N]),
}

/// The distributions of the next value, one of each image.
#[derive(Debug, Clone, Copy)]
pub struct Distributions<'a, const N: usize> {
    levels: u16,
    totals: [u32; N],
    /// An image's frequencies after the other's; of 2 levels, none.
    frequencies: &'a [u32],
}

impl<'a, const N: usize> Distributions<'a, N> {
    /// An image's; of an image beyond the last, the last's.
    pub fn of(&self, image: usize) -> Distribution<'a> {
        let image = image.min(N.saturating_sub(1));
        let total = self.totals.get(image).copied().unwrap_or(0);
        let levels = usize::from(self.levels);
        if levels == 2 {
            return Distribution::of_binary(total);
        }
        Distribution::of_frequencies(
            self.frequencies.get(image * levels..(image + 1) * levels).unwrap_or_default(),
            total,
        )
    }
}

/// Images that [`Streams`] are best made of on this machine: 16 where that is faster than streams, else 1.
pub fn images_at_once() -> usize {
    lanes::best()
}

impl<'s, const N: usize> Streams<'s, N> {
    /// Words (`u32`) of state that `N` images of this width need, whatever their height.
    pub fn state_words(model: &Model<'_>, width: u32) -> usize {
        N * (model.state_words(width) + Self::frequency_words(model))
    }

    /// Words an image for frequencies that do not lie where the head leaves its logits.
    fn frequency_words(model: &Model<'_>) -> usize {
        if N == 1 || model.levels() == 2 { 0 } else { usize::from(model.levels()) }
    }

    /// Begins images. The buffer's contents do not matter; only its first [`state_words`](Self::state_words) words are used.
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
        let needed_words = Self::state_words(model, width);
        let given_words = state.len();
        let state = state.get_mut(..needed_words).ok_or(BeginError::StateTooSmall { needed_words, given_words })?;
        state.fill(0);
        let temperature = Temperature::ONE;
        let work = model.work_sizes();
        Ok(Self { model, state, work, width, height, row: 0, column: 0, pixel: Pixel::New, pending: 0, temperature })
    }

    /// Columns of the images.
    pub const fn width(&self) -> u32 {
        self.width
    }

    /// Rows of the images.
    pub const fn height(&self) -> u32 {
        self.height
    }

    /// Column of the next values.
    pub const fn column(&self) -> u32 {
        self.column
    }

    /// Row of the next values; the height once the images are complete.
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

    /// The distributions of the next values. Asked again before an [`observe`](Self::observe), it gives the same.
    ///
    /// # Errors
    /// [`StreamError::PastEnd`] once the images are complete.
    pub fn predict(&mut self) -> Result<Distributions<'_, N>, StreamError> {
        self.compute_features()?;
        let levels = self.levels();
        let frequency_words = Self::frequency_words(self.model);
        let (state, apart) =
            self.state.split_at_mut_checked(self.state.len() - N * frequency_words).unwrap_or_default();
        let mut carver = Carver::<N>::new(state);
        let work = carver.words(self.work.words());
        let mut work = Work::<N>::carve(work, &self.work);
        let totals = match self.pixel {
            Pixel::Predicted(totals) => totals,
            _ => {
                if let Some((shape, body)) = self.model.bodies().last() {
                    logits(&shape, body, &mut work);
                }
                let totals = totals(work.logits, levels, self.temperature, apart);
                self.pixel = Pixel::Predicted(totals);
                totals
            }
        };
        let frequencies = match N {
            1 => bytemuck::try_cast_slice(work.logits).unwrap_or_default(),
            _ => apart,
        };
        Ok(Distributions { levels, totals, frequencies })
    }

    /// Feeds the true values of the pixel at hand, one of each image, and moves on to the next.
    ///
    /// # Errors
    /// The images are complete, or a value is not one of the model's levels; nothing has changed then.
    pub fn observe(&mut self, values: &[u8; N]) -> Result<(), StreamError> {
        let levels = self.levels();
        if self.is_complete() {
            return Err(StreamError::PastEnd);
        }
        if let Some(&value) = values.iter().find(|&&value| u16::from(value) >= levels) {
            return Err(StreamError::ValueOutOfRange { value, levels });
        }
        self.compute_features()?;
        let mut carver = Carver::<N>::new(self.state);
        carver.words(self.work.words());
        let rows = carver.u8(4 * self.width as usize);
        if let Some(place) = rows.get_mut(((self.row % 4) * self.width + self.column) as usize) {
            *place = *values;
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
        let (model, width) = (self.model, self.width as usize);
        let end = self.pending.saturating_sub(steps);
        for left in (end..self.pending).rev() {
            // The width is not 0, which the compiler does not know: plain division would link a panic.
            let layer = (left as usize).checked_div(width).unwrap_or(0);
            let column = left as usize - layer * width;
            let mut images = self.images();
            for (place, (shape, body)) in model.bodies().enumerate() {
                if place == layer {
                    row_end(&shape, body, width, column, &mut images);
                    break;
                }
                images.states.words(shape.state_words(width));
            }
        }
        self.pending = end;
        end
    }

    /// Runs every layer but the head on the pixel at hand, unless that is done.
    fn compute_features(&mut self) -> Result<(), StreamError> {
        if self.is_complete() {
            return Err(StreamError::PastEnd);
        }
        if self.pixel != Pixel::New {
            return Ok(());
        }
        self.row_end(u32::MAX);
        let (model, width, column) = (self.model, self.width as usize, self.column as usize);
        let mut images = self.images();
        for (shape, body) in model.bodies() {
            step(&shape, body, width, column, &mut images);
        }
        self.pixel = Pixel::Features;
        Ok(())
    }

    /// Cuts the state into the scratch, the values so far, and the layers' states.
    #[inline]
    fn images(&mut self) -> Images<'_, N> {
        let width = self.width as usize;
        let mut carver = Carver::new(self.state);
        let work = Work::carve(carver.words(self.work.words()), &self.work);
        let canvas = Canvas { rows: carver.u8(4 * width), width, row: self.row as usize };
        Images { work, canvas, states: carver }
    }
}

/// Each image's total of the frequencies that logits become: in place for one image, else in `apart`; of 2 levels, what value 1
/// has.
#[inline]
fn totals<const N: usize>(
    logits: &mut [[i32; N]],
    levels: u16,
    temperature: Temperature,
    apart: &mut [u32],
) -> [u32; N] {
    let levels = usize::from(levels);
    if levels == 2 {
        let logits = logits.first().unwrap_or(&[0; N]);
        return logits.map(|logit| Distribution::binary(logit, temperature).frequency(1));
    }
    let logits = logits.get_mut(..levels).unwrap_or_default();
    let totals = lanes::frequencies(logits, temperature);
    if N > 1 {
        for (image, places) in apart.chunks_exact_mut(levels.max(1)).enumerate() {
            for (place, frequencies) in places.iter_mut().zip(&*logits) {
                *place = frequencies.get(image).map_or(1, |&frequency| frequency as u32);
            }
        }
    }
    totals
}
