//! What images are given beside the values before a pixel: a class, a smaller image, both or nothing.
//!
//! Conditions are inputs of a layer: they add to its products, wherever the layer says. What they are multiplied with ends the
//! layer's arrays. What each image is given, and which layer is at hand, the network knows that walks the layers: it leaves both in
//! the scratch.

use super::shape::MAY_BE_GIVEN;
use super::{Classes, Small, slot};
use crate::blob::Section;
use crate::fixed::saturate16;
use crate::kernels::lanes::{Activations, add_scaled};

/// What each of the images is given.
#[derive(Debug, Clone, Copy)]
pub struct Given<'s, const N: usize> {
    /// Classes, if the model has some.
    pub classes: Classes<N>,
    /// Smaller images, if the model asks for them.
    pub small: Option<Small<'s, N>>,
    is_nothing: bool,
}

impl<'s, const N: usize> Given<'s, N> {
    /// Images that are given nothing.
    pub const NOTHING: Self = Self { classes: Classes::NONE, small: None, is_nothing: true };

    /// Classes or none, smaller images or none.
    pub fn new(classes: Classes<N>, small: Option<Small<'s, N>>) -> Self {
        Self { classes, small, is_nothing: classes.of(0).is_none() && small.is_none() }
    }

    /// Whether images are given nothing.
    #[inline]
    pub const fn is_nothing(&self) -> bool {
        self.is_nothing || !MAY_BE_GIVEN
    }
}

/// What the images are given at the layer at hand.
pub struct GivenHere<'a, const N: usize> {
    /// What they are given in all.
    pub given: &'a Given<'a, N>,
    /// Whether that is nothing: asked at every layer, and so at hand.
    is_nothing: bool,
    /// The layer's body, whose end is multiplied with it.
    body: Section<'a>,
    /// The upsampled features of the pixel at hand, if there are smaller images.
    pub(super) features: Option<Features<'a, N>>,
}

/// Upsampled features, as products read them: those of the pixel at hand.
pub struct Features<'a, const N: usize> {
    /// Those of a pixel, or of a whole row of them.
    kept: &'a [[i8; N]],
    /// Features of a pixel.
    size: usize,
    activations: Activations<'a, N>,
}

impl<'a, const N: usize> Features<'a, N> {
    /// Those kept of a pixel or of a row, `size` each.
    pub fn new(kept: &'a [[i8; N]], size: usize, scratch: &'a mut [u32]) -> Self {
        Self { kept, size, activations: Activations::new(scratch) }
    }

    /// Goes on to a column.
    pub fn at(&mut self, column: usize) {
        let index = if self.kept.len() > self.size { column } else { 0 };
        self.activations.clear();
        self.activations.push(slot(self.kept, index, self.size));
    }
}

impl<'a, const N: usize> GivenHere<'a, N> {
    /// What is given before any layer.
    pub const fn new(given: &'a Given<'a, N>) -> Self {
        Self { given, is_nothing: given.is_nothing(), body: Section::EMPTY, features: None }
    }

    /// Whether images are given nothing.
    #[inline]
    pub const fn is_nothing(&self) -> bool {
        self.is_nothing || !MAY_BE_GIVEN
    }

    /// Goes on to a layer.
    #[inline]
    pub fn at(&mut self, body: &Section<'a>) {
        if !self.is_nothing() {
            self.body = body.clone();
        }
    }

    /// Goes on to another column of a row that is complete.
    #[inline]
    pub fn at_column(&mut self, column: usize) {
        if let Some(features) = &mut self.features {
            features.at(column);
        }
    }

    /// Adds to sums what images are given: to `rows` of the layer, how many it has in all, and the first.
    #[inline]
    pub fn add(&self, rows: (usize, usize), sums: &mut [[i32; N]]) {
        if !self.is_nothing() {
            self.add_all(rows, sums);
        }
    }

    /// Adds what the classes add, shifted and rounded, to the residual stream.
    #[inline]
    pub fn add_class_shifted(&self, rows: (usize, usize), shift: u32, stream: &mut [[i16; N]]) {
        if !self.is_nothing() {
            self.shift_class(rows, shift, stream);
        }
    }

    // Cold, so that the way without conditions is compiled as if this were not there.
    #[cold]
    #[inline(never)]
    fn add_all(&self, rows: (usize, usize), sums: &mut [[i32; N]]) {
        let classes = &self.given.classes;
        classes.for_each(&self.body, rows, sums, |sum, addend| *sum = sum.wrapping_add(addend));
        if let Some(features) = &self.features {
            let matrix = self.body.matrix_before(classes.bytes(rows.0), rows.0, features.size);
            add_scaled(&matrix.rows(rows.1, sums.len()), &features.activations, sums);
        }
    }

    #[cold]
    #[inline(never)]
    fn shift_class(&self, rows: (usize, usize), shift: u32, stream: &mut [[i16; N]]) {
        let half = (1 << (shift & 31)) >> 1;
        self.given.classes.for_each(&self.body, rows, stream, |value, addend| {
            *value = saturate16(i32::from(*value) + (addend.wrapping_add(half) >> (shift & 31)));
        });
    }
}
