//! Classes: what an image's class adds to a layer's products, wherever the layer says.
//!
//! A layer's vectors lie behind its arrays. Which class each image is of, and which layer is at hand, the network knows that walks the
//! layers: it leaves both in the scratch.

use crate::blob::Section;
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
        self.of.get(image).copied().filter(|_| self.count > 0)
    }
}

/// What the images are given at the layer at hand.
pub struct Given<'a, const N: usize> {
    classes: Classes<N>,
    /// The layer's body, of which the vectors are the end.
    body: Section<'a>,
}

impl<'a, const N: usize> Given<'a, N> {
    /// What is given before any layer.
    pub const fn new(classes: Classes<N>) -> Self {
        Self { classes, body: Section::EMPTY }
    }

    /// Whether images are given nothing.
    #[inline]
    pub const fn is_nothing(&self) -> bool {
        self.classes.count == 0
    }

    /// Goes on to a layer.
    #[inline]
    pub fn at(&mut self, body: &Section<'a>) {
        if !self.is_nothing() {
            self.body = body.clone();
        }
    }

    /// Adds to sums what each image's class adds to `rows` of the layer: how many it has in all, and the first.
    #[inline]
    pub fn add(&self, rows: (usize, usize), sums: &mut [[i32; N]]) {
        if !self.is_nothing() {
            self.for_each(rows, sums, |sum, addend| *sum = sum.wrapping_add(addend));
        }
    }

    /// Adds the same, shifted and rounded, to the residual stream.
    #[inline]
    pub fn add_shifted(&self, rows: (usize, usize), shift: u32, stream: &mut [[i16; N]]) {
        if !self.is_nothing() {
            let half = (1 << (shift & 31)) >> 1;
            self.for_each(rows, stream, |value, addend| {
                *value = saturate16(i32::from(*value) + (addend.wrapping_add(half) >> (shift & 31)));
            });
        }
    }

    // Cold, so that the way without classes is compiled as if this were not there.
    #[cold]
    #[inline(never)]
    fn for_each<T>(&self, (rows, start): (usize, usize), out: &mut [[T; N]], mut add: impl FnMut(&mut T, i32)) {
        let vectors = self.body.last_vectors(rows, self.classes.count.into());
        for (image, &class) in self.classes.of.iter().enumerate() {
            let places = out.iter_mut().filter_map(|images| images.get_mut(image));
            places.zip(vectors.of(class, start)).for_each(|(place, addend)| add(place, addend));
        }
    }
}
