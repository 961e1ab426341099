//! From a file's grey values to a model's levels.

use super::ImageSet;

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
        value: u8,
        /// The model's levels.
        levels: u16,
    },
    /// Binarization for a model of more than 2 levels.
    #[error("--values threshold and sample make 2 levels, the model has {0}; --values even spreads 0 to 255 over them")]
    NotBinary(u16),
    /// Binarization of what is no grey set.
    #[error(
        "the images' largest value is {0}: these are no grey values of 0 to 255; --values asis takes them as they are"
    )]
    NotGrey(u8),
}

impl Levels {
    /// Turns a set's values into levels. [`Levels::Sample`] draws with seed 0.
    ///
    /// # Errors
    /// A value too large for [`Levels::Asis`]; binarization for other than 2 levels, or of a set that never reaches 128.
    pub fn apply(self, mut set: ImageSet, levels: u16) -> Result<ImageSet, LevelsError> {
        let value = set.values.iter().copied().max().unwrap_or(0);
        let fits = u16::from(value) < levels;
        match self {
            Self::Auto | Self::Asis if fits => {}
            Self::Asis => return Err(LevelsError::TooLarge { value, levels }),
            Self::Auto | Self::Even => {
                for value in &mut set.values {
                    *value = ((u32::from(*value) * u32::from(levels)) >> 8) as u8;
                }
            }
            Self::Threshold | Self::Sample if levels != 2 => return Err(LevelsError::NotBinary(levels)),
            Self::Threshold | Self::Sample if value < 128 => return Err(LevelsError::NotGrey(value)),
            Self::Threshold => set.values.iter_mut().for_each(|value| *value >>= 7),
            Self::Sample => {
                let pixels = set.pixels().max(1);
                for (number, image) in set.values.chunks_exact_mut(pixels).enumerate() {
                    draw(image, 0, number as u64);
                }
            }
        }
        Ok(set)
    }
}

/// Draws 1 with probability `value / 255` for every value of an image, else 0. The same seed and number, the same draw.
pub fn draw(image: &mut [u8], seed: u64, number: u64) {
    let mut state = mix(mix(seed) ^ number);
    for value in image {
        state = state.wrapping_add(STEP);
        // 32 bits scaled to 0 to 254: black is never drawn, white always.
        let drawn = ((mix(state) >> 32) * 255) >> 32;
        *value = u8::from(drawn < u64::from(*value));
    }
}

/// Draws a share of all values anew, each level as likely as any other: what a background model is trained on, which then knows
/// how plain an image is but not what it shows (Ren et al., "Likelihood ratios for out-of-distribution detection", 2019).
pub fn mutate(set: &mut ImageSet, share: f64, levels: u16, seed: u64) {
    let mut state = mix(seed ^ STEP);
    let limit = (share.clamp(0.0, 1.0) * 2f64.powi(32)) as u64;
    for value in &mut set.values {
        state = state.wrapping_add(STEP);
        let drawn = mix(state);
        if drawn >> 32 < limit {
            *value = (((drawn & 0xffff_ffff) * u64::from(levels)) >> 32) as u8;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_values_is_drawn_anew() {
        let mut images = ImageSet { width: 100, height: 100, values: vec![9; 10_000] };
        mutate(&mut images, 0.0, 4, 1);
        assert!(images.values.iter().all(|&value| value == 9));
        mutate(&mut images, 0.2, 4, 1);
        for level in 0..4 {
            let count = images.values.iter().filter(|&&value| value == level).count();
            assert!((420..580).contains(&count), "level {level}: {count} of 10000");
        }
    }

    fn set(values: &[u8]) -> ImageSet {
        ImageSet { width: 2, height: 1, values: values.to_vec() }
    }

    #[test]
    fn values_become_levels() {
        assert_eq!(Levels::Auto.apply(set(&[0, 1]), 2).unwrap().values, [0, 1]);
        assert_eq!(Levels::Auto.apply(set(&[127, 128]), 2).unwrap().values, [0, 1]);
        assert_eq!(Levels::Even.apply(set(&[0, 255]), 256).unwrap().values, [0, 255]);
        assert_eq!(Levels::Even.apply(set(&[255, 16]), 16).unwrap().values, [15, 1]);
        assert_eq!(Levels::Threshold.apply(set(&[127, 128]), 2).unwrap().values, [0, 1]);
        assert_eq!(Levels::Asis.apply(set(&[0, 2]), 2), Err(LevelsError::TooLarge { value: 2, levels: 2 }));
        for binary in [Levels::Threshold, Levels::Sample] {
            assert_eq!(binary.apply(set(&[0, 255]), 4), Err(LevelsError::NotBinary(4)));
            assert_eq!(binary.apply(set(&[0, 1]), 2), Err(LevelsError::NotGrey(1)));
        }
    }

    #[test]
    fn draws_follow_the_grey_and_the_seed() {
        let image = |grey: u8, seed: u64, number: u64| {
            let mut image = vec![grey; 20_000];
            draw(&mut image, seed, number);
            image
        };
        let ones = |image: Vec<u8>| image.into_iter().map(u32::from).sum::<u32>();
        assert_eq!((ones(image(0, 1, 2)), ones(image(255, 1, 2))), (0, 20_000));
        assert!((4_700..5_300).contains(&ones(image(64, 1, 2))));
        assert_eq!(image(99, 1, 2), image(99, 1, 2));
        assert_ne!(image(99, 1, 2), image(99, 2, 2));
        assert_ne!(image(99, 1, 2), image(99, 1, 3));
        let drawn = Levels::Sample.apply(set(&[255, 0, 90, 200]), 2).unwrap();
        assert_eq!(drawn, Levels::Sample.apply(set(&[255, 0, 90, 200]), 2).unwrap());
    }
}
