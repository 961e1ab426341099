//! What is committed in `tests/golden/scales`: models of several scales, the image that each draws, and its code.
//!
//! Whatever reads this format must load these models for ever, draw these images from them, and write and read these bytes.

use std::convert::Infallible;
use std::{fs, io};

use pixelrnn::{Architecture, Model, Pyramid, Seeded};
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::quantize::pack;
use rand_core::SeedableRng;

use crate::coded::class;
use crate::golden::path;
use crate::random::{Recipe, model};

/// Columns and rows of the images.
pub const SIZE: (u32, u32) = (19, 13);

/// Names, recipes and factors: every architecture and head, with classes and without, both factors.
pub fn made() -> [(&'static str, Recipe, [u8; 3]); 3] {
    let groups = Recipe { hidden: 12, maps: 12, blocks: 1, ..Recipe::groups(Architecture::DiagonalBilstm) };
    [
        ("random-pixelcnn-scales", Recipe::mixture(Architecture::PixelCnn, 4096, 2), [0, 4, 2]),
        (
            "random-row-lstm-scales",
            Recipe { levels: 17, classes: 3, ..Recipe::small(Architecture::RowLstm) },
            [0, 2, 2],
        ),
        ("random-diagonal-scales", groups, [0, 2, 4]),
    ]
}

/// Reads a committed file of a model.
///
/// # Errors
/// There is none: `cargo run -p pixelrnn-tests --bin golden` writes it.
pub fn read(name: &str, ending: &str) -> io::Result<Vec<u8>> {
    fs::read(path(&format!("scales/{name}.{ending}")))
}

/// Writes the models that are not there yet, and what is drawn from and coded by all of them.
///
/// # Errors
/// A file that cannot be written.
pub fn write() -> io::Result<()> {
    fs::create_dir_all(path("scales"))?;
    for (name, recipe, factors) in made() {
        let place = |ending: &str| path(&format!("scales/{name}.{ending}"));
        if !place("prnn").exists() {
            let blobs: Vec<Blob> =
                factors.iter().zip(7..).map(|(&factor, seed)| model(&Recipe { factor, ..recipe }, seed)).collect();
            fs::write(place("prnn"), pack::scales(&blobs.iter().collect::<Vec<_>>()).bytes())?;
        }
        let blob = Blob::new(&read(name, "prnn")?);
        let models = blob.load_scales().map_err(io::Error::other)?;
        let images = drawn(&models);
        fs::write(place("values"), images.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>())?;
        fs::write(place("prnz"), coded(&models, &images))?;
    }
    Ok(())
}

/// All scales of the image that models draw from seed 1.
///
/// # Panics
/// If the models are no pyramid.
pub fn drawn(models: &[Model<'_>]) -> Vec<u16> {
    let pyramid = Pyramid::new(models).expect("scales of one model");
    let mut images = vec![0u16; pyramid.values(SIZE)];
    let mut state = vec![0; pyramid.state_words(SIZE.0)];
    let drawn = pyramid.draw(class(&models[0], 1), SIZE, &mut state, &mut Seeded::seed_from_u64(1), &mut images);
    drawn.expect("room for all scales");
    images
}

/// An image's code.
///
/// # Panics
/// If the models are no pyramid.
pub fn coded(models: &[Model<'_>], images: &[u16]) -> Vec<u8> {
    let pyramid = Pyramid::new(models).expect("scales of one model");
    let mut state = vec![0; pyramid.state_words(SIZE.0)];
    let mut bytes = Vec::new();
    let sink = |byte| -> Result<(), Infallible> {
        bytes.push(byte);
        Ok(())
    };
    let coded = pyramid.encode(class(&models[0], 1), SIZE, &mut state, &mut images.to_vec(), sink).map(drop);
    coded.expect("levels of the models");
    bytes
}
