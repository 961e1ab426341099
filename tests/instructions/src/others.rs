//! The published crate embedded-nn at the same work, as its users would call it.

use core::hint::black_box;

use embedded_nn::convolution::convolve_per_channel_s8;
use embedded_nn::fully_connected::fully_connected_per_channel_s8;
use embedded_nn::recurrent::{LstmGateParams, lstm_step_s8_s16};
use embedded_nn::softmax::softmax_s8;
use embedded_nn::types::{
    Activation, ConvParams, Dims, FcParams, Padding2D, PerChannelQuantParams, PerTensorQuantParams, Tile,
};

use crate::region::region;

static WEIGHTS: [i8; 32 * 1024] = [0x3c; 32 * 1024];
static BIASES: [i32; 256] = [77; 256];
static MULTIPLIERS: [i32; 64] = [1_400_000_000; 64];
static SHIFTS: [i32; 64] = [-8; 64];

const ACTIVATION: Activation = Activation { min: -128, max: 127 };

/// Everything, one region after the other.
pub fn all() {
    for (columns, rows) in [(16, 64), (64, 64), (288, 32), (288, 64)] {
        matrix_vector(rows, columns);
    }
    convolution();
    for units in [16, 32, 64] {
        lstm(units);
    }
    softmax();
}

fn quantization(rows: usize) -> PerChannelQuantParams<'static> {
    let (multiplier, shift) = (MULTIPLIERS.get(..rows), SHIFTS.get(..rows));
    PerChannelQuantParams { multiplier: multiplier.unwrap_or_default(), shift: shift.unwrap_or_default() }
}

fn matrix_vector(rows: usize, columns: usize) {
    let input = black_box([5i8; 288]);
    let mut output = [0i8; 64];
    let parameters = FcParams { input_offset: 0, filter_offset: 0, output_offset: 0, activation: ACTIVATION };
    let (weights, biases, quantization) = black_box((&WEIGHTS, &BIASES, quantization(rows)));
    let result = region(format_args!("embedded-nn: matrix-vector {columns}->{rows}|{}", rows * columns), || {
        fully_connected_per_channel_s8(
            &parameters,
            &quantization,
            &Dims::new(1, 1, 1, columns as i32),
            &input,
            &Dims::new(columns as i32, 1, 1, rows as i32),
            weights,
            Some(biases),
            &Dims::new(1, 1, 1, rows as i32),
            &mut output,
        )
    });
    check(result.is_ok());
    black_box(&output);
}

/// All nine taps: there is no masked convolution.
fn convolution() {
    let input = black_box([5i8; 9 * 32]);
    let mut output = [0i8; 32];
    let parameters = ConvParams {
        input_offset: 0,
        output_offset: 0,
        stride: Tile { h: 1, w: 1 },
        padding: Padding2D { top: 0, bottom: 0, left: 0, right: 0 },
        dilation: Tile { h: 1, w: 1 },
        activation: ACTIVATION,
    };
    let (weights, biases, quantization) = black_box((&WEIGHTS, &BIASES, quantization(32)));
    let result = region(format_args!("embedded-nn: 3x3 mask B, one pixel, 32->32|{}", 9 * 32 * 32), || {
        convolve_per_channel_s8(
            &parameters,
            &quantization,
            &Dims::new(1, 3, 3, 32),
            &input,
            &Dims::new(32, 3, 3, 32),
            weights,
            Some(biases),
            &Dims::new(1, 1, 1, 32),
            &mut output,
        )
    });
    check(result.is_ok());
    black_box(&output);
}

fn lstm(units: usize) {
    let input = black_box([5i8; 64]);
    let (mut hidden, mut cell) = ([-5i8; 64], [300i16; 64]);
    let gates = LstmGateParams { input_offset: 0, hidden_offset: 0, multiplier: 1_400_000_000, shift: -4 };
    let output = PerTensorQuantParams { multiplier: 1_400_000_000, shift: -8 };
    let (weights, biases) = black_box((&WEIGHTS, &BIASES));
    let (Some(input), Some(hidden), Some(cell)) = (input.get(..units), hidden.get_mut(..units), cell.get_mut(..units))
    else {
        return;
    };
    let result = region(format_args!("embedded-nn: LSTM step h={units}|{}", 8 * units * units), || {
        lstm_step_s8_s16(input, hidden, cell, weights, weights, biases, &gates, 32_767, &output, 0, &ACTIVATION)
    });
    check(result.is_ok());
    black_box((hidden, cell));
}

fn softmax() {
    let mut input = [0i8; 256];
    for (place, value) in input.iter_mut().enumerate() {
        *value = ((place * 79) % 240) as i8;
    }
    let mut output = [0i8; 256];
    let input = black_box(input);
    let result = region(format_args!("embedded-nn: distribution of 256 levels|256"), || {
        softmax_s8(&input, 1, 256, 1_073_741_824, 23, -248, &mut output)
    });
    check(result.is_ok());
    black_box(&output);
}

/// What failed did no work: nothing to compare with.
fn check(worked: bool) {
    if !worked {
        crate::console::line(format_args!("DIFFERENT embedded-nn refused its arguments"));
    }
}
