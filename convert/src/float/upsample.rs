//! The network between a smaller image and the blocks (paper, section 3.6).
//!
//! A 3x3 convolution without mask, ReLU, a transposed convolution whose stride is its size, ReLU; blocks project the result.

use super::load::Tensors;
use super::map::{Map, Place, Size};
use super::window::Planes;
use super::{Dense, Grouped, Observer, Site};
use crate::config::NetworkConfig;

/// What the convolution reads.
pub const WINDOW: &str = "small window";
/// Features of a small pixel.
pub const SMALL: &str = "small features";
/// Features of a pixel.
pub const FEATURES: &str = "upsampled";

/// The convolution's taps.
const TAPS: [Place; 9] = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 0), (0, 1), (1, -1), (1, 0), (1, 1)];

/// The weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Upsample {
    /// Columns tap by tap, in a tap channel by channel.
    pub convolution: Dense,
    /// One product for each place in a small pixel, row by row.
    pub transposed: Vec<Dense>,
}

/// A block's 1x1 product of upsampled features, which every channel group reads whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Projection(pub Grouped);

impl Projection {
    pub(super) fn take(
        tensors: &mut Tensors<'_>,
        config: &NetworkConfig,
        place: &str,
        (rows, parts): (usize, usize),
    ) -> Result<Option<Self>, String> {
        if config.factor == 0 {
            return Ok(None);
        }
        let whole = tensors.kernel_alone(&format!("{place}.upsample"), &[rows, config.upsampled.into()], 1)?;
        Ok(Some(Self(Grouped::open(&whole, config.groups().into(), parts))))
    }
}

impl Upsample {
    /// Takes it, if the network is given smaller images.
    pub(super) fn take(tensors: &mut Tensors<'_>, config: &NetworkConfig) -> Result<Option<Self>, String> {
        let (u, factor) = (usize::from(config.upsampled), usize::from(config.factor));
        if factor == 0 {
            return Ok(None);
        }
        let convolution = tensors.kernel("upsample.conv", &[u, config.channels.into(), 3, 3], TAPS.len())?;
        let weights = tensors.take("upsample.transposed.weight", &[u, u, factor, factor])?;
        let biases = tensors.take("upsample.transposed.bias", &[u])?;
        let places = factor * factor;
        let at = |place: usize| {
            let row = |output: usize| {
                let weights = &weights;
                (0..u).map(move |input| weights[(input * u + output) * places + place])
            };
            Dense::new(u, (0..u).flat_map(row).collect(), biases.clone())
        };
        Ok(Some(Self { convolution, transposed: (0..places).map(at).collect() }))
    }

    /// Runs over a small image.
    pub(super) fn run(&self, config: &NetworkConfig, size: Size, small: &[u16]) -> Upsampled {
        let factor = usize::from(config.factor);
        let small_size = Size { width: size.width.div_ceil(factor), height: size.height.div_ceil(factor), groups: 1 };
        let mut upsampled = Upsampled {
            factor: factor as isize,
            image: read(config, small_size, small),
            small: Map::new(small_size, config.upsampled.into()),
            features: Map::new(Size { groups: 1, ..size }, config.upsampled.into()),
        };
        for place in positions(small_size) {
            let window = upsampled.window(place);
            let out = upsampled.small.group_mut(place, 0);
            self.convolution.apply(&window, out);
            super::pixel::relu(out);
        }
        for place in positions(size) {
            let (small, number) = upsampled.inside(place);
            let out = upsampled.features.group_mut(place, 0);
            self.transposed[number].apply(upsampled.small.at(small), out);
            super::pixel::relu(out);
        }
        upsampled
    }
}

/// What the convolution reads of a small image: of many levels the upper bits.
fn read(config: &NetworkConfig, size: Size, values: &[u16]) -> Map {
    let (planes, channels) = (Planes::new(config.levels), usize::from(config.channels));
    let mut image = Map::new(size, channels);
    for (place, values) in positions(size).zip(values.chunks_exact(channels)) {
        let out = image.group_mut(place, 0);
        out.iter_mut().zip(values).for_each(|(out, &value)| *out = planes.part(0, value));
    }
    image
}

fn positions(size: Size) -> impl Iterator<Item = Place> {
    (0..size.height as isize).flat_map(move |row| (0..size.width as isize).map(move |column| (row, column)))
}

/// A small image's features.
#[derive(Debug)]
pub(super) struct Upsampled {
    factor: isize,
    image: Map,
    small: Map,
    /// Of every pixel.
    pub features: Map,
}

impl Upsampled {
    fn window(&self, place: Place) -> Vec<f32> {
        let mut window = Vec::new();
        self.image.gather(place, &TAPS, &mut window);
        window
    }

    /// The small pixel that a pixel lies in, and the number of its place there.
    fn inside(&self, (row, column): Place) -> (Place, usize) {
        let number = row % self.factor * self.factor + column % self.factor;
        ((row / self.factor, column / self.factor), number as usize)
    }

    /// Whether the small image holds a pixel.
    pub fn holds(&self, place: Place) -> bool {
        self.inside(place).1 == 0
    }

    /// Shows the observer what is read and made at a pixel.
    pub fn show(&self, place: Place, observer: &mut dyn Observer) {
        let at = |name| Site { layer: 0, name };
        let (small, number) = self.inside(place);
        if number == 0 {
            observer.read(at(WINDOW), &self.window(small));
            observer.see(at(SMALL), self.small.at(small));
            observer.read(at(SMALL), self.small.at(small));
        }
        observer.see(at(FEATURES), self.features.at(place));
        observer.read(at(FEATURES), self.features.at(place));
    }
}
