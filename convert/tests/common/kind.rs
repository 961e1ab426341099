//! Small random models of every kind, made by the program itself.

use std::collections::HashMap;

use pixelrnn::Seeded;
use pixelrnn_convert::data::Picture;
use pixelrnn_convert::report::save_png;
use rand_core::{Rng, SeedableRng};
use safetensors::Dtype;
use safetensors::tensor::TensorView;

use super::Place;

/// Features that are upsampled of a smaller image.
const UPSAMPLED: usize = 4;

/// What a model draws, and how.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    pub architecture: &'static str,
    pub levels: u32,
    pub channels: usize,
    /// Of a mixture; 0 for a softmax.
    pub components: usize,
    /// 0 for a model that is told none.
    pub classes: usize,
    /// 0 for a model that is given no smaller image.
    pub factor: usize,
}

impl Kind {
    /// Of one channel, with a softmax.
    pub const fn grey(architecture: &'static str, levels: u32) -> Self {
        Self { architecture, levels, channels: 1, components: 0, classes: 0, factor: 0 }
    }

    /// Exports a model of random weights into a place, and gives its file's name: one of its seed.
    pub fn model(self, place: &Place, seed: u64) -> String {
        let name = format!("model-{seed}");
        let config = serde_json::json!({
            "architecture": self.architecture, "levels": self.levels, "channels": self.channels, "hidden": self.hidden(),
            "blocks": 1, "head": 2 * self.hidden(), "kernel": 3, "skip": true, "components": self.components,
            "classes": self.classes, "factor": self.factor, "upsampled": if self.factor == 0 { 0 } else { UPSAMPLED },
        });
        place.write(&format!("{name}.json"), config.to_string().as_bytes());
        place.write(&format!("{name}.safetensors"), &self.weights(seed));
        // An image, or one of each class.
        let images = self.classes.max(1);
        save_png(&self.noise(8, 9 * images, seed), &place.path("calibration.png")).unwrap();
        let (weights, model) = (format!("{name}.safetensors"), format!("{name}.prnn"));
        let mut arguments = vec!["export", &weights, "--data", "calibration.png", "--values", "asis", "-o", &model];
        if self.classes > 0 {
            let labels: Vec<u8> = (0..images as u8).collect();
            place.write("calibration-labels", &[&[0, 0, 8, 1, 0, 0, 0, images as u8][..], &labels].concat());
            arguments.extend(["--grid", "8x9", "--labels", "calibration-labels"]);
        }
        place.succeeds(&arguments);
        let _ = std::fs::remove_file(place.path("calibration-labels"));
        std::fs::remove_file(place.path("calibration.png")).unwrap();
        model
    }

    /// An image of random levels, some of them often.
    pub fn noise(self, width: usize, height: usize, seed: u64) -> Picture {
        let mut random = Seeded::seed_from_u64(!seed);
        let mut level = || ((u64::from(random.next_u32()) * u64::from(self.levels)) >> 32) as u16;
        let few = [level(), level(), level()];
        let mut value = || few.get(usize::from(level() % 5)).copied().unwrap_or_else(&mut level);
        let depth = if self.levels <= 256 { 8 } else { 16 };
        let values = (0..width * height * self.channels).map(|_| value()).collect();
        Picture { name: String::new(), width, height, channels: self.channels, depth, values, class: None }
    }

    const fn hidden(self) -> usize {
        4 * if self.components == 0 { self.channels } else { 1 }
    }

    /// The weights' file.
    fn weights(self, seed: u64) -> Vec<u8> {
        let mut random = Seeded::seed_from_u64(seed);
        let mut weight = || (random.next_u32() as f32 / 2f32.powi(31) - 1.0) * 0.7;
        let mut tensor = |name: &str, shape: &[usize]| -> Vec<u8> {
            // Classes that can be told apart.
            let factor = if name.ends_with("class.weight") { 3.0 } else { 1.0 };
            (0..shape.iter().product()).flat_map(|_| (weight() * factor).to_le_bytes()).collect()
        };
        let tensors: Vec<(String, Vec<usize>, Vec<u8>)> = self
            .shapes()
            .into_iter()
            .map(|(name, shape)| (name.clone(), shape.clone(), tensor(&name, &shape)))
            .collect();
        let views: HashMap<String, TensorView<'_>> = tensors
            .iter()
            .map(|(name, shape, bytes)| (name.clone(), TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap()))
            .collect();
        safetensors::serialize(views, None).unwrap()
    }

    /// Names and shapes of the weights, as `pixelrnn_convert::config` documents them.
    fn shapes(self) -> Vec<(String, Vec<usize>)> {
        let Self { channels, components, .. } = self;
        let (h, m) = (self.hidden(), 2 * self.hidden());
        let mut list = Vec::new();
        let mut add = |name: &str, shape: &[usize], bias: bool| {
            list.push((format!("{name}.weight"), shape.to_vec()));
            if bias {
                list.push((format!("{name}.bias"), vec![shape[0]]));
            }
        };
        if self.factor > 0 {
            add("upsample.conv", &[UPSAMPLED, channels, 3, 3], true);
            add("upsample.transposed", &[UPSAMPLED, UPSAMPLED, self.factor, self.factor], true);
        }
        add("first", &[2 * h, channels, 7, 7], true);
        match self.architecture {
            "pixelcnn" => {
                add("blocks.0.reduce", &[h, 2 * h], true);
                add("blocks.0.conv", &[h, h, 3, 3], true);
            }
            "row-lstm" => {
                add("blocks.0.input_to_state", &[4 * h, 2 * h, 3], true);
                add("blocks.0.state_to_state", &[4 * h, h, 3], false);
            }
            _ => {
                for direction in ["left", "right"] {
                    add(&format!("blocks.0.{direction}.input_to_state"), &[4 * h, 2 * h], true);
                    add(&format!("blocks.0.{direction}.state_to_state"), &[4 * h, h, 2], false);
                }
            }
        }
        let places: &[(&str, usize)] = match self.architecture {
            "pixelcnn" => &[("blocks.0", 1)],
            "row-lstm" => &[("blocks.0", 4)],
            _ => &[("blocks.0.left", 4), ("blocks.0.right", 4)],
        };
        if self.classes > 0 {
            add("first.class", &[2 * h, self.classes], false);
            places.iter().for_each(|(name, gates)| add(&format!("{name}.class"), &[gates * h, self.classes], false));
        }
        if self.factor > 0 {
            places.iter().for_each(|(name, gates)| add(&format!("{name}.upsample"), &[gates * h, UPSAMPLED], false));
        }
        add("blocks.0.expand", &[2 * h, h], true);
        add("blocks.0.skip", &[2 * h, h], true);
        add("head.hidden", &[m, 2 * h], true);
        let rows = match (components, self.levels) {
            (0, 2) => channels,
            (0, levels) => channels * levels as usize,
            _ => (0..channels).map(|channel| components * (3 + channel)).sum(),
        };
        add("head.output", &[rows, m], true);
        if components > 0 {
            add("head.linear", &[channels, channels, 5], false);
        }
        list
    }
}
