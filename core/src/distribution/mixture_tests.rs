//! Mixtures of any weights that a blob can hold: shares that leave no gap, and what is found by them.

extern crate std;
use std::vec::Vec;

use super::{Distribution, Share};
use crate::kernels::lanes_tests::Numbers;
use crate::kernels::mixture::{Component, Parameters, components};
use crate::temperature::Temperature;

/// What a mixture is made of: see [`Parameters`].
#[derive(Debug, Clone)]
struct Case {
    levels: u32,
    rows: Vec<[i32; 1]>,
    residuals: Vec<[i32; 1]>,
    prediction: i32,
    temperature: Temperature,
}

const LEVELS: [u32; 12] = [2, 3, 16, 17, 128, 200, 256, 257, 1000, 4096, 40_000, 65_536];

/// One of some numbers, or any within ±`most`.
fn any(numbers: &mut Numbers, most: i32, special: &[i32]) -> i32 {
    match numbers.next(2) {
        0 => special[numbers.next(special.len() as u32) as usize],
        _ => numbers.within(most),
    }
}

impl Case {
    /// Outputs anywhere in 16 bits, means anywhere in what a prediction and residuals can be.
    fn extreme(numbers: &mut Numbers, levels: u32) -> Self {
        let earlier = numbers.next(4) as usize;
        let rows = (1 + numbers.next(10) as usize) * (3 + earlier);
        let output = |numbers: &mut Numbers| any(numbers, 32_767, &[-32_768, 32_767, 0, -7168, 24_576, 8171]);
        let mean = |numbers: &mut Numbers| any(numbers, 1 << 29, &[-(1 << 29), 1 << 29, 0, (levels as i32) << 11]);
        let rows = (0..rows).map(|_| [output(numbers)]).collect();
        let residuals = (0..earlier).map(|_| [mean(numbers)]).collect();
        let percent = [1, 50, 100, 137, 10_000, 1 + numbers.next(10_000)][numbers.next(6) as usize];
        let temperature = Temperature::from_percent(percent).unwrap();
        Self { levels, rows, residuals, prediction: mean(numbers), temperature }
    }

    /// Like those of a trained network: means among the values, scales of a few of them.
    fn usual(numbers: &mut Numbers, levels: u32) -> Self {
        let count = 1 + numbers.next(5);
        let widest = 2 * 2048 + 1420 * (31 - levels.leading_zeros() as i32 - 6).max(0);
        let mut rows = Vec::new();
        for _ in 0..count {
            let scale = numbers.within(2048) + numbers.next(widest as u32) as i32 - 1024;
            rows.extend([[numbers.within(4000)], [numbers.within(3000)], [scale]]);
        }
        let prediction = (numbers.next(levels) << 12) as i32;
        Self { levels, rows, residuals: Vec::new(), prediction, temperature: Temperature::ONE }
    }

    /// One component as wide as can be among the values, so that rounding decides which is the likeliest.
    fn wide(numbers: &mut Numbers, levels: u32) -> Self {
        let scale = 1420 * (32 - levels.leading_zeros() as i32) - numbers.next(3 * 2048) as i32;
        Self { rows: std::vec![[0], [0], [scale]], ..Self::usual(numbers, levels) }
    }

    fn components(&self) -> Vec<Component> {
        let mut out = std::vec![Component::default(); self.rows.len() / (3 + self.residuals.len())];
        let parameters = Parameters {
            rows: &self.rows,
            residuals: &self.residuals,
            image: 0,
            prediction: self.prediction,
            bits: bits(self.levels),
            temperature: self.temperature,
        };
        components(&parameters, &mut out);
        out
    }

