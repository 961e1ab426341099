//! Feature maps as matrices: one row a pixel of an image, one column a feature.
//!
//! The rows lie in the order group, image row, image column, image of the group, so that a masked convolution's taps are
//! whole-map copies and a group of images is one piece of memory (see [`recurrence`](super::recurrence)).

use tch::{Kind, Tensor};

/// The sizes of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batch {
    /// Groups of images.
    pub groups: i64,
    /// Rows.
    pub height: i64,
    /// Columns.
    pub width: i64,
    /// Images in a group.
    pub images: i64,
}

impl Batch {
    /// Images in all.
    pub const fn count(&self) -> i64 {
        self.groups * self.images
    }

    /// Images `[count, height, width]` to a map of one feature.
    pub fn map(&self, images: &Tensor) -> Tensor {
        images.view([self.groups, self.images, self.height, self.width]).permute([0, 2, 3, 1]).contiguous().view([-1, 1])
    }

    /// The map whose pixel (i, j) is pixel (i + rows, j + columns) of `map`, zeros outside the image.
    pub fn tap(&self, map: &Tensor, (rows, columns): (i64, i64)) -> Tensor {
        let features = map.size()[1];
        map.view([self.groups, self.height, self.width, self.images * features])
            .constant_pad_nd([0, 0, -columns, columns, -rows, rows])
            .contiguous()
            .view([-1, features])
    }

    /// Several taps side by side.
    pub fn taps(&self, map: &Tensor, offsets: &[(i64, i64)]) -> Tensor {
        let taps: Vec<Tensor> = offsets.iter().map(|&offset| self.tap(map, offset)).collect();
        Tensor::cat(&taps, 1)
    }

    /// The gradient of the map from that of its [`taps`](Self::taps).
    pub fn taps_gradient(&self, gradient: &Tensor, offsets: &[(i64, i64)]) -> Tensor {
        let features = gradient.size()[1] / offsets.len() as i64;
        let mut sum: Option<Tensor> = None;
        for (n, &(rows, columns)) in offsets.iter().enumerate() {
            let part = gradient.narrow(1, n as i64 * features, features).contiguous();
            let part = self.tap(&part, (-rows, -columns));
            sum = Some(match sum {
                Some(mut sum) => sum.g_add_(&part),
                None => part,
            });
        }
        sum.unwrap_or_else(|| gradient.shallow_clone())
    }

    /// Mirrors every row.
    pub fn mirror(&self, map: &Tensor) -> Tensor {
        let features = map.size()[1];
        map.view([self.groups, self.height, self.width, self.images * features]).flip([2]).view([-1, features])
    }
}

/// `map * weights^T + bias`.
pub fn linear(map: &Tensor, weights: &Tensor, bias: Option<&Tensor>) -> Tensor {
    let kind = map.kind();
    let product = map.linear(&weights.to_kind(kind), bias.map(|bias| bias.to_kind(kind)).as_ref());
    debug_assert_eq!(product.kind(), kind);
    product
}

/// The gradients of [`linear`]'s weights and bias.
pub fn linear_gradients(map: &Tensor, gradient: &Tensor) -> (Tensor, Tensor) {
    let weights = gradient.tr().matmul(map).to_kind(Kind::Float);
    (weights, gradient.sum_dim_intlist([0i64].as_slice(), false, Kind::Float))
}

/// The gradient of [`linear`]'s input.
pub fn input_gradient(gradient: &Tensor, weights: &Tensor) -> Tensor {
    gradient.matmul(&weights.to_kind(gradient.kind()))
}

/// A gradient through a ReLU, from the ReLU's output.
pub fn relu_gradient(gradient: &Tensor, output: &Tensor) -> Tensor {
    gradient.threshold_backward(output, 0.0)
}
