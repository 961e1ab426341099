//! The head that mixes logistic distributions (Salimans et al., 2017, arXiv 1701.05517), for any number of levels.
//!
//! ReLU, 1x1, ReLU, 1x1, once a pixel. The last product's rows, Q11: for channel `c`, for each component, a weight's logit, an offset
//! in eighths of the value range, the logarithm of the scale, and `c` coefficients on the earlier channels' residuals; then the next channel's.
//! The coefficients of the linear prediction, Q16: for channel `c`, for each of the neighbours W, N, NW, NE one a channel, then `c` of
//! the pixel's own earlier channels.
//!
//! A neighbour outside the image is replaced: in the first row by W, in the first column by N, NE of the last column by N; the first
//! pixel's by half of all levels.

use super::{Canvas, Dimensions, Images, Layer, Place, WorkSizes, slot_mut, softmax};
use crate::blob::{Mixture, Part, Section};
use crate::kernels::lanes::{Activations, linear_relu, quantize_relu};
use crate::kernels::mixture::{COMPONENT_WORDS, Component, Parameters, components};
use crate::temperature::Temperature;

/// Most components of a mixture.
pub const MAX_COMPONENTS: u8 = 10;

impl Mixture {
    /// Components of the mixture.
    fn count(&self) -> usize {
        usize::from(self.components)
    }

    /// Rows of the output matrix that the channels before one take.
    fn rows_before(&self, channel: usize) -> usize {
        (0..channel).map(|channel| self.count() * (3 + channel)).sum()
    }

    /// Rows of the output matrix, a multiple of four.
    pub fn output_rows(&self, channels: usize) -> usize {
        self.rows_before(channels).next_multiple_of(4)
    }

    /// Coefficients that the channels before one take.
    fn coefficients_before(channels: usize, channel: usize) -> usize {
        (0..channel).map(|channel| 4 * channels + channel).sum()
    }
}

impl Layer for Mixture {
    fn hidden(&self) -> usize {
        usize::from(self.maps)
    }

    fn shifts(&self) -> &[u8] {
        &self.shifts
    }

    fn is_possible(&self, network: &Dimensions) -> bool {
        network.splits(self.hidden(), 1024) && (1..=MAX_COMPONENTS).contains(&self.components)
    }

    fn parts(&self, network: &Dimensions, _: usize, show: &mut dyn FnMut(Part)) {
        let (f, m) = (network.features, self.hidden());
        show(Part::Quantizer(f));
        show(Part::Linear(m, f));
        show(Part::Linear(self.output_rows(network.channels), m));
        show(Part::Coefficients(Self::coefficients_before(network.channels, network.channels)));
    }

    fn state_words(&self, _: &Dimensions, _: usize) -> usize {
        0
    }

    fn work(&self, network: &Dimensions) -> WorkSizes {
        WorkSizes {
            logits: self.output_rows(network.channels),
            components: self.count() * COMPONENT_WORDS,
            residuals: network.channels - 1,
            ..WorkSizes::default()
        }
    }
}

/// Leaves the outputs of all channels in the scratch.
pub fn outputs<const N: usize>(
    layer: &Mixture,
    network: &Dimensions,
    body: &mut Section<'_>,
    images: &mut Images<'_, N>,
) {
    let [quantizer_shift, hidden_shift, output_shift] = layer.shifts;
    let Images { work, .. } = images;
    work.add_skip();
    quantize_relu(work.stream, body.quantizer(network.features), u32::from(quantizer_shift), work.input);
    let hidden = core::mem::take(&mut work.hidden);
    let maps = slot_mut(hidden, 0, layer.hidden());
    let activations = Activations::of(work.scratch, work.input);
    linear_relu(&body.linear(layer.hidden(), network.features), &activations, u32::from(hidden_shift), maps);
    let output = body.linear(layer.output_rows(network.channels), layer.hidden());
    softmax::outputs(&output, maps, output_shift, work);
}

/// What lies at a neighbour: rows above, column; and what stands for it outside the image, in turn.
#[inline]
fn neighbours(place: Place, row: usize) -> [(usize, Option<usize>); 4] {
    let here = Some(place.column);
    let left = place.column.checked_sub(1);
    let (west, north) = ((0, left), (1, here));
    match (row, left) {
        (0, _) => [west; 4],
        (_, None) => [north, north, north, north_east(place)],
        (_, Some(_)) => [west, north, (1, left), north_east(place)],
    }
}

#[inline]
fn north_east(place: Place) -> (usize, Option<usize>) {
    (1, Some(if place.column + 1 < place.width { place.column + 1 } else { place.column }))
}

/// A channel's linear prediction in each image, Q12, within ±2^29.
fn predict<const N: usize>(
    network: &Dimensions,
    coefficients: &[i32],
    place: Place,
    channel: usize,
    canvas: &Canvas<'_, N>,
) -> [i32; N] {
    let half = 1u16.checked_shl(network.bits() - 1).unwrap_or(0);
    let mut sums = [0i64; N];
    let mut coefficients = coefficients.iter();
    let mut add = |values: [u16; N]| {
        let coefficient = i64::from(coefficients.next().copied().unwrap_or(0));
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum += coefficient * i64::from(value);
        }
    };
    for (above, column) in neighbours(place, canvas.row) {
        for channel in 0..network.channels {
            add(canvas.get(above, column, channel).unwrap_or([half; N]));
        }
    }
    for earlier in 0..channel {
        add(canvas.get(0, Some(place.column), earlier).unwrap_or([half; N]));
    }
    sums.map(|sum| (sum >> 4).clamp(-(1 << 29), 1 << 29) as i32)
}

/// A channel's coefficients of the linear prediction.
fn coefficients<'a>(network: &Dimensions, body: &mut Section<'a>, channel: usize) -> &'a [i32] {
    let channels = network.channels;
    let all = body.last_coefficients(Mixture::coefficients_before(channels, channels));
    all.get(Mixture::coefficients_before(channels, channel)..).unwrap_or_default()
}

/// Leaves each image's components of a channel in the scratch, image after image.
pub fn prepare<const N: usize>(
    layer: &Mixture,
    network: &Dimensions,
    body: &mut Section<'_>,
    (place, channel): (Place, usize),
    temperature: Temperature,
    images: &mut Images<'_, N>,
) {
    let Images { work, canvas, .. } = images;
    let predictions = predict(network, coefficients(network, body, channel), place, channel, canvas);
    let start = layer.rows_before(channel);
    let rows = work.logits.get(start..start + layer.count() * (3 + channel)).unwrap_or_default();
    let residuals = work.residuals.get(..channel).unwrap_or_default();
    let places = Component::of_words(work.components).chunks_exact_mut(layer.count().max(1));
    for (image, (places, prediction)) in places.zip(predictions).enumerate() {
        components(&Parameters { rows, residuals, image, prediction, bits: network.bits(), temperature }, places);
    }
}

/// Keeps what a channel's values add to its linear prediction, for the channels after it.
pub fn observe<const N: usize>(
    network: &Dimensions,
    body: &mut Section<'_>,
    (place, channel): (Place, usize),
    values: &[u16; N],
    images: &mut Images<'_, N>,
) {
    let Images { work, canvas, .. } = images;
    let Some(residuals) = work.residuals.get_mut(channel) else { return };
    let predictions = predict(network, coefficients(network, body, channel), place, channel, canvas);
    for ((residual, prediction), &value) in residuals.iter_mut().zip(predictions).zip(values) {
        *residual = (i32::from(value) << 12) - prediction;
    }
}
