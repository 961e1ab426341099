//! Random integer models, scaled so that activations use their range.

use pixelrnn::blob::{
    Architecture, Condition, Diagonal, Dilated, Distance, First, Header, LayerDescription, Mixture, Packing, Part,
    PixelCnn, RowLstm, Softmax, Upsample,
};
use pixelrnn::fixed::ZERO_POINT;
use pixelrnn::layers::Shape;
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::quantize::pack::{self, Array, Form, Matrix};

/// The shape of a random model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recipe {
    /// Kind of blocks.
    pub architecture: Architecture,
    /// Values a channel of a pixel can take.
    pub levels: u32,
    /// Channels; without a mixture, features are a multiple of 4 a channel.
    pub channels: u8,
    /// Components of a mixture; 0 for a softmax.
    pub components: u8,
    /// Features inside a block.
    pub hidden: u16,
    /// Number of blocks.
    pub blocks: usize,
    /// Feature maps of the head.
    pub maps: u16,
    /// Row LSTM: the state-to-state kernel.
    pub kernel: u8,
    /// Skip connections.
    pub skip: bool,
    /// Classes.
    pub classes: u16,
    /// How many times larger than a smaller image that it is given; 0 without one.
    pub factor: u8,
    /// PixelCNN: the distance of every second block, the first among them; 1 for none.
    pub dilation: u8,
}

impl Recipe {
    /// A small model: 8 features, two blocks, two levels.
    pub const fn small(architecture: Architecture) -> Self {
        Self {
            architecture,
            levels: 2,
            channels: 1,
            components: 0,
            hidden: 8,
            blocks: 2,
            maps: 8,
            kernel: 3,
            skip: false,
            classes: 0,
            factor: 0,
            dilation: 1,
        }
    }

    /// A small model in colour groups: 24 features, two blocks.
    pub const fn groups(architecture: Architecture) -> Self {
        Self { levels: 256, channels: 3, hidden: 24, maps: 24, ..Self::small(architecture) }
    }

    /// A small model of a mixture of three.
    pub const fn mixture(architecture: Architecture, levels: u32, channels: u8) -> Self {
        Self { levels, channels, components: 3, ..Self::small(architecture) }
    }
}

/// A repeatable stream of numbers (SplitMix64).
#[derive(Debug, Clone)]
pub struct Numbers(pub u64);

impl Numbers {
    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u32) -> u32 {
        (((self.bits() >> 32) * u64::from(bound)) >> 32) as u32
    }

    /// A number of `-most..=most`.
    pub fn within(&mut self, most: i32) -> i32 {
        self.below(2 * most as u32 + 1) as i32 - most
    }
}

/// log2 of what a matrix of this many columns must be divided by, on top of the multiplier, to turn activations of
/// about 40 into outputs of about `target`.
fn shift(columns: usize, target: f64) -> u8 {
    let sum = 73.0 * 40.0 * (columns as f64).sqrt();
    (64.0 * sum / target).log2().round().max(0.0) as u8
}

fn description(recipe: &Recipe, block: usize) -> LayerDescription {
    let (hidden, skip) = (recipe.hidden, recipe.skip);
    let (h, f) = (usize::from(hidden), 2 * usize::from(hidden));
    let expand = shift(h, 700.0);
    let gates = shift(2 * f, 3000.0);
    match recipe.architecture {
        Architecture::RowLstm => LayerDescription::RowLstm(RowLstm {
            hidden,
            kernel: recipe.kernel,
            skip,
            shifts: [19, gates, expand, expand],
        }),
        Architecture::DiagonalBilstm => {
            LayerDescription::Diagonal(Diagonal { hidden, skip, shifts: [19, gates, gates, expand, expand] })
        }
        _ => {
            let (reduce, conv) = (shift(f, 40.0), shift(5 * h, 40.0));
            let plain = PixelCnn { hidden, skip, shifts: [19, reduce, conv, expand, expand] };
            match Distance::of_pixels(recipe.dilation) {
                Some(distance) if block.is_multiple_of(2) => {
                    LayerDescription::Dilated(Dilated { block: plain, distance })
                }
                _ => LayerDescription::PixelCnn(plain),
            }
        }
    }
}

/// The upsampling network of a recipe that has one: half as many features as inside a block.
fn upsample(recipe: &Recipe) -> Option<Upsample> {
    let features = (recipe.hidden / 2).next_multiple_of(4);
    let columns = 9 * usize::from(recipe.channels);
    let inputs = f64::from(recipe.levels.min(128)) / 40.0;
    let shifts = [shift(columns, 40.0 / inputs), shift(features.into(), 40.0)];
    (recipe.factor > 0).then_some(Upsample { features, shifts })
}

