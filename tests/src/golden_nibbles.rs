//! What is committed in `tests/golden/nibbles`: models whose blocks' weights have 4 bits, the image that each draws, and its code.
//!
//! Whatever reads this format must load these models for ever, draw these images from them, and write and read these bytes.

use std::{fs, io};

use pixelrnn::codec::Header;
use pixelrnn::{Architecture, Model};
use pixelrnn_convert::blob_file::Blob;

use crate::coded::{class, encode};
use crate::golden::path;
use crate::images::drawn;
use crate::random::{Recipe, models_of_nibbles};

/// Columns and rows of the images.
pub const SIZE: (u32, u32) = (13, 9);

/// Names and recipes: every architecture, a dilated block, skip connections, channel groups, classes.
pub fn made() -> [(&'static str, Recipe); 4] {
    let dilated = Recipe { blocks: 1, dilation: 4, ..Recipe::groups(Architecture::PixelCnn) };
    [
        ("random-pixelcnn-dilated-nibbles", dilated),
        ("random-pixelcnn-nibbles", Recipe { levels: 17, ..Recipe::small(Architecture::PixelCnn) }),
        ("random-row-lstm-nibbles", Recipe { skip: true, classes: 3, ..Recipe::small(Architecture::RowLstm) }),
        ("random-diagonal-nibbles", Recipe { blocks: 1, ..Recipe::groups(Architecture::DiagonalBilstm) }),
    ]
}

/// Reads a committed file of a model.
///
/// # Errors
/// There is none: `cargo run -p pixelrnn-tests --bin golden` writes it.
pub fn read(name: &str, ending: &str) -> io::Result<Vec<u8>> {
    fs::read(path(&format!("nibbles/{name}.{ending}")))
}

/// Writes the models that are not there yet, and what is drawn from and coded by all of them.
///
/// # Errors
/// A file that cannot be written.
pub fn write() -> io::Result<()> {
    fs::create_dir_all(path("nibbles"))?;
    for (name, recipe) in made() {
        let place = |ending: &str| path(&format!("nibbles/{name}.{ending}"));
        if !place("prnn").exists() {
            let [_, narrow] = models_of_nibbles(&recipe, 11);
            fs::write(place("prnn"), narrow.bytes())?;
        }
        let blob = Blob::new(&read(name, "prnn")?);
        let model = blob.load().map_err(io::Error::other)?;
        let image = drawn(&model, SIZE.0, SIZE.1, 1);
        fs::write(place("values"), bytes(&image))?;
        fs::write(place("prnz"), coded(&model, &image))?;
    }
    Ok(())
}

/// Values as they are committed.
pub fn bytes(image: &[u16]) -> Vec<u8> {
    image.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// An image's code.
///
/// # Panics
/// If the model codes no images of the size.
pub fn coded(model: &Model<'_>, image: &[u16]) -> Vec<u8> {
    let header = Header::tiled(model, SIZE, SIZE).expect("a possible size").of_class(class(model, 1));
    encode(model, header, &[image.to_vec()], 1).bytes
}
