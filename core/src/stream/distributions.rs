//! The distributions of several images' next value.

use crate::distribution::Distribution;
use crate::kernels::mixture::Component;

/// The distributions of the next value, one of each image.
#[derive(Debug, Clone, Copy)]
pub struct Distributions<'a, const N: usize> {
    pub(super) levels: u32,
    pub(super) kind: Kind<'a, N>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Kind<'a, const N: usize> {
    /// Each image's frequency of value 1.
    Binary([u32; N]),
    /// Totals, and an image's frequencies after the other's.
    Levels([u32; N], &'a [u32]),
    /// An image's components after the other's.
    Mixture(&'a [Component]),
    /// Each image's known value.
    Certain([u16; N]),
}

impl<'a, const N: usize> Distributions<'a, N> {
    /// An image's; of an image beyond the last, the last's.
    pub fn of(&self, image: usize) -> Distribution<'a> {
        let image = image.min(N.saturating_sub(1));
        let of = |totals: &[u32; N]| totals.get(image).copied().unwrap_or(0);
        match &self.kind {
            Kind::Binary(ones) => Distribution::of_binary(of(ones)),
            Kind::Levels(totals, frequencies) => {
                Distribution::of_frequencies(nth(frequencies, image, self.levels as usize), of(totals))
            }
            Kind::Mixture(components) => {
                let each = components.len().checked_div(N).unwrap_or(0);
                Distribution::of_components(nth(components, image, each), self.levels)
            }
            Kind::Certain(values) => Distribution::certain(values.get(image).copied().unwrap_or(0), self.levels),
        }
    }
}

/// The `index`-th of pieces of a size.
fn nth<T>(all: &[T], index: usize, size: usize) -> &[T] {
    all.get(index * size..(index + 1) * size).unwrap_or_default()
}
