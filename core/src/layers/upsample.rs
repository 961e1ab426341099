//! The network between a smaller image and the blocks (paper, section 3.6): features of each pixel, which every block projects.
//!
//! A 3x3 convolution without mask over the small image, ReLU, then a transposed convolution whose stride is its size, ReLU: a pixel's
//! features come from the small pixel that it lies in, by one of `factor * factor` products. The convolution reads 9 taps of every channel as
//! the [first layer](super::first) does, but of more than 256 levels the upper 8 bits alone; what lies outside the small image reads as 0.
//!
//! State: the features of a row of small pixels, computed as its first row of pixels goes on; the pixel's own, of a Diagonal BiLSTM
//! the row's; and the pixel's once more, in the form that products read, which serves every block.

use super::first::Around;
use super::given::Features;
use super::{Dimensions, Images, Layer, Place, Work, slot, slot_mut};
use crate::blob::{Part, Section, Upsample};
use crate::kernels::activation_words;
use crate::kernels::lanes::{Activations, linear_relu};
use crate::value::Values;

/// Taps of a 3x3 kernel.
const TAPS: usize = 9;
/// Most columns of the convolution: four channels.
const MOST_COLUMNS: usize = 4 * TAPS;

impl Upsample {
    /// Columns of the convolution.
    const fn columns(network: &Dimensions) -> usize {
        (TAPS * network.channels).next_multiple_of(4)
    }
}

impl Layer for Upsample {
    fn hidden(&self) -> usize {
        usize::from(self.features)
    }

    fn shifts(&self) -> &[u8] {
        &self.shifts
    }

    fn is_possible(&self, network: &Dimensions) -> bool {
        (1..=256).contains(&self.hidden()) && self.hidden().is_multiple_of(4) && network.factor > 0
    }

    fn parts(&self, network: &Dimensions, group: usize, show: &mut dyn FnMut(Part)) {
        // All groups read the same features.
        if group == 0 {
            show(Part::Linear(self.hidden(), Self::columns(network)));
            for _ in 0..network.factor * network.factor {
                show(Part::Linear(self.hidden(), self.hidden()));
            }
        }
    }

    fn pixels(&self, network: &Dimensions) -> usize {
        network.factor * network.factor
    }

    fn state_words(&self, network: &Dimensions, width: usize) -> usize {
        let features = (small_side(width, network.factor) + network.columns_kept(width)) * self.hidden();
        features / 4 + activation_words(self.hidden())
    }
}

/// Columns or rows of the small image, for those of the larger: every `factor`-th, from the first on.
pub const fn small_side(side: usize, factor: usize) -> usize {
    // Factors are powers of two; plain division would link a panic.
    (side + factor.saturating_sub(1)) >> factor.trailing_zeros()
}

/// The smaller image of each of the images.
#[derive(Debug, Clone, Copy)]
pub struct Small<'s, const N: usize> {
    /// Their values.
    pub images: [Values<'s>; N],
    /// Columns and rows of each.
    pub size: (usize, usize),
    /// Channels of a pixel.
    pub channels: usize,
    /// How many times wider and higher the larger ones are.
    pub factor: usize,
}

impl<const N: usize> Small<'_, N> {
    /// The values that the small images hold of a pixel's channel, if they hold the pixel.
    pub fn known(&self, (row, column): (usize, usize), channel: usize) -> Option<[u16; N]> {
        ((row | column) & (self.factor - 1) == 0).then(|| {
            let shift = self.factor.trailing_zeros();
            self.values((row >> shift, column >> shift), channel)
        })
    }

    /// A channel of a small pixel, which lies inside.
    fn values(&self, (row, column): (usize, usize), channel: usize) -> [u16; N] {
        let index = (row * self.size.0 + column) * self.channels + channel;
        self.images.map(|image| image.get(index).unwrap_or(0))
    }

    /// What the convolution reads around a small pixel: nine taps of each channel, row by row.
    fn window(&self, (row, column): (usize, usize), read: impl Fn(u16) -> i8 + Copy) -> [[i8; N]; MOST_COLUMNS] {
        let mut window = [[0; N]; MOST_COLUMNS];
        let around = (0..TAPS).map(|tap| ((row + tap / 3).wrapping_sub(1), (column + tap % 3).wrapping_sub(1)));
        for (tap, at) in around.enumerate().filter(|(_, (row, column))| *column < self.size.0 && *row < self.size.1) {
            for channel in 0..self.channels {
                if let Some(place) = window.get_mut(channel * TAPS + tap) {
                    *place = self.values(at, channel).map(read);
                }
            }
        }
        window
    }
}

/// Computes a pixel's features, and hands them on to the layers that follow.
// Cold, so that the way without smaller images is compiled as if this were not there.
#[cold]
#[inline(never)]
pub fn step<'b, const N: usize>(
    layer: &Upsample,
    network: &Dimensions,
    body: &mut Section<'b>,
    place: Place,
    images: &mut Images<'b, N>,
) {
    let u = layer.hidden();
    let State { small_row, kept, scratch } = take(layer, network, place.width, images);
    let Images { work, canvas, .. } = images;
    let Some(small) = work.given.given.small else { return };
    if place.group == 0 {
        let (shift, inside) = (network.factor.trailing_zeros(), network.factor - 1);
        let (row, column) = (canvas.row >> shift, place.column >> shift);
        let convolution = body.linear(u, Upsample::columns(network));
        if (canvas.row | place.column) & inside == 0 {
            let (around, low_bits) = (Around::of(network.levels), network.bits().saturating_sub(8));
            let window = small.window((row, column), |value| around.read(value >> low_bits));
            let window = window.get(..Upsample::columns(network)).unwrap_or_default();
            let activations = Activations::of(work.scratch, window);
            linear_relu(&convolution, &activations, layer.shifts[0].into(), slot_mut(small_row, column, u));
        }
        let number = ((canvas.row & inside) << shift) + (place.column & inside);
        body.section(number * Part::Linear(u, u).bytes(false));
        let activations = Activations::of(work.scratch, slot(small_row, column, u));
        let index = if kept.len() > u { place.column } else { 0 };
        linear_relu(&body.linear(u, u), &activations, layer.shifts[1].into(), slot_mut(kept, index, u));
    }
    hand_on(Features::new(kept, u, scratch), place.column, work);
}

fn hand_on<'b, const N: usize>(mut features: Features<'b, N>, column: usize, work: &mut Work<'b, N>) {
    features.at(column);
    work.given.features = Some(features);
}

/// Hands on the features of a complete row.
#[cold]
#[inline(never)]
pub fn row_end<const N: usize>(layer: &Upsample, network: &Dimensions, width: usize, images: &mut Images<'_, N>) {
    let State { kept, scratch, .. } = take(layer, network, width, images);
    hand_on(Features::new(kept, layer.hidden(), scratch), 0, &mut images.work);
}

/// What is kept.
struct State<'b, const N: usize> {
    /// The features of a row of small pixels.
    small_row: &'b mut [[i8; N]],
    /// Those of a pixel, or of a row.
    kept: &'b mut [[i8; N]],
    /// Where a pixel's are as products read them.
    scratch: &'b mut [u32],
}

fn take<'b, const N: usize>(
    layer: &Upsample,
    network: &Dimensions,
    width: usize,
    images: &mut Images<'b, N>,
) -> State<'b, N> {
    let (u, states) = (layer.hidden(), &mut images.states);
    State {
        small_row: states.i8(small_side(width, network.factor) * u),
        kept: states.i8(network.columns_kept(width) * u),
        scratch: states.words(activation_words(u)),
    }
}
