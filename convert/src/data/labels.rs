//! Labels: the class of each image, from a file or from the folders that images lie in.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{DataError, Picture, idx};

/// Where images' classes are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Labels {
    /// By the folder in the images' folder that each lies in.
    Folders,
    /// In an idx file of one size, a label an image.
    File(PathBuf),
}

/// What [`Labels::Folders`] is called on the command line.
const FOLDERS: &str = "folders";

impl From<String> for Labels {
    fn from(text: String) -> Self {
        if text == FOLDERS { Self::Folders } else { Self::File(text.into()) }
    }
}

impl FromStr for Labels {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.to_owned().into())
    }
}

impl From<Labels> for String {
    fn from(labels: Labels) -> Self {
        match labels {
            Labels::Folders => FOLDERS.into(),
            Labels::File(path) => path.display().to_string(),
        }
    }
}

/// The class of each folder's images.
pub type Folders = BTreeMap<String, u16>;

impl Labels {
    /// Gives each image read from `data` its class.
    ///
    /// # Errors
    /// Labels that cannot be read, that are not as many as the images, or images outside any folder.
    pub fn apply(&self, data: &Path, pictures: &mut [Picture]) -> Result<(), DataError> {
        match self {
            Self::File(path) => from_file(path, pictures),
            Self::Folders => from_folders(&folders(data)?, data, pictures),
        }
    }

    /// The same of images that are checked by those of another path: a folder's class is that of the same name's there.
    ///
    /// # Errors
    /// The same; a folder that is not there.
    pub fn apply_like(&self, like: &Path, data: &Path, pictures: &mut [Picture]) -> Result<(), DataError> {
        match self {
            Self::File(path) => from_file(path, pictures),
            Self::Folders => from_folders(&folders(like)?, data, pictures),
        }
    }
}

/// One more than the highest class; 0 if no image has one.
pub fn count(pictures: &[Picture]) -> usize {
    pictures.iter().filter_map(|picture| picture.class).map(|class| usize::from(class) + 1).max().unwrap_or(0)
}

/// Checks that every image has a class below `classes`.
///
/// # Errors
/// The first that has not, in words.
pub fn check(pictures: &[Picture], classes: u16) -> Result<(), String> {
    match pictures.iter().find(|picture| picture.class.is_none_or(|class| class >= classes)) {
        None => Ok(()),
        Some(Picture { name, class: Some(class), .. }) => {
            Err(format!("{name} has the label {class}, the model {classes} classes, 0 to {}", classes - 1))
        }
        Some(picture) => Err(format!("{} has no label", picture.name)),
    }
}

fn from_file(path: &Path, pictures: &mut [Picture]) -> Result<(), DataError> {
    give(path, &idx::labels(path)?, pictures)
}

/// Gives each image its label, of those that a file holds.
///
/// # Errors
/// Labels that are not as many as the images.
pub fn give(path: &Path, labels: &[u16], pictures: &mut [Picture]) -> Result<(), DataError> {
    if labels.len() != pictures.len() {
        let reason = format!("{} labels for {} images", labels.len(), pictures.len());
        return Err(DataError::Labels { path: path.to_path_buf(), reason });
    }
    pictures.iter_mut().zip(labels).for_each(|(picture, &label)| picture.class = Some(label));
    Ok(())
}

/// The classes of the folders in a folder: their names, if all are numbers, else their places in the order of names.
fn folders(data: &Path) -> Result<Folders, DataError> {
    let error = |source| DataError::Read { path: data.to_path_buf(), source };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(data).map_err(error)? {
        let entry = entry.map_err(error)?;
        if entry.path().is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    let numbers: Option<Vec<u16>> = names.iter().map(|name| name.parse().ok()).collect();
    let classes = numbers.unwrap_or_else(|| (0..).take(names.len()).collect());
    match names.is_empty() {
        true => Err(DataError::Labels { path: data.to_path_buf(), reason: "no folder in it is a class".into() }),
        false => Ok(names.into_iter().zip(classes).collect()),
    }
}

fn from_folders(folders: &Folders, data: &Path, pictures: &mut [Picture]) -> Result<(), DataError> {
    for picture in pictures {
        let class = folder_of(data, &picture.name).and_then(|folder| folders.get(&folder));
        let Some(&class) = class else {
            let reason = format!("{} lies in no folder that is a class", picture.name);
            return Err(DataError::Labels { path: data.to_path_buf(), reason });
        };
        picture.class = Some(class);
    }
    Ok(())
}

/// The folder in a folder that a file lies in.
fn folder_of(data: &Path, name: &str) -> Option<String> {
    let mut parts = Path::new(name).strip_prefix(data).ok()?.components();
    let first = parts.next()?;
    parts.next().map(|_| first.as_os_str().to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pictures(names: &[PathBuf]) -> Vec<Picture> {
        let picture = |name: &PathBuf| Picture { name: name.display().to_string(), ..Picture::grey(1, vec![0]) };
        names.iter().map(picture).collect()
    }

    fn classes(pictures: &[Picture]) -> Vec<Option<u16>> {
        pictures.iter().map(|picture| picture.class).collect()
    }

    #[test]
    fn a_file_labels_images_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("labels");
        std::fs::write(&path, [0, 0, 8, 1, 0, 0, 0, 3, 7, 0, 2]).unwrap();
        let labels: Labels = path.display().to_string().into();
        let mut images = pictures(&["a".into(), "b".into(), "c".into()]);
        labels.apply(Path::new("."), &mut images).unwrap();
        assert_eq!(classes(&images), [Some(7), Some(0), Some(2)]);
        assert_eq!(count(&images), 8);
        assert!(check(&images, 8).is_ok());
        assert!(check(&images, 7).unwrap_err().contains("a has the label 7, the model 7 classes, 0 to 6"));
        let error = labels.apply(Path::new("."), &mut images[1..]).unwrap_err().to_string();
        assert!(error.contains("3 labels for 2 images"), "{error}");
        for (bytes, reason) in [
            (&[0, 0, 8, 1, 0, 0, 0, 4, 7, 0, 2][..], "3 are there"),
            (&[0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 9], "0x00000801"),
            (&[0, 0], "shorter"),
        ] {
            std::fs::write(&path, bytes).unwrap();
            let error = labels.apply(Path::new("."), &mut images).unwrap_err().to_string();
            assert!(error.contains(reason), "no {reason:?} in: {error}");
        }
    }

    #[test]
    fn folders_are_classes_by_number_or_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["oak", "ash", "numbers/10", "numbers/2"] {
            std::fs::create_dir_all(path(name)).unwrap();
        }
        let mut trees = pictures(&[path("oak/1.png"), path("ash/deep/2.png#3")]);
        Labels::Folders.apply(folder.path(), &mut trees).unwrap();
        assert_eq!(classes(&trees), [Some(2), Some(0)]);
        let mut numbers = pictures(&[path("numbers/10/a.png"), path("numbers/2/b.png")]);
        Labels::Folders.apply(&path("numbers"), &mut numbers).unwrap();
        assert_eq!(classes(&numbers), [Some(10), Some(2)]);
        let error = Labels::Folders.apply(folder.path(), &mut pictures(&[path("1.png")])).unwrap_err().to_string();
        assert!(error.contains("1.png lies in no folder"), "{error}");
        let error = Labels::Folders.apply(&path("oak"), &mut trees).unwrap_err().to_string();
        assert!(error.contains("no folder in it is a class"), "{error}");
    }
}
