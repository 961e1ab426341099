//! Classes: what an image's class adds to a layer's products, wherever the layer says.
//!
//! A layer's vectors lie behind its arrays; which class each image is of, the network knows that walks the layers.

use crate::blob::Vectors;
use crate::fixed::saturate16;

/// The class of each image.
#[derive(Debug, Clone, Copy)]
pub struct Classes<const N: usize> {
    of: [u16; N],
    /// Classes of the model; 0 without.
    count: u16,
}

impl<const N: usize> Classes<N> {
    /// Images of a model without classes.
    pub const NONE: Self = Self { of: [0; N], count: 0 };

    /// Images of these classes, all below `count`.
    pub const fn new(of: [u16; N], count: u16) -> Self {
        Self { of, count }
    }

    /// An image's class, if there are classes.
    pub fn of(&self, image: usize) -> Option<u16> {
        self.of.get(image).copied().filter(|_| !self.is_none())
    }

    /// Whether the model has no classes.
    #[inline]
    pub const fn is_none(&self) -> bool {
        self.count == 0
    }

    /// Adds to sums what each image's class adds to a layer's rows from `start` on.
    #[inline]
    pub fn add(&self, vectors: &Vectors<'_>, start: usize, sums: &mut [[i32; N]]) {
        if !self.is_none() {
            self.for_each(vectors, start, sums, |sum, addend| *sum = sum.wrapping_add(addend));
        }
    }

    /// Adds the same, shifted and rounded, to the residual stream.
    #[inline]
    pub fn add_shifted(&self, vectors: &Vectors<'_>, start: usize, shift: u32, stream: &mut [[i16; N]]) {
        if !self.is_none() {
            let half = (1 << (shift & 31)) >> 1;
            self.for_each(vectors, start, stream, |value, addend| {
                *value = saturate16(i32::from(*value) + (addend.wrapping_add(half) >> (shift & 31)));
            });
        }
    }

    fn for_each<T>(&self, vectors: &Vectors<'_>, start: usize, out: &mut [[T; N]], mut add: impl FnMut(&mut T, i32)) {
        for (image, &class) in self.of.iter().enumerate() {
            let places = out.iter_mut().filter_map(|images| images.get_mut(image));
            places.zip(vectors.of(class, start)).for_each(|(place, addend)| add(place, addend));
        }
    }
}
