//! One image being modelled by a float network: predict and observe, as the engine does.

use super::canvas::Canvas;
use super::condition::{Conditions, Given};
use super::first;
use super::map::{Place, Size};
use super::pixel::Pixel;
use super::table::{HeadLayer, Layer};
use super::upsample::Upsampled;
use super::{Network, Observer, Prediction, Site};
use crate::data::Picture;

/// An image, its features so far, and the place of the next value.
#[derive(Debug)]
pub struct Image<'n> {
    network: &'n Network,
    class: Option<u16>,
    upsampled: Option<Upsampled>,
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
    /// Begins an image, given what the network asks for.
    ///
    /// # Panics
    /// If the network asks for a class or a smaller image and is not given one that fits, or is given one that it does not ask for: a
    /// mistake of the caller's.
    pub fn begin<'s>(network: &'n Network, given: impl Into<Conditions<'s>>, (width, height): (usize, usize)) -> Self {
        let (config, Conditions { class, small }) = (&network.config, given.into());
        assert!(class.map_or(config.classes == 0, |class| class < config.classes), "class {class:?} of {config:?}");
        assert_eq!(config.small_values((width, height)), small.map(<[u16]>::len), "the smaller image's values");
        let groups = usize::from(config.groups());
        let size = Size { width, height, groups };
        let features = vec![0.0; 2 * usize::from(config.hidden) / groups];
        Self {
            network,
            class,
            upsampled: network.upsample.as_ref().zip(small).map(|(weights, small)| weights.run(config, size, small)),
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

    /// Whether the smaller image holds the next value.
    pub fn is_known(&self) -> bool {
        self.upsampled.as_ref().is_some_and(|upsampled| upsampled.holds(self.next().0))
    }

    /// Nats of a whole image, given its class if the network has classes, and if it asks for a smaller image what it holds itself every
    /// few pixels, which is certain.
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
        let small = picture.sampled(network.config.factor);
        let given = Conditions { class, small: small.as_ref().map(|small| small.values.as_slice()) };
        let mut image = Self::begin(network, given, picture.size());
        let one = |&value: &u16| {
            let is_known = image.is_known();
            let prediction = image.predict(observer);
            let nats = if is_known { 0.0 } else { prediction.nats(value) };
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
        if let Some(upsampled) = self.upsampled.as_ref().filter(|_| !more_groups) {
            upsampled.show(place, observer);
        }
        let given = given(self.class, self.upsampled.as_ref());
        let mut pixel = Pixel { place, given, group, more_groups, layer: 0, stream, skip, observer };
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
            block.row_end((self.rows_ended, given(self.class, self.upsampled.as_ref())), read);
        }
        self.rows_ended += 1;
    }
}

/// What layers are given.
fn given(class: Option<u16>, upsampled: Option<&Upsampled>) -> Given<'_> {
    Given { class, features: upsampled.map(|upsampled| &upsampled.features) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Architecture, NetworkConfig};
    use crate::float::Silent;

    const WIDTH: usize = 5;
    const HEIGHT: usize = 4;

    /// Numbers of -1 to 1 that look random.
    fn number(seed: u64) -> f32 {
        let mixed = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        ((mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }

    /// A network whose weights are there behind the masks, too.
    fn network(architecture: Architecture, channels: u8, levels: u32, components: u8) -> Network {
        let config = NetworkConfig {
            levels,
            channels,
            kernel: 5,
            skip: true,
            components,
            ..NetworkConfig::plain(architecture, 48, 2)
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
        Architecture::ALL.into_iter().flat_map(of).collect()
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
