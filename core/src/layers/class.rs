//! Classes: what an image's class adds to a layer's products, wherever the layer says.
//!
//! A layer's vectors end its arrays: see [`given`](super::given).

use crate::blob::{Part, Section};

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

    /// Bytes of a layer's vectors for so many rows.
    pub(super) fn bytes(&self, rows: usize) -> usize {
        if self.count == 0 { 0 } else { Part::Vectors(rows, self.count.into()).bytes(false) }
    }

    /// Shows `add` what each image's class adds to the rows from one on, with the row's place; `rows` are those of the whole layer.
    pub(super) fn for_each<T>(
        &self,
        body: &Section<'_>,
        (rows, start): (usize, usize),
        out: &mut [[T; N]],
        mut add: impl FnMut(&mut T, i32),
    ) {
        if self.count == 0 {
            return;
        }
        let vectors = body.last_vectors(rows, self.count.into());
        for (image, &class) in self.of.iter().enumerate() {
            let places = out.iter_mut().filter_map(|images| images.get_mut(image));
            places.zip(vectors.of(class, start)).for_each(|(place, addend)| add(place, addend));
        }
    }
}
