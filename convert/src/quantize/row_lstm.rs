//! Row LSTM as integers.

use pixelrnn::blob::{LayerDescription, RowLstm as Description};

use super::body::{Body, Layer};
use super::context::Context;
use super::steps::Steps;
use super::{lstm, residual};
use crate::float::RowLstm;
use crate::float::row_lstm::{INPUT, INPUT_TAPS, STATES};

pub fn quantize(weights: &RowLstm, context: &Context<'_>) -> Layer<RowLstm> {
    let mut body = Body::new(context);
    let inputs = body.quantizer(context, INPUT, 0);
    let inner = Steps::signed(vec![lstm::HIDDEN_UNIT; context.config.hidden.into()]);
    let dequantized = RowLstm {
        lstm: lstm::quantize(&weights.lstm, context, [INPUT_TAPS, STATES], &inputs.repeat(2), &mut body),
        residual: residual::quantize(&weights.residual, context, &inner, &mut body),
    };
    let (arrays, shifts) = body.finish();
    let (hidden, kernel, skip) = (context.config.hidden, context.config.kernel, context.config.skip);
    Layer { description: LayerDescription::RowLstm(Description { hidden, kernel, skip, shifts }), arrays, dequantized }
}