/// The header of a recipe's model.
pub fn header(recipe: &Recipe) -> Header {
    let f = 2 * usize::from(recipe.hidden);
    // Values up to `levels - 1` where activations would have about 40.
    let first = shift(24 * usize::from(recipe.channels), 700.0 * 40.0 / f64::from(recipe.levels.min(128)));
    let (maps, components) = (recipe.maps, recipe.components);
    let shifts = [19, shift(f, 40.0), shift(usize::from(maps), 3000.0)];
    let mut layers = heapless::Vec::new();
    let mut add = |layer| layers.push(layer).expect("at most 16 blocks");
    upsample(recipe).into_iter().for_each(|layer| add(LayerDescription::Upsample(layer)));
    add(LayerDescription::First(First { shifts: [first, first + 3] }));
    for block in 0..recipe.blocks {
        add(description(recipe, block));
    }
    add(match components {
        0 => LayerDescription::Softmax(Softmax { maps, shifts }),
        _ => LayerDescription::Mixture(Mixture { maps, components, shifts }),
    });
    let stream_unit = half::f16::from_f32(1.0 / 1024.0);
    Header {
        architecture: recipe.architecture,
        levels: recipe.levels,
        channels: recipe.channels,
        condition: Condition { classes: recipe.classes, factor: recipe.factor },
        packing: Packing::Rows4,
        features: 2 * recipe.hidden,
        stream_unit,
        layers,
    }
}

/// The largest sum of a row's magnitudes that is accepted: no accumulator reaches 2^23.
const MOST_NORM: usize = ((1 << 23) - 1) / 127;

/// Of weights that are multiples of `step`: 1, or 16 for ones of 4 bits, which are 16 times too large.
fn matrix(numbers: &mut Numbers, (rows, columns): (usize, usize), step: usize) -> Matrix {
    // So small that no row is refused, however wide.
    let most = (MOST_NORM / columns).min(127) / step;
    Matrix {
        columns,
        multipliers: (0..rows).map(|_| 12_000 + numbers.below(8_000) as i16).collect(),
        weights: (0..rows * columns).map(|_| (step as i32 * numbers.within(most as i32)) as i8).collect(),
    }
}

/// A linear prediction's coefficients: of each channel's own W and N about a half, so that images go on and do not run away.
fn coefficients(channels: usize, numbers: &mut Numbers) -> Vec<i32> {
    let mut all = Vec::new();
    for channel in 0..channels {
        for place in 0..4 * channels + channel {
            let is_own = place % channels == channel && place < 2 * channels;
            all.push(numbers.within(4_000) + if is_own { 1 << 15 } else { 0 });
        }
    }
    all
}

/// Of a group's linear by its place: whether it reads activations behind a ReLU, and the shift behind it if its outputs are such.
fn behind_relus(layer: &LayerDescription, place: usize) -> (bool, Option<u8>) {
    match layer {
        LayerDescription::PixelCnn(PixelCnn { shifts, .. })
        | LayerDescription::Dilated(Dilated { block: PixelCnn { shifts, .. }, .. }) => {
            (true, shifts[1..3].get(place).copied())
        }
        LayerDescription::Softmax(Softmax { shifts, .. }) | LayerDescription::Mixture(Mixture { shifts, .. }) => {
            (true, shifts[1..2].get(place).copied())
        }
        LayerDescription::Upsample(Upsample { shifts, .. }) => (place > 0, Some(shifts[place.min(1)])),
        _ => (false, None),
    }
}

/// Moves biases to where rows are small if all inputs stand for 0, and outputs that are activations around their zero point.
fn centre(biases: &mut [i32], matrix: &Matrix, (reads, shift): (bool, Option<u8>)) {
    let zero_point = i32::from(ZERO_POINT);
    let rows = matrix.weights.chunks(matrix.columns).zip(&matrix.multipliers);
    for (bias, (row, &multiplier)) in biases.iter_mut().zip(rows) {
        let sum: i32 = row.iter().map(|&weight| i32::from(weight)).sum();
        *bias -= if reads { (zero_point * sum / 256) * i32::from(multiplier) } else { 0 };
        *bias += shift.map_or(0, |shift| zero_point << shift);
    }
}

