//! The way out of every block, as integers.

use super::body::Body;
use super::context::Context;
use crate::float::Residual;
use crate::float::residual::INNER;

/// Adds a block's last products and their shifts; without a skip connection its shift is 0.
pub fn quantize(weights: &Residual, context: &Context<'_>, scales: &[f64], body: &mut Body) -> Residual {
    let expand = body.linear(&context.onto_stream(&weights.expand, INNER, scales));
    let skip = weights.skip.as_ref().map(|skip| body.linear(&context.onto_stream(skip, INNER, scales)));
    if skip.is_none() {
        body.shift(0);
    }
    Residual { expand, skip }
}
