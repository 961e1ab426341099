//! What is committed in `tests/golden`: models that the checks made once, what they draw, and images that they code.
//!
//! Whatever reads this format must load these models for ever, draw these images from them, and write and read these bytes.

use std::path::PathBuf;
use std::{fs, io};

use pixelrnn::Architecture;
use pixelrnn::codec::Header;
use pixelrnn_convert::archive::{ArchiveError, Cut, compress};
use pixelrnn_convert::data::Picture;

use crate::coded::{Piece, class, encode, pieces};
use crate::cross::workspace;
use crate::images::drawn;
use crate::models::TestModel;
use crate::random::{Recipe, model};

/// Columns and rows of the images.
pub const SIZE: (u32, u32) = (13, 9);
/// Tiles of the images that are cut: a column and a row are left over.
const TILE: (u32, u32) = (6, 4);
/// Tiles that share a check there.
const GROUP: usize = 4;

/// Where a committed file lies.
pub fn path(name: &str) -> PathBuf {
    workspace().join("tests/golden").join(name)
}

/// A committed file's bytes.
///
/// # Errors
/// There is none: the message says how to make it.
pub fn read(name: &str) -> Result<Vec<u8>, String> {
    let path = path(name);
    fs::read(&path)
        .map_err(|error| format!("{}: {error}; `cargo run -p pixelrnn-tests --bin golden` writes it", path.display()))
}

/// A model that is made from random numbers.
#[derive(Debug, Clone)]
pub struct Made {
    /// Its name.
    pub name: String,
    /// Its shape.
    pub recipe: Recipe,
    /// Of the numbers: one whose images have many values.
    pub seed: u64,
}

/// Models of every kind: each way to write values of softmax heads, a dilated block, and of every architecture channel groups, a mixture in colour, one
/// of 16 bits, and classes.
pub fn made() -> Vec<Made> {
    let pixelcnn = Recipe::small(Architecture::PixelCnn);
    let row_lstm = Recipe::small(Architecture::RowLstm);
    let diagonal = Recipe::small(Architecture::DiagonalBilstm);
    let softmax = [
        ("random-pixelcnn", Recipe { levels: 17, ..pixelcnn }),
        ("random-row-lstm", Recipe { skip: true, ..row_lstm }),
        ("random-diagonal", Recipe { levels: 256, ..diagonal }),
        ("random-pixelcnn-dilated", Recipe { dilation: 2, ..pixelcnn }),
    ];
    let softmax = softmax.map(|(name, recipe)| Made { name: name.into(), recipe, seed: 7 });
    let more = [
        kinds("random-pixelcnn", pixelcnn.architecture, [7, 33, 54, 7]),
        kinds("random-row-lstm", row_lstm.architecture, [7, 59, 54, 7]),
        kinds("random-diagonal", diagonal.architecture, [7, 52, 33, 7]),
    ];
    softmax.into_iter().chain(more.into_iter().flatten()).collect()
}

/// An architecture's models of several channels, many levels or classes.
fn kinds(name: &str, architecture: Architecture, seeds: [u64; 4]) -> [Made; 4] {
    let groups = Recipe { hidden: 12, maps: 12, blocks: 1, ..Recipe::groups(architecture) };
    let colour = Recipe::mixture(architecture, 256, 3);
    let grey16 = Recipe { components: 5, ..Recipe::mixture(architecture, 65_536, 1) };
    let classes = Recipe { classes: 3, ..Recipe::small(architecture) };
    let [of_groups, of_colour, of_grey16, of_classes] = seeds;
    let all = [
        ("groups", groups, of_groups),
        ("colour", colour, of_colour),
        ("grey16", grey16, of_grey16),
        ("classes", classes, of_classes),
    ];
    all.map(|(kind, recipe, seed)| Made { name: format!("{name}-{kind}"), recipe, seed })
}

/// Writes the models that are not there yet. One that is there stays as it is: a format that changes must still read it.
///
/// # Errors
/// A file cannot be written.
pub fn write_models() -> io::Result<()> {
    for Made { name, recipe, seed } in made() {
        let path = path(&format!("{name}.prnn"));
        if !path.exists() {
            fs::write(path, model(&recipe, seed).bytes())?;
        }
    }
    Ok(())
}

/// Two images of a model: the one drawn from seed 1, and one in which the last level, which takes what rounding leaves of the
/// coder's range, is every third value.
///
/// # Panics
/// If the model does not load.
pub fn images(model: &TestModel) -> [Vec<u16>; 2] {
    let model = model.blob.load().expect("a checked model");
    let [plain, mut last] = [1, 2].map(|seed| drawn(&model, SIZE.0, SIZE.1, seed));
    last.iter_mut().step_by(3).for_each(|value: &mut u16| *value = (model.levels() - 1) as u16);
    [plain, last]
}

/// Coded images.
#[derive(Debug, Clone)]
pub struct Coded {
    /// The file's name.
    pub name: String,
    /// What this machine codes.
    pub bytes: Vec<u8>,
    /// What must come back.
    pub pieces: Vec<Piece>,
}

/// What a model codes: two whole images that share a check, and one cut in tiles.
///
/// # Panics
/// If the model does not load.
pub fn coded(model: &TestModel) -> [Coded; 2] {
    let [plain, last] = images(model);
    let loaded = model.blob.load().expect("a checked model");
    let code = |name: String, tile, images: &[Vec<u16>]| {
        let header = Header::tiled(&loaded, SIZE, tile).expect("a possible size").of_class(class(&loaded, 1));
        let bytes = encode(&loaded, header, images, GROUP).bytes;
        Coded { name, bytes, pieces: pieces(&header, images) }
    };
    [
        code(format!("{}.prnz", model.name), SIZE, &[plain, last.clone()]),
        code(format!("{}-tiles.prnz", model.name), TILE, &[last]),
    ]
}

/// The model of the archive.
pub const ARCHIVE_MODEL: &str = "random-pixelcnn-colour";
/// The archive's name.
pub const ARCHIVE: &str = "pictures.prnz";

/// Pictures of two sizes with names.
///
/// # Panics
/// If the model does not load.
pub fn pictures(model: &TestModel) -> Vec<Picture> {
    let model = model.blob.load().expect("a checked model");
    let picture = |(name, (width, height)): (&str, (u32, u32))| Picture {
        name: name.into(),
        channels: model.channels().into(),
        height: height as usize,
        ..Picture::grey(width as usize, drawn(&model, width, height, u64::from(width)))
    };
    [("leaf.png", (13, 9)), ("trees/oak.png", (7, 5)), ("trees/ash.png", (13, 9))].map(picture).into()
}

/// What this machine makes an archive of them: the larger ones cut, the smaller whole.
///
/// # Errors
/// The engine's.
///
/// # Panics
/// If the model does not load.
pub fn archive(model: &TestModel) -> Result<Vec<u8>, ArchiveError> {
    let pictures = pictures(model);
    let names: Vec<String> = pictures.iter().map(|picture| picture.name.clone()).collect();
    let loaded = model.blob.load().expect("a checked model");
    compress(&loaded, &pictures, Some(&names), &[], &Cut { tile: Some((8, 8)), group: 2 }, &|_| {})
}
