//! Scratch that all layers share, and the carving of a caller's buffer into typed pieces.

use super::GivenHere;
use crate::kernels::activation_words;

/// Cuts a buffer of words into slices for `N` images. What does not fit is empty; a checked model and a checked buffer always
/// fit.
///
/// An element of a slice holds a value of each image, so that images lie side by side. Counts are an image's.
pub struct Carver<'a, const N: usize> {
    words: &'a mut [u32],
}

impl<'a, const N: usize> Carver<'a, N> {
    /// The whole buffer.
    pub const fn new(words: &'a mut [u32]) -> Self {
        Self { words }
    }

    /// Takes words, of all images together.
    pub fn words(&mut self, count: usize) -> &'a mut [u32] {
        match core::mem::take(&mut self.words).split_at_mut_checked(count * N) {
            Some((taken, rest)) => {
                self.words = rest;
                taken
            }
            None => &mut [],
        }
    }

    /// Takes 32-bit integers.
    pub fn i32(&mut self, count: usize) -> &'a mut [[i32; N]] {
        bytemuck::try_cast_slice_mut(self.words(count)).unwrap_or_default()
    }

    /// Takes 16-bit integers, an even number.
    pub fn i16(&mut self, count: usize) -> &'a mut [[i16; N]] {
        bytemuck::try_cast_slice_mut(self.words(count / 2)).unwrap_or_default()
    }

    /// Takes bytes, a multiple of 4.
    pub fn i8(&mut self, count: usize) -> &'a mut [[i8; N]] {
        bytemuck::try_cast_slice_mut(self.words(count / 4)).unwrap_or_default()
    }

    /// Takes bytes, a multiple of 4.
    pub fn u8(&mut self, count: usize) -> &'a mut [[u8; N]] {
        bytemuck::try_cast_slice_mut(self.words(count / 4)).unwrap_or_default()
    }

    /// Takes half words, an even number.
    pub fn u16(&mut self, count: usize) -> &'a mut [[u16; N]] {
        bytemuck::try_cast_slice_mut(self.words(count / 2)).unwrap_or_default()
    }
}

/// The largest pieces of scratch that any layer of a model needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WorkSizes {
    /// Features between blocks, of a group.
    pub features: usize,
    /// Whether any block has a skip connection.
    pub skip: bool,
    /// A block's quantized input, where no layer keeps its own.
    pub input: usize,
    /// Features inside a block, or the head's maps.
    pub hidden: usize,
    /// Rows of the output matrix.
    pub logits: usize,
    /// Columns of a matrix.
    pub columns: usize,
    /// Gates of an LSTM layer.
    pub gates: usize,
    /// Words for a mixture's components, which lie where activations lay before.
    pub components: usize,
    /// Channels whose residuals later ones read.
    pub residuals: usize,
}

impl WorkSizes {
    const fn skip_features(&self) -> usize {
        if self.skip { self.features } else { 0 }
    }

    /// Words in all.
    pub const fn words(&self) -> usize {
        self.features / 2
            + self.skip_features() / 2
            + self.input / 4
            + self.hidden / 4
            + self.logits
            + self.gates
            + self.residuals
            + self.scratch()
    }

    const fn scratch(&self) -> usize {
        let columns = activation_words(self.columns);
        if columns > self.components { columns } else { self.components }
    }
}

/// Makes a size serve a need too.
pub(super) fn widen(size: &mut usize, need: usize) {
    *size = need.max(*size);
}

/// The scratch itself, and the residual stream of the pixel at hand, for `N` images.
pub struct Work<'a, const N: usize> {
    /// The head's output: logits, Q11, and then frequencies. It lies first, so that distributions are found without cutting the rest.
    pub logits: &'a mut [[i32; N]],
    /// Where [`Activations`](crate::kernels::lanes::Activations) are built; after the head a mixture's components, image after image.
    pub scratch: &'a mut [u32],
    /// The residual stream, a group's share of `2h` features.
    pub stream: &'a mut [[i16; N]],
    /// Sum of the skip connections; empty without them.
    pub skip: &'a mut [[i16; N]],
    /// A block's quantized input, `2h`.
    pub input: &'a mut [[i8; N]],
    /// A block's inner features.
    pub hidden: &'a mut [[i8; N]],
    /// Gate inputs.
    pub gates: &'a mut [[i32; N]],
    /// What the values of a pixel's earlier channels added to their linear predictions, Q12.
    pub residuals: &'a mut [[i32; N]],
    /// What the images are given.
    pub given: GivenHere<'a, N>,
}

impl<'a, const N: usize> Work<'a, N> {
    /// Cuts the scratch out of a buffer of [`WorkSizes::words`] words an image.
    pub fn carve(words: &'a mut [u32], sizes: &WorkSizes, given: GivenHere<'a, N>) -> Self {
        let mut carver = Carver::new(words);
        Self {
            logits: carver.i32(sizes.logits),
            scratch: carver.words(sizes.scratch()),
            stream: carver.i16(sizes.features),
            skip: carver.i16(sizes.skip_features()),
            input: carver.i8(sizes.input),
            hidden: carver.i8(sizes.hidden),
            gates: carver.i32(sizes.gates),
            residuals: carver.i32(sizes.residuals),
            given,
        }
    }
}
