//! Arrays of images, as idx and npy files hold them.

use std::path::Path;

use super::{DataError, Picture};

/// The images of an array that lies in memory, as those of an npy file: `shape` are (rows, columns); (images, rows, columns), or, if the
/// last is at most 4, (rows, columns, channels); (images, rows, columns, channels). `name` is what errors call it.
///
/// # Errors
/// A shape that is no images', in words.
pub fn from_array(name: &str, depth: u8, shape: &[usize], values: Vec<u16>) -> Result<Vec<Picture>, DataError> {
    let path = Path::new(name);
    let pictures = axes(shape).and_then(|shape| Array { depth, shape: &shape, values }.into_pictures(path));
    pictures.map_err(|reason| DataError::format(path, "an array of images", reason))
}

/// The error of an array whose values are of another type; `kind` is NumPy's name of it.
pub fn wrong_type(name: &str, kind: &str) -> DataError {
    DataError::format(Path::new(name), "an array of images", no_values(kind))
}

/// Why values of a type are no image's.
pub(super) fn no_values(kind: &str) -> String {
    format!("its values are of type {kind:?}; convert them to numpy.uint8 or numpy.uint16")
}

/// The sizes of images, rows, columns and channels.
pub(super) fn axes(sizes: &[usize]) -> Result<[usize; 4], String> {
    match *sizes {
        [rows, columns] => Ok([1, rows, columns, 1]),
        [rows, columns, channels @ 0..=4] => Ok([1, rows, columns, channels]),
        [images, rows, columns] => Ok([images, rows, columns, 1]),
        [images, rows, columns, channels] => Ok([images, rows, columns, channels]),
        _ => Err(format!("its shape {sizes:?} has {} axes, images have 2 to 4", sizes.len())),
    }
}

/// Images of one size: count, rows, columns and, if there are four sizes, channels.
pub(super) struct Array<'a> {
    pub depth: u8,
    pub shape: &'a [usize],
    pub values: Vec<u16>,
}

impl Array<'_> {
    /// The images, each with a name of its own.
    pub(super) fn into_pictures(self, path: &Path) -> Result<Vec<Picture>, String> {
        let (height, width, channels) = self.image_shape()?;
        let one = |(number, values): (usize, &[u16])| {
            let name = format!("{}#{number}", path.display());
            Picture { name, width, height, channels, depth: self.depth, values: values.to_vec(), class: None }
        };
        Ok(self.values.chunks_exact(width * height * channels).enumerate().map(one).collect())
    }

    /// Rows, columns and channels, if they and the count are those of the values.
    fn image_shape(&self) -> Result<(usize, usize, usize), String> {
        let shape = self.shape;
        let product = shape.iter().try_fold(1usize, |product, &size| product.checked_mul(size));
        let (height, width, channels) = match *shape {
            [_, height, width] => (height, width, 1),
            [_, height, width, channels] if (1..=4).contains(&channels) => (height, width, channels),
            [.., channels] => return Err(format!("its shape {shape:?} has {channels} channels, images have 1 to 4")),
            [] => return Err("it has no shape".into()),
        };
        match product {
            None => Err(format!("its shape {shape:?} is too large")),
            Some(_) if width == 0 || height == 0 => Err(format!("its shape {shape:?} has no pixel")),
            Some(expected) if expected != self.values.len() => {
                Err(format!("its shape {shape:?} promises {expected} values, {} are there", self.values.len()))
            }
            Some(_) => Ok((height, width, channels)),
        }
    }
}
