//! Every kernel of this target against the plain one, on random and extreme inputs of many shapes.
//!
//! Needs no more than `core`: the tests of the host and of WebAssembly run the same code.

use core::fmt::Arguments;

use pixelrnn::Temperature;
use pixelrnn::blob::{Linear, Matrix, Packing};
use pixelrnn::kernels::mixture::{self, Component, Parameters};
use pixelrnn::kernels::{self, Activations, plain};

/// Rows and columns at most.
const ROWS: usize = 12;
const COLUMNS: usize = 168;

/// A repeatable stream of numbers.
#[derive(Debug, Clone)]
pub struct Numbers(pub u32);

impl Numbers {
    /// The next 32 bits (xorshift).
    pub fn bits(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }

    /// A number of -127..=127; if extreme, only the ends.
    pub fn byte(&mut self, kind: Kind) -> i8 {
        let bits = self.bits();
        let ends = if bits & 64 == 0 { 127 } else { -127 };
        match kind {
            Kind::Random => ((bits >> 8) % 255) as i8 ^ i8::MIN,
            Kind::Highest => 127,
            Kind::Lowest => -127,
            Kind::Ends => ends,
        }
        .max(-127)
    }
}

/// What the numbers of an input are like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Anything.
    Random,
    /// All 127.
    Highest,
    /// All -127.
    Lowest,
    /// 127 and -127.
    Ends,
}

/// A vector that starts at a multiple of 8 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(align(8))]
struct Aligned<T>(T);

/// Arrays of a linear of up to `ROWS` by `COLUMNS`.
struct Arrays {
    packing: Packing,
    weights: Aligned<[u8; ROWS * COLUMNS]>,
    biases: Aligned<[i32; ROWS]>,
    multipliers: Aligned<[i16; ROWS]>,
}

impl Arrays {
    fn fill(&mut self, numbers: &mut Numbers, kind: Kind) {
        let packing = self.packing;
        let mut weight = || match packing.columns() {
            4 => numbers.byte(kind) as u8,
            // Two weights of 4 bits, of -7..=7.
            _ => (numbers.byte(kind) >> 4).max(-7) as u8 & 0x0f | ((numbers.byte(kind) >> 4).max(-7) << 4) as u8,
        };
        for (place, byte) in self.weights.0.iter_mut().enumerate() {
            *byte = weight() ^ packing.flip().to_le_bytes()[place % 4];
        }
        for bias in &mut self.biases.0 {
            *bias = (numbers.bits() as i32) >> if kind == Kind::Random { 12 } else { 1 };
        }
        for multiplier in &mut self.multipliers.0 {
            *multiplier = match kind {
                Kind::Random => (numbers.bits() >> 17) as i16,
                _ => i16::MAX,
            };
        }
    }

    fn linear(&self, rows: usize, columns: usize) -> Option<Linear<'_>> {
        Some(Linear {
            biases: self.biases.0.get(..rows)?,
            matrix: Matrix {
                columns,
                multipliers: self.multipliers.0.get(..rows)?,
                weights: self.weights.0.get(..self.packing.bytes_of(rows * columns))?,
                packing: self.packing,
            },
        })
    }
}

/// Compares everything; calls `report` for each difference, and returns how many there are.
pub fn differences(report: &mut dyn FnMut(Arguments<'_>)) -> u32 {
    let mut count = 0;
    let mut report = |case: Arguments<'_>| {
        count += 1;
        report(case);
    };
    let mut numbers = Numbers(0x9e37_79b9);
    let (signed, nibbles) = (Packing::Rows4Signed { fingerprint: 0 }, Packing::Rows4Nibbles { fingerprint: 0 });
    let packings = [Packing::Rows4, signed, nibbles];
    for packing in packings.into_iter().filter(|&packing| kernels::reads(packing)) {
        matrices(packing, &mut numbers, &mut report);
    }
    elements(&mut numbers, &mut report);
    mixtures(&mut numbers, &mut report);
    count
}

