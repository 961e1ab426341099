//! Random integer models, scaled so that activations use their range.

use pixelrnn::blob::{Architecture, Condition, Header, LayerDescription, Packing};
use pixelrnn::layers::{Part, Shape};
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::quantize::pack::{self, Array, Matrix};

/// The shape of a random model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recipe {
    /// Kind of blocks.
    pub architecture: Architecture,
    /// Values a pixel can take.
    pub levels: u16,
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
}

impl Recipe {
    /// A small model: 8 features, two blocks, two levels.
    pub const fn small(architecture: Architecture) -> Self {
        Self { architecture, levels: 2, hidden: 8, blocks: 2, maps: 8, kernel: 3, skip: false }
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

fn description(recipe: &Recipe) -> LayerDescription {
    let (hidden, skip) = (recipe.hidden, recipe.skip);
    let (h, f) = (usize::from(hidden), 2 * usize::from(hidden));
    let expand = shift(h, 700.0);
    let gates = shift(2 * f, 3000.0);
    match recipe.architecture {
        Architecture::RowLstm => {
            LayerDescription::RowLstm { hidden, kernel: recipe.kernel, skip, shifts: [19, gates, expand, expand] }
        }
        Architecture::DiagonalBilstm => {
            LayerDescription::DiagonalBilstm { hidden, skip, shifts: [19, gates, gates, expand, expand] }
        }
        _ => {
            let (reduce, conv) = (shift(f, 40.0), shift(5 * h, 40.0));
            LayerDescription::PixelCnn { hidden, skip, shifts: [19, reduce, conv, expand, expand] }
        }
    }
}

/// The header of a recipe's model.
pub fn header(recipe: &Recipe) -> Header {
    let f = 2 * usize::from(recipe.hidden);
    let inputs = Header::first_columns(recipe.levels);
    // Values up to `levels - 1` where activations would have about 40.
    let first = shift(inputs, 700.0 * 40.0 / f64::from(recipe.levels.min(128)));
    let head = [19, shift(f, 40.0), shift(usize::from(recipe.maps), 3000.0)];
    let mut layers = heapless::Vec::new();
    let mut add = |layer| layers.push(layer).expect("at most 16 blocks");
    add(LayerDescription::First { shift: first });
    for _ in 0..recipe.blocks {
        add(description(recipe));
    }
    add(LayerDescription::Head { maps: recipe.maps, shifts: head });
    let stream_unit = half::f16::from_f32(1.0 / 1024.0);
    Header {
        architecture: recipe.architecture,
        levels: recipe.levels,
        channels: 1,
        condition: Condition::None,
        packing: Packing::Rows4,
        features: 2 * recipe.hidden,
        stream_unit,
        layers,
    }
}

fn matrix(numbers: &mut Numbers, rows: usize, columns: usize) -> Matrix {
    Matrix {
        columns,
        multipliers: (0..rows).map(|_| 12_000 + numbers.below(8_000) as i16).collect(),
        weights: (0..rows * columns).map(|_| numbers.within(127) as i8).collect(),
    }
}

/// A layer's arrays, at random.
pub fn arrays(shape: &Shape, numbers: &mut Numbers) -> Vec<Array> {
    let random = |part: &Part| match *part {
        Part::Quantizer(inputs) => {
            Array::Quantizer((0..inputs).map(|_| 12_000 + numbers.below(8_000) as i16).collect())
        }
        Part::Linear(rows, columns) => Array::Linear {
            biases: (0..rows).map(|_| numbers.within(1 << 17)).collect(),
            matrix: matrix(numbers, rows, columns),
        },
        Part::Matrix(rows, columns) => Array::Matrix(matrix(numbers, rows, columns)),
    };
    shape.parts().iter().map(random).collect()
}

/// A random model of a recipe, the same for the same seed.
pub fn model(recipe: &Recipe, seed: u64) -> Blob {
    let header = header(recipe);
    let mut numbers = Numbers(seed);
    let layers: Vec<_> = header.layers.iter().map(|layer| arrays(&Shape::new(&header, layer), &mut numbers)).collect();
    pack::blob(&header, &layers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_models_load_and_are_lively() {
        use pixelrnn::{Seeded, Stream, sample};
        use rand_core::SeedableRng;
        for architecture in [Architecture::PixelCnn, Architecture::RowLstm, Architecture::DiagonalBilstm] {
            for levels in [2, 4, 17, 256] {
                let blob = model(&Recipe { levels, skip: levels == 4, ..Recipe::small(architecture) }, 7);
                let model = blob.load().unwrap();
                let mut state = vec![0; model.state_words(16)];
                let mut stream = Stream::begin(&model, 16, 16, &mut state).unwrap();
                let mut image = [0; 256];
                assert_eq!(sample::fill(&mut stream, &mut Seeded::seed_from_u64(1), &mut image), 256);
                let most = image.iter().max().unwrap();
                assert!(image.iter().any(|value| value != most), "{architecture:?}, {levels} levels: a blank image");
            }
        }
    }
}
