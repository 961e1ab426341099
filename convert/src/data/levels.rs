//! From a file's values to a model's levels, for training and for what is measured beside it.

use super::Picture;

/// How a file's values become levels. `B` is the file's bits a value, 8 or 16.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Levels {
    /// As they are if none is too large, else spread evenly over the levels.
    #[default]
    Auto,
    /// As they are; larger ones are an error.
    Asis,
    /// `floor(value * levels / 2^B)`.
    Even,
    /// 2 levels: 1 from the middle (`2^B / 2`, of bytes 128) up, else 0.
    Threshold,
    /// 2 levels: 1 with probability `value / (2^B - 1)`, drawn from a seed. Training draws anew each epoch; validation,
    /// `eval` and `export` always use the one draw of seed 0.
    Sample,
}

/// Values that cannot become a model's levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LevelsError {
    /// A value is none of the levels.
    #[error(
        "the images have a value of {value}, the model {levels} levels (0 to {}); --values even spreads all of 0 to {} over them, \
         a model of more levels takes the values as they are", levels - 1, largest(*depth)
    )]
    TooLarge {
        /// The largest value.
        value: u16,
        /// The model's levels.
        levels: u32,
        /// Bits a value of the images.
        depth: u8,
    },
    /// Binarization for a model of more than 2 levels.
    #[error(
        "--values threshold and sample make 2 levels, the model has {0}; --values even spreads a file's values over them"
    )]
    NotBinary(u32),
    /// Binarization of what is no grey set.
    #[error(
        "the images' largest value is {value}: these are no grey values of 0 to {}; --values asis takes them as they are",
        largest(*depth)
    )]
    NotGrey {
        /// The largest value.
        value: u16,
        /// Bits a value of the images.
        depth: u8,
    },
    /// Values of 8 and of 16 bits mean different things.
    #[error("some images have 8 bits a value, others 16: use one kind at a time")]
    Mixed,
}

/// The largest value of so many bits.
pub(super) const fn largest(depth: u8) -> u16 {
    u16::MAX >> (16 - depth)
}

/// `floor(value * levels / 2^depth)`: below `levels`.
pub(super) const fn even(value: u16, levels: u32, depth: u8) -> u16 {
    ((value as u64 * levels as u64) >> depth) as u16
}

/// The depth that all images have; 8 if there is no image.
pub(super) fn depth(pictures: &[Picture]) -> Option<u8> {
    let depth = pictures.first().map_or(8, |picture| picture.depth);
    pictures.iter().all(|picture| picture.depth == depth).then_some(depth)
}

impl Levels {
    /// Turns all images' values into levels, all in the same way. [`Levels::Sample`] draws with seed 0.
    ///
    /// # Errors
    /// A value too large for [`Levels::Asis`]; binarization for other than 2 levels, or of images that never reach the middle;
    /// images of 8 and of 16 bits.
    pub fn apply(self, mut pictures: Vec<Picture>, levels: u32) -> Result<Vec<Picture>, LevelsError> {
        let depth = depth(&pictures).ok_or(LevelsError::Mixed)?;
        let value = pictures.iter().map(Picture::largest).max().unwrap_or(0);
        let middle = largest(depth) / 2 + 1;
        let fits = u32::from(value) < levels;
        match self {
            Self::Auto | Self::Asis if fits => return Ok(pictures),
            Self::Asis => return Err(LevelsError::TooLarge { value, levels, depth }),
            Self::Threshold | Self::Sample if levels != 2 => return Err(LevelsError::NotBinary(levels)),
            Self::Threshold | Self::Sample if value < middle => return Err(LevelsError::NotGrey { value, depth }),
            _ => {}
        }
        for (number, picture) in (0..).zip(&mut pictures) {
            match self {
                Self::Sample => draw(&mut picture.values, depth, 0, number),
                Self::Threshold => picture.values.iter_mut().for_each(|value| *value = u16::from(*value >= middle)),
                _ => picture.values.iter_mut().for_each(|value| *value = even(*value, levels, depth)),
            }
        }
        Ok(pictures)
    }
}

/// Draws 1 with probability `value / largest` for every value of an image, else 0, where `largest` is that of `depth` bits. The same
/// seed and number, the same draw.
pub fn draw(image: &mut [u16], depth: u8, seed: u64, number: u64) {
    let mut state = mix(mix(seed) ^ number);
    for value in image {
        state = state.wrapping_add(STEP);
        // 32 bits scaled to one less than the largest value: black is never drawn, white always.
        let drawn = ((mix(state) >> 32) * u64::from(largest(depth))) >> 32;
        *value = u16::from(drawn < u64::from(*value));
    }
}

