//! What an image is given beside the values before a pixel, and what that adds to a layer's products.

use super::class::{self, Class};
use super::load::Tensors;
use super::map::{Map, Place};
use super::upsample::Projection;
use crate::config::NetworkConfig;

/// What an image is given: what its network asks for, no more and no less.
#[derive(Debug, Clone, Copy, Default)]
pub struct Conditions<'a> {
    /// Its class.
    pub class: Option<u16>,
    /// The values of the smaller image: see [`Picture::sampled`](crate::data::Picture::sampled).
    pub small: Option<&'a [u16]>,
}

impl From<Option<u16>> for Conditions<'_> {
    fn from(class: Option<u16>) -> Self {
        Self { class, small: None }
    }
}

/// What a layer is given: of a smaller image its features at every pixel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given<'a> {
    pub class: Option<u16>,
    pub features: Option<&'a Map>,
}

/// What conditions are multiplied with at one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// Of classes.
    pub class: Option<Class>,
    /// Of upsampled features.
    pub projection: Option<Projection>,
}

impl Condition {
    /// Takes what the network's conditions ask for; `rows` lie in `parts` equal parts.
    pub(super) fn take(
        tensors: &mut Tensors<'_>,
        config: &NetworkConfig,
        place: &str,
        rows: (usize, usize),
    ) -> Result<Self, String> {
        let class = Class::take(tensors, config, place, rows)?;
        Ok(Self { class, projection: Projection::take(tensors, config, place, rows)? })
    }

    /// Adds what is given to a group's rows at a pixel.
    pub(super) fn add(&self, given: &Given<'_>, place: Place, group: usize, out: &mut [f32]) {
        class::add(self.class.as_ref(), given.class, group, out);
        if let Some((projection, features)) = self.projection.as_ref().zip(given.features) {
            projection.0.add(group, features.at(place), out);
        }
    }
}