fn matrices(packing: Packing, numbers: &mut Numbers, report: &mut dyn FnMut(Arguments<'_>)) {
    let weights = Aligned([0; ROWS * COLUMNS]);
    let mut arrays = Arrays { packing, weights, biases: Aligned([0; ROWS]), multipliers: Aligned([0; ROWS]) };
    let kinds = [Kind::Random, Kind::Highest, Kind::Lowest, Kind::Ends];
    let columns = [4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 48, 60, 64, 68, 80, 84, 100, 128, 160, 168];
    for columns in columns.into_iter().filter(|columns| columns % packing.columns() == 0) {
        for weights in kinds {
            arrays.fill(numbers, weights);
            for activations in kinds {
                let rows = 4 + 4 * (numbers.bits() as usize % 3);
                let Some(linear) = arrays.linear(rows, columns) else { continue };
                products(&linear, activations, numbers, report);
            }
        }
    }
}

fn products(linear: &Linear<'_>, kind: Kind, numbers: &mut Numbers, report: &mut dyn FnMut(Arguments<'_>)) {
    let (rows, columns) = (linear.biases.len(), linear.matrix.columns);
    let mut values = Aligned([0i8; COLUMNS]);
    for value in &mut values.0 {
        *value = numbers.byte(kind);
    }
    // In two pieces, the first one perhaps zeros.
    let piece = linear.matrix.packing.columns();
    let split = piece * (numbers.bits() as usize % (columns / piece + 1));
    let zeros = numbers.bits().is_multiple_of(4);
    let Some((first, second)) = values.0.get_mut(..columns).and_then(|values| values.split_at_mut_checked(split))
    else {
        return;
    };
    let mut scratch = [0; kernels::activation_words(COLUMNS)];
    let mut activations = Activations::for_weights(&mut scratch, linear.matrix.packing);
    if zeros {
        first.fill(0);
        activations.push_zeros(split);
    } else {
        activations.push(first);
    }
    activations.push(second);
    let Some(values) = values.0.get(..columns) else { return };
    let shift = [0, 1, 7, 9, 16, 23, 31][numbers.bits() as usize % 7];

    let mut bytes = [Aligned([0i8; ROWS]); 2];
    let mut halves = [Aligned([0i16; ROWS]); 2];
    for place in 0..ROWS {
        let value = (numbers.bits() >> if kind == Kind::Random { 18 } else { 16 }) as i16;
        halves.iter_mut().for_each(|halves| halves.0[place] = value);
    }
    let mut words = [Aligned([0i32; ROWS]); 2];
    let ([fast, slow], [fast16, slow16], [fast32, slow32]) = (&mut bytes, &mut halves, &mut words);
    let outputs = (fast.0.get_mut(..rows), fast16.0.get_mut(..rows), fast32.0.get_mut(..rows));
    let (Some(out), Some(out16), Some(out32)) = outputs else { return };
    kernels::linear_relu(linear, &activations, shift, out);
    kernels::linear_add(linear, &activations, shift, out16);
    kernels::linear_scaled(linear, &activations, out32);
    kernels::add_scaled(&linear.matrix, &activations, out32);
    let outputs = (slow.0.get_mut(..rows), slow16.0.get_mut(..rows), slow32.0.get_mut(..rows));
    let (Some(out), Some(out16), Some(out32)) = outputs else { return };
    plain::linear_relu(linear, values, shift, out);
    plain::linear_add(linear, values, shift, out16);
    plain::linear_scaled(linear, values, out32);
    plain::add_scaled(&linear.matrix, values, out32);
    for (name, same) in [("relu", fast == slow), ("add", fast16 == slow16), ("scaled", fast32 == slow32)] {
        if !same {
            let packing = linear.matrix.packing;
            report(format_args!(
                "{name}, {packing:?}, {rows} rows, {columns} columns, {kind:?} activations, shift {shift}"
            ));
        }
    }
}

