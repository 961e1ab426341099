//! The models that are counted.

use std::path::PathBuf;

use pixelrnn::blob::{self, Architecture};

use crate::cross::build_directory;
use crate::models::{self, TestModel};
use crate::random::{self, Recipe};

/// A model to count, and the name of its cases.
pub type NamedModel = (String, PathBuf);

/// Random models of the published shapes, and every shipped model whose weights have 8 bits, of several scales each.
///
/// # Errors
/// Files that cannot be written or listed.
pub fn of_bytes() -> std::io::Result<Vec<NamedModel>> {
    let directory = build_directory().join("models");
    std::fs::create_dir_all(&directory)?;
    let recipe = |architecture, hidden, blocks, maps| Recipe { hidden, blocks, maps, ..Recipe::small(architecture) };
    let mut models = Vec::new();
    for (name, recipe) in [
        ("random PixelCNN h=32, 10 blocks", recipe(Architecture::PixelCnn, 32, 10, 64)),
        ("random Row LSTM h=16, 7 blocks", recipe(Architecture::RowLstm, 16, 7, 32)),
        ("random Diagonal BiLSTM h=16, 7 blocks", recipe(Architecture::DiagonalBilstm, 16, 7, 32)),
    ] {
        let path = directory.join(format!("{}.prnn", recipe.architecture.name()));
        models::write_whole(&path, random::model(&recipe, 1).bytes())?;
        models.push((name.replace(", ", " "), path));
    }
    models.extend(shipped(|model| !model.is_of_nibbles(), |model| networks(model, ""))?);
    Ok(models)
}

/// The shipped models of weights of 4 bits: an image that reads such pays for the choice where weights have 8, and is of its own.
pub fn of_nibbles() -> std::io::Result<Vec<NamedModel>> {
    shipped(TestModel::is_of_nibbles, |model| networks(model, ""))
}

/// The networks of some of the shipped models.
fn shipped(
    is_chosen: impl Fn(&TestModel) -> bool,
    networks: impl Fn(TestModel) -> std::io::Result<Vec<NamedModel>>,
) -> std::io::Result<Vec<NamedModel>> {
    let chosen = models::shipped()?.into_iter().filter(is_chosen);
    Ok(chosen.map(networks).collect::<std::io::Result<Vec<_>>>()?.concat())
}

/// What marks the networks of a model of several scales, before the scale's number.
pub const SCALE: &str = " scale ";

/// A model's networks: of several scales a file each. `suffix` ends their names.
fn networks(model: TestModel, suffix: &str) -> std::io::Result<Vec<NamedModel>> {
    let scales = blob::Scales::open(model.blob.bytes()).map_err(std::io::Error::other)?;
    if scales.count() == 1 {
        return Ok(vec![(model.name + suffix, model.path)]);
    }
    let network = |scale: usize| {
        let path = build_directory().join(format!("models/{}{}.{scale}.prnn", model.name, suffix.replace(' ', "-")));
        models::write_whole(&path, scales.blob(scale).map_err(std::io::Error::other)?)?;
        Ok((format!("{}{SCALE}{scale}{suffix}", model.name), path))
    };
    (0..scales.count()).map(network).collect()
}

/// The processor that has a packing of its own, and how the names of models in it end.
pub const MVE_CORE: &str = "M55";
/// See [`MVE_CORE`].
pub const PACKED_FOR_MVE: &str = " packed for MVE";

/// The shipped models, packed for MVE.
pub fn packed_for_mve() -> std::io::Result<Vec<NamedModel>> {
    shipped(|model| !model.is_of_nibbles(), |model| networks(model.packed_for_mve()?, PACKED_FOR_MVE))
}
