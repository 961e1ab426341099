//! The firmware that tells classes, on processors in QEMU against this machine.

use std::time::Duration;

use pixelrnn::blob::Architecture;
use pixelrnn::{CodeLength, classify};
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_tests::boards::{Board, Figures};
use pixelrnn_tests::cross::build_directory;
use pixelrnn_tests::image_size::ImageSize;
use pixelrnn_tests::images::drawn;
use pixelrnn_tests::random::{Recipe, model};

const SEED: u32 = 20;
const SIZE: (u32, u32) = (11, 9);

/// What the board must print of a model.
fn expected(name: &str, blob: &Blob) -> String {
    let model = blob.load().unwrap();
    let mut state = vec![0; model.state_words(SIZE.0)];
    let mut text = format!("model {name}\n");
    for seed in SEED..SEED + u32::from(model.classes()) {
        let image: Vec<u8> = drawn(&model, SIZE.0, SIZE.1, seed.into());
        let mut lengths = vec![CodeLength::ZERO; model.classes().into()];
        let found = classify::image(&model, SIZE.0, SIZE.1, &mut state, &image, &mut lengths).unwrap();
        let [nats, margin, evidence] = [found.length, found.margin, found.evidence].map(CodeLength::units);
        let class = found.class;
        text += &format!("drawn {}\nclass {class}\nearly {class}\n", seed % u32::from(model.classes()));
        text += &format!("nats {nats}\nmargin {margin}\nevidence {evidence}\n");
    }
    text
}

fn classify_on(board: &str) {
    let board = Board::named(board).unwrap();
    let directory = build_directory().join("classify");
    std::fs::create_dir_all(&directory).unwrap();
    let (mut models, mut text) = (Vec::new(), format!("board {}\n", board.name));
    for architecture in [Architecture::PixelCnn, Architecture::RowLstm, Architecture::DiagonalBilstm] {
        let classes = |recipe| Recipe { classes: 5, ..recipe };
        let kinds = [Recipe::small(architecture), Recipe::mixture(architecture, 256, 3)].map(classes);
        for (number, recipe) in kinds.iter().enumerate() {
            let name = format!("{}-{number}", architecture.name());
            let path = directory.join(format!("{name}.prnn"));
            let blob = model(recipe, 12);
            pixelrnn_convert::report::write(&path, blob.bytes()).unwrap();
            models.push(format!("{}@{}x{}", path.display(), SIZE.0, SIZE.1));
            text += &expected(&name, &blob);
        }
    }
    let image = board
        .crate_at("examples/firmware")
        .features(&board.features())
        .variable("PIXELRNN_MODEL", models.join(","))
        .variable("PIXELRNN_SEED", SEED.to_string())
        .build("classify", &format!("{}-classify", board.name))
        .unwrap_or_else(|error| panic!("{error}"));
    let output = board.run(&image, Duration::from_secs(300)).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(output.code, Some(0), "{}", output.serial);
    assert!(output.serial.starts_with(&text), "found\n{}\nexpected\n{text}", output.serial);
    let panics = ImageSize::read(&image).unwrap().panics;
    assert!(panics.is_empty() || board.defmt, "panics are linked in: {panics:?}");
    let figures = Figures::parse(&output.serial).unwrap();
    println!("{}: {figures:?}", board.name);
}

#[test]
fn cortex_m0_tells_classes() {
    classify_on("microbit");
}

#[test]
fn cortex_m4_tells_classes() {
    classify_on("mps2-an386");
}
