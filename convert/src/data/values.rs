//! From a file's values to a model's levels and back, exactly where that is possible: for scoring, completing and coding.

use super::levels::{depth, even};
use super::{LevelsError, Picture};
use crate::report::tone;

/// How a file's values become a model's levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Values {
    /// Levels, or of a file of 8 bits their grey tones, exactly; other values are an error.
    Exact,
    /// Exactly if all images allow it, else spread evenly.
    #[default]
    Auto,
    /// Spread evenly: `floor(value * levels / 2^B)`, `B` the file's bits a value.
    Even,
}

/// An image has a value that is none of the model's levels.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// Of 8 bits.
    #[error(
        "{name} has a value of {value}, which is neither one of the model's {levels} levels nor the grey tone of one; \
         --values even spreads 0 to 255 over the levels (and loses what lies between)"
    )]
    Tone {
        /// The image.
        name: String,
        /// The value.
        value: u16,
        /// The model's levels.
        levels: u32,
    },
    /// Of 16 bits.
    #[error(
        "{name} has 16 bits a value, one of them {value}: the model has {levels} levels, 0 to {}, and takes images of up to {} bits \
         a value as they are; use a model trained with more --levels, or --values even, which keeps of each value only what {levels} \
         levels tell apart", levels - 1, bits(*levels)
    )]
    Word {
        /// The image.
        name: String,
        /// The value.
        value: u16,
        /// The model's levels.
        levels: u32,
    },
    /// Images of 8 and of 16 bits.
    #[error(transparent)]
    Mixed(#[from] LevelsError),
}

/// Bits of which all values are levels.
const fn bits(levels: u32) -> u32 {
    levels.ilog2()
}

/// What a file's values stand for if they are taken exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exact {
    /// The 8-bit tones that [`tone`] gives the levels.
    Tones,
    /// The levels themselves.
    Levels,
}

impl Exact {
    fn level(self, value: u16, levels: u32) -> Option<u16> {
        match self {
            Self::Levels => (u32::from(value) < levels).then_some(value),
            Self::Tones => {
                let level = ((u32::from(value) * (levels - 1) + 127) / 255) as u16;
                (u16::from(tone(level, levels)) == value).then_some(level)
            }
        }
    }

    /// An image with a value that is no level, and the value.
    fn misfit(self, pictures: &[Picture], levels: u32) -> Option<(&Picture, u16)> {
        pictures.iter().find_map(|picture| {
            let value = picture.values.iter().find(|&&value| self.level(value, levels).is_none())?;
            Some((picture, *value))
        })
    }

    /// How images are read exactly; an error if they cannot be.
    fn of(pictures: &[Picture], levels: u32) -> Result<Self, ValueError> {
        let bytes = depth(pictures).ok_or(LevelsError::Mixed)? == 8;
        let no_level = Self::Levels.misfit(pictures, levels);
        if !bytes || levels > 256 {
            let error =
                |(picture, value): (&Picture, u16)| ValueError::Word { name: picture.name.clone(), value, levels };
            return no_level.map_or(Ok(Self::Levels), |misfit| Err(error(misfit)));
        }
        // Images of nothing but 0 read the same either way; 1 of 2 levels can only be a level, 255 only a tone.
        match (Self::Tones.misfit(pictures, levels), no_level) {
            (None, _) => Ok(Self::Tones),
            (_, None) => Ok(Self::Levels),
            (Some((picture, value)), _) => Err(ValueError::Tone { name: picture.name.clone(), value, levels }),
        }
    }
}

impl Values {
    /// Turns all images' values into levels, all in the same way.
    ///
    /// # Errors
    /// A value that is none of the levels, for [`Values::Exact`]; images of 8 and of 16 bits.
    pub fn apply(self, mut pictures: Vec<Picture>, levels: u32) -> Result<Vec<Picture>, ValueError> {
        let exact = match (self, Exact::of(&pictures, levels)) {
            (Self::Exact, Err(error)) | (_, Err(error @ ValueError::Mixed(_))) => return Err(error),
            (Self::Even, _) | (_, Err(_)) => None,
            (_, Ok(exact)) => Some(exact),
        };
        for picture in &mut pictures {
            for value in &mut picture.values {
                let even = even(*value, levels, picture.depth);
                *value = exact.and_then(|exact| exact.level(*value, levels)).unwrap_or(even);
            }
        }
        Ok(pictures)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(how: Values, depth: u8, values: &[u16], levels: u32) -> Result<Vec<u16>, String> {
        let picture = Picture { depth, ..Picture::grey(values.len(), values.to_vec()) };
        let applied = how.apply(vec![picture], levels).map_err(|error| error.to_string());
        applied.map(|mut pictures| pictures.remove(0).values)
    }

    #[test]
    fn tones_of_every_level_are_read_back() {
        for levels in 2..=256 {
            let all: Vec<u16> = (0..levels as u16).collect();
            let tones: Vec<u16> = all.iter().map(|&level| u16::from(tone(level, levels))).collect();
            assert_eq!(apply(Values::Exact, 8, &tones, levels).unwrap(), all, "{levels} levels");
        }
    }

    #[test]
    fn levels_are_read_as_they_are_and_other_values_spread_or_refused() {
        assert_eq!(apply(Values::Exact, 8, &[0, 1, 1], 2).unwrap(), [0, 1, 1]);
        assert_eq!(apply(Values::Auto, 8, &[0, 5, 16], 17).unwrap(), [0, 5, 16]);
        assert_eq!(apply(Values::Auto, 8, &[0, 100, 200], 2).unwrap(), [0, 0, 1]);
        assert_eq!(apply(Values::Even, 8, &[0, 1, 255], 2).unwrap(), [0, 0, 1]);
        assert_eq!(apply(Values::Exact, 8, &[0, 255, 200], 4096).unwrap(), [0, 255, 200]);
        let text = apply(Values::Exact, 8, &[0, 255, 77], 2).unwrap_err();
        assert!(text.contains("value of 77") && text.contains("--values even"), "{text}");
    }

    #[test]
    fn words_are_levels_or_refused() {
        for levels in [4096, 65_536] {
            let most = (levels - 1) as u16;
            assert_eq!(apply(Values::Exact, 16, &[0, 255, most], levels).unwrap(), [0, 255, most]);
        }
        // No tones: what is written with 16 bits are the levels themselves.
        assert_eq!(apply(Values::Exact, 16, &[0, 1], 2).unwrap(), [0, 1]);
        assert_eq!(apply(Values::Auto, 16, &[0, 65_535, 4096], 4096).unwrap(), [0, 4095, 256]);
        let text = apply(Values::Exact, 16, &[0, 4096], 4096).unwrap_err();
        assert!(text.contains("up to 12 bits") && text.contains("--levels"), "{text}");
    }
}
