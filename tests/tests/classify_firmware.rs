//! The firmware that tells classes, on processors in QEMU: what it finds is what is found here, bit for bit.

use std::time::Duration;

use pixelrnn::blob::Architecture;
use pixelrnn_tests::boards::{BOARDS, Board, Figures};
use pixelrnn_tests::classes;
use pixelrnn_tests::cross::build_directory;
use pixelrnn_tests::image_size::ImageSize;
use pixelrnn_tests::models::TestModel;
use pixelrnn_tests::random::{Recipe, model};
use rayon::prelude::*;

/// Classifies images of models on a board: from a seed on one of each class.
fn classify_on(board: &Board, name: &str, models: &[TestModel], seed: u32, expected: &str) {
    let entries: Vec<_> = models.iter().map(TestModel::entry).collect();
    let image = board
        .crate_at("examples/firmware")
        .features(&board.features())
        .variable("PIXELRNN_MODEL", entries.join(","))
        .variable("PIXELRNN_SEED", seed.to_string())
        .build("classify", &format!("{}-{name}", board.name))
        .unwrap_or_else(|error| panic!("{error}"));
    let output = board.run(&image, Duration::from_secs(300)).unwrap_or_else(|error| panic!("{error}"));
    let text = format!("board {}\n{expected}", board.name);
    assert_eq!(output.code, Some(0), "{}", output.serial);
    assert!(output.serial.starts_with(&text), "found\n{}\nexpected\n{text}", output.serial);
    let panics = ImageSize::read(&image).unwrap().panics;
    assert!(panics.is_empty() || board.defmt, "panics are linked in: {panics:?}");
    let figures = Figures::parse(&output.serial).unwrap();
    println!("{}: {figures:?}", board.name);
}

/// Random models of every architecture and head, and classes.
fn random_models() -> Vec<TestModel> {
    let directory = build_directory().join("classify");
    std::fs::create_dir_all(&directory).unwrap();
    let mut models = Vec::new();
    for architecture in Architecture::ALL {
        let classes = |recipe| Recipe { classes: 5, ..recipe };
        let kinds = [Recipe::small(architecture), Recipe::mixture(architecture, 256, 3)].map(classes);
        for (number, recipe) in kinds.iter().enumerate() {
            let name = format!("{}-{number}", architecture.name());
            let (path, blob) = (directory.join(format!("{name}.prnn")), model(recipe, 12));
            pixelrnn_convert::report::write(&path, blob.bytes()).unwrap();
            models.push(TestModel { name, path, blob, width: 11, height: 9 });
        }
    }
    models
}

fn random_models_on(board: &str) {
    const SEED: u32 = 20;
    let models = random_models();
    let expected: String = models.iter().map(|model| classes::text(model, SEED)).collect();
    classify_on(Board::named(board).unwrap(), "classify", &models, SEED, &expected);
}

#[test]
fn cortex_m0_tells_classes() {
    random_models_on("microbit");
}

#[test]
fn cortex_m4_tells_classes() {
    random_models_on("mps2-an386");
}

/// Larger ones are left to the command `classify-boards`.
#[test]
fn every_board_finds_the_golden_classes() {
    let mut models = classes::models().unwrap();
    models.retain(classes::is_small);
    assert!(models.len() > 3, "{models:?}");
    let expected: String = models.iter().map(|model| classes::golden_text(model).unwrap()).collect();
    BOARDS.par_iter().for_each(|board| classify_on(board, "classify-golden", &models, 1, &expected));
}
