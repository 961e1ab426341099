//! A layer's sizes, from its description alone.

use super::{WorkSizes, slot_mut};
use crate::blob::{Architecture, Header, LayerDescription, Matrix, Packing, Part, Section, Vectors};

/// What all layers of a network share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dimensions {
    /// Features between blocks, `2h`.
    pub features: usize,
    /// Values a channel of a pixel can take.
    pub levels: u32,
    /// Channels of a pixel.
    pub channels: usize,
    /// Channel groups that every map of features is split in: one a channel under a softmax, else 1.
    pub groups: usize,
    /// Classes, of which an image has one; 0 without.
    pub classes: usize,
    /// How many times wider and higher images are than smaller ones that they are given; 0 without.
    pub factor: usize,
    /// Features that are upsampled of those; 0 without.
    pub upsampled: usize,
    /// Whether a complete row leaves work behind, which reads upsampled features again.
    pub has_row_end: bool,
    /// The form of the weights.
    pub packing: Packing,
}

impl Dimensions {
    /// Of a model.
    pub fn new(header: &Header) -> Self {
        let channels = usize::from(header.channels);
        let is_mixture = matches!(header.layers.last(), Some(LayerDescription::Mixture(_)));
        let groups = if is_mixture { 1 } else { channels };
        let upsampled = match header.layers.first() {
            Some(LayerDescription::Upsample(layer)) => layer.features.into(),
            _ => 0,
        };
        Self {
            features: header.features.into(),
            levels: header.levels,
            channels,
            groups,
            classes: header.condition.classes.into(),
            factor: header.condition.factor.into(),
            upsampled,
            has_row_end: matches!(header.architecture, Architecture::DiagonalBilstm),
            packing: header.packing,
        }
    }

    /// A group's share of so many features.
    #[inline]
    pub fn share(&self, features: usize) -> usize {
        match self.groups {
            1 => features,
            groups => features.checked_div(groups).unwrap_or(0),
        }
    }

    /// What a group sees of so many features at the pixel itself (mask B): the groups up to its own.
    #[inline]
    pub fn seen(&self, features: usize, group: usize) -> usize {
        match self.groups {
            1 => features,
            _ => self.share(features) * (group + 1),
        }
    }

    /// A group's own features in a vector of so many.
    #[inline]
    pub(super) fn own<'a, T>(&self, all: &'a mut [T], features: usize, group: usize) -> &'a mut [T] {
        match self.groups {
            // With one group nothing is paid for groups.
            1 => all.get_mut(..features).unwrap_or_default(),
            _ => slot_mut(all, group, self.share(features)),
        }
    }

    /// The features that a group [sees](Self::seen) in a vector of so many.
    #[inline]
    pub(super) fn seen_of<'a, T>(&self, all: &'a [T], features: usize, group: usize) -> &'a [T] {
        all.get(..self.seen(features, group)).unwrap_or_default()
    }

    /// Bits that a value takes.
    pub fn bits(&self) -> u32 {
        self.levels.saturating_sub(1).max(1).ilog2() + 1
    }

    /// Whether images are given anything.
    pub const fn is_conditioned(&self) -> bool {
        self.classes > 0 || self.factor > 0
    }

    /// Columns of a row whose upsampled features are kept.
    pub const fn columns_kept(&self, width: usize) -> usize {
        if self.has_row_end { width } else { 1 }
    }

    /// Whether so many features can be split among the groups, each a multiple of four.
    pub fn splits(&self, features: usize, most: usize) -> bool {
        (1..=most).contains(&features) && features.is_multiple_of(4 * self.groups)
    }
}

/// What a layer is, in plain numbers. Every layer has this in the file of its name.
pub trait Layer {
    /// Features inside the layer: `h` of a block, a head's maps, 0 for the first convolution.
    fn hidden(&self) -> usize;

    /// The layer's shifts.
    fn shifts(&self) -> &[u8];

    /// Whether the sizes are ones that the engine runs.
    fn is_possible(&self, network: &Dimensions) -> bool;

    /// Shows the arrays of a group's body, in order.
    fn parts(&self, network: &Dimensions, group: usize, show: &mut dyn FnMut(Part));

    /// Rows, of all groups, to which classes add.
    fn class_rows(&self, _network: &Dimensions) -> usize {
        0
    }

    /// Rows, of all groups, to which upsampled features of a smaller image add.
    fn upsampled_rows(&self, _network: &Dimensions) -> usize {
        0
    }

    /// Pixels that share one run of all products.
    fn pixels(&self, _network: &Dimensions) -> usize {
        1
    }

    /// Words of state that the layer keeps for a width.
    fn state_words(&self, network: &Dimensions, width: usize) -> usize;

    /// What the words of its state are when an image begins.
    fn first_word(&self) -> u32 {
        0
    }

    /// The shared scratch that the layer needs, beyond its features and columns.
    fn work(&self, network: &Dimensions) -> WorkSizes;

    /// Whether the layer has a skip connection to the head.
    fn skip(&self) -> bool {
        false
    }
}

impl LayerDescription {
    /// The layer's numbers: the table of all layers.
    pub const fn layer(&self) -> &dyn Layer {
        match self {
            Self::First(layer) => layer,
            Self::PixelCnn(layer) => layer,
            Self::RowLstm(layer) => layer,
            Self::Diagonal(layer) => layer,
            Self::Softmax(layer) => layer,
            Self::Mixture(layer) => layer,
            Self::Upsample(layer) => layer,
        }
    }
}

