//! PixelCNN's block, dilated: its convolution reads pixels that are `distance` rows and columns away (Yu and Koltun 2016, arXiv 1511.07122).
//!
//! State and step are those of [`pixelcnn`], which is this with a distance of 1.

use super::pixelcnn;
use super::{Dimensions, Images, Layer, Place, WorkSizes};
use crate::blob::{Dilated, Part, Section};

impl Layer for Dilated {
    fn hidden(&self) -> usize {
        self.block.hidden()
    }

    #[cfg(nibbles)]
    fn is_block(&self) -> bool {
        true
    }

    fn shifts(&self) -> &[u8] {
        self.block.shifts()
    }

    fn skip(&self) -> bool {
        self.block.skip()
    }

    fn is_possible(&self, network: &Dimensions) -> bool {
        self.block.is_possible(network)
    }

    fn parts(&self, network: &Dimensions, group: usize, show: &mut dyn FnMut(Part)) {
        self.block.parts(network, group, show);
    }

    fn class_rows(&self, network: &Dimensions) -> usize {
        self.block.class_rows(network)
    }

    fn upsampled_rows(&self, network: &Dimensions) -> usize {
        self.block.upsampled_rows(network)
    }

    fn state_words(&self, network: &Dimensions, width: usize) -> usize {
        pixelcnn::state_words(&self.block, network, (width, self.distance.pixels().into()))
    }

    fn first_word(&self) -> u32 {
        self.block.first_word()
    }

    fn widen(&self, network: &Dimensions, sizes: &mut WorkSizes) {
        self.block.widen(network, sizes);
    }
}

/// One pixel, one group.
#[inline]
pub fn step<const N: usize>(
    layer: &Dilated,
    network: &Dimensions,
    body: &mut Section<'_>,
    place: Place,
    images: &mut Images<'_, N>,
) {
    pixelcnn::step::<N, true>(&layer.block, layer.distance.pixels().into(), network, body, place, images);
}
