//! The integer network over a whole image, layer by layer and map by map: no stream, no ring, no packing, no kernel.
//!
//! Everything is in 64 bits or more, so nothing can wrap unseen; only the tables of [`pixelrnn::fixed`] are the engine's. The image
//! is known, so channel groups are only masks: what a group sees at the pixel itself.

mod arithmetic;
mod diagonal;
mod first;
mod given;
mod lstm;
mod map;
mod mixture;
mod pixelcnn;
mod row_lstm;
mod softmax;
mod upsample;

use pixelrnn::blob::{self, LayerDescription, Linear, Section};
use pixelrnn::layers::Dimensions;

use arithmetic::{add16, quantize, requantized};
use map::Map;
pub use mixture::Parts;

/// What the distribution of a value must be.
#[derive(Debug, Clone)]
pub enum Expected {
    /// A frequency a level.
    Frequencies(Vec<u32>),
    /// A mixture.
    Mixture(Parts),
}

/// What every layer reads and adds to.
struct Maps {
    image: Map,
    stream: Map,
    skips: Map,
}

impl Maps {
    fn add_skips(&mut self) {
        add16(&mut self.stream.values, &self.skips.values);
    }
}

/// The way through the blob.
struct Walk<'a> {
    network: Dimensions,
    section: Section<'a>,
    size: (i64, i64),
    class: Option<u16>,
    /// Features of a smaller image, if the model is given one.
    upsampled: Option<Map>,
}

/// The last products of a block: a group's rows.
struct Expand<'a> {
    expand: Linear<'a>,
    skip: Option<Linear<'a>>,
}

impl Expand<'_> {
    fn add(&self, maps: &mut Maps, inner: &Map, (group, groups): (usize, usize), shifts: [u8; 2]) {
        for at in inner.positions() {
            let input = inner.seen(at, group, groups);
            let add = |map: &mut Map, linear: &Linear<'_>, shift| {
                let mut sum = map.group(at, group, groups);
                add16(&mut sum, &requantized(linear, &input, shift));
                map.set_group(at, group, &sum);
            };
            add(&mut maps.stream, &self.expand, shifts[0]);
            if let Some(skip) = &self.skip {
                add(&mut maps.skips, skip, shifts[1]);
            }
        }
    }
}

impl<'a> Walk<'a> {
    fn share(&self, features: usize) -> usize {
        features / self.network.groups
    }

    fn seen(&self, features: usize, group: usize) -> usize {
        self.share(features) * (group + 1)
    }

    /// Takes a group's quantizer, and quantizes the group's stream.
    fn quantize(&mut self, maps: &Maps, group: usize, shift: u8, zero_point: i64, input: &mut Map) {
        let quantizer = self.section.quantizer(self.share(self.network.features));
        for at in input.positions() {
            let stream = maps.stream.group(at, group, self.network.groups);
            input.set_group(at, group, &quantize(&stream, quantizer, shift, zero_point));
        }
    }

    fn take_expand(&mut self, hidden: usize, group: usize, skip: bool) -> Expand<'a> {
        let (rows, columns) = (self.share(self.network.features), self.seen(hidden, group));
        let expand = self.section.linear(rows, columns);
        Expand { expand, skip: skip.then(|| self.section.linear(rows, columns)) }
    }
}

/// The distribution of every value of a whole image, in order; of a model with classes given the image's, of one that is given a
/// smaller image what the image itself holds every few pixels.
///
/// # Panics
/// If the blob cannot be read.
pub fn distributions(blob: &[u8], class: Option<u16>, (width, height): (usize, usize), image: &[u16]) -> Vec<Expected> {
    let (header, body, _) = blob::open(blob).expect("a valid blob");
    let network = Dimensions::new(&header);
    let map = |features| Map::new(width as i64, height as i64, features);
    let mut maps = Maps { image: map(network.channels), stream: map(network.features), skips: map(network.features) };
    maps.image.values = image.iter().map(|&value| i64::from(value)).collect();
    let (upsampled, size) = (None, (width as i64, height as i64));
    let mut walk = Walk { network, section: Section::new(body, header.packing), class, upsampled, size };
    let mut all = Vec::new();
    for layer in &header.layers {
        let packing = if layer.layer().is_block() { header.packing } else { header.packing.wide() };
        walk.section = walk.section.packed(packing);
        match layer {
            LayerDescription::First(layer) => first::run(layer, &mut walk, &mut maps),
            LayerDescription::PixelCnn(layer) => pixelcnn::run(layer, 1, &mut walk, &mut maps),
            LayerDescription::Dilated(layer) => {
                pixelcnn::run(&layer.block, layer.distance.pixels().into(), &mut walk, &mut maps)
            }
            LayerDescription::RowLstm(layer) => row_lstm::run(layer, &mut walk, &mut maps),
            LayerDescription::Diagonal(layer) => diagonal::run(layer, &mut walk, &mut maps),
            LayerDescription::Softmax(layer) => all = softmax::run(layer, &mut walk, &mut maps),
            LayerDescription::Mixture(layer) => all = mixture::run(layer, &mut walk, &mut maps),
            LayerDescription::Upsample(layer) => walk.upsampled = Some(upsample::run(layer, &mut walk, &maps.image)),
            _ => unreachable!("a layer without a full-image network"),
        }
    }
    all
}
