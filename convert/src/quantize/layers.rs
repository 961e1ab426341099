//! Layer by layer: integers, multipliers and shifts.

use heapless::Vec as Fixed;
use pixelrnn::blob::{Header, LayerDescription, MAX_LAYERS};
use pixelrnn::fixed::LOGIT_BITS;

use super::calibrate::Calibration;
use super::matrix::{self, Integers, Rounding};
use super::pack::{Array, Matrix};
use crate::float::{Block, Dense, Lstm, Network, Site};

/// Largest shift behind a multiplier of 15 bits: the sum it shifts has 30.
const MOST_SHIFT: i32 = 20;

/// What one step of a hidden state stands for: Q7.
const HIDDEN_UNIT: f64 = 1.0 / 128.0;

/// Builds a model's layers.
pub struct Builder<'a> {
    network: &'a Network,
    calibration: &'a Calibration,
    /// What one step of the residual stream stands for.
    unit: f64,
    pub descriptions: Fixed<LayerDescription, MAX_LAYERS>,
    pub arrays: Vec<Vec<Array>>,
    /// The network with its weights as the integers have them.
    pub dequantized: Network,
}

/// A product ready for integers: weights and scales, and what its outputs' steps stand for.
struct Product<'p> {
    dense: &'p Dense,
    integers: Integers,
    output_units: Vec<f64>,
}

/// The shift at which the largest ratio still has a 15-bit multiplier, and biases (in output steps) stay below 2^29.
fn shift_for(ratios: impl Iterator<Item = f64>, largest_bias: f64) -> i32 {
    let largest = ratios.fold(1e-9, f64::max);
    let by_ratio = (32767.0 / (largest * 256.0)).log2().floor() as i32;
    let by_bias = (f64::from(1 << 29) / largest_bias.max(1e-9)).log2().floor() as i32;
    by_ratio.min(by_bias).clamp(0, MOST_SHIFT)
}

impl Product<'_> {
    fn ratios(&self) -> impl Iterator<Item = f64> + '_ {
        self.integers.scales.iter().zip(&self.output_units).map(|(scale, unit)| scale / unit)
    }

    fn biases(&self) -> impl Iterator<Item = f64> + '_ {
        self.dense.biases.iter().zip(&self.output_units).map(|(bias, unit)| f64::from(*bias) / unit)
    }

    fn shift(&self) -> i32 {
        shift_for(self.ratios(), self.biases().map(f64::abs).fold(0.0, f64::max))
    }

    fn matrix(&self, shift: i32) -> Matrix {
        let power = f64::from(8 + shift).exp2();
        Matrix {
            columns: self.dense.inputs,
            multipliers: self.ratios().map(|ratio| (ratio * power).round().min(32767.0) as i16).collect(),
            weights: self.integers.weights.clone(),
        }
    }

    fn linear(&self, shift: i32) -> Array {
        let power = f64::from(shift).exp2();
        // The rounding half, and half a unit of what `scale` floors away.
        let half = power / 2.0;
        Array::Linear {
            biases: self.biases().map(|bias| (bias * power + half).round() as i32).collect(),
            matrix: self.matrix(shift),
        }
    }
}

/// Reorders gate rows from o, f, i, g blocks to o, f, i, g of every unit, the order of the blob.
fn interleave<T: Clone>(rows: &[T], row: usize) -> Vec<T> {
    let h = rows.len() / (4 * row.max(1));
    (0..4 * h).flat_map(|n| rows[(n % 4 * h + n / 4) * row..][..row].iter().cloned()).collect()
}

fn interleaved(dense: &Dense) -> Dense {
    Dense::new(dense.inputs, interleave(&dense.weights, dense.inputs), interleave(&dense.biases, 1))
}

/// The other way.
fn deinterleaved(dense: &Dense) -> Dense {
    let h = dense.outputs / 4;
    let order = |n: usize| (n % h) * 4 + n / h;
    let weights = (0..4 * h).flat_map(|n| dense.row(order(n)).iter().copied()).collect();
    Dense::new(dense.inputs, weights, (0..4 * h).map(|n| dense.biases[order(n)]).collect())
}

fn repeated(scales: &[f64], times: usize) -> Vec<f64> {
    scales.iter().copied().cycle().take(scales.len() * times).collect()
}

impl<'a> Builder<'a> {
    pub fn new(network: &'a Network, calibration: &'a Calibration, unit: f64) -> Self {
        Self {
            network,
            calibration,
            unit,
            descriptions: Fixed::new(),
            arrays: Vec::new(),
            dequantized: network.clone(),
        }
    }

    pub fn build(&mut self) {
        self.first();
        for number in 0..self.network.blocks.len() {
            self.block(number);
        }
        self.head();
    }

