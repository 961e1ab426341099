//! From a file's grey values to a model's levels.

use super::Picture;

/// How grey values become levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Levels {
    /// As they are if none is too large, else spread evenly over the levels.
    #[default]
    Auto,
    /// As they are; larger ones are an error.
    Asis,
    /// `floor(value * levels / 256)`.
    Even,
    /// 2 levels: 1 from 128 up, else 0.
    Threshold,
    /// 2 levels: 1 with probability `value / 255`, drawn from a seed. Training draws anew each epoch; validation,
    /// `eval` and `export` always use the one draw of seed 0.
    Sample,
}

/// Values that cannot become a model's levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LevelsError {
    /// A value is none of the levels.
    #[error("the images have a value of {value}, the model {levels} levels (0 to {}); --values even spreads 0 to 255 over them", levels - 1)]
    TooLarge {
        /// The largest value.
        value: u16,
        /// The model's levels.
        levels: u32,
    },
    /// Binarization for a model of more than 2 levels.
    #[error("--values threshold and sample make 2 levels, the model has {0}; --values even spreads 0 to 255 over them")]
    NotBinary(u32),
    /// Binarization of what is no grey set.
    #[error(
        "the images' largest value is {0}: these are no grey values of 0 to 255; --values asis takes them as they are"
    )]
    NotGrey(u16),
}

impl Levels {
    /// Turns a set's values into levels. [`Levels::Sample`] draws with seed 0.
    ///
    /// # Errors
    /// A value too large for [`Levels::Asis`]; binarization for other than 2 levels, or of a set that never reaches 128.
    pub fn apply(self, mut set: Vec<Picture>, levels: u32) -> Result<Vec<Picture>, LevelsError> {
        let value = set.iter().flat_map(|p| &p.values).copied().max().unwrap_or(0);
        let depth = set.first().map_or(8, |p| p.depth);
        let fits = u32::from(value) < levels;
        let all = |set: &mut Vec<Picture>, f: &dyn Fn(u16) -> u16| {
            set.iter_mut().flat_map(|p| &mut p.values).for_each(|v| *v = f(*v));
        };
        match self {
            Self::Auto | Self::Asis if fits => {}
            Self::Asis => return Err(LevelsError::TooLarge { value, levels }),
            Self::Auto | Self::Even => all(&mut set, &|v| ((u64::from(v) * u64::from(levels)) >> depth) as u16),
            Self::Threshold | Self::Sample if levels != 2 => return Err(LevelsError::NotBinary(levels)),
            Self::Threshold | Self::Sample if value < 128 => return Err(LevelsError::NotGrey(value)),
            Self::Threshold => all(&mut set, &|v| v >> 7),
            Self::Sample => {
                for (number, image) in set.iter_mut().enumerate() {
                    draw(&mut image.values, 0, number as u64);
                }
            }
        }
        Ok(set)
    }
}

/// Draws 1 with probability `value / 255` for every value of an image, else 0. The same seed and number, the same draw.
pub fn draw(image: &mut [u16], seed: u64, number: u64) {
    let mut state = mix(mix(seed) ^ number);
    for value in image {
        state = state.wrapping_add(STEP);
        // 32 bits scaled to 0 to 254: black is never drawn, white always.
        let drawn = ((mix(state) >> 32) * 255) >> 32;
        *value = u16::from(drawn < u64::from(*value));
    }
}

/// Draws a share of all values anew, each level as likely as any other: what a background model is trained on, which then knows
/// how plain an image is but not what it shows (Ren et al., "Likelihood ratios for out-of-distribution detection", 2019).
pub fn mutate(set: &mut [Picture], share: f64, levels: u32, seed: u64) {
    let mut state = mix(seed ^ STEP);
    let limit = (share.clamp(0.0, 1.0) * 2f64.powi(32)) as u64;
    for value in set.iter_mut().flat_map(|p| &mut p.values) {
        state = state.wrapping_add(STEP);
        let drawn = mix(state);
        if drawn >> 32 < limit {
            *value = (((drawn & 0xffff_ffff) * u64::from(levels)) >> 32) as u16;
        }
    }
}

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// The output function of splitmix64.
const fn mix(state: u64) -> u64 {
    let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

