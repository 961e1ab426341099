//! A layer's sizes, from its description alone.

use super::work::widen;
use super::{WorkSizes, slot_mut};
use crate::blob::{Architecture, First, Header, LayerDescription, Matrix, Packing, Part, Section, Vectors};

/// Whether this build draws images that are given anything.
pub(super) const MAY_BE_GIVEN: bool = cfg!(feature = "classes") || cfg!(feature = "scales");

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
    /// Whether blocks' weights have 4 bits.
    #[cfg(nibbles)]
    pub has_nibbles: bool,
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
            #[cfg(nibbles)]
            has_nibbles: header.packing.is_nibbles(),
        }
    }

    /// Channel groups: what `groups` says, which is 1 in a build for one channel.
    #[inline]
    pub const fn groups(&self) -> usize {
        if cfg!(feature = "channels") { self.groups } else { 1 }
    }

    /// A group's share of so many features.
    #[inline]
    pub fn share(&self, features: usize) -> usize {
        match self.groups() {
            1 => features,
            groups => features.checked_div(groups).unwrap_or(0),
        }
    }

    /// What a group sees of so many features at the pixel itself (mask B): the groups up to its own.
    #[inline]
    pub fn seen(&self, features: usize, group: usize) -> usize {
        match self.groups() {
            1 => features,
            _ => self.share(features) * (group + 1),
        }
    }

    /// A group's own features in a vector of so many.
    #[inline]
    pub(super) fn own<'a, T>(&self, all: &'a mut [T], features: usize, group: usize) -> &'a mut [T] {
        match self.groups() {
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
        (1..=most).contains(&features) && features.is_multiple_of(4 * self.groups())
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

    /// Whether the layer is a block, whose weights may have 4 bits.
    #[cfg(nibbles)]
    fn is_block(&self) -> bool {
        false
    }

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

    /// Makes room for the shared scratch that the layer needs, beyond its features and columns.
    fn widen(&self, _network: &Dimensions, _sizes: &mut WorkSizes) {}

    /// Whether the layer has a skip connection to the head.
    fn skip(&self) -> bool {
        false
    }
}

impl LayerDescription {
    /// The layer's numbers: the table of all layers. Of a layer that the build leaves out (see the crate's features) those of none.
    pub const fn layer(&self) -> &dyn Layer {
        match self {
            Self::First(layer) => layer,
            Self::PixelCnn(layer) if cfg!(feature = "pixelcnn") => layer,
            Self::RowLstm(layer) if cfg!(feature = "row-lstm") => layer,
            Self::Diagonal(layer) if cfg!(feature = "diagonal-bilstm") => layer,
            Self::Softmax(layer) if cfg!(feature = "softmax") => layer,
            Self::Mixture(layer) if cfg!(feature = "mixture") => layer,
            Self::Upsample(layer) if cfg!(feature = "scales") => layer,
            Self::Dilated(layer) if cfg!(feature = "dilation") => layer,
            // Of what the build leaves out no model loads.
            _ => &First { shifts: [0; 2] },
        }
    }
}

