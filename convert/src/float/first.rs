//! The first layer: a 7x7 convolution with mask A (paper, section 3.4).
//!
//! 24 taps above and to the left; with channel groups also the channels of the pixel itself before the group's.

use super::class::{self, Class};
use super::load::Tensors;
use super::map::{Map, Place, Size};
use super::pixel::Pixel;
use super::window::Planes;
use super::{Dense, Grouped};
use crate::config::NetworkConfig;

/// What the layer reads, a plane of [`Planes`] each: all columns of the last group.
pub const WINDOW: [&str; 2] = ["window", "window's low bits"];

/// Taps above the pixel and to its left.
const TAPS: usize = 24;

/// Those, then the pixel itself.
const WINDOW_TAPS: [Place; TAPS + 1] = {
    let mut taps = [(0, 0); TAPS + 1];
    let mut tap = 0;
    while tap <= TAPS {
        taps[tap] = (tap as isize / 7 - 3, tap as isize % 7 - 3);
        tap += 1;
    }
    taps
};

/// The weights. A column is a tap and in it a channel; the channels of the pixel itself come last.
#[derive(Debug, Clone, PartialEq)]
pub struct First {
    /// `2h` rows.
    pub convolution: Grouped,
    /// What a class adds to them.
    pub class: Option<Class>,
}

impl First {
    /// From all rows, of 24 taps or, with channel groups, 25; what masks hide is left out.
    pub fn new(whole: &Dense, config: &NetworkConfig) -> Self {
        let (groups, channels) = (usize::from(config.groups()), usize::from(config.channels));
        Self { convolution: Grouped::split(whole, groups, 1, |group| TAPS * channels + group), class: None }
    }

    pub(super) fn take(tensors: &mut Tensors<'_>, config: &NetworkConfig) -> Result<Self, String> {
        let shape = [2 * usize::from(config.hidden), config.channels.into(), 7, 7];
        let first = Self::new(&tensors.kernel("first", &shape, TAPS + 1)?, config);
        Ok(Self { class: Class::take(tensors, config, "first", (shape[0], 1))?, ..first })
    }

    pub(super) fn begin(&self, config: &NetworkConfig, size: Size) -> Maps<'_> {
        let (planes, channels) = (Planes::new(config.levels), usize::from(config.channels));
        let map = |_| Map::new(Size { groups: 1, ..size }, channels);
        Maps { weights: self, planes, parts: (0..planes.count()).map(map).collect(), read: Vec::new(), sum: Vec::new() }
    }
}

/// The layer at work on an image.
#[derive(Debug)]
pub(super) struct Maps<'n> {
    weights: &'n First,
    planes: Planes,
    /// What is read of the values so far, a map a plane.
    parts: Vec<Map>,
    read: Vec<f32>,
    sum: Vec<f32>,
}

impl Maps<'_> {
    /// Sets the residual stream.
    pub fn step(&mut self, pixel: &mut Pixel<'_>) {
        let columns = self.weights.convolution.columns();
        self.sum.clear();
        self.sum.resize(columns, 0.0);
        for (part, name) in self.parts.iter().zip(WINDOW) {
            part.gather(pixel.place, &WINDOW_TAPS, &mut self.read);
            pixel.read(name, &self.read[..columns]);
            self.sum.iter_mut().zip(&self.read).for_each(|(sum, part)| *sum += part);
        }
        self.weights.convolution.apply(pixel.group, &self.sum, pixel.stream);
        class::add(self.weights.class.as_ref(), pixel.given.class, pixel.group, pixel.stream);
    }

    /// A value becomes known.
    pub fn observe(&mut self, place: Place, channel: usize, value: u16) {
        for (plane, part) in self.parts.iter_mut().enumerate() {
            part.group_mut(place, 0)[channel] = self.planes.part(plane, value);
        }
    }
}
