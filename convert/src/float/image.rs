//! One image being modelled by a float network: predict and observe, as the engine does.

use super::canvas::Canvas;
use super::first;
use super::map::{Place, Size};
use super::pixel::Pixel;
use super::table::{HeadLayer, Layer};
use super::{Network, Observer, Prediction, Site};
use crate::data::Picture;

/// An image, its features so far, and the place of the next value.
#[derive(Debug)]
pub struct Image<'n> {
    network: &'n Network,
    class: Option<u16>,
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
    /// Begins an image; of a network with classes, of one of them.
    ///
    /// # Panics
    /// If the network has classes and none of them is given, or has none and one is: a mistake of the caller's.
    pub fn begin(network: &'n Network, class: Option<u16>, (width, height): (usize, usize)) -> Self {
        let config = &network.config;
        assert!(class.map_or(config.classes == 0, |class| class < config.classes), "class {class:?} of {config:?}");
        let groups = usize::from(config.groups());
        let size = Size { width, height, groups };
        let features = vec![0.0; 2 * usize::from(config.hidden) / groups];
        Self {
            network,
            class,
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

    /// Nats of a whole image, given its class if the network has classes.
    pub fn score(network: &'n Network, picture: &Picture, class: Option<u16>, observer: &mut dyn Observer) -> f64 {
        Self::score_each(network, picture, class, observer).iter().sum()
    }

    /// The same of each value, in the order of rows, columns and channels.
    pub fn score_each(
        network: &'n Network,
        picture: &Picture,
        class: Option<u16>,
        observer: &mut dyn Observer,
    ) -> Vec<f64> {
        let mut image = Self::begin(network, class, picture.size());
        let one = |&value: &u16| {
            let nats = image.predict(observer).nats(value);
            image.observe(value);
            nats
        };
        picture.values.iter().map(one).collect()
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
        let class = self.class;
        let mut pixel = Pixel { place, class, group, more_groups, layer: 0, stream, skip, observer };
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
            block.row_end((self.rows_ended, self.class), read);
        }
        self.rows_ended += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Architecture, NetworkConfig};
    use crate::float::Silent;

    const ARCHITECTURES: [Architecture; 3] =
        [Architecture::PixelCnn, Architecture::RowLstm, Architecture::DiagonalBilstm];
    const WIDTH: usize = 5;
    const HEIGHT: usize = 4;

    /// Numbers of -1 to 1 that look random.
    fn number(seed: u64) -> f32 {
        let mixed = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        ((mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }

    /// A network whose weights are there behind the masks, too.
    fn network(architecture: Architecture, channels: u8, levels: u32, components: u8) -> Network {
        let (hidden, head) = (48, 48);
        let config = NetworkConfig {
            architecture,
            levels,
            channels,
            hidden,
            blocks: 2,
            head,
            kernel: 5,
            skip: true,
            components,
            classes: 0,
        };
        let mut seed = 0;
        let source = &mut |_: &str, shape: &[usize]| {
            seed += 1;
            let bound = (6.0 / shape[1..].iter().product::<usize>() as f32).sqrt();
            Ok((0..shape.iter().product::<usize>() as u64).map(|n| number(n + (seed << 32)) * bound).collect())
        };
        Network::from_tensors(config, source).unwrap()
    }

    fn networks() -> Vec<Network> {
        let kinds = [(1, 2, 0), (3, 5, 0), (4, 2, 0), (1, 300, 3), (3, 17, 2)];
        let of = |architecture| {
            kinds.map(|(channels, levels, components)| network(architecture, channels, levels, components))
        };
        ARCHITECTURES.into_iter().flat_map(of).collect()
    }

    fn values(network: &Network) -> Vec<u16> {
        let count = WIDTH * HEIGHT * usize::from(network.config.channels);
        (0..count as u64).map(|n| ((number(n) + 1.0) * 0.5 * network.config.levels as f32) as u16).collect()
    }

    /// The distribution of every value as it comes.
    fn predictions(network: &Network, values: &[u16]) -> Vec<Prediction> {
        let class = (network.config.classes > 0).then_some(1);
        let mut image = Image::begin(network, class, (WIDTH, HEIGHT));
        let one = |&value: &u16| {
            let prediction = image.predict(&mut Silent);
            image.observe(value);
            prediction
        };
        values.iter().map(one).collect()
    }

    #[test]
    fn probabilities_of_all_values_sum_to_one() {
        for network in networks() {
            for prediction in predictions(&network, &values(&network)) {
                let sum: f64 = (0..network.config.levels).map(|value| (-prediction.nats(value as u16)).exp()).sum();
                assert!((sum - 1.0).abs() < 1e-5, "{:?}: {sum}", network.config);
            }
        }
    }

    /// A value says something of the next one, channel or pixel of its row, and nothing of what was before.
    #[test]
    fn predictions_depend_on_what_was_before_alone() {
        for network in networks() {
            let (levels, before) = (network.config.levels, values(&network));
            let unchanged = predictions(&network, &before);
            let row = WIDTH * usize::from(network.config.channels);
            for place in (0..before.len()).filter(|place| (place + 1) % row != 0) {
                let mut changed = before.clone();
                changed[place] = ((u32::from(changed[place]) + levels / 2) % levels) as u16;
                let changed = predictions(&network, &changed);
                assert!(changed[..=place] == unchanged[..=place], "{:?}, value {place}", network.config);
                assert!(changed[place + 1] != unchanged[place + 1], "{:?}, value {place}", network.config);
            }
        }
    }
}
