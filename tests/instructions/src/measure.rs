//! What is counted: products, gates and a distribution of the usual shapes, and whole pixels of models.

use core::convert::Infallible;
use core::hint::black_box;

use pixelrnn::blob::{Linear, Matrix, Packing};
use pixelrnn::codec::RangeEncoder;
use pixelrnn::kernels::frequencies::frequencies;
use pixelrnn::kernels::{self, Activations};
use pixelrnn::{Conditions, Model, Seeded, Stream, Temperature, sample};
use rand_core::SeedableRng;

use crate::region::region;

/// Bytes that serve as weights, biases and multipliers: what they hold does not change what is executed.
#[repr(align(16))]
struct Bytes([u8; 32 * 1024]);
static WEIGHTS: Bytes = Bytes([0x3c; 32 * 1024]);
static BIASES: [i32; 256] = [77; 256];
#[repr(align(4))]
struct Multipliers([i16; 256]);
static MULTIPLIERS: Multipliers = Multipliers([12_345; 256]);

#[repr(align(8))]
struct Aligned<T>(T);

/// What this target takes the fewest instructions for.
const PACKING: Packing = match kernels::GAINS_FROM_SIGNED {
    true => Packing::Rows4Signed { fingerprint: 0 },
    false => Packing::Rows4,
};

/// Weights of 4 bits.
const NIBBLES: Packing = Packing::Rows4Nibbles { fingerprint: 0 };

fn matrix(rows: usize, columns: usize, packing: Packing) -> Matrix<'static> {
    Matrix {
        columns,
        multipliers: MULTIPLIERS.0.get(..rows).unwrap_or_default(),
        weights: WEIGHTS.0.get(..packing.bytes_of(rows * columns)).unwrap_or_default(),
        packing,
    }
}

fn linear(rows: usize, columns: usize, packing: Packing) -> Linear<'static> {
    Linear { biases: BIASES.get(..rows).unwrap_or_default(), matrix: matrix(rows, columns, packing) }
}

/// All kernels, one region after the other.
pub fn kernels() {
    for (columns, rows) in [(16, 64), (64, 64), (288, 32), (288, 64)] {
        matrix_vector(rows, columns, PACKING, "");
    }
    if kernels::GAINS_FROM_SIGNED {
        matrix_vector(32, 288, Packing::Rows4, ", packed for all");
    }
    masked_convolution(PACKING, "");
    for units in [16, 32, 64] {
        lstm(units, PACKING, "");
    }
    distribution();
}

/// The same of weights of 4 bits.
pub fn kernels_of_nibbles() {
    const SUFFIX: &str = ", weights of 4 bits";
    for (columns, rows) in [(16, 64), (64, 64), (288, 32), (288, 64)] {
        matrix_vector(rows, columns, NIBBLES, SUFFIX);
    }
    masked_convolution(NIBBLES, SUFFIX);
    for units in [16, 32, 64] {
        lstm(units, NIBBLES, SUFFIX);
    }
}

/// All models that the build was given.
pub fn models() {
    for (name, blob) in MODELS {
        whole_pixels(name, blob);
    }
}

static MODELS: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/models.rs"));

/// Activations in, activations out.
fn matrix_vector(rows: usize, columns: usize, packing: Packing, suffix: &str) {
    let mut scratch = [0; kernels::activation_words(288)];
    let input = Aligned([5i8; 288]);
    let mut output = Aligned([0i8; 64]);
    let (linear, input) = (linear(rows, columns, packing), input.0.get(..columns).unwrap_or_default());
    let (linear, input) = black_box((linear, input));
    let out = output.0.get_mut(..rows).unwrap_or_default();
    region(format_args!("matrix-vector {columns}->{rows}{suffix}|{}", rows * columns), || {
        let activations = Activations::for_weights(&mut scratch, packing).with(input);
        kernels::linear_relu(&linear, &activations, 9, out);
    });
    black_box(&output.0);
}

/// Five taps of 32 features, as a PixelCNN block gathers them.
fn masked_convolution(packing: Packing, suffix: &str) {
    let mut scratch = [0; kernels::activation_words(160)];
    let taps = Aligned([5i8; 160]);
    let mut output = Aligned([0i8; 32]);
    let (linear, taps) = black_box((linear(32, 160, packing), taps.0));
    region(format_args!("3x3 mask B, one pixel, 32->32{suffix}|{}", 5 * 32 * 32), || {
        let mut activations = Activations::for_weights(&mut scratch, packing);
        for tap in taps.as_chunks::<32>().0 {
            activations.push(tap);
        }
        kernels::linear_relu(&linear, &activations, 9, &mut output.0);
    });
    black_box(&output.0);
}

