//! The integer network over a whole image, layer by layer and map by map: no stream, no ring, no packing, no kernel.
//!
//! Everything is 64-bit, so nothing can wrap unseen; only the tables of [`pixelrnn::fixed`] are the engine's.

use pixelrnn::blob::{self, Header, LayerDescription, Linear, Matrix, Packing, Section};
use pixelrnn::fixed::{exp2_negative, probability, sigmoid, tanh};
use pixelrnn::layers::Shape;

/// Features at every position; zeros outside.
#[derive(Debug, Clone)]
struct Map {
    width: i64,
    height: i64,
    features: usize,
    values: Vec<i64>,
}

impl Map {
    fn new(width: i64, height: i64, features: usize) -> Self {
        Self { width, height, features, values: vec![0; (width * height) as usize * features] }
    }

    fn at(&self, row: i64, column: i64) -> Vec<i64> {
        if (0..self.height).contains(&row) && (0..self.width).contains(&column) {
            self.values[(row * self.width + column) as usize * self.features..][..self.features].to_vec()
        } else {
            vec![0; self.features]
        }
    }

    fn set(&mut self, row: i64, column: i64, features: &[i64]) {
        self.values[(row * self.width + column) as usize * self.features..][..self.features].copy_from_slice(features);
    }

    fn gather(&self, row: i64, column: i64, taps: &[(i64, i64)]) -> Vec<i64> {
        taps.iter().flat_map(|&(rows, columns)| self.at(row + rows, column + columns)).collect()
    }
}

/// A packed matrix's weight.
fn weight(matrix: &Matrix<'_>, row: usize, column: usize) -> i64 {
    let byte = matrix.weights[(row / 4) * 4 * matrix.columns + (column / 4) * 16 + (row % 4) * 4 + column % 4];
    match matrix.packing {
        Packing::Rows4 if column.is_multiple_of(2) => i64::from(byte) - 128,
        _ => i64::from(byte as i8),
    }
}

/// `floor(accumulator * multiplier / 256)` for every row.
fn scaled(matrix: &Matrix<'_>, input: &[i64]) -> Vec<i64> {
    assert_eq!(matrix.columns, input.len());
    let product = |row: usize| -> i64 { (0..input.len()).map(|k| weight(matrix, row, k) * input[k]).sum() };
    let fits = |row: usize| {
        let sum = product(row);
        assert!(sum.abs() < 1 << 23, "an accumulator of {sum}");
        (sum * i64::from(matrix.multipliers[row])).div_euclid(256)
    };
    (0..matrix.multipliers.len()).map(fits).collect()
}

/// A linear, shifted.
fn requantized(linear: &Linear<'_>, input: &[i64], shift: u8) -> Vec<i64> {
    let sums = scaled(&linear.matrix, input);
    sums.iter().zip(linear.biases).map(|(sum, bias)| fits_i32(sum + i64::from(*bias)) >> shift).collect()
}

fn fits_i32(value: i64) -> i64 {
    i64::from(i32::try_from(value).expect("a sum beyond 32 bits"))
}

fn relu8(values: Vec<i64>) -> Vec<i64> {
    values.into_iter().map(|value| value.clamp(0, 127)).collect()
}

fn add16(to: &mut [i64], values: &[i64]) {
    for (to, value) in to.iter_mut().zip(values) {
        *to = (*to + value).clamp(-32768, 32767);
    }
}

fn quantize(stream: &[i64], multipliers: &[i16], shift: u8, least: i64) -> Vec<i64> {
    let half = (1i64 << shift) >> 1;
    let one = |(value, multiplier): (&i64, &i16)| {
        let value = if least == 0 { (*value).max(0) } else { *value };
        ((value * i64::from(*multiplier) + half) >> shift).clamp(least, 127)
    };
    stream.iter().zip(multipliers).map(one).collect()
}

/// An LSTM direction: its weights, and its maps of hidden states and cells.
struct Lstm<'a> {
    input_to_state: Linear<'a>,
    state_to_state: Matrix<'a>,
    shift: u8,
    hidden: Map,
    cells: Map,
}

