//! Random float networks, and pictures for them.

use pixelrnn_convert::config::NetworkConfig;
use pixelrnn_convert::data::Picture;
use pixelrnn_convert::float::Network;
use pixelrnn_convert::float::window::bits;

use crate::random::Numbers;

/// Makes weights as fresh networks have them, also where masks hide them.
struct Weights<'c> {
    config: &'c NetworkConfig,
    numbers: Numbers,
}

impl Weights<'_> {
    /// Uniform within ±`bound`.
    fn uniform(&mut self, count: usize, bound: f32) -> Vec<f32> {
        (0..count).map(|_| self.numbers.within(1 << 20) as f32 / (1 << 20) as f32 * bound).collect()
    }

    fn tensor(&mut self, name: &str, shape: &[usize]) -> Vec<f32> {
        let count = shape.iter().product();
        let is_mixture = self.config.components > 0;
        match (name, shape) {
            ("head.linear.weight", _) => self.linear(count),
            ("head.output.weight", &[_, inputs]) if is_mixture => self.uniform(count, 0.5 * bound(inputs, 1.0)),
            ("head.output.bias", _) if is_mixture => self.mixture_biases(count),
            ("head.output.bias" | "first.bias", _) => self.uniform(count, 0.5),
            (name, _) if name.ends_with("input_to_state.bias") => self.uniform(count, 1.0),
            (name, _) if name.ends_with("expand.bias") || name.ends_with("skip.bias") => self.uniform(count, 0.1),
            (_, [_]) => self.uniform(count, 0.3),
            ("first.weight", &[_, inputs, ..]) => self.first(count, bound(inputs, 24.0)),
            // As large as the biases that they are added to.
            (name, _) if name.ends_with("class.weight") => self.uniform(count, 0.5),
            ("upsample.transposed.weight", &[inputs, ..]) => self.uniform(count, bound(inputs, 1.0)),
            (name, &[_, inputs, 3, 3]) if name.ends_with("conv.weight") => self.uniform(count, bound(inputs, 5.0)),
            (name, &[_, inputs, 3]) if name.ends_with("input_to_state.weight") => {
                self.uniform(count, bound(inputs, 2.0))
            }
            (_, shape) => self.uniform(count, bound(shape[1..].iter().product(), 1.0)),
        }
    }

    /// Kernels of 7x7, whose centre, the pixel's own channels, says most.
    fn first(&mut self, count: usize, bound: f32) -> Vec<f32> {
        let mut weights = self.uniform(count, bound);
        weights.iter_mut().skip(24).step_by(49).for_each(|own| *own *= 4.0);
        weights
    }

    /// Scales are three levels in 256.
    fn mixture_biases(&mut self, count: usize) -> Vec<f32> {
        let mut biases = self.uniform(count, 0.5);
        let scale = (3.0 * f64::from(bits(self.config.levels)).exp2() / 256.0).ln() as f32;
        let rows = (0..usize::from(self.config.channels))
            .flat_map(|channel| (0..self.config.components).flat_map(move |_| (0..3 + channel).map(|row| row == 2)));
        biases.iter_mut().zip(rows).filter(|(_, is_scale)| *is_scale).for_each(|(bias, _)| *bias += scale);
        biases
    }

    /// W + N - NW of the same channel, and a little of everything.
    fn linear(&mut self, count: usize) -> Vec<f32> {
        let channels = usize::from(self.config.channels);
        let mut coefficients = self.uniform(count, 0.05);
        for channel in 0..channels {
            let own = &mut coefficients[(channel * channels + channel) * 5..];
            own.iter_mut().zip([1.0, 1.0, -1.0]).for_each(|(coefficient, plane)| *coefficient += plane);
        }
        coefficients
    }
}

/// The bound at which outputs vary as inputs do.
fn bound(inputs: usize, taps: f32) -> f32 {
    (3.0 / (inputs as f32 * taps)).sqrt()
}

/// A network with weights as fresh ones have them.
pub fn network(config: &NetworkConfig, seed: u64) -> Network {
    let mut weights = Weights { config, numbers: Numbers(seed) };
    let source = &mut |name: &str, shape: &[usize]| Ok(weights.tensor(name, shape));
    Network::from_tensors(config.clone(), source).expect("finite weights")
}

/// Pictures of shaded discs, each channel's a little aside and of another tint; beyond 17 levels with noise; with classes each of the next.
pub fn pictures(count: usize, size: (usize, usize), config: &NetworkConfig, seed: u64) -> Vec<Picture> {
    let mut numbers = Numbers(seed);
    let class = |number: usize| (number as u16).checked_rem(config.classes);
    (0..count).map(|number| Picture { class: class(number), ..picture(&mut numbers, size, config) }).collect()
}

fn picture(numbers: &mut Numbers, (width, height): (usize, usize), config: &NetworkConfig) -> Picture {
    let channels = usize::from(config.channels);
    let mut random = |most: usize| f64::from(numbers.below(most as u32 * 100)) / 100.0;
    let (x, y, radius) = (random(width), random(height), 1.0 + random(width.max(4) / 2));
    let tint: Vec<f64> = (0..channels).map(|_| 1.0 - random(1) / 4.0).collect();
    let noise = if config.levels > 17 { 0.03 } else { 0.0 };
    let value = |place: usize| {
        let (pixel, channel) = (place / channels, place % channels);
        let (dx, dy) = ((pixel % width) as f64 - x - 2.0 * channel as f64, (pixel / width) as f64 - y);
        let inside = (1.2 - (dx * dx + dy * dy).sqrt() / radius).clamp(0.0, 1.0) * tint[channel];
        let shaken = (inside + noise * (random(1) - 0.5)).clamp(0.0, 1.0);
        (shaken * f64::from(config.levels - 1)).round() as u16
    };
    let values = (0..width * height * channels).map(value).collect();
    Picture { name: String::new(), width, height, channels, depth: 16, values, class: None }
}