/// One step, as many inputs as units: 8 h² multiply-adds.
fn lstm(units: usize, packing: Packing, suffix: &str) {
    let mut scratch = [0; kernels::activation_words(64)];
    let mut gates = Aligned([0i32; 256]);
    let mut cell = Aligned([300i16; 64]);
    let (input, mut hidden) = (Aligned([5i8; 64]), Aligned([-5i8; 64]));
    let (input_to_state, state_to_state) =
        black_box((linear(4 * units, units, packing), matrix(4 * units, units, packing)));
    let gates = gates.0.get_mut(..4 * units).unwrap_or_default();
    let cell = cell.0.get_mut(..units).unwrap_or_default();
    let input = black_box(input.0.get(..units).unwrap_or_default());
    let hidden = hidden.0.get_mut(..units).unwrap_or_default();
    region(format_args!("LSTM step h={units}{suffix}|{}", 8 * units * units), || {
        let activations = Activations::for_weights(&mut scratch, packing).with(input);
        kernels::linear_scaled(&input_to_state, &activations, gates);
        let activations = Activations::for_weights(&mut scratch, packing).with(hidden);
        kernels::add_scaled(&state_to_state, &activations, gates);
        kernels::lstm_cell(gates, 4, cell, hidden);
    });
    black_box((cell, hidden));
}

/// Logits of 256 levels in, frequencies and their total out.
fn distribution() {
    let mut logits = [0i32; 256];
    for (place, logit) in logits.iter_mut().enumerate() {
        *logit = (place as i32 * 7919) % 24_000 - 12_000;
    }
    let logits = black_box(&mut logits);
    let total = region(format_args!("distribution of 256 levels|256"), || frequencies(logits, Temperature::ONE));
    black_box((total, &logits));
}

/// Columns and rows of images.
const SIDE: u32 = 28;

/// What a model is given that asks for a smaller image: blank, half as wide, of four channels at most.
static SMALL: [u8; (SIDE * SIDE) as usize] = [0; (SIDE * SIDE) as usize];

/// Words of state that the largest model here needs.
static mut STATE: [u32; 24 * 1024] = [0; 24 * 1024];

/// A pixel in the middle of an image, predicted and observed; the same without the head; the same with a value coded; an image.
fn whole_pixels(name: &str, blob: &'static [u8]) {
    let Ok(model) = Model::load(blob) else {
        crate::console::line(format_args!("SKIP {name}: not a model"));
        return;
    };
    // SAFETY: `main` calls this once for each model, one after the other.
    let state = unsafe { &mut *(&raw mut STATE) };
    let mut rng = Seeded::seed_from_u64(1);
    // Classes cost the same, whichever it is.
    let class = (model.classes() > 0).then_some(0);
    let values = model.small_size((SIDE, SIDE)).map_or(0, |(width, height)| width * height) as usize;
    let small = SMALL.get(..values * usize::from(model.channels())).unwrap_or_default();
    let given = if values > 0 { Conditions::of_small(small) } else { Conditions::default() }.and_class(class);
    let Ok(mut stream) = Stream::begin_given(&model, given, SIDE, SIDE, state) else {
        crate::console::line(format_args!("SKIP {name}: its state does not fit"));
        return;
    };
    let (macs, channels) = (model.macs_per_pixel(), model.channels());
    // To the middle of the fourth row, of which a smaller image holds nothing.
    for _ in 0..(3 * SIDE + SIDE / 2) * u32::from(channels) {
        let _ = sample::next(&mut stream, &mut rng);
    }
    let mut values = [0; 4];
    let values = values.get_mut(..usize::from(channels)).unwrap_or_default();
    region(format_args!("{name}: a pixel drawn|{macs}"), || {
        for value in black_box(&mut *values) {
            *value = sample::next(&mut stream, &mut rng).unwrap_or_default();
        }
    });
    region(format_args!("{name}: a pixel observed|{macs}"), || {
        for _ in 0..black_box(channels) {
            let _ = black_box(stream.observe(black_box(0)));
        }
    });
    let mut encoder = RangeEncoder::new();
    region(format_args!("{name}: a pixel coded|{macs}"), || {
        for &value in black_box(&*values) {
            code(&mut stream, value, &mut encoder);
        }
    });

    let Ok(mut stream) = Stream::begin_given(&model, given, SIDE, SIDE, state) else { return };
    region(format_args!("{name}: an image of 28x28|{}", u64::from(SIDE * SIDE) * macs), || {
        while sample::next(black_box(&mut stream), &mut rng).is_ok() {}
    });
}

/// Codes a value, and moves on.
fn code(stream: &mut Stream<'_>, value: u16, encoder: &mut RangeEncoder) {
    let mut sink = |byte: u8| -> Result<(), Infallible> {
        black_box(byte);
        Ok(())
    };
    if let Ok(distribution) = stream.predict() {
        let Ok(()) = encoder.encode(&distribution, value, &mut sink);
    }
    let _ = stream.observe(value);
}
