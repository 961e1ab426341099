//! Looking at features while a network runs: how calibration learns ranges and correlations.

/// Where in the network a vector of features is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Site {
    /// The layer's place in the network: 0 for the first, then the blocks, then the head.
    pub layer: usize,
    /// Which of the layer's vectors; a layer's file names them.
    pub name: &'static str,
}

impl Site {
    /// The residual stream behind any layer, and the head's input before its ReLU.
    pub const STREAM: Self = Self { layer: 0, name: "stream" };
    /// The sum of the skip connections behind any block.
    pub const SKIP: Self = Self { layer: 0, name: "skip" };
}

/// Looks at features while a network runs.
pub trait Observer {
    /// Called with the features of one pixel, where integers have a range: all channel groups' together, or for [`Site::STREAM`] and
    /// [`Site::SKIP`] group by group.
    fn see(&mut self, site: Site, features: &[f32]);

    /// Called with what a product reads for one pixel, all columns of the last channel group.
    fn read(&mut self, site: Site, input: &[f32]);
}

/// Looks at nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {
    fn see(&mut self, _: Site, _: &[f32]) {}

    fn read(&mut self, _: Site, _: &[f32]) {}
}
