//! The head that mixes logistic distributions (Salimans et al., 2017, arXiv 1701.05517), for any number of levels.
//!
//! ReLU, 1x1, ReLU, 1x1, once a pixel. The last product's rows, Q11: for channel `c`, for each component, a weight's logit, an offset
//! in eighths of the value range, the logarithm of the scale, and `c` coefficients on the earlier channels' residuals; then the next channel's.
//! The coefficients of the linear prediction, Q16: for channel `c`, for each of the neighbours W, N, NW, NE one a channel, then `c` of
//! the pixel's own earlier channels.
//!
//! A neighbour outside the image is replaced: in the first row by W, in the first column by N, NE of the last column by N; the first
//! pixel's by half of all levels.

use super::{Canvas, Dimensions, Images, Layer, Place, Rows, WorkSizes, slot_mut, softmax, widen};
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
        self.count() * (3 * channel + pairs(channel))
    }

    /// Rows of the output matrix, a multiple of four.
    pub fn output_rows(&self, channels: usize) -> usize {
        self.rows_before(channels).next_multiple_of(4)
    }

    /// Coefficients that the channels before one take.
    fn coefficients_before(channels: usize, channel: usize) -> usize {
        4 * channels * channel + pairs(channel)
    }
}

/// 0 + 1 + … up to below `count`: coefficients that the channels before one have for those before them.
const fn pairs(count: usize) -> usize {
    count * count.saturating_sub(1) / 2
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

    fn widen(&self, network: &Dimensions, sizes: &mut WorkSizes) {
        widen(&mut sizes.logits, self.output_rows(network.channels));
        widen(&mut sizes.components, self.count() * COMPONENT_WORDS);
        widen(&mut sizes.residuals, network.channels - 1);
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

/// Where W, N, NW, NE lie, as rows above and columns, or what stands for them in turn; none at the first pixel.
#[inline]
fn neighbours(place: Place, row: usize) -> Option<[(usize, usize); 4]> {
    let here = place.column;
    let right = if here + 1 < place.width { here + 1 } else { here };
    match (row, here.checked_sub(1)) {
        (0, None) => None,
        (0, Some(left)) => Some([(0, left); 4]),
        (_, None) => Some([(1, here), (1, here), (1, here), (1, right)]),
        (_, Some(left)) => Some([(0, left), (1, here), (1, left), (1, right)]),
    }
}

/// Coefficients times values: of upper and of lower bytes, 19 products of 2^18 and 2^8 at most, which fit 32 bits.
struct Sums<'a, const N: usize> {
    coefficients: &'a [i32],
    upper: [i32; N],
    lower: [i32; N],
}

impl<const N: usize> Sums<'_, N> {
    /// Takes the next coefficients for some values.
    #[inline]
    fn add<V: Copy + Into<u16>>(&mut self, values: &[[V; N]]) {
        let (here, rest) = self.coefficients.split_at_checked(values.len()).unwrap_or_default();
        self.coefficients = rest;
        for (values, coefficient) in values.iter().zip(here) {
            let sums = self.upper.iter_mut().zip(&mut self.lower);
            for ((upper, lower), &value) in sums.zip(values) {
                let value: u16 = value.into();
                *upper += coefficient * i32::from(value >> 8);
                *lower += coefficient * i32::from(value & 0xff);
            }
        }
    }

    /// The sums of whole values, Q16 to Q12, within ±2^29: what is clamped before lies beyond.
    #[inline]
    fn finish(self) -> [i32; N] {
        let mut sums = self.upper;
        for (sum, lower) in sums.iter_mut().zip(self.lower) {
            *sum = (16 * (*sum).clamp(-(1 << 26), 1 << 26) + (lower >> 4)).clamp(-(1 << 29), 1 << 29);
        }
        sums
    }
}

/// A channel's linear prediction in each image, Q12, from its coefficients.
fn predict<const N: usize>(
    network: &Dimensions,
    coefficients: &[i32],
    place: Place,
    channel: usize,
    canvas: &Canvas<'_, N>,
) -> [i32; N] {
    match &canvas.rows {
        Rows::Bytes(rows) => predict_from(network, coefficients, place, channel, (canvas, rows)),
        Rows::Words(rows) => predict_from(network, coefficients, place, channel, (canvas, rows)),
    }
}

/// The same, from the values themselves.
#[inline]
fn predict_from<V: Copy + Into<u16>, const N: usize>(
    network: &Dimensions,
    coefficients: &[i32],
    place: Place,
    channel: usize,
    (canvas, rows): (&Canvas<'_, N>, &[[V; N]]),
) -> [i32; N] {
    let mut sums = Sums { coefficients, upper: [0; N], lower: [0; N] };
    let pixel = |(above, column): (usize, usize), channels: usize| {
        let start = canvas.pixel(above, column);
        rows.get(start..start + channels).unwrap_or_default()
    };
    match neighbours(place, canvas.row) {
        Some(neighbours) => neighbours.map(|at| sums.add(pixel(at, network.channels))),
        None => {
            let half = 1u16.checked_shl(network.bits() - 1).unwrap_or(0);
            [(); 4].map(|()| (0..network.channels).for_each(|_| sums.add(&[[half; N]])))
        }
    };
    sums.add(pixel((0, place.column), channel));
    sums.finish()
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
    let (mut rest, bits) = (Component::of_words(work.scratch), network.bits());
    for (image, prediction) in predictions.into_iter().enumerate() {
        let (places, others) = rest.split_at_mut_checked(layer.count()).unwrap_or_default();
        components(&Parameters { rows, residuals, image, prediction, bits, temperature }, places);
        rest = others;
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Sixteen times the upper sum and a sixteenth of the lower, whatever their signs, as far as 2^29.
    #[test]
    fn predictions_are_clamped_on_both_sides() {
        let finished = |upper, lower| Sums { coefficients: &[], upper: [upper], lower: [lower] }.finish();
        assert_eq!([finished(5, 47), finished(-5, -33), finished(0, -1)], [[82], [-83], [-1]]);
        assert_eq!([finished(1 << 24, 15), finished(-(1 << 24), 16)], [[1 << 28], [1 - (1 << 28)]]);
        for beyond in [1 << 26, (1 << 26) + 1, 1 << 28, i32::MAX] {
            assert_eq!([finished(beyond, -1), finished(-beyond, 1)], [[1 << 29], [-(1 << 29)]]);
        }
    }
}
