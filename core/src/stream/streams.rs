//! Several images at once.

use super::conditions::checked;
use super::distributions::Kind;
use super::{BeginError, Conditions, Distributions, StreamError};
use crate::kernels::lanes;
use crate::layers::{
    Canvas, Carver, Dimensions, Given, GivenHere, Images, Place, Rows, Work, WorkSizes, mixture, outputs, pass_over,
    row_end, step,
};
use crate::model::Model;
use crate::temperature::Temperature;

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
///     let values: [u16; 16] = sample::next_of_each(&mut streams, generators)?;
/// #   let _ = values;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Streams<'s, const N: usize> {
    pub(super) model: &'s Model<'s>,
    pub(super) state: &'s mut [u32],
    pub(super) network: Dimensions,
    pub(super) work: WorkSizes,
    given: Given<'s, N>,
    width: u32,
    height: u32,
    row: u32,
    column: u32,
    pub(super) channel: u8,
    /// What is known of the value at hand.
    known: Known<N>,
    /// Layer columns that the last complete row still asks for.
    pending: u32,
    pub(super) temperature: Temperature,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known<const N: usize> {
    /// Nothing.
    Nothing,
    /// The layers have been run.
    Features,
    /// The head too; a mixture's has served the pixel's channels so far, and serves the one at hand.
    Outputs,
    /// The distributions: each image's total of the frequencies (of 2 levels, what value 1 has; nothing of a mixture).
    Predicted([u32; N]),
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
    pub(super) fn frequency_words(model: &Model<'_>) -> usize {
        if N == 1 || model.levels() == 2 || model.is_mixture() { 0 } else { model.levels() as usize }
    }

    /// Begins images. The buffer's contents do not matter; only its first [`state_words`](Self::state_words) words are used.
    ///
    /// # Errors
    /// A buffer too small, a size of 0 or above 65,535, or a model that asks for a class or a smaller image.
    pub fn begin(model: &'s Model<'s>, width: u32, height: u32, state: &'s mut [u32]) -> Result<Self, BeginError> {
        Self::begin_classes(model, None, width, height, state)
    }

    /// Begins images, each of a class; `None` for a model that has no classes.
    ///
    /// # Errors
    /// A buffer too small, a size of 0 or above 65,535, or a class that the model does not have.
    pub fn begin_classes(
        model: &'s Model<'s>,
        classes: Option<[u16; N]>,
        width: u32,
        height: u32,
        state: &'s mut [u32],
    ) -> Result<Self, BeginError> {
        let each = classes.map_or([Conditions::default(); N], |classes| classes.map(Conditions::from));
        Self::begin_each_given(model, each, width, height, state)
    }

    /// Begins images, each given what the model asks for: a class, a smaller image, both, or nothing.
    ///
    /// # Errors
    /// A buffer too small, a size of 0 or above 65,535, a class that the model does not have, a smaller image of another size, or of
    /// values beyond the model's.
    // Not inlined: its stack is free again once it returns.
    #[inline(never)]
    pub fn begin_each_given(
        model: &'s Model<'s>,
        each: [Conditions<'s>; N],
        width: u32,
        height: u32,
        state: &'s mut [u32],
    ) -> Result<Self, BeginError> {
        if width == 0 || height == 0 {
            return Err(BeginError::EmptyImage);
        }
        if width > 65_535 || height > 65_535 {
            return Err(BeginError::TooLarge);
        }
        let given = checked(model, (width, height), &each)?;
        let needed_words = Self::state_words(model, width);
        let given_words = state.len();
        let state = state.get_mut(..needed_words).ok_or(BeginError::StateTooSmall { needed_words, given_words })?;
        state.fill(0);
        let temperature = Temperature::ONE;
        let (network, work) = (model.dimensions(), model.work_sizes());
        let (row, column, channel) = (0, 0, 0);
        let known = Known::Nothing;
        let pending = 0;
        let mut streams = Self {
            model,
            state,
            network,
            work,
            given,
            width,
            height,
            row,
            column,
            channel,
            known,
            pending,
            temperature,
        };
        streams.begin_layers();
        Ok(streams)
    }

    /// Makes the layers' states what lies above the images.
    fn begin_layers(&mut self) {
        let (model, network, width) = (self.model, self.network, self.width as usize);
        let mut images = self.images();
        for layer in model.layers() {
            let layer = layer.layer();
            images.states.words(layer.state_words(&network, width)).fill(layer.first_word());
        }
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

    /// Channel of the next values.
    pub const fn channel(&self) -> u8 {
        self.channel
    }

    /// Whether every value has been observed.
    pub const fn is_complete(&self) -> bool {
        self.row >= self.height
    }

    /// Values a channel of a pixel can take.
    pub const fn levels(&self) -> u32 {
        self.model.levels()
    }

    /// An image's class, if the model has classes.
    pub fn class(&self, image: usize) -> Option<u16> {
        self.given.classes.of(image)
    }

    /// The next values, if the smaller images that these ones are given hold them: see [`Stream::known`](super::Stream::known).
    #[inline]
    pub fn known(&self) -> Option<[u16; N]> {
        if self.given.is_nothing() { None } else { self.known_by_small() }
    }

    #[cold]
    fn known_by_small(&self) -> Option<[u16; N]> {
        let at = (self.row as usize, self.column as usize);
        self.given.small.filter(|_| !self.is_complete())?.known(at, self.channel.into())
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
        if let Some(values) = self.known() {
            return Ok(Distributions { levels: self.levels(), kind: Kind::Certain(values) });
        }
        self.compute(true)?;
        let totals = match self.known {
            Known::Predicted(totals) => totals,
            _ if self.is_mixture() => self.predict_mixture(),
            _ => self.predict_softmax(),
        };
        self.known = Known::Predicted(totals);
        Ok(Distributions { levels: self.levels(), kind: self.kind(totals) })
    }

    fn is_mixture(&self) -> bool {
        self.model.is_mixture()
    }

    /// Feeds the true values at hand, one of each image, and moves on to the next: the pixel's next channel, or the next pixel.
    ///
    /// # Errors
    /// The images are complete, a value is not one of the model's levels, or not the [known](Self::known) one; nothing has changed then.
    pub fn observe(&mut self, values: &[u16; N]) -> Result<(), StreamError> {
        let levels = self.levels();
        if self.is_complete() {
            return Err(StreamError::PastEnd);
        }
        if let Some(&value) = values.iter().find(|&&value| u32::from(value) >= levels) {
            return Err(StreamError::ValueOutOfRange { value, levels });
        }
        if let Some(known) = self.known()
            && let Some((&value, known)) = values.iter().zip(known).find(|(value, known)| *value != known)
        {
            return Err(StreamError::NotTheKnownValue { value, known });
        }
        self.compute(false)?;
        let (column, channel) = (self.column as usize, usize::from(self.channel));
        self.canvas().set(column, channel, values);
        self.next_value(values);
        Ok(())
    }

    /// Moves on to the next value.
    fn next_value(&mut self, values: &[u16; N]) {
        // Written so that a build of one channel knows it never is.
        if self.channel < self.model.channels().saturating_sub(1) {
            self.next_channel(values);
            return;
        }
        self.known = Known::Nothing;
        self.channel = 0;
        self.column += 1;
        if self.column == self.width {
            self.column = 0;
            self.row += 1;
            // Nothing reads the last row's.
            if self.model.has_row_end() && !self.is_complete() {
                self.pending = self.width * self.model.layers().len() as u32;
            }
        }
    }

    /// Moves on to the pixel's next channel. A mixture's head serves them all; channel groups begin with nothing.
    fn next_channel(&mut self, values: &[u16; N]) {
        if self.is_mixture() {
            self.keep_residuals(values);
            if let Known::Predicted(_) = self.known {
                self.known = Known::Outputs;
            }
        } else {
            self.known = Known::Nothing;
        }
        self.channel += 1;
    }

    /// Keeps what the values add to a mixture's linear prediction, for the channels after them.
    fn keep_residuals(&mut self, values: &[u16; N]) {
        let (model, network) = (self.model, self.network);
        let at = (self.place(), usize::from(self.channel));
        let mut images = self.images();
        if let Some((_, mut body)) = model.head() {
            mixture::observe(&network, &mut body, at, values, &mut images);
        }
    }

    /// Runs up to `steps` of the work that a complete row leaves behind, and returns how many steps are left.
    ///
    /// Only a Diagonal BiLSTM has any: a step is one column of one layer, right to left. Whatever is left is run by the next
    /// [`predict`](Self::predict) or [`observe`](Self::observe); a main loop that must stay responsive calls this in between.
    pub fn row_end(&mut self, steps: u32) -> u32 {
        let end = self.pending.saturating_sub(steps);
        while cfg!(feature = "diagonal-bilstm") && self.pending > end {
            self.row_end_of_layer(end);
        }
        end
    }

    /// Runs what the last layer has left, or so much of it that `end` steps are left in all.
    fn row_end_of_layer(&mut self, end: u32) {
        let (model, network, width) = (self.model, self.network, self.width as usize);
        // The width is not 0, which the compiler does not know: plain division would link a panic.
        let layer = (self.pending - 1).checked_div(self.width).unwrap_or(0);
        let first = layer * self.width;
        let columns = (end.max(first) - first) as usize..(self.pending - first) as usize;
        self.pending = end.max(first);
        let mut images = self.images();
        for (number, (description, body)) in model.bodies().enumerate() {
            if number == layer as usize {
                row_end(description, &network, &body, width, columns, &mut images);
                break;
            }
            pass_over(description, &network, width, &mut images);
        }
    }

    /// Where the value at hand is.
    pub(super) fn place(&self) -> Place {
        let group = if self.network.groups() == 1 { 0 } else { self.channel };
        Place { width: self.width as usize, column: self.column as usize, group: group.into() }
    }

    /// Runs the layers on the group at hand, with the head's outputs or without, unless that is done.
    fn compute(&mut self, with_outputs: bool) -> Result<(), StreamError> {
        if self.is_complete() {
            return Err(StreamError::PastEnd);
        }
        match (self.known, with_outputs) {
            (Known::Nothing, _) => {
                self.row_end(u32::MAX);
                self.run_layers(with_outputs);
            }
            (Known::Features, true) => self.run_head(),
            _ => return Ok(()),
        }
        self.known = match with_outputs {
            true if self.is_mixture() => Known::Predicted([0; N]),
            true => Known::Outputs,
            false => Known::Features,
        };
        Ok(())
    }

    fn run_layers(&mut self, with_outputs: bool) {
        let (model, network, temperature) = (self.model, self.network, self.temperature);
        let at @ (place, _) = (self.place(), usize::from(self.channel));
        let last = model.layers().len().saturating_sub(1);
        let mut images = self.images();
        for (number, (layer, body)) in model.bodies().enumerate() {
            match number == last && with_outputs {
                true => outputs(layer, &network, body, at, temperature, &mut images),
                false => step(layer, &network, body, place, &mut images),
            }
        }
    }

    /// A mixture's head alone, which has no state: the pixel's first channels were known.
    fn run_head(&mut self) {
        let (model, network, temperature) = (self.model, self.network, self.temperature);
        let at = (self.place(), usize::from(self.channel));
        let mut images = self.images();
        if let Some((layer, body)) = model.head() {
            outputs(layer, &network, body, at, temperature, &mut images);
        }
    }

    /// Cuts the state into the scratch, the values so far, and the layers' states.
    pub(super) fn images(&mut self) -> Images<'_, N> {
        let Self { model, state, work: sizes, given, width, row, .. } = self;
        let mut states = Carver::new(state);
        let work = Work::carve(states.words(sizes.words()), sizes, GivenHere::new(given));
        let canvas = canvas(model, *width as usize, *row as usize, &mut states);
        Images { work, canvas, states }
    }

    /// The values so far.
    fn canvas(&mut self) -> Canvas<'_, N> {
        let (width, row) = (self.width as usize, self.row as usize);
        let mut states = Carver::new(self.state);
        states.words(self.work.words());
        canvas(self.model, width, row, &mut states)
    }
}

/// Takes the values so far off a state.
#[inline]
fn canvas<'a, const N: usize>(
    model: &Model<'_>,
    width: usize,
    row: usize,
    states: &mut Carver<'a, N>,
) -> Canvas<'a, N> {
    let channels = usize::from(model.channels());
    let rows = match model.levels() {
        257.. if cfg!(feature = "mixture") => Rows::Words(states.u16(4 * width * channels)),
        _ => Rows::Bytes(states.u8(4 * width * channels)),
    };
    Canvas { rows, width, row, channels }
}
