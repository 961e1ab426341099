//! What a vector's integers stand for.

/// Steps of a vector's features, and the integer that stands for 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Steps {
    /// What a step of each feature stands for.
    pub scales: Vec<f64>,
    /// 0, or behind a ReLU [`ZERO_POINT`](pixelrnn::fixed::ZERO_POINT).
    pub zero_point: i8,
}

impl Steps {
    /// Of features of both signs.
    pub const fn signed(scales: Vec<f64>) -> Self {
        Self { scales, zero_point: 0 }
    }

    /// The same features so many times.
    #[must_use]
    pub fn repeat(&self, times: usize) -> Self {
        Self { scales: self.scales.repeat(times), ..*self }
    }
}