impl dyn Layer + '_ {
    /// Whether the products' weights have 4 bits.
    #[cfg(nibbles)]
    #[inline]
    pub fn has_nibbles(&self, network: &Dimensions) -> bool {
        network.has_nibbles && self.is_block()
    }

    /// They never have where this build reads no such.
    #[cfg(not(nibbles))]
    #[inline]
    pub const fn has_nibbles(&self, _network: &Dimensions) -> bool {
        false
    }

    /// The form of the products' weights in a model of a packing: 8 bits, but of blocks whatever the model has.
    #[inline]
    pub(crate) fn packing(&self, model: Packing) -> Packing {
        #[cfg(nibbles)]
        if !self.is_block() {
            return model.wide();
        }
        model
    }

    /// Shows the arrays of the layer's body, group after group, in order; then what conditions are multiplied with.
    fn for_each_part(&self, network: &Dimensions, show: &mut dyn FnMut(Part)) {
        for group in 0..network.groups() {
            self.parts(network, group, show);
        }
        self.conditions(network).into_iter().flatten().for_each(show);
    }

    /// Arrays whose weights have 4 bits: those of the products, which come first.
    fn parts_of_nibbles(&self, network: &Dimensions) -> usize {
        let mut count = 0;
        if self.has_nibbles(network) {
            (0..network.groups()).for_each(|group| self.parts(network, group, &mut |_| count += 1));
        }
        count
    }

    /// What upsampled features are multiplied with, then the classes' vectors, if they add to the layer.
    #[inline]
    fn conditions(&self, network: &Dimensions) -> [Option<Part>; 2] {
        if !MAY_BE_GIVEN {
            return [None, None];
        }
        let Dimensions { classes, upsampled, .. } = *network;
        let rows = self.upsampled_rows(network);
        let projection = (rows > 0 && upsampled > 0).then_some(Part::Matrix(rows, upsampled));
        let rows = self.class_rows(network);
        [projection, (rows > 0 && classes > 0).then_some(Part::Vectors(rows, classes))]
    }

    /// Bytes of the bodies of the groups before one.
    pub(super) fn bytes_before(&self, network: &Dimensions, group: usize) -> usize {
        let (mut bytes, has_nibbles) = (0, self.has_nibbles(network));
        for group in 0..group {
            self.parts(network, group, &mut |part| bytes += part.bytes(has_nibbles));
        }
        bytes
    }

    /// Bytes of the layer's body.
    pub(crate) fn body_bytes(&self, network: &Dimensions) -> usize {
        let (mut bytes, mut of_nibbles) = (0, self.parts_of_nibbles(network));
        self.for_each_part(network, &mut |part| {
            bytes += part.bytes(cfg!(nibbles) && of_nibbles > 0);
            if cfg!(nibbles) {
                of_nibbles = of_nibbles.saturating_sub(1);
            }
        });
        bytes
    }

    /// Whether the sizes are ones that the engine runs.
    pub(crate) fn is_possible_in(&self, network: &Dimensions) -> bool {
        let has_words = !self.has_nibbles(network) || self.fills_words(network);
        network.splits(network.features, 512) && self.is_possible(network) && has_words
    }

    /// Whether every piece that the products read is whole words of weights of 4 bits.
    fn fills_words(&self, network: &Dimensions) -> bool {
        [network.features, self.hidden()].iter().all(|&features| network.share(features).is_multiple_of(8))
    }

    /// Makes room for the shared scratch that the layer needs.
    pub(crate) fn widen_all(&self, network: &Dimensions, sizes: &mut WorkSizes) {
        self.widen(network, sizes);
        widen(&mut sizes.features, network.share(network.features));
        if network.groups() == 1 {
            widen(&mut sizes.input, network.features);
            widen(&mut sizes.hidden, self.hidden());
        }
        sizes.skip |= self.skip();
        self.for_each_part(network, &mut |part| widen(&mut sizes.columns, part.rows_and_columns().1));
    }

    /// Takes every array off a section, and shows what it holds.
    pub(crate) fn visit<'a>(&self, network: &Dimensions, section: &mut Section<'a>, look: &mut dyn FnMut(Content<'a>)) {
        let (packing, mut of_nibbles) = (section.packing(), self.parts_of_nibbles(network));
        self.for_each_part(network, &mut |part| {
            if cfg!(nibbles) {
                *section = section.clone().packed(if of_nibbles > 0 { packing } else { packing.wide() });
                of_nibbles = of_nibbles.saturating_sub(1);
            }
            match part {
                Part::Quantizer(inputs) => look(Content::Multipliers(section.quantizer(inputs))),
                Part::Linear(rows, columns) => look(Content::Matrix(section.linear(rows, columns).matrix)),
                Part::Matrix(rows, columns) => look(Content::Matrix(section.matrix(rows, columns))),
                Part::Coefficients(count) if cfg!(feature = "mixture") => {
                    look(Content::Coefficients(section.coefficients(count)))
                }
                Part::Vectors(rows, classes) if cfg!(feature = "classes") => {
                    look(Content::Vectors(section.vectors(rows, classes)))
                }
                _ => {}
            }
        });
        if cfg!(nibbles) {
            *section = section.clone().packed(packing);
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

    /// Shows the arrays of the layer's body, group after group, in order; then what conditions are multiplied with. Each with whether its
    /// weights have 4 bits.
    pub fn for_each_part(&self, show: &mut dyn FnMut(Part, bool)) {
        let layer = self.layer.layer();
        let mut of_nibbles = layer.parts_of_nibbles(&self.network);
        layer.for_each_part(&self.network, &mut |part| {
            show(part, of_nibbles > 0);
            of_nibbles = of_nibbles.saturating_sub(1);
        });
    }

    /// Bytes of the layer's body.
    pub fn body_bytes(&self) -> usize {
        self.layer.layer().body_bytes(&self.network)
    }

    /// Multiply-adds a pixel, over a whole row (the right-to-left direction included).
    pub fn multiply_adds(&self) -> u64 {
        self.weights().checked_div(self.layer.layer().pixels(&self.network) as u64).unwrap_or(0)
    }

    /// Weights of all matrices.
    pub fn weights(&self) -> u64 {
        let mut products = 0;
        self.for_each_part(&mut |part, _| {
            let (rows, columns) = part.rows_and_columns();
            products += (rows * columns) as u64;
        });
        products
    }

    /// Words of state that the layer keeps for a width.
    pub fn state_words(&self, width: usize) -> usize {
        self.layer.layer().state_words(&self.network, width)
    }

    /// Takes every array off a section, and shows what it holds.
    pub fn visit<'a>(&self, section: &mut Section<'a>, look: &mut dyn FnMut(Content<'a>)) {
        self.layer.layer().visit(&self.network, section, look);
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