impl Lstm<'_> {
    fn step(&mut self, input: &[i64], row: i64, column: i64, taps: &[(i64, i64)], cell: (i64, i64)) {
        let mut gates = scaled(&self.input_to_state.matrix, input);
        for (gate, bias) in gates.iter_mut().zip(self.input_to_state.biases) {
            *gate += i64::from(*bias);
        }
        let states = scaled(&self.state_to_state, &self.hidden.gather(row, column, taps));
        let previous = self.cells.at(row + cell.0, column + cell.1);
        let (mut cells, mut hidden) = (Vec::new(), Vec::new());
        for (unit, previous) in previous.iter().enumerate() {
            let gate = |n: usize| (fits_i32(gates[4 * unit + n] + states[4 * unit + n]) >> self.shift) as i32;
            let [o, f, i] = [0, 1, 2].map(|n| i64::from(sigmoid(gate(n))));
            let g = i64::from(tanh(gate(3)));
            let cell = ((f * previous + ((i * g) >> 4) + (1 << 14)) >> 15).clamp(-32768, 32767);
            cells.push(cell);
            hidden.push(((o * i64::from(tanh(cell as i32)) + (1 << 22)) >> 23).clamp(-127, 127));
        }
        self.cells.set(row, column, &cells);
        self.hidden.set(row, column, &hidden);
    }
}

/// Frequencies of every pixel's values, in raster order, for a whole image.
pub fn frequencies(blob: &[u8], width: usize, height: usize, image: &[u8]) -> Vec<Vec<u32>> {
    let (header, body, _) = blob::load(blob).expect("a valid blob");
    let (w, h) = (width as i64, height as i64);
    let positions: Vec<(i64, i64)> = (0..h).flat_map(|row| (0..w).map(move |column| (row, column))).collect();
    let mut pixels = Map::new(w, h, 1);
    for (place, &value) in image.iter().enumerate() {
        pixels.values[place] = i64::from(value);
    }
    let features = usize::from(header.features);
    let mut stream = Map::new(w, h, features);
    let mut skips = Map::new(w, h, features);
    let mut section = Section::new(body, header.packing);
    let mut all = Vec::new();
    for layer in &header.layers {
        match *layer {
            LayerDescription::First { shift } => {
                let linear = section.linear(features, Header::first_columns(header.levels));
                let taps: Vec<(i64, i64)> = (0..24).map(|tap| (tap / 7 - 3, tap % 7 - 3)).collect();
                for &(row, column) in &positions {
                    let mut values = pixels.gather(row, column, &taps);
                    if header.levels > 128 {
                        let low: Vec<i64> = values.iter().map(|value| value & 1).collect();
                        values.iter_mut().for_each(|value| *value >>= 1);
                        values.extend(low);
                    }
                    let mut sums = vec![0; features];
                    add16(&mut sums, &requantized(&linear, &values, shift));
                    stream.set(row, column, &sums);
                }
            }
            LayerDescription::Head { maps, shifts } => {
                let quantizer = section.quantizer(features);
                let hidden = section.linear(usize::from(maps), features);
                let output = section.linear(Header::output_rows(header.levels), usize::from(maps));
                for &(row, column) in &positions {
                    let mut sum = stream.at(row, column);
                    add16(&mut sum, &skips.at(row, column));
                    let input = quantize(&sum, quantizer, shifts[0], 0);
                    let maps = relu8(requantized(&hidden, &input, shifts[1]));
                    let logits = requantized(&output, &maps, shifts[2]);
                    let logits: Vec<i64> = logits.into_iter().map(|logit| logit.clamp(-32768, 32767)).collect();
                    all.push(from_logits(&logits, usize::from(header.levels)));
                }
            }
            _ => {
                let shape = Shape::new(&header, layer);
                let inner = inner(&shape, &mut section, &stream, &positions);
                let hidden = layer.hidden();
                let expand = section.linear(features, hidden);
                let skip = layer.skip().then(|| section.linear(features, hidden));
                let shifts = layer.shifts();
                let [expand_shift, skip_shift] = [shifts[shifts.len() - 2], shifts[shifts.len() - 1]];
                for &(row, column) in &positions {
                    let input = inner.at(row, column);
                    let mut sum = stream.at(row, column);
                    add16(&mut sum, &requantized(&expand, &input, expand_shift));
                    stream.set(row, column, &sum);
                    if let Some(skip) = &skip {
                        let mut sum = skips.at(row, column);
                        add16(&mut sum, &requantized(skip, &input, skip_shift));
                        skips.set(row, column, &sum);
                    }
                }
            }
        }
    }
    all
}

