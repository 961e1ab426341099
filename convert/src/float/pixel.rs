//! One channel group of one pixel, as layers hand it on.

use super::condition::Given;
use super::map::Place;
use super::{Observer, Site};

/// The pixel at hand.
pub(super) struct Pixel<'a> {
    /// Row and column.
    pub place: Place,
    /// What the image is given.
    pub given: Given<'a>,
    /// The channel group at hand.
    pub group: usize,
    /// Whether later groups follow, so that features are not complete.
    pub more_groups: bool,
    /// The number of the layer at hand.
    pub layer: usize,
    /// The residual stream's features of the group.
    pub stream: &'a mut [f32],
    /// The skip connections' sum of the group.
    pub skip: &'a mut [f32],
    pub observer: &'a mut dyn Observer,
}

impl Pixel<'_> {
    /// Shows the observer features of the layer at hand, once those of all groups are there.
    pub fn see(&mut self, name: &'static str, features: &[f32]) {
        if !self.more_groups {
            self.observer.see(Site { layer: self.layer, name }, features);
        }
    }

    /// Shows the observer what a product of the layer at hand reads, once that of all groups is there.
    pub fn read(&mut self, name: &'static str, input: &[f32]) {
        if !self.more_groups {
            self.observer.read(Site { layer: self.layer, name }, input);
        }
    }

    /// Shows the observer the residual stream.
    pub fn see_stream(&mut self) {
        self.observer.see(Site::STREAM, self.stream);
    }
}

/// In place.
pub(super) fn relu(values: &mut [f32]) {
    for value in values {
        *value = value.max(0.0);
    }
}
