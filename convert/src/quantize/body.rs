//! A layer's body in the making: the arrays of every channel group, and the layer's shifts.

use pixelrnn::blob::LayerDescription;

use super::class::Row;
use super::context::Context;
use super::pack::{Array, Matrix};
use super::product::Product;
use super::steps::Steps;
use crate::float::Grouped;

/// Largest shift of a quantizer that a model may have.
const MOST_SHIFT: f64 = 23.0;

/// Arrays and shifts so far.
#[derive(Debug)]
pub struct Body {
    /// Each group's arrays.
    groups: Vec<Vec<Array>>,
    shifts: Vec<u8>,
    /// What upsampled features are multiplied with, all rows.
    projection: Option<Matrix>,
    /// What classes add to rows.
    vectors: Vec<Row>,
}

/// A finished layer.
pub struct Layer<W> {
    /// Shape and shifts.
    pub description: LayerDescription,
    /// Its arrays, group after group.
    pub arrays: Vec<Array>,
    /// The layer with every weight replaced by what its integer stands for.
    pub dequantized: W,
}

impl<W> Layer<W> {
    /// The same layer of a wider type.
    pub fn map<V>(self, wrap: impl FnOnce(W) -> V) -> Layer<V> {
        Layer { description: self.description, arrays: self.arrays, dequantized: wrap(self.dequantized) }
    }
}

impl Body {
    /// An empty one.
    pub fn new(context: &Context<'_>) -> Self {
        Self { groups: vec![Vec::new(); context.groups()], shifts: Vec::new(), projection: None, vectors: Vec::new() }
    }

    /// Adds an array to each group.
    pub fn add(&mut self, arrays: impl Iterator<Item = Array>) {
        self.groups.iter_mut().zip(arrays).for_each(|(group, array)| group.push(array));
    }

    /// Adds rows of what upsampled features are multiplied with, which lie behind all groups.
    pub fn add_projection(&mut self, arrays: impl Iterator<Item = Array>) {
        for array in arrays {
            let Array::Matrix(more) = array else { continue };
            let all = self.projection.get_or_insert_with(|| Matrix { columns: more.columns, ..Matrix::default() });
            all.multipliers.extend(more.multipliers);
            all.weights.extend(more.weights);
        }
    }

    /// Adds rows of what classes add, which end the layer.
    pub fn add_vectors(&mut self, rows: impl Iterator<Item = Row>) {
        self.vectors.extend(rows);
    }

    /// Adds a shift.
    pub fn shift(&mut self, shift: i32) {
        self.shifts.push(shift as u8);
    }

    /// Adds a product with biases and its shift; returns the weights that it stands for.
    pub fn linear(&mut self, product: &Product) -> Grouped {
        let shift = product.shift();
        self.add(product.linears(shift));
        self.shift(shift);
        product.dequantized()
    }

    /// Adds what makes activations of the residual stream, and its shift; returns what the activations' steps stand for.
    pub fn quantizer(&mut self, context: &Context<'_>, name: &'static str, zero_point: i8) -> Steps {
        let wanted = context.steps(name, zero_point);
        let ratios: Vec<f64> = wanted.scales.iter().map(|scale| context.unit / scale).collect();
        let largest = ratios.iter().copied().fold(1e-9, f64::max);
        let shift = (32767.0 / largest).log2().floor().clamp(0.0, MOST_SHIFT);
        let multiplier = |ratio: &f64| (ratio * shift.exp2()).round().clamp(1.0, 32767.0) as i16;
        let multipliers: Vec<i16> = ratios.iter().map(multiplier).collect();
        let share = multipliers.len() / self.groups.len();
        self.add(multipliers.chunks_exact(share.max(1)).map(|group| Array::Quantizer(group.to_vec())));
        self.shift(shift as i32);
        let scale = |&multiplier: &i16| context.unit * shift.exp2() / f64::from(multiplier);
        Steps { scales: multipliers.iter().map(scale).collect(), ..wanted }
    }

    /// All arrays, and the shifts as a description has them.
    ///
    /// # Panics
    /// If the layer added another number of shifts: a mistake of the layer's.
    pub fn finish<const N: usize>(self) -> (Vec<Array>, [u8; N]) {
        let vectors = vectors(&self.vectors);
        let projection = self.projection.map(Array::Matrix);
        let arrays = self.groups.into_iter().flatten().chain(projection).chain(vectors).collect();
        (arrays, self.shifts.try_into().expect("a shift for each place in the description"))
    }
}

/// Rows of what classes add as an array; none without.
fn vectors(rows: &[Row]) -> Option<Array> {
    let classes = rows.first()?.numbers.len();
    let numbers = (0..classes).flat_map(|class| rows.iter().map(move |row| row.numbers[class])).collect();
    Some(Array::Vectors { multipliers: rows.iter().map(|row| row.multiplier).collect(), numbers })
}