/// Draws a share of all values anew, each level as likely as any other: what a background model is trained on, which then knows
/// how plain an image is but not what it shows (Ren et al., "Likelihood ratios for out-of-distribution detection", 2019).
pub fn mutate(pictures: &mut [Picture], share: f64, levels: u32, seed: u64) {
    let mut state = mix(seed ^ STEP);
    let limit = (share.clamp(0.0, 1.0) * 2f64.powi(32)) as u64;
    for value in pictures.iter_mut().flat_map(|picture| &mut picture.values) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_values_is_drawn_anew() {
        let mut images = [Picture::grey(100, vec![9; 10_000])];
        mutate(&mut images, 0.0, 4, 1);
        assert!(images[0].values.iter().all(|&value| value == 9));
        mutate(&mut images, 0.2, 4, 1);
        for level in 0..4 {
            let count = images[0].values.iter().filter(|&&value| value == level).count();
            assert!((420..580).contains(&count), "level {level}: {count} of 10000");
        }
    }

    fn apply(how: Levels, depth: u8, values: &[u16], levels: u32) -> Result<Vec<u16>, LevelsError> {
        let picture = Picture { depth, ..Picture::grey(2, values.to_vec()) };
        how.apply(vec![picture], levels).map(|mut pictures| pictures.remove(0).values)
    }

    #[test]
    fn bytes_become_levels() {
        assert_eq!(apply(Levels::Auto, 8, &[0, 1], 2).unwrap(), [0, 1]);
        assert_eq!(apply(Levels::Auto, 8, &[127, 128], 2).unwrap(), [0, 1]);
        assert_eq!(apply(Levels::Even, 8, &[0, 255], 256).unwrap(), [0, 255]);
        assert_eq!(apply(Levels::Even, 8, &[255, 16], 16).unwrap(), [15, 1]);
        assert_eq!(apply(Levels::Threshold, 8, &[127, 128], 2).unwrap(), [0, 1]);
        let error = LevelsError::TooLarge { value: 2, levels: 2, depth: 8 };
        assert_eq!(apply(Levels::Asis, 8, &[0, 2], 2), Err(error));
        for binary in [Levels::Threshold, Levels::Sample] {
            assert_eq!(apply(binary, 8, &[0, 255], 4), Err(LevelsError::NotBinary(4)));
            assert_eq!(apply(binary, 8, &[0, 1], 2), Err(LevelsError::NotGrey { value: 1, depth: 8 }));
        }
    }

    #[test]
    fn values_of_16_bits_become_levels() {
        assert_eq!(apply(Levels::Auto, 16, &[0, 4080], 4096).unwrap(), [0, 4080]);
        assert_eq!(apply(Levels::Auto, 16, &[0, 65_535], 65_536).unwrap(), [0, 65_535]);
        assert_eq!(apply(Levels::Auto, 16, &[0, 4096, 65_535], 4096).unwrap(), [0, 256, 4095]);
        assert_eq!(apply(Levels::Even, 16, &[0, 4080], 65_536).unwrap(), [0, 4080]);
        assert_eq!(apply(Levels::Threshold, 16, &[32_767, 32_768], 2).unwrap(), [0, 1]);
        assert_eq!(apply(Levels::Sample, 16, &[0, 65_535], 2).unwrap(), [0, 1]);
        let text = apply(Levels::Asis, 16, &[4096], 4096).unwrap_err().to_string();
        assert!(text.contains("0 to 4095") && text.contains("0 to 65535"), "{text}");
        let mixed = [Picture::grey(1, vec![1]), Picture { depth: 16, ..Picture::grey(1, vec![1]) }];
        assert_eq!(Levels::Auto.apply(mixed.to_vec(), 2), Err(LevelsError::Mixed));
    }

    #[test]
    fn draws_follow_the_grey_and_the_seed() {
        let image = |depth: u8, grey: u16, seed: u64, number: u64| {
            let mut image = vec![grey; 20_000];
            draw(&mut image, depth, seed, number);
            image
        };
        let ones = |image: Vec<u16>| image.into_iter().map(u32::from).sum::<u32>();
        assert_eq!((ones(image(8, 0, 1, 2)), ones(image(8, 255, 1, 2))), (0, 20_000));
        assert!((4_700..5_300).contains(&ones(image(8, 64, 1, 2))));
        assert!((4_700..5_300).contains(&ones(image(16, 64 << 8, 1, 2))));
        assert_eq!(image(8, 99, 1, 2), image(8, 99, 1, 2));
        assert_ne!(image(8, 99, 1, 2), image(8, 99, 2, 2));
        assert_ne!(image(8, 99, 1, 2), image(8, 99, 1, 3));
        let greys = [255, 0, 90, 200];
        assert_eq!(apply(Levels::Sample, 8, &greys, 2), apply(Levels::Sample, 8, &greys, 2));
    }
}