    fn with<T>(&self, look: impl FnOnce(&Distribution<'_>) -> T) -> T {
        look(&Distribution::of_components(&self.components(), self.levels))
    }
}

fn bits(levels: u32) -> u32 {
    32 - (levels - 1).leading_zeros()
}

fn each_case(count: u32, mut check: impl FnMut(&Case, &mut Numbers)) {
    let mut numbers = Numbers(5);
    for number in 0..count {
        for levels in LEVELS {
            let case = match number % 4 {
                0 => Case::usual(&mut numbers, levels),
                1 => Case::wide(&mut numbers, levels),
                _ => Case::extreme(&mut numbers, levels),
            };
            check(&case, &mut numbers);
        }
    }
}

/// Where every value's share begins, and the total.
fn starts(distribution: &Distribution<'_>) -> Vec<u32> {
    let levels = distribution.levels();
    (0..levels).map(|value| distribution.cumulative(value as u16)).chain([distribution.total()]).collect()
}

#[test]
fn every_value_has_a_share_and_they_leave_no_gap() {
    each_case(40, |case, _| {
        case.with(|distribution| {
            assert_eq!((distribution.total(), distribution.total_bits()), (1 << 24, Some(24)));
            let starts = starts(distribution);
            assert_eq!(starts[0], 0);
            for (value, pair) in starts.windows(2).enumerate() {
                let (value, start, end) = (value as u16, pair[0], pair[1]);
                assert!(start < end, "{case:?}: {start} to {end} for {value}");
                assert_eq!(distribution.share(value), Share { start, frequency: end - start });
                assert_eq!(distribution.frequency(value), end - start);
            }
        });
    });
}

#[test]
fn values_are_found_by_any_target_in_their_share() {
    each_case(20, |case, numbers| {
        case.with(|distribution| {
            let (starts, last) = (starts(distribution), (case.levels - 1) as u16);
            for _ in 0..60 {
                let value = numbers.next(case.levels) as usize;
                let inside = starts[value] + numbers.next(starts[value + 1] - starts[value]);
                for target in [starts[value], starts[value + 1] - 1, inside] {
                    assert_eq!(distribution.find_share(target), (value as u16, distribution.share(value as u16)));
                }
            }
            for beyond in [distribution.total() - 1, distribution.total(), u32::MAX] {
                assert_eq!(distribution.find(beyond), last);
            }
        });
    });
}

#[test]
fn values_beyond_the_levels_have_no_share() {
    each_case(2, |case, _| {
        case.with(|distribution| {
            for value in (case.levels..65_536).step_by(999) {
                assert_eq!(distribution.cumulative(value as u16), distribution.total());
                assert_eq!(distribution.frequency(value as u16), 0);
            }
        });
    });
}

/// Up to 256 levels the very one; beyond, one as likely but for what rounding does to a share: one unit of the distance in scales.
#[test]
fn the_likeliest_is_the_likeliest_of_all() {
    each_case(40, |case, _| {
        case.with(|distribution| {
            let starts = starts(distribution);
            let frequency = |value: usize| starts[value + 1] - starts[value];
            let levels = case.levels as usize;
            let most = (0..levels).map(frequency).max().unwrap();
            let found = usize::from(distribution.likeliest());
            if levels <= 256 {
                assert_eq!(Some(found), (0..levels).find(|&value| frequency(value) == most), "{case:?}");
            }
            assert!(frequency(found) + 66 >= most, "{case:?}: {} of {most}", frequency(found));
        });
    });
}

/// F(x) in floats, beyond what overflows too.
fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// The mixture's share below a border, in floats and as the format's page has it.
fn below(case: &Case, border: f64) -> f64 {
    let q11 = |row: &[i32; 1]| f64::from(row[0]) / 2048.0;
    let (mut sum, mut weights) = (0.0, 0.0);
    let temperature = 256.0 / f64::from(case.temperature.inverse());
    for rows in case.rows.chunks(3 + case.residuals.len()) {
        let mut mean = f64::from(case.prediction) / 4096.0 + q11(&rows[1]) * f64::from(1u32 << bits(case.levels)) / 8.0;
        for (coefficient, residual) in rows[3..].iter().zip(&case.residuals) {
            mean += q11(coefficient).clamp(-3.99, 3.99) * f64::from(residual[0]) / 4096.0;
        }
        let scale = q11(&rows[2]).clamp(-3.5, 12.0).exp() * temperature;
        let weight = (q11(&rows[0]) / temperature).exp();
        sum += weight * logistic((border - mean) / scale);
        weights += weight;
    }
    sum / weights
}

/// The integers say what the formula says.
#[test]
fn shares_are_those_of_the_formula() {
    let mut numbers = Numbers(9);
    for number in 0..300 {
        let mut case = Case::usual(&mut numbers, LEVELS[number % LEVELS.len()]);
        let earlier = number % 3;
        case.residuals = (0..earlier).map(|_| [numbers.within((case.levels as i32) << 11)]).collect();
        case.rows = case
            .rows
            .chunks(3)
            .flat_map(|rows| {
                let coefficients = (0..earlier).map(|_| [numbers.within(2048)]).collect::<Vec<_>>();
                [rows, &coefficients].concat()
            })
            .collect();
        case.temperature = Temperature::from_percent([100, 60, 200][number / 3 % 3]).unwrap();
        case.with(|distribution| {
            let unit = f64::from(1u32 << 24);
            for value in (0..case.levels).step_by(case.levels.div_ceil(64) as usize).skip(1) {
                let share = below(&case, f64::from(value) - 0.5) * (1.0 - f64::from(1u32 << bits(case.levels)) / unit);
                let found = (f64::from(distribution.cumulative(value as u16)) - f64::from(value)) / unit;
                assert!((found - share).abs() < 2e-3, "{case:?}: {found} below {value}, not {share}");
            }
        });
    }
}

/// Components without weight change nothing, whatever else they say.
#[test]
fn components_of_no_weight_cost_nothing() {
    let mut numbers = Numbers(3);
    for levels in LEVELS {
        let case = Case { rows: std::vec![[0], [100], [3000]], ..Case::usual(&mut numbers, levels) };
        let mut more = case.clone();
        for _ in 0..9 {
            more.rows.extend([[-32_768], [numbers.within(32_767)], [numbers.within(32_767)]]);
        }
        assert_eq!(case.with(starts), more.with(starts));
    }
}

/// The narrowest scale, halved by a temperature: the steepest slope that is told from a step.
#[test]
fn a_temperature_below_1_narrows_the_narrowest_scale() {
    let temperature = Temperature::from_percent(50).unwrap();
    let rows = std::vec![[0], [0], [-7168]];
    let mut case = Case { levels: 256, rows, residuals: Vec::new(), prediction: 0, temperature };
    for distance in -300..300 {
        case.prediction = (100 << 12) - (1 << 11) - distance;
        let exact = 1.0 / (1.0 + (-f64::from(distance) / 4096.0 / (0.5 * (-3.5f64).exp())).exp());
        let share = case.with(|distribution| f64::from(distribution.cumulative(100)) / f64::from(1 << 24));
        assert!((share - exact).abs() < 3e-3, "{distance}: {share} instead of {exact}");
    }
}