    fn add(&mut self, description: LayerDescription, arrays: Vec<Array>) {
        // A network has at most 16 blocks: its config was checked.
        let _ = self.descriptions.push(description);
        self.arrays.push(arrays);
    }

    /// A product whose inputs have steps of `input_scales`; the site says what it reads.
    fn product<'p>(&self, dense: &'p Dense, input_scales: &[f64], site: Site, output_units: Vec<f64>) -> Product<'p> {
        let correlation = self.calibration.correlation(site);
        let integers = matrix::quantize(&dense.weights, input_scales, correlation, Rounding::Compensated);
        Product { dense, integers, output_units }
    }

    fn to_stream<'p>(&self, dense: &'p Dense, input_scales: &[f64], site: Site) -> Product<'p> {
        self.product(dense, input_scales, site, vec![self.unit; dense.outputs])
    }

    /// A quantizer of the residual stream for a site: multipliers, shift, and the scales that it really has.
    fn quantizer(&self, site: Site) -> (Array, u8, Vec<f64>) {
        let ratios: Vec<f64> = self.calibration.clips(site).iter().map(|clip| self.unit * 127.0 / clip).collect();
        let largest = ratios.iter().copied().fold(1e-9, f64::max);
        let shift = (32767.0 / largest).log2().floor().clamp(0.0, 30.0);
        let multipliers: Vec<i16> =
            ratios.iter().map(|ratio| (ratio * shift.exp2()).round().clamp(1.0, 32767.0) as i16).collect();
        let scales = multipliers.iter().map(|&multiplier| self.unit * shift.exp2() / f64::from(multiplier)).collect();
        (Array::Quantizer(multipliers), shift as u8, scales)
    }

    fn units(&self, site: Site) -> Vec<f64> {
        self.calibration.clips(site).iter().map(|clip| clip / 127.0).collect()
    }

    fn first(&mut self) {
        let network = self.network;
        let levels = network.config.levels as u16;
        let step = 1.0 / f64::from(levels - 1);
        let taps = network.first.inputs;
        // Values above 7 bits come in two parts: `value >> 1`, which counts double, and the lowest bit.
        let wide = Header::first_columns(levels) != taps;
        let mut dense = network.first.clone();
        let mut scales = vec![step; taps];
        if wide {
            let weights = (0..dense.outputs).flat_map(|row| repeat_row(network.first.row(row))).collect();
            dense = Dense::new(2 * taps, weights, dense.biases);
            scales = [2.0 * step, step].into_iter().flat_map(|scale| vec![scale; taps]).collect();
        }
        let product = self.to_stream(&dense, &scales, Site::Window);
        let shift = product.shift();
        let array = product.linear(shift);
        if !wide {
            self.dequantized.first = dequantize(&product, &scales);
        }
        self.add(LayerDescription::First { shift: shift as u8 }, vec![array]);
    }

    fn block(&mut self, number: usize) {
        let network = self.network;
        let Some((block, expand, skip)) = network.blocks.get(number) else { return };
        let hidden = network.config.hidden;
        let (quantizer, quantizer_shift, inputs) = self.quantizer(Site::Input(number));
        let mut arrays = vec![quantizer];
        let inner_scales;
        let mut shifts = vec![quantizer_shift];
        match block {
            Block::PixelCnn { reduce, convolution } => {
                let reduced = self.units(Site::Reduced(number));
                let taps = repeated(&reduced, 5);
                inner_scales = self.units(Site::Inner(number));
                let first = self.product(reduce, &inputs, Site::Input(number), reduced);
                let second = self.product(convolution, &taps, Site::Taps(number), inner_scales.clone());
                for product in [&first, &second] {
                    let shift = product.shift();
                    arrays.push(product.linear(shift));
                    shifts.push(shift as u8);
                }
                self.dequantized.blocks[number].0 =
                    Block::PixelCnn { reduce: dequantize(&first, &inputs), convolution: dequantize(&second, &taps) };
            }
            Block::RowLstm(lstm) => {
                inner_scales = vec![HIDDEN_UNIT; usize::from(hidden)];
                let sites = [Site::InputTaps(number), Site::States(number, 0)];
                let weights = self.lstm(lstm, &repeated(&inputs, 2), sites, &mut arrays, &mut shifts);
                self.dequantized.blocks[number].0 = Block::RowLstm(weights);
            }
            Block::DiagonalBilstm(directions) => {
                // The mean of both directions, in Q7, is their sum in Q6.
                inner_scales = vec![2.0 * HIDDEN_UNIT; usize::from(hidden)];
                let mut direction = |side: usize| {
                    let sites = [Site::Input(number), Site::States(number, side)];
                    self.lstm(&directions[side], &inputs, sites, &mut arrays, &mut shifts)
                };
                let weights = [direction(0), direction(1)];
                self.dequantized.blocks[number].0 = Block::DiagonalBilstm(weights);
            }
        }
        let product = self.to_stream(expand, &inner_scales, Site::Inner(number));
        let shift = product.shift();
        arrays.push(product.linear(shift));
        shifts.push(shift as u8);
        self.dequantized.blocks[number].1 = dequantize(&product, &inner_scales);
        let mut skip_shift = 0;
        if let Some(skip) = skip {
            let product = self.to_stream(skip, &inner_scales, Site::Inner(number));
            skip_shift = product.shift() as u8;
            arrays.push(product.linear(i32::from(skip_shift)));
            self.dequantized.blocks[number].2 = Some(dequantize(&product, &inner_scales));
        }
        shifts.push(skip_shift);
        let skip = skip.is_some();
        let description = match (block, shifts.as_slice()) {
            (Block::PixelCnn { .. }, &[a, b, c, d, e]) => {
                LayerDescription::PixelCnn { hidden, skip, shifts: [a, b, c, d, e] }
            }
            (Block::DiagonalBilstm(_), &[a, b, c, d, e]) => {
                LayerDescription::DiagonalBilstm { hidden, skip, shifts: [a, b, c, d, e] }
            }
            (_, &[a, b, c, d]) => {
                LayerDescription::RowLstm { hidden, kernel: network.config.kernel, skip, shifts: [a, b, c, d] }
            }
            _ => return,
        };
        self.add(description, arrays);
    }

    /// Both products of an LSTM, which share a shift; returns the weights as quantized.
    fn lstm(
        &self,
        lstm: &Lstm,
        input_scales: &[f64],
        [input_site, state_site]: [Site; 2],
        arrays: &mut Vec<Array>,
        shifts: &mut Vec<u8>,
    ) -> Lstm {
        let unit = f64::from(LOGIT_BITS).exp2().recip();
        let (input, state) = (interleaved(&lstm.input_to_state), interleaved(&lstm.state_to_state));
        let state_scales = vec![HIDDEN_UNIT; state.inputs];
        let input = self.product(&input, input_scales, input_site, vec![unit; input.outputs]);
        let state = self.product(&state, &state_scales, state_site, vec![unit; state.outputs]);
        // Sums of both must fit 31 bits before the shift: gates that saturate do so at ±16.
        let shift = input.shift().min(state.shift()).min(14);
        arrays.push(input.linear(shift));
        arrays.push(Array::Matrix(state.matrix(shift)));
        shifts.push(shift as u8);
        Lstm {
            input_to_state: deinterleaved(&dequantize(&input, input_scales)),
            state_to_state: deinterleaved(&dequantize(&state, &state_scales)),
        }
    }

    fn head(&mut self) {
        let network = self.network;
        let (quantizer, quantizer_shift, inputs) = self.quantizer(Site::HeadInput);
        let maps = self.units(Site::HeadMaps);
        let hidden = self.product(&network.head_hidden, &inputs, Site::HeadInput, maps.clone());
        let rows = Header::output_rows(network.config.levels as u16);
        let mut output = network.head_output.clone();
        output.weights.resize(rows * output.inputs, 0.0);
        output.biases.resize(rows, 0.0);
        let output = Dense::new(output.inputs, output.weights, output.biases);
        let unit = f64::from(LOGIT_BITS).exp2().recip();
        let output = self.product(&output, &maps, Site::HeadMaps, vec![unit; rows]);
        let shifts = [quantizer_shift, hidden.shift() as u8, output.shift() as u8];
        let arrays = vec![quantizer, hidden.linear(i32::from(shifts[1])), output.linear(i32::from(shifts[2]))];
        self.dequantized.head_hidden = dequantize(&hidden, &inputs);
        let mut back = dequantize(&output, &maps);
        let outputs = network.head_output.outputs;
        back.weights.truncate(outputs * back.inputs);
        back.biases.truncate(outputs);
        self.dequantized.head_output = Dense::new(back.inputs, back.weights, back.biases);
        self.add(LayerDescription::Head { maps: network.config.head, shifts }, arrays);
    }
}

fn repeat_row(row: &[f32]) -> impl Iterator<Item = f32> + '_ {
    row.iter().chain(row).copied()
}

/// The float weights that a product's integers stand for.
fn dequantize(product: &Product<'_>, input_scales: &[f64]) -> Dense {
    let columns = input_scales.len().max(1);
    let weights = product
        .integers
        .weights
        .chunks_exact(columns)
        .zip(&product.integers.scales)
        .flat_map(|(row, scale)| row.iter().zip(input_scales).map(move |(w, x)| (f64::from(*w) * scale / x) as f32))
        .collect();
    Dense::new(columns, weights, product.dense.biases.clone())
}