/// What a block's `expand` reads, over the whole image.
fn inner<'a>(shape: &Shape, section: &mut Section<'a>, stream: &Map, positions: &[(i64, i64)]) -> Map {
    let (f, h) = (shape.features, shape.layer.hidden());
    let map = |features| Map::new(stream.width, stream.height, features);
    let quantizer = section.quantizer(f);
    let mut input = map(f);
    let least = if matches!(shape.layer, LayerDescription::PixelCnn { .. }) { 0 } else { -127 };
    for &(row, column) in positions {
        let shift = shape.layer.shifts()[0];
        input.set(row, column, &quantize(&stream.at(row, column), quantizer, shift, least));
    }
    let lstm = |section: &mut Section<'a>, inputs: usize, states: usize, shift: u8| Lstm {
        input_to_state: section.linear(4 * h, inputs),
        state_to_state: section.matrix(4 * h, states),
        shift,
        hidden: map(h),
        cells: map(h),
    };
    match shape.layer {
        LayerDescription::PixelCnn { shifts, .. } => {
            let reduce = section.linear(h, f);
            let convolution = section.linear(h, 5 * h);
            let (mut reduced, mut out) = (map(h), map(h));
            for &(row, column) in positions {
                reduced.set(row, column, &relu8(requantized(&reduce, &input.at(row, column), shifts[1])));
            }
            let taps = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 0)];
            for &(row, column) in positions {
                let input = reduced.gather(row, column, &taps);
                out.set(row, column, &relu8(requantized(&convolution, &input, shifts[2])));
            }
            out
        }
        LayerDescription::RowLstm { kernel, shifts, .. } => {
            let mut lstm = lstm(section, 2 * f, usize::from(kernel) * h, shifts[1]);
            let kernel = i64::from(kernel);
            let taps: Vec<_> = (0..kernel).map(|tap| (-1, tap - kernel / 2)).collect();
            for &(row, column) in positions {
                lstm.step(&input.gather(row, column, &[(0, -1), (0, 0)]), row, column, &taps, (-1, 0));
            }
            lstm.hidden
        }
        LayerDescription::DiagonalBilstm { shifts, .. } => {
            let mut left = lstm(section, f, 2 * h, shifts[1]);
            let mut right = lstm(section, f, 2 * h, shifts[2]);
            for &(row, column) in positions {
                left.step(&input.at(row, column), row, column, &[(-1, 0), (0, -1)], (0, -1));
                let column = stream.width - 1 - column;
                right.step(&input.at(row, column), row, column, &[(-1, 0), (0, 1)], (0, 1));
            }
            let mut out = map(h);
            for &(row, column) in positions {
                let sums = left.hidden.at(row, column).into_iter().zip(right.hidden.at(row - 1, column));
                out.set(row, column, &sums.map(|(left, right)| (left + right + 1) >> 1).collect::<Vec<_>>());
            }
            out
        }
        _ => unreachable!("only blocks have an inside"),
    }
}

fn from_logits(logits: &[i64], levels: usize) -> Vec<u32> {
    if levels == 2 {
        let one = probability(logits[0] as i16).clamp(1, 65_535);
        return vec![65_536 - one, one];
    }
    let most = *logits[..levels].iter().max().expect("at least one level");
    let top = 24 - levels.next_power_of_two().trailing_zeros();
    let one = |logit: &i64| {
        let below = (most - logit).clamp(0, 20 << 11) as u64;
        let power = u64::from(exp2_negative(((below * 94_548) >> 11) as u32));
        (((power << 24) >> (16 + 24 - top)) as u32).max(1)
    };
    logits[..levels].iter().map(one).collect()
}
