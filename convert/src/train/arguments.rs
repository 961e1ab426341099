//! What `pixelrnn train` is told.

use std::path::PathBuf;

use super::TrainError;
use super::optimizer::{Rule, Settings};
use crate::config::{Architecture, NetworkConfig, is_one, is_zero, one};
use crate::data::{Grid, ImageOptions, Labels, Levels};
use crate::quantize::Bits;

/// Arguments of `pixelrnn train`.
#[derive(Debug, Clone, clap::Args, serde::Serialize, serde::Deserialize)]
pub struct TrainArguments {
    /// Run folder; one with a checkpoint is gone on with: give the same arguments again.
    #[arg(short, long, required_unless_present = "benchmark")]
    pub out: Option<PathBuf>,
    /// Training images: an idx or npy file, a picture, or a folder of pictures.
    #[arg(long, required_unless_present = "benchmark")]
    pub data: Option<PathBuf>,
    /// Validation images; without it, the last tenth of the training images.
    #[arg(long)]
    pub valid: Option<PathBuf>,
    /// Classes of the training images: an idx file of labels (gzip too), or `folders`, every folder in --data a class, by number if
    /// all names are numbers, else in the order of names.
    #[arg(long, value_name = "FILE|folders")]
    #[serde(default)]
    pub labels: Option<Labels>,
    /// Those of the images of --valid, where --labels is a file.
    #[arg(long, value_name = "FILE", requires_all = ["labels", "valid"])]
    #[serde(default)]
    pub valid_labels: Option<Labels>,
    /// Weight on -log p(class | image) in the loss: classes are told apart better, and images drawn a little worse. Softmax heads only.
    #[arg(long, default_value_t = 0.0)]
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub classify_weight: f64,
    /// Images a step that it is taken of; each is given every class.
    #[arg(long, default_value_t = classify_images())]
    #[serde(default = "classify_images", skip_serializing_if = "is_default")]
    pub classify_images: usize,
    /// Weights to begin from, a `.safetensors` file with documented names; the config beside it (the same name
    /// with `.json`, or `config.json`), if there is one, gives the network's shape.
    #[arg(long)]
    pub init: Option<PathBuf>,
    /// Begins from --init with a larger network, of --hidden, --blocks and --head, that computes the same at first.
    #[arg(long, requires = "init")]
    #[serde(default)]
    pub grow: bool,
    /// A larger network's weights, with its config beside them: the probabilities that it gives are learned, in place of the values that
    /// are there. Softmax heads only.
    #[arg(long, conflicts_with_all = ["classify_weight", "benchmark"])]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub teacher: Option<PathBuf>,
    /// 4 trains --init on for blocks' weights of 4 bits, for `export --weights 4`.
    #[arg(
        long = "weights",
        id = "bits",
        value_name = "BITS",
        value_enum,
        default_value = "8",
        requires_if("4", "init")
    )]
    #[serde(rename = "weights", default, skip_serializing_if = "Bits::is_eight")]
    pub bits: Bits,
    /// Share of the values to draw anew, 0 to 1, in training and validation images: 0.1 to 0.3 make a background model,
    /// whose likelihood `score --background` divides by.
    #[arg(long, default_value_t = 0.0)]
    #[serde(default)]
    pub mutate: f64,
    /// Kind of network.
    #[arg(long, value_enum, default_value = "pixelcnn")]
    pub architecture: Architecture,
    /// Values a channel of a pixel can take: 2 to 256, with --components to 65536.
    #[arg(long, default_value_t = 2)]
    pub levels: u32,
    /// Components of a mixture of logistics, 1 to 10; 0 for a softmax over the levels.
    #[arg(long, default_value_t = 0)]
    #[serde(default)]
    pub components: u8,
    /// What is done with images as they are read.
    #[command(flatten)]
    #[serde(default)]
    pub images: ImageOptions,
    /// Trains on pieces of this size, cut anew each step, e.g. 48x48: for pictures that are larger, or of several sizes.
    #[arg(long, value_name = "WIDTHxHEIGHT")]
    #[serde(default)]
    pub crop: Option<Grid>,
    /// Mirrors images left to right, half of them, drawn anew each time.
    #[arg(long)]
    #[serde(default)]
    pub flip: bool,
    /// How file values become levels.
    #[arg(long, value_enum, default_value = "auto")]
    pub values: Levels,
    /// How those of --valid do, if otherwise.
    #[arg(long, value_enum, requires = "valid")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_values: Option<Levels>,
    /// Features h inside a block, a multiple of 4; of 4 a channel for a softmax of several channels.
    #[arg(long, default_value_t = 16)]
    pub hidden: u16,
    /// Blocks.
    #[arg(long, default_value_t = 7)]
    pub blocks: u8,
    /// Feature maps of the head, a multiple of 4; of 4 a channel for a softmax of several channels.
    #[arg(long, default_value_t = 32)]
    pub head: u16,
    /// Row LSTM: columns of the row above that a state reads.
    #[arg(long, default_value_t = 3)]
    pub kernel: u8,
    /// PixelCNN: blocks read pixels 1, 2, 4, … up to so many rows and columns away, in turn: 1, 2, 4 or 8. No weights more, but rows of
    /// state. With --init, weights of a smaller one go on from there.
    #[arg(long, default_value_t = 1)]
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub dilation: u8,
    /// Skip connections from every block to the head.
    #[arg(long)]
    pub skip: bool,
    /// Trains the network of a larger scale: how many times wider and higher an image is than the smaller one that it is given, 2 or 4
    /// (paper, section 3.6). While it trains, that is what the image itself holds every so many pixels.
    #[arg(long, value_name = "2|4", default_value_t = 0, hide_default_value = true)]
    #[serde(default, skip_serializing_if = "is_zero")]
    pub scale: u8,
    /// Features that are upsampled of the smaller image, a multiple of 4.
    #[arg(long, default_value_t = upsampled(), requires = "scale")]
    #[serde(default = "upsampled")]
    pub upsampled: u16,
    /// Images a step.
    #[arg(long, default_value_t = 64)]
    pub batch: usize,
    /// Minutes to train in all, validations not counted; the learning rate falls to zero over them.
    #[arg(long, default_value_t = 60.0)]
    pub minutes: f64,
    /// Steps to train in all, instead of minutes: the same seed then gives the same weights.
    #[arg(long, conflicts_with = "minutes")]
    pub steps: Option<u64>,
    /// Largest learning rate.
    #[arg(long, default_value_t = 2e-3)]
    pub rate: f64,
    /// Decay of the weights.
    #[arg(long, default_value_t = 0.02)]
    pub decay: f64,
    /// Largest norm of a gradient.
    #[arg(long, default_value_t = 20.0)]
    pub clip: f64,
    /// The rule by which weights move.
    #[arg(long, value_enum, default_value = "muon")]
    pub optimizer: Rule,
    /// Steps that the average of the weights spans.
    #[arg(long, default_value_t = 1000.0)]
    pub average: f64,
    /// Round activations as the integers will from this share of the training on, 0 to 1: what exporting loses becomes less.
    #[arg(long)]
    #[serde(default)]
    pub round_from: Option<f64>,
    /// Keep maps in bfloat16: faster on processors and devices that have it.
    #[arg(long)]
    pub bfloat16: bool,
    /// Seed of the weights and of the images' order.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// CPU threads; 0 for all.
    #[arg(long, default_value_t = 0)]
    pub threads: usize,
    /// `cpu` or `cuda`.
    #[arg(long, default_value = "cpu")]
    pub device: String,
    /// Validation images (with --crop pieces of them) to use between the ends.
    #[arg(long, default_value_t = 1000)]
    pub valid_limit: usize,
    /// Minutes between validations, each with a checkpoint and a sheet of samples.
    #[arg(long, default_value_t = 2.0)]
    pub every: f64,
    /// Ends the training after this many validations in a row without a better one.
    #[arg(long)]
    #[serde(default)]
    pub patience: Option<u32>,
    /// Images on a sheet of samples; 0 for no sheets.
    #[arg(long, default_value_t = 16)]
    pub samples: usize,
    /// Only time this many steps (on made-up images if there is no --data), and write nothing.
    #[arg(long)]
    pub benchmark: Option<u32>,
    /// Channels of the images that --benchmark makes up, 1 to 4.
    #[arg(long, default_value_t = 1, requires = "benchmark", conflicts_with = "data")]
    #[serde(default)]
    pub channels: u8,
}