/// A layer's arrays, at random.
pub fn arrays(shape: &Shape, numbers: &mut Numbers) -> Vec<Array> {
    let mut arrays = any_arrays(shape, numbers);
    let linears = arrays.iter_mut().filter_map(|array| match array {
        Array::Linear { biases, matrix } => Some((biases, matrix)),
        _ => None,
    });
    let linears: Vec<_> = linears.collect();
    // An upsampling network's serve all groups.
    let groups = if let LayerDescription::Upsample(_) = shape.layer { 1 } else { shape.network.groups };
    let of_a_group = (linears.len() / groups).max(1);
    for (place, (biases, matrix)) in linears.into_iter().enumerate() {
        centre(biases, matrix, behind_relus(&shape.layer, place % of_a_group));
    }
    arrays
}

fn any_arrays(shape: &Shape, numbers: &mut Numbers) -> Vec<Array> {
    let step = if shape.layer.layer().has_nibbles(&shape.network) { 16 } else { 1 };
    let random = |part: &Part| match *part {
        Part::Quantizer(inputs) => {
            Array::Quantizer((0..inputs).map(|_| 12_000 + numbers.below(8_000) as i16).collect())
        }
        Part::Linear(rows, columns) => Array::Linear {
            biases: (0..rows).map(|_| numbers.within(1 << 17)).collect(),
            matrix: matrix(numbers, (rows, columns), step),
        },
        Part::Matrix(rows, columns) => Array::Matrix(matrix(numbers, (rows, columns), step)),
        Part::Coefficients(_) => Array::Coefficients(coefficients(shape.network.channels, numbers)),
        // As large as the sums that they are added to.
        Part::Vectors(rows, classes) => Array::Vectors {
            multipliers: (0..rows).map(|_| 2_000 + numbers.below(5_000) as i32).collect(),
            numbers: (0..rows * classes).map(|_| numbers.within(127) as i8).collect(),
        },
    };
    pack::parts(shape).iter().map(random).collect()
}

/// A random model of a recipe, the same for the same seed.
pub fn model(recipe: &Recipe, seed: u64) -> Blob {
    let header = header(recipe);
    pack::blob(&header, &layers(&header, seed))
}

/// One whose blocks' weights have 4 bits, in the packing that every target reads, and in its own. Of eight features a group, or
/// a multiple.
///
/// # Panics
/// If the recipe has another number of features.
pub fn models_of_nibbles(recipe: &Recipe, seed: u64) -> [Blob; 2] {
    let header = header(recipe);
    let nibbles = Header { packing: Packing::Rows4Nibbles { fingerprint: 0 }, ..header.clone() };
    let wide = pack::blob(&header, &layers(&nibbles, seed));
    let narrow = pack::repack(&wide, Form::Nibbles).expect("weights of 4 bits");
    [wide, narrow]
}

/// All layers' arrays.
fn layers(header: &Header, seed: u64) -> Vec<Vec<Array>> {
    let mut numbers = Numbers(seed);
    header.layers.iter().map(|layer| arrays(&Shape::new(header, layer), &mut numbers)).collect()
}

#[cfg(test)]
mod tests {
    use pixelrnn::{Seeded, Stream, sample};
    use rand_core::SeedableRng;

    use super::*;
    use crate::coded::{self, class};

    fn draw(recipe: &Recipe) -> Vec<u16> {
        let blob = model(recipe, 7);
        let model = blob.load().unwrap();
        let mut state = vec![0; model.state_words(16)];
        let small = coded::small(&model, (16, 16), 2);
        let given = coded::given(&small, class(&model, 1));
        let mut stream = Stream::begin_given(&model, given, 16, 16, &mut state).unwrap();
        let mut image = vec![0u16; 256 * usize::from(recipe.channels)];
        assert_eq!(sample::fill(&mut stream, &mut Seeded::seed_from_u64(1), &mut image), image.len());
        image
    }

    #[test]
    fn random_models_load_and_are_lively() {
        for architecture in Architecture::ALL {
            let softmax =
                [2, 4, 17, 256].map(|levels| Recipe { levels, skip: levels == 4, ..Recipe::small(architecture) });
            let mixtures = [(256, 1), (256, 3), (4096, 1), (65_536, 4), (2, 2)];
            let mixtures = mixtures.map(|(levels, channels)| Recipe::mixture(architecture, levels, channels));
            let classes = Recipe { classes: 3, ..Recipe::groups(architecture) };
            let scales = [2, 4].map(|factor| Recipe { factor, ..classes });
            let others = [Recipe::groups(architecture), classes].into_iter().chain(scales);
            for recipe in softmax.into_iter().chain(mixtures).chain(others) {
                let image = draw(&recipe);
                let most = image.iter().max().unwrap();
                assert!(image.iter().any(|value| value != most), "{recipe:?}: a blank image");
            }
        }
    }
}
