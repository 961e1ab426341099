//! The way out of every block, as integers.

use super::body::Body;
use super::context::Context;
use super::steps::Steps;
use crate::float::Residual;
use crate::float::residual::INNER;

/// Adds a block's last products and their shifts; without a skip connection its shift is 0.
pub fn quantize(weights: &Residual, context: &Context<'_>, inputs: &Steps, body: &mut Body) -> Residual {
    let expand = body.linear(&context.onto_stream(&weights.expand, INNER, inputs));
    let skip = weights.skip.as_ref().map(|skip| body.linear(&context.onto_stream(skip, INNER, inputs)));
    if skip.is_none() {
        body.shift(0);
    }
    Residual { expand, skip }
}
