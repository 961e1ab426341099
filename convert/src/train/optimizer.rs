//! Adam with decoupled weight decay, Muon, RMSProp, and the average of the weights.

use std::collections::BTreeMap;

use tch::{Kind, Tensor};

use super::parameters::Named;

/// The rule by which weights move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Rule {
    /// Adam with decoupled weight decay.
    Adamw,
    /// Muon for the matrices inside the network, Adam with decoupled weight decay for the first, the last and the biases.
    Muon,
    /// RMSProp, as in the paper.
    Rmsprop,
}

impl Rule {
    /// The kinds of averages kept for a weight; they are there after the first step.
    pub fn kinds(self, name: &str) -> &'static [&'static str] {
        match self {
            Self::Muon if is_inner(name) => &["momentum", "average"],
            Self::Adamw | Self::Muon => &["first", "second", "average"],
            Self::Rmsprop => &["second", "average"],
        }
    }
}

/// How weights move in a step.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// The rule.
    pub rule: Rule,
    /// Learning rate.
    pub rate: f64,
    /// Decay of the weights.
    pub decay: f64,
    /// Largest norm of the gradients.
    pub clip: f64,
}

/// What the rule remembers.
#[derive(Debug, Default)]
pub struct Memory {
    /// Averages of gradients, of their squares, and of the weights.
    pub tensors: Named,
    /// Steps made.
    pub steps: u64,
}

const FIRST: f64 = 0.9;
const SECOND: f64 = 0.99;
/// Muon's momentum.
const MOMENTUM: f64 = 0.95;

/// A mixture's linear prediction.
const LINEAR: &str = "head.linear";

/// Its learning rate as a share of the others': its numbers are few, and lie where they should from the beginning.
const LINEAR_RATE: f64 = 0.2;

/// What classes add: a column for each, of which an image moves one.
const CLASS: &str = "class.weight";

/// Products with what a small image's pixels hold.
const SMALL: &str = "upsample.conv";

/// Whether Muon moves this weight: orthogonal updates suit products between features, not those with pixels, logits or classes.
fn is_inner(name: &str) -> bool {
    name.ends_with("weight")
        && !name.ends_with(CLASS)
        && !["first", "head.output", LINEAR, SMALL].iter().any(|start| name.starts_with(start))
}

/// The nearest matrices whose singular values are all about 1, of `[matrices, rows, columns]`, by the quintic Newton-Schulz iteration of
/// Jordan et al. ("Muon: an optimizer for hidden layers in neural networks", 2024), scaled so that their elements are as large as those of
/// Adam's steps (Liu et al., "Muon is scalable for LLM training", 2025, section 2.2): one learning rate serves both.
fn orthogonal(matrices: &Tensor) -> Tensor {
    const COEFFICIENTS: (f64, f64, f64) = (3.4445, -4.775, 2.0315);
    const ITERATIONS: usize = 5;
    let (rows, columns) = (matrices.size()[1], matrices.size()[2]);
    let wide = if rows > columns { matrices.transpose(1, 2) } else { matrices.shallow_clone() };
    let norm = wide.square().sum_dim_intlist([1i64, 2].as_slice(), true, Kind::Float).sqrt();
    let mut estimate = &wide / (norm + 1e-12);
    let (a, b, c) = COEFFICIENTS;
    for _ in 0..ITERATIONS {
        let gram = estimate.matmul(&estimate.transpose(1, 2));
        let polynomial = &gram * b + gram.matmul(&gram) * c;
        estimate = &estimate * a + polynomial.matmul(&estimate);
    }
    let tall = if rows > columns { estimate.transpose(1, 2) } else { estimate };
    tall * (0.2 * (rows.max(columns) as f64).sqrt())
}

/// Norm of all gradients but a mixture's linear prediction's: that is in the values' units, as large as they are.
fn norm(gradients: &Named) -> f64 {
    let counted = gradients.iter().filter(|(name, _)| !name.starts_with(LINEAR));
    let squares: Vec<Tensor> = counted.map(|(_, gradient)| gradient.square().sum(Kind::Double)).collect();
    Tensor::stack(&squares, 0).sum(Kind::Double).sqrt().double_value(&[])
}

/// Weights of one shape that move by one rule: they move together, as one tensor. A device starts hundreds of small computations for a
/// network's weights one by one, and takes longer to start them than to compute.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Kin {
    is_inner: bool,
    is_linear: bool,
    decays: bool,
    shape: Vec<i64>,
}

impl Kin {
    fn of(rule: Rule, name: &str, tensor: &Tensor) -> Self {
        let is_linear = name.starts_with(LINEAR);
        Self {
            is_inner: rule == Rule::Muon && is_inner(name),
            is_linear,
            decays: name.ends_with("weight") && !is_linear,
            shape: tensor.size(),
        }
    }

    /// The names of gradients by kin.
    fn group(rule: Rule, gradients: &Named) -> BTreeMap<Self, Vec<&str>> {
        let mut groups = BTreeMap::<Self, Vec<&str>>::new();
        for (name, gradient) in gradients {
            groups.entry(Self::of(rule, name, gradient)).or_default().push(name);
        }
        groups
    }
}

/// Tensors of some names, side by side.
fn stack(named: &Named, names: &[&str]) -> Tensor {
    Tensor::stack(&names.iter().map(|&name| &named[name]).collect::<Vec<_>>(), 0)
}

/// Puts tensors back where [`stack`] has them from.
fn unstack(named: &mut Named, names: &[&str], stacked: &Tensor) {
    for (&name, tensor) in names.iter().zip(stacked.unbind(0)) {
        named.insert(name.into(), tensor);
    }
}

