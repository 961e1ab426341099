//! What the firmware `classify` prints of models with classes, computed on this machine.

use std::fmt::Write;
use std::io;
use std::path::PathBuf;

use pixelrnn::{CodeLength, classify};

use crate::golden;
use crate::images::drawn;
use crate::models::{self, TestModel};

/// Multiply-adds that QEMU computes in some seconds, on any board.
const FEW: u64 = 1 << 28;

/// What the firmware prints of a model: of an image of each class, from so many seeds on, which class it is found to be, and how sure
/// that is.
///
/// # Panics
/// If the model does not load, or has no classes.
pub fn text(model: &TestModel, seed: u32) -> String {
    let TestModel { name, width, height, .. } = model;
    let model = model.blob.load().expect("a checked model");
    let classes = u32::from(model.classes());
    let (mut state, mut lengths) = (vec![0; model.state_words(*width)], vec![CodeLength::ZERO; classes as usize]);
    let mut text = format!("model {name}\n");
    for seed in seed..seed + classes {
        let image: Vec<u8> = drawn(&model, *width, *height, seed.into());
        let found =
            classify::image(&model, *width, *height, &mut state, &image, &mut lengths).expect("a model with classes");
        let [nats, margin, evidence] = [found.length, found.margin, found.evidence].map(CodeLength::units);
        let (drawn, class) = (seed % classes, found.class);
        let written = write!(
            text,
            "drawn {drawn}\nclass {class}\nearly {class}\nnats {nats}\nmargin {margin}\nevidence {evidence}\n"
        );
        written.expect("a String takes all");
    }
    text
}

/// Where the committed text of a model lies: of the images from seed 1 on.
pub fn golden(model: &TestModel) -> PathBuf {
    golden::path(&file(model))
}

/// The name of the file with a model's committed text.
pub fn file(model: &TestModel) -> String {
    format!("{}.found.txt", model.name)
}

/// The committed text.
///
/// # Errors
/// There is none: the message says how to make it.
pub fn golden_text(model: &TestModel) -> Result<String, String> {
    let bytes = golden::read(&file(model))?;
    String::from_utf8(bytes).map_err(|error| format!("{}: {error}", file(model)))
}

/// All models with classes.
///
/// # Errors
/// A file that is not there, or is no model.
pub fn models() -> io::Result<Vec<TestModel>> {
    let mut models = models::all()?;
    // A board classifies with single networks.
    models.retain(|model| model.classes() > 0 && model.scales().len() == 1);
    Ok(models)
}

/// Whether all images are drawn and classified in few multiply-adds.
///
/// # Panics
/// If the model does not load.
pub fn is_small(model: &TestModel) -> bool {
    let loaded = model.blob.load().expect("a checked model");
    let each = u64::from(model.width * model.height) * loaded.macs_per_pixel();
    each * u64::from(loaded.classes()).pow(2) < FEW
}
