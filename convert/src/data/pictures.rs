//! Images one by one, each of its own size and with a name: what people score, complete and compress.

use std::path::{Path, PathBuf};

use super::{DataError, ImageSet, folder};
use crate::report::grey;

/// One image, as grey values or as levels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The file's path; for an idx file with `#` and the image's place in it.
    pub name: String,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// The values, row by row.
    pub values: Vec<u8>,
}

/// How grey values become a model's levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Values {
    /// Levels or their grey tones exactly; other values are an error.
    Exact,
    /// Exactly if all images allow it, else spread evenly.
    #[default]
    Auto,
    /// Spread evenly: `floor(value * levels / 256)`.
    Even,
}

/// An image has a value that is none of the model's levels.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{name} has a value of {value}, which is neither one of the model's {levels} levels nor the grey tone of one; \
     --values even spreads 0 to 255 over the levels (and loses what lies between)"
)]
pub struct ValueError {
    /// The image.
    pub name: String,
    /// The value.
    pub value: u8,
    /// The model's levels.
    pub levels: u16,
}

/// Reads pictures, folders of them (sorted by path) and idx files (gzip too), in the order given.
///
/// # Errors
/// What cannot be read, with the reason; no image at all.
pub fn read(paths: &[PathBuf]) -> Result<Vec<Picture>, DataError> {
    let mut pictures = Vec::new();
    for path in paths {
        let before = pictures.len();
        if path.is_dir() {
            for path in folder::paths(path)? {
                pictures.push(one(&path)?);
            }
        } else if folder::is_picture(path) {
            pictures.push(one(path)?);
        } else {
            let set = ImageSet::read(path)?;
            let (width, height) = (set.width, set.height);
            pictures.extend(set.images().enumerate().map(|(number, values)| Picture {
                name: format!("{}#{number}", path.display()),
                width,
                height,
                values: values.to_vec(),
            }));
        }
        if pictures.len() == before {
            return Err(DataError::Empty(path.clone()));
        }
    }
    Ok(pictures)
}

fn one(path: &Path) -> Result<Picture, DataError> {
    let set = folder::read_pictures(&[path.to_path_buf()])?;
    if set.is_empty() {
        return Err(DataError::Empty(path.to_path_buf()));
    }
    Ok(Picture { name: path.display().to_string(), width: set.width, height: set.height, values: set.values })
}

/// What grey values stand for if they are taken exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exact {
    /// The grey tones that [`grey`] gives the levels.
    Tones,
    /// The levels themselves.
    Levels,
}

impl Exact {
    fn level(self, value: u8, levels: u16) -> Option<u8> {
        match self {
            Self::Levels => (u16::from(value) < levels).then_some(value),
            Self::Tones => {
                let level = ((u32::from(value) * (u32::from(levels) - 1) + 127) / 255) as u8;
                (grey(level, levels) == value).then_some(level)
            }
        }
    }

    fn misfit(self, pictures: &[Picture], levels: u16) -> Option<ValueError> {
        pictures.iter().find_map(|picture| {
            let value = *picture.values.iter().find(|&&value| self.level(value, levels).is_none())?;
            Some(ValueError { name: picture.name.clone(), value, levels })
        })
    }
}

impl Values {
    /// Turns all pictures' values into levels, all in the same way.
    ///
    /// # Errors
    /// A value that is none of the levels, for [`Values::Exact`].
    pub fn apply(self, mut pictures: Vec<Picture>, levels: u16) -> Result<Vec<Picture>, ValueError> {
        // Images of nothing but 0 read the same either way; 1 of 2 levels can only be a level, 255 only a tone.
        let misfit = Exact::Tones.misfit(&pictures, levels);
        let exact = match misfit {
            None => Some(Exact::Tones),
            Some(_) if Exact::Levels.misfit(&pictures, levels).is_none() => Some(Exact::Levels),
            Some(_) => None,
        };
        let exact = match (self, exact, misfit) {
            (Self::Even, ..) => None,
            (Self::Exact, None, Some(misfit)) => return Err(misfit),
            (_, exact, _) => exact,
        };
        for value in pictures.iter_mut().flat_map(|picture| &mut picture.values) {
            let even = ((u32::from(*value) * u32::from(levels)) >> 8) as u8;
            *value = exact.and_then(|exact| exact.level(*value, levels)).unwrap_or(even);
        }
        Ok(pictures)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(how: Values, values: &[u8], levels: u16) -> Result<Vec<u8>, ValueError> {
        let picture = Picture { name: "a".into(), width: values.len(), height: 1, values: values.to_vec() };
        how.apply(vec![picture], levels).map(|mut pictures| pictures.remove(0).values)
    }

    #[test]
    fn tones_of_every_level_are_read_back() {
        for levels in 2..=256u16 {
            let all: Vec<u8> = (0..levels).map(|level| level as u8).collect();
            let tones: Vec<u8> = all.iter().map(|&level| grey(level, levels)).collect();
            assert_eq!(apply(Values::Exact, &tones, levels).unwrap(), all, "{levels} levels");
        }
    }

    #[test]
    fn levels_are_read_as_they_are_and_other_values_spread_or_refused() {
        assert_eq!(apply(Values::Exact, &[0, 1, 1], 2).unwrap(), [0, 1, 1]);
        assert_eq!(apply(Values::Auto, &[0, 5, 16], 17).unwrap(), [0, 5, 16]);
        assert_eq!(apply(Values::Auto, &[0, 100, 200], 2).unwrap(), [0, 0, 1]);
        assert_eq!(apply(Values::Even, &[0, 1, 255], 2).unwrap(), [0, 0, 1]);
        assert_eq!(apply(Values::Exact, &[0, 255, 77], 2).unwrap_err().value, 77);
    }
}