impl Memory {
    /// Moves what is remembered of some weights: `old * keep + addend`; gives the new.
    fn remember(&mut self, kind: &str, names: &[&str], keep: f64, addend: &Tensor) -> Tensor {
        let slots: Vec<String> = names.iter().map(|name| format!("{kind}/{name}")).collect();
        let slots: Vec<&str> = slots.iter().map(String::as_str).collect();
        let new = match slots.iter().all(|&slot| self.tensors.contains_key(slot)) {
            true => stack(&self.tensors, &slots) * keep + addend,
            false => addend.shallow_clone(),
        };
        unstack(&mut self.tensors, &slots, &new);
        new
    }

    /// The direction against which weights move.
    fn direction(&mut self, rule: Rule, is_inner: bool, names: &[&str], gradient: &Tensor) -> Tensor {
        if is_inner {
            let momentum = self.remember("momentum", names, MOMENTUM, gradient);
            return orthogonal(&(gradient + momentum * MOMENTUM));
        }
        let correction = |keep: f64, steps: u64| 1.0 - keep.powi(steps.min(100_000) as i32);
        let second = self.remember("second", names, SECOND, &(gradient.square() * (1.0 - SECOND)));
        let scale = (second / correction(SECOND, self.steps)).sqrt() + 1e-8;
        match rule {
            Rule::Rmsprop => gradient / scale,
            Rule::Adamw | Rule::Muon => {
                let first = self.remember("first", names, FIRST, &(gradient * (1.0 - FIRST)));
                first / correction(FIRST, self.steps) / scale
            }
        }
    }

    /// One step; returns the gradients' norm, which is clipped to `clip` first. If it is not finite, nothing moves.
    pub fn step(&mut self, settings: &Settings, parameters: &mut Named, gradients: &Named) -> f64 {
        let _guard = tch::no_grad_guard();
        let Settings { rule, rate, decay, clip } = *settings;
        let norm = norm(gradients);
        if !norm.is_finite() {
            return norm;
        }
        self.steps += 1;
        let factor = if norm > clip { clip / norm } else { 1.0 };
        for (kin, names) in Kin::group(rule, gradients) {
            let rate = if kin.is_linear { rate * LINEAR_RATE } else { rate };
            let shrink = if kin.decays { 1.0 - rate * decay } else { 1.0 };
            let gradient = stack(gradients, &names) * factor;
            let direction = self.direction(rule, kin.is_inner, &names, &gradient);
            let moved = stack(parameters, &names) * shrink - direction * rate;
            unstack(parameters, &names, &moved);
        }
        norm
    }

    /// Moves the average of the weights.
    pub fn average(&mut self, parameters: &Named, horizon: f64) {
        let _guard = tch::no_grad_guard();
        // Early on the average spans what there is.
        let weight = (1.0 / horizon).max(1.0 / (1.0 + self.steps as f64 / 10.0));
        for (name, parameter) in parameters {
            let average = self.tensors.entry(format!("average/{name}")).or_insert_with(|| parameter.copy());
            *average = average.lerp(parameter, weight);
        }
    }

    /// The averaged weights; the weights themselves before the first step.
    pub fn averaged(&self, parameters: &Named) -> Named {
        let average = |(name, value): (&String, &Tensor)| {
            (name.clone(), self.tensors.get(&format!("average/{name}")).unwrap_or(value).shallow_clone())
        };
        parameters.iter().map(average).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orthogonal_steps_have_singular_values_of_about_one() {
        for (rows, columns) in [(8, 8), (24, 120), (48, 24)] {
            // A matrix of full rank, from a formula.
            let values: Vec<f32> = (0..rows * columns).map(|n| (1.7 * f64::from(n * n % 1009)).sin() as f32).collect();
            let matrix = Tensor::from_slice(&values).view([i64::from(rows), i64::from(columns)]);
            let scale = 0.2 * f64::from(rows.max(columns)).sqrt();
            let step = orthogonal(&Tensor::stack(&[&matrix, &(&matrix * 3.0)], 0)) / scale;
            assert!(step.get(0).allclose(&step.get(1), 1e-4, 1e-5, false), "sizes of matrices beside it count");
            let step = step.get(0);
            assert_eq!(step.size(), matrix.size());
            let (_, singular, _) = step.svd(true, false);
            let (least, most) = (singular.min().double_value(&[]), singular.max().double_value(&[]));
            assert!(least > 0.3 && most < 1.3, "{rows}x{columns}: {least} to {most}");
        }
    }

    #[test]
    fn every_rule_goes_downhill() {
        for rule in [Rule::Adamw, Rule::Muon, Rule::Rmsprop] {
            let start = Tensor::arange(24, (tch::Kind::Float, tch::Device::Cpu)).view([4, 6]) / 10.0 - 1.0;
            let mut parameters = Named::from([("blocks.0.reduce.weight".to_string(), start)]);
            let mut memory = Memory::default();
            let size = |parameters: &Named| parameters["blocks.0.reduce.weight"].square().sum(None).double_value(&[]);
            let before = size(&parameters);
            for _ in 0..300 {
                let gradients = parameters.iter().map(|(name, tensor)| (name.clone(), tensor * 2.0)).collect();
                memory.step(&Settings { rule, rate: 0.02, decay: 0.0, clip: 100.0 }, &mut parameters, &gradients);
            }
            assert!(size(&parameters) < 0.5 * before, "{rule:?}: {before} to {}", size(&parameters));
        }
    }
}
