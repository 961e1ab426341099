//! The distribution of the next value.

use super::window;

/// A distribution over the levels.
#[derive(Debug, Clone, PartialEq)]
pub enum Prediction {
    /// Two levels: the logit of value 1.
    Sigmoid(f32),
    /// A logit a level.
    Softmax(Vec<f32>),
    /// A mixture of logistics.
    Mixture(Logistics),
}

/// One logistic of a mixture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Component {
    /// Its share of the whole.
    pub weight: f64,
    /// Its middle, in the values' units.
    pub mean: f64,
    /// Its scale, in the values' units.
    pub scale: f64,
}

/// A mixture of logistics, with a little of every level mixed in, as the integer engine has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Logistics {
    levels: u32,
    components: Vec<Component>,
}

/// The integer engine's total: every level has at least one of so many.
const TOTAL: f64 = (1u32 << 24) as f64;

impl Prediction {
    /// Negative log-likelihood of a value, in nats.
    pub fn nats(&self, value: u16) -> f64 {
        match self {
            &Self::Sigmoid(logit) => softplus(f64::from(if value == 1 { -logit } else { logit })),
            Self::Softmax(logits) => {
                let most = largest(logits);
                let sum: f64 = logits.iter().map(|&logit| f64::from(logit - most).exp()).sum();
                sum.ln() - f64::from(logits[usize::from(value)] - most)
            }
            Self::Mixture(mixture) => -mixture.probability(value).ln(),
        }
    }

    /// The value at which the sum of the probabilities first exceeds a share of the whole, 0 to 1: a draw, if the share is one.
    pub fn find(&self, share: f64) -> u16 {
        match self {
            &Self::Sigmoid(logit) => u16::from(share < (-softplus(f64::from(-logit))).exp()),
            Self::Softmax(logits) => {
                let most = largest(logits);
                let weights: Vec<f64> = logits.iter().map(|&logit| f64::from(logit - most).exp()).collect();
                let mut left = share * weights.iter().sum::<f64>();
                let chosen = weights.iter().position(|weight| {
                    left -= weight;
                    left < 0.0
                });
                chosen.unwrap_or(weights.len() - 1) as u16
            }
            Self::Mixture(mixture) => mixture.find(share),
        }
    }
}

fn largest(logits: &[f32]) -> f32 {
    logits.iter().copied().fold(f32::MIN, f32::max)
}

/// `ln(1 + e^x)`.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

impl Logistics {
    /// From components whose weights are still logits.
    pub(super) fn new(levels: u32, mut components: Vec<Component>) -> Self {
        let most = components.iter().map(|component| component.weight).fold(f64::MIN, f64::max);
        components.iter_mut().for_each(|component| component.weight = (component.weight - most).exp());
        let sum: f64 = components.iter().map(|component| component.weight).sum();
        components.iter_mut().for_each(|component| component.weight /= sum);
        Self { levels, components }
    }

    /// The components; their weights add up to 1.
    pub fn components(&self) -> &[Component] {
        &self.components
    }

    /// Levels rounded up to a power of two, which keep one of the total each.
    fn kept(&self) -> f64 {
        f64::from(1u32 << window::bits(self.levels))
    }

    /// A value's probability.
    pub fn probability(&self, value: u16) -> f64 {
        let mixed: f64 = self.components.iter().map(|component| component.share(value, self.levels)).sum();
        let rest = if u32::from(value) + 1 == self.levels { self.kept() - f64::from(self.levels) } else { 0.0 };
        mixed * (1.0 - self.kept() / TOTAL) + (1.0 + rest) / TOTAL
    }

    /// The sum of the probabilities of all smaller values.
    fn cumulative(&self, value: u16) -> f64 {
        let edge = f64::from(value) - 0.5;
        let below = self.components.iter().map(|one| one.weight * logistic((edge - one.mean) / one.scale)).sum::<f64>();
        let below = if value == 0 { 0.0 } else { below };
        f64::from(value) / TOTAL + below * (1.0 - self.kept() / TOTAL)
    }

    /// The largest value whose smaller ones together have at most a share of the whole.
    fn find(&self, share: f64) -> u16 {
        let (mut low, mut high) = (0, self.levels);
        while high - low > 1 {
            let middle = low.midpoint(high);
            if self.cumulative(middle as u16) <= share { low = middle } else { high = middle }
        }
        low as u16
    }
}

impl Component {
    /// What the component gives a value, of the whole; the first value takes all below, the last all above.
    fn share(&self, value: u16, levels: u32) -> f64 {
        let standard = |edge: f64| (f64::from(value) + edge - self.mean) / self.scale;
        let (below, above) = (standard(-0.5), standard(0.5));
        self.weight
            * match u32::from(value) {
                0 => logistic(above),
                last if last + 1 == levels => logistic(-below),
                // F(above) - F(below), without a difference of near equals.
                _ => logistic(above) * logistic(-below) * -(below - above).exp_m1(),
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mixture(levels: u32, components: &[(f64, f64, f64)]) -> Logistics {
        let component = |&(weight, mean, scale)| Component { weight, mean, scale };
        Logistics::new(levels, components.iter().map(component).collect())
    }

    /// Sharp and wide, inside, at the edges and far beyond them.
    fn mixtures(levels: u32) -> [Logistics; 4] {
        let top = f64::from(levels);
        [
            mixture(levels, &[(0.0, top / 3.0, top / 50.0)]),
            mixture(levels, &[(1.0, 0.2, 0.03), (-2.0, top / 2.0, 1.0), (0.5, top - 1.0, 0.03)]),
            mixture(levels, &[(0.0, -9.0 * top, 1.0), (0.0, 9.0 * top, 1e5)]),
            mixture(levels, &[(-50.0, 3.0, 0.5), (50.0, top, 160_000.0)]),
        ]
    }

    #[test]
    fn probabilities_of_all_values_sum_to_one() {
        for levels in [2, 17, 100, 256, 4096, 65_536] {
            for mixture in mixtures(levels) {
                let sum: f64 = (0..levels).map(|value| mixture.probability(value as u16)).sum();
                assert!((sum - 1.0).abs() < 1e-9, "{levels} levels: {sum}");
            }
        }
    }

    #[test]
    fn a_probability_is_what_the_cumulative_rises_by() {
        for mixture in mixtures(256) {
            for value in 0..255 {
                let rise = mixture.cumulative(value + 1) - mixture.cumulative(value);
                assert!((rise - mixture.probability(value)).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn values_come_as_often_as_they_should() {
        let count = |prediction: &Prediction, value: u16| {
            (0..1000).filter(|n| prediction.find((f64::from(*n) + 0.5) / 1000.0) == value).count()
        };
        let softmax = Prediction::Softmax([1f32, 2.0, 5.0].map(f32::ln).to_vec());
        assert_eq!([0, 1, 2].map(|value| count(&softmax, value)), [125, 250, 625]);
        assert_eq!(count(&Prediction::Sigmoid(3f32.ln()), 1), 750);
        for mixture in mixtures(17) {
            let prediction = Prediction::Mixture(mixture);
            for value in 0..17 {
                let expected = (-prediction.nats(value)).exp() * 1000.0;
                assert!((count(&prediction, value) as f64 - expected).abs() <= 1.0 + 1e-6);
            }
        }
    }
}