/// Quantizers and the LSTM's cell.
fn elements(numbers: &mut Numbers, report: &mut dyn FnMut(Arguments<'_>)) {
    const COUNT: usize = 24;
    for round in 0..400 {
        let count = 4 * (1 + numbers.bits() as usize % (COUNT / 4));
        let extreme = round % 4 == 0;
        let mut stream = Aligned([0i16; COUNT]);
        let mut multipliers = Aligned([0i16; COUNT]);
        for (value, multiplier) in stream.0.iter_mut().zip(&mut multipliers.0) {
            *value = if extreme { [i16::MIN, i16::MAX][numbers.bits() as usize % 2] } else { numbers.bits() as i16 };
            *multiplier = if extreme { i16::MAX } else { (numbers.bits() >> 17) as i16 };
        }
        // Of at most what a model may have: see the check at loading.
        let shift = numbers.bits() % 24;
        let mut bytes = [Aligned([0i8; COUNT]); 4];
        for (place, bytes) in bytes.iter_mut().enumerate() {
            let kernel = [kernels::quantize, plain::quantize, kernels::quantize_relu, plain::quantize_relu][place];
            if let (Some(stream), Some(multipliers), Some(out)) =
                (stream.0.get(..count), multipliers.0.get(..count), bytes.0.get_mut(..count))
            {
                kernel(stream, multipliers, shift, out);
            }
        }
        if bytes[0] != bytes[1] || bytes[2] != bytes[3] {
            report(format_args!("quantize, {count} values, shift {shift}"));
        }

        let mut gates = Aligned([0i32; 4 * COUNT]);
        for gate in &mut gates.0 {
            *gate = (numbers.bits() as i32) >> if extreme { 0 } else { 12 };
        }
        let shift = if extreme { shift } else { numbers.bits() % 8 };
        let mut cells = [stream; 2];
        let mut hidden = [Aligned([0i8; COUNT]); 2];
        for place in 0..2 {
            let kernel = [kernels::lstm_cell, plain::lstm_cell][place];
            if let (Some(gates), Some(cell), Some(hidden)) =
                (gates.0.get(..4 * count), cells[place].0.get_mut(..count), hidden[place].0.get_mut(..count))
            {
                kernel(gates, shift, cell, hidden);
            }
        }
        if cells[0] != cells[1] || hidden[0] != hidden[1] {
            report(format_args!("LSTM cell, {count} units, shift {shift}"));
        }
    }
}

/// Shares of mixtures of any outputs below any borders.
fn mixtures(numbers: &mut Numbers, report: &mut dyn FnMut(Arguments<'_>)) {
    for round in 0..400 {
        let bits = 1 + numbers.bits() % 16;
        let mut rows = [[0]; 30];
        for row in &mut rows {
            *row = [i32::from((numbers.bits() >> 16) as i16) >> (if round % 4 == 0 { 0 } else { 2 })];
        }
        let count = 1 + numbers.bits() as usize % 10;
        let prediction = (numbers.bits() % (1 << (bits + 12))) as i32;
        let temperature = Temperature::from_percent(50 + 50 * (numbers.bits() % 3)).unwrap_or_default();
        let parameters = Parameters { rows: &rows, residuals: &[], image: 0, prediction, bits, temperature };
        let mut components = [Component::default(); 10];
        let Some(components) = components.get_mut(..count) else { return };
        mixture::plain_components(&parameters, components);
        let mut same = [Component::default(); 10];
        let Some(same) = same.get_mut(..count) else { return };
        mixture::components(&parameters, same);
        if same != components {
            report(format_args!("{same:?} instead of {components:?}"));
        }
        for _ in 0..8 {
            let border = (numbers.bits() % ((1 << (bits + 12)) + 1)) as i32 - 2048;
            let shares = mixture::plain_below(components, [border, border + (1 << 12)]);
            if mixture::below_both(components, border) != shares || mixture::below(components, border) != shares[0] {
                report(format_args!("shares below {border} of {components:?}"));
            }
        }
    }
}