/// A layer within a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// The layer.
    pub layer: LayerDescription,
    /// The model's.
    pub network: Dimensions,
}

impl Shape {
    /// A layer of a model.
    pub fn new(header: &Header, layer: &LayerDescription) -> Self {
        Self { layer: *layer, network: Dimensions::new(header) }
    }

    /// Whether the sizes are ones that the engine runs.
    pub fn is_possible(&self) -> bool {
        let is_possible =
            self.network.splits(self.network.features, 512) && self.layer.layer().is_possible(&self.network);
        is_possible && (!self.packing().is_nibbles() || self.fills_words())
    }

    /// Whether every piece that the products read is whole words of weights of 4 bits.
    fn fills_words(&self) -> bool {
        let pieces = [self.network.features, self.layer.layer().hidden()];
        pieces.iter().all(|&features| self.network.share(features).is_multiple_of(8))
    }

    /// Shows the arrays of the layer's body, group after group, in order; then what conditions are multiplied with.
    pub fn for_each_part(&self, show: &mut dyn FnMut(Part)) {
        self.for_each_product(self.network.groups, show);
        self.conditions().into_iter().flatten().for_each(show);
    }

    /// The arrays of the groups before one.
    fn for_each_product(&self, group: usize, show: &mut dyn FnMut(Part)) {
        for group in 0..group {
            self.layer.layer().parts(&self.network, group, show);
        }
    }

    /// The form of the products' weights.
    fn packing(&self) -> Packing {
        self.network.packing.of_layer(&self.layer)
    }

    /// What upsampled features are multiplied with, then the classes' vectors, if they add to the layer.
    fn conditions(&self) -> [Option<Part>; 2] {
        let (layer, Dimensions { classes, upsampled, .. }) = (self.layer.layer(), self.network);
        let rows = layer.upsampled_rows(&self.network);
        let projection = (rows > 0 && upsampled > 0).then_some(Part::Matrix(rows, upsampled));
        let rows = layer.class_rows(&self.network);
        [projection, (rows > 0 && classes > 0).then_some(Part::Vectors(rows, classes))]
    }

    /// Bytes of the bodies of the groups before one.
    pub fn bytes_before(&self, group: usize) -> usize {
        let (mut bytes, packing) = (0, self.packing());
        self.for_each_product(group, &mut |part| bytes += part.bytes(packing));
        bytes
    }

    /// Bytes of the layer's body.
    pub fn body_bytes(&self) -> usize {
        let conditions = self.conditions().into_iter().flatten();
        self.bytes_before(self.network.groups)
            + conditions.map(|part| part.bytes(self.network.packing.wide())).sum::<usize>()
    }

    /// Multiply-adds a pixel, over a whole row (the right-to-left direction included).
    pub fn multiply_adds(&self) -> u64 {
        self.weights().checked_div(self.layer.layer().pixels(&self.network) as u64).unwrap_or(0)
    }

    /// Weights of all matrices.
    pub fn weights(&self) -> u64 {
        let mut products = 0;
        self.for_each_part(&mut |part| {
            let (rows, columns) = part.rows_and_columns();
            products += (rows * columns) as u64;
        });
        products
    }

    /// Words of state that the layer keeps for a width.
    pub fn state_words(&self, width: usize) -> usize {
        self.layer.layer().state_words(&self.network, width)
    }

    /// The shared scratch that the layer needs.
    pub fn work(&self) -> WorkSizes {
        let layer = self.layer.layer();
        let mut sizes = layer.work(&self.network);
        sizes.features = self.network.share(self.network.features);
        sizes.input = if self.network.groups == 1 { self.network.features } else { 0 };
        if self.network.groups == 1 {
            sizes.hidden = layer.hidden();
        }
        sizes.skip = layer.skip();
        self.for_each_part(&mut |part| sizes.columns = sizes.columns.max(part.rows_and_columns().1));
        sizes
    }

    /// Takes every array off a section, and shows what it holds.
    pub fn visit<'a>(&self, section: &mut Section<'a>, look: &mut dyn FnMut(Content<'a>)) {
        *section = section.clone().packed(self.packing());
        self.for_each_product(self.network.groups, &mut |part| look(Content::take(section, part)));
        *section = section.clone().packed(self.network.packing.wide());
        self.conditions().into_iter().flatten().for_each(|part| look(Content::take(section, part)));
    }
}

/// What an array of a layer's body holds, but for biases.
#[derive(Debug, Clone, Copy)]
pub enum Content<'a> {
    /// Of a quantizer.
    Multipliers(&'a [i16]),
    /// Multipliers and weights.
    Matrix(Matrix<'a>),
    /// Of a linear prediction.
    Coefficients(&'a [i32]),
    /// Of classes.
    Vectors(Vectors<'a>),
}

impl<'a> Content<'a> {
    /// Takes an array off a section.
    fn take(section: &mut Section<'a>, part: Part) -> Self {
        match part {
            Part::Quantizer(inputs) => Self::Multipliers(section.quantizer(inputs)),
            Part::Linear(rows, columns) => Self::Matrix(section.linear(rows, columns).matrix),
            Part::Matrix(rows, columns) => Self::Matrix(section.matrix(rows, columns)),
            Part::Coefficients(count) => Self::Coefficients(section.coefficients(count)),
            Part::Vectors(rows, classes) => Self::Vectors(section.vectors(rows, classes)),
        }
    }
}