impl TrainArguments {
    /// The shape of the network asked for, for images of so many channels and classes.
    pub const fn network(&self, channels: u8, classes: u16) -> NetworkConfig {
        NetworkConfig {
            architecture: self.architecture,
            levels: self.levels,
            channels,
            hidden: self.hidden,
            blocks: self.blocks,
            head: self.head,
            kernel: self.kernel,
            skip: self.skip,
            components: self.components,
            classes,
            factor: self.scale,
            upsampled: if self.scale == 0 { 0 } else { self.upsampled },
            dilation: self.dilation,
        }
    }

    /// How weights move at a learning rate.
    pub const fn settings(&self, rate: f64) -> Settings {
        Settings { rule: self.optimizer, rate, decay: self.decay, clip: self.clip }
    }

    /// Whether every number is within its range.
    ///
    /// # Errors
    /// The first that is not.
    pub fn check(&self) -> Result<(), TrainError> {
        let wrong = |text: &str| Err(TrainError::Argument(text.into()));
        let above = |value: f64| value.is_finite() && value > 0.0;
        match self {
            Self { batch, .. } if !(1..=65_536).contains(batch) => wrong("--batch is 1 to 65536"),
            Self { minutes, .. } if !above(*minutes) => wrong("--minutes is above 0"),
            Self { classify_weight, .. } if !(0.0..=1e3).contains(classify_weight) => {
                wrong("--classify-weight is 0 or more")
            }
            Self { classify_images: 0, .. } => wrong("--classify-images is above 0"),
            Self { classify_weight, labels: None, .. } if *classify_weight > 0.0 => {
                wrong("--classify-weight needs --labels")
            }
            Self { classify_weight, components, .. } if *classify_weight > 0.0 && *components > 0 => {
                wrong("--classify-weight goes with a softmax, not with --components")
            }
            Self { steps: Some(0), .. } => wrong("--steps is above 0"),
            Self { benchmark: Some(0), .. } => wrong("--benchmark is above 0"),
            Self { rate, .. } if !above(*rate) => wrong("--rate is above 0"),
            Self { clip, .. } if !above(*clip) => wrong("--clip is above 0"),
            Self { decay, .. } if !(0.0..=1e3).contains(decay) => wrong("--decay is 0 or more"),
            Self { average, .. } if !average.is_finite() || *average < 1.0 => wrong("--average is 1 or more"),
            Self { mutate, .. } if !(0.0..=1.0).contains(mutate) => wrong("--mutate is 0 to 1"),
            Self { mutate, values: Levels::Sample, .. } if *mutate > 0.0 => {
                wrong("--mutate does not go with --values sample, which draws the values itself")
            }
            Self { round_from: Some(share), .. } if !(0.0..=1.0).contains(share) => wrong("--round-from is 0 to 1"),
            Self { patience: Some(0), .. } => wrong("--patience is above 0"),
            Self { every, .. } if !above(*every) => wrong("--every is above 0"),
            Self { threads, .. } if *threads > 1024 => wrong("--threads is at most 1024"),
            Self { samples, .. } if *samples > 10_000 => wrong("--samples is at most 10000"),
            _ => Ok(()),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_nothing(weight: &f64) -> bool {
    *weight == 0.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_default(images: &usize) -> bool {
    *images == classify_images()
}

const fn upsampled() -> u16 {
    16
}

const fn classify_images() -> usize {
    8
}
