//! Arrays of images, as idx and npy files hold them.

use std::path::Path;

use super::Picture;

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
