//! One image being modelled by a float network: predict and observe, as the engine does.

use super::canvas::Canvas;
use super::first;
use super::map::{Place, Size};
use super::pixel::Pixel;
use super::table::{HeadLayer, Layer};
use super::{Network, Observer, Prediction, Site};

/// An image, its features so far, and the place of the next value.
#[derive(Debug)]
pub struct Image<'n> {
    network: &'n Network,
    canvas: Canvas,
    /// Values observed so far.
    known: usize,
    first: first::Maps<'n>,
    blocks: Vec<Box<dyn Layer + 'n>>,
    head: Box<dyn HeadLayer + 'n>,
    /// The residual stream and the skip connections' sum of the group at hand.
    stream: Vec<f32>,
    skip: Vec<f32>,
    /// Rows of which all that later rows need is computed.
    rows_ended: isize,
}

impl<'n> Image<'n> {
    /// Begins an image.
    pub fn begin(network: &'n Network, width: usize, height: usize) -> Self {
        let config = &network.config;
        let groups = usize::from(config.groups());
        let size = Size { width, height, groups };
        let features = vec![0.0; 2 * usize::from(config.hidden) / groups];
        Self {
            network,
            canvas: Canvas::new(width, height, config.channels.into()),
            known: 0,
            first: network.first.begin(config, size),
            blocks: network.blocks.iter().map(|block| block.begin(config, size)).collect(),
            head: network.head.begin(config),
            stream: features.clone(),
            skip: features,
            rows_ended: 0,
        }
    }

    /// The distribution of the next value, in the order of rows, columns and channels.
    ///
    /// # Panics
    /// Past the image's end: a mistake of the caller's.
    pub fn predict(&mut self, observer: &mut dyn Observer) -> Prediction {
        let (place, channel) = self.next();
        assert!(place.0 < self.canvas.height as isize, "the image is complete");
        while self.rows_ended < place.0 {
            self.end_row(observer);
        }
        if channel < usize::from(self.network.config.groups()) {
            self.walk(place, channel, observer);
        }
        self.head.predict(&self.canvas, place, channel)
    }

    /// Feeds the true value, after [`predict`](Self::predict).
    pub fn observe(&mut self, value: u16) {
        let (place, channel) = self.next();
        self.canvas.set(self.known, value);
        self.first.observe(place, channel, value);
        self.known += 1;
    }

    /// Nats of a whole image, whose channels are interleaved.
    pub fn score(
        network: &'n Network,
        width: usize,
        height: usize,
        values: &[u16],
        observer: &mut dyn Observer,
    ) -> f64 {
        let mut image = Self::begin(network, width, height);
        let mut nats = 0.0;
        for &value in values {
            nats += image.predict(observer).nats(value);
            image.observe(value);
        }
        nats
    }

    /// Where the next value lies, and its channel.
    fn next(&self) -> (Place, usize) {
        let Canvas { width, channels, .. } = self.canvas;
        let (pixel, channel) = (self.known / channels, self.known % channels);
        (((pixel / width) as isize, (pixel % width) as isize), channel)
    }

    /// Runs a channel group through all layers.
    fn walk(&mut self, place: Place, group: usize, observer: &mut dyn Observer) {
        let config = &self.network.config;
        let more_groups = group + 1 < usize::from(config.groups());
        self.skip.fill(0.0);
        let (stream, skip) = (&mut self.stream, &mut self.skip);
        let mut pixel = Pixel { place, group, more_groups, layer: 0, stream, skip, observer };
        self.first.step(&mut pixel);
        pixel.see_stream();
        for block in &mut self.blocks {
            pixel.layer += 1;
            block.step(&mut pixel);
            pixel.see_stream();
        }
        pixel.layer += 1;
        self.head.step(&mut pixel);
    }

    fn end_row(&mut self, observer: &mut dyn Observer) {
        for (number, block) in self.blocks.iter_mut().enumerate() {
            let read = &mut |name, input: &[f32]| observer.read(Site { layer: 1 + number, name }, input);
            block.row_end(self.rows_ended, read);
        }
        self.rows_ended += 1;
    }
}
