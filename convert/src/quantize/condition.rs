//! What conditions add to a layer's products, as integers: upsampled features by a product of their own, classes by vectors.

use pixelrnn::fixed::ZERO_POINT;

use super::body::Body;
use super::class;
use super::context::Context;
use super::product::Product;
use super::steps::Steps;
use crate::float::upsample::FEATURES;
use crate::float::{Condition, Projection};

/// What is added to a product.
pub struct Addends<'a> {
    condition: &'a Condition,
    projection: Option<Product>,
}

impl<'a> Addends<'a> {
    /// For products with these outputs.
    pub fn new(condition: &'a Condition, context: &Context<'_>, outputs: &Steps) -> Self {
        let context = context.of_upsampling();
        let features = context.steps(FEATURES, ZERO_POINT);
        // The zero point of what they are added to is the other product's business.
        let outputs = Steps::signed(outputs.scales.clone());
        let product = |projection: &Projection| context.product(&projection.0, FEATURES, &features, &outputs);
        Self { condition, projection: condition.projection.as_ref().map(product) }
    }

    /// A product with room for what is added to it.
    pub fn make_room(&mut self, product: Product) -> Product {
        let product = product.with_class(self.condition.class.as_ref());
        match &mut self.projection {
            Some(projection) => product.with(projection),
            None => product,
        }
    }

    /// Adds the arrays, rows in `order` of a group's, behind the shift of the product that they are added to.
    pub fn quantize(
        self,
        outputs: &Steps,
        shift: i32,
        order: impl Fn(usize) -> Vec<usize>,
        body: &mut Body,
    ) -> Condition {
        if let Some(projection) = &self.projection {
            let arrays = projection.matrices(shift).map(|array| {
                let rows: Vec<_> = order(array.rows()).into_iter().map(Some).collect();
                array.with_rows(&rows)
            });
            body.add_projection(arrays);
        }
        let class = class::quantize(self.condition.class.as_ref(), &outputs.scales, shift, order, body);
        Condition { class, projection: self.projection.map(|projection| Projection(projection.dequantized())) }
    }
}
