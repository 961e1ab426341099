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
}

/// A value that is not one of a model's levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the images have a value of {value}, the model {levels} levels (0 to {}); --values even spreads 0 to 255 over them", levels - 1)]
pub struct LevelsError {
    /// The largest value.
    pub value: u8,
    /// The model's levels.
    pub levels: u16,
}

impl Levels {
    /// Turns a set's values into levels.
    ///
    /// # Errors
    /// A value too large for [`Levels::Asis`].
    pub fn apply(self, mut set: ImageSet, levels: u16) -> Result<ImageSet, LevelsError> {
        let value = set.values.iter().copied().max().unwrap_or(0);
        let fits = u16::from(value) < levels;
        match self {
            Self::Auto | Self::Asis if fits => {}
            Self::Asis => return Err(LevelsError { value, levels }),
            Self::Auto | Self::Even => {
                for value in &mut set.values {
                    *value = ((u32::from(*value) * u32::from(levels)) >> 8) as u8;
                }
            }
        }
        Ok(set)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_levels() {
        let set = |values: &[u8]| ImageSet { width: 2, height: 1, values: values.to_vec() };
        assert_eq!(Levels::Auto.apply(set(&[0, 1]), 2).unwrap().values, [0, 1]);
        assert_eq!(Levels::Auto.apply(set(&[127, 128]), 2).unwrap().values, [0, 1]);
        assert_eq!(Levels::Even.apply(set(&[0, 255]), 256).unwrap().values, [0, 255]);
        assert_eq!(Levels::Even.apply(set(&[255, 16]), 16).unwrap().values, [15, 1]);
        assert_eq!(Levels::Asis.apply(set(&[0, 2]), 2), Err(LevelsError { value: 2, levels: 2 }));
    }
}
