//! The shipped models: their cards tell the truth, their limits hold, the README says what was measured.

use indicatif::ProgressBar;
use pixelrnn::Pyramid;
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::commands::score::{Score, nats, scores};
use pixelrnn_convert::commands::{eval, inspect};
use pixelrnn_convert::data::{ImageOptions, Picture};
use pixelrnn_tests::{cards, front, instructions, readme, tables};

/// Committed test images.
fn images(file: &str) -> Vec<Picture> {
    let folder = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data");
    ImageOptions::default().read(&folder.join(file)).unwrap()
}

#[test]
fn the_pages_have_the_measured_tables() {
    for page in readme::pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        let filled = readme::filled(&text).unwrap();
        assert!(
            text == filled,
            "{} is not up to date: run `cargo run -p pixelrnn-tests --bin figures`",
            page.display()
        );
    }
    let counts = instructions::committed().unwrap();
    for (name, table) in [
        ("models", cards::table()),
        ("front", front::table(&counts)),
        ("instructions", Ok(tables::page(&counts))),
        ("values", Ok(tables::values(&counts))),
    ] {
        let written = std::fs::read_to_string(readme::table_path(name)).unwrap();
        assert_eq!(written, table.unwrap(), "{name}: run `cargo run -p pixelrnn-tests --bin figures`");
    }
}

#[test]
fn the_fast_model_codes_a_pixel_in_few_instructions() {
    let counts = instructions::committed().unwrap();
    for (core, most) in [("M4", 8_000), ("M7", 8_000), ("M0", 30_000)] {
        let is_it =
            |count: &&instructions::Count| count.core == core && count.case == "photos-grey-fast: a pixel coded";
        let instructions = counts.iter().find(is_it).unwrap().instructions;
        assert!(instructions <= most, "{instructions} on {core}, at most {most} are promised");
    }
}

#[test]
fn the_front_page_is_short() {
    let text = std::fs::read_to_string(&readme::pages()[0]).unwrap();
    assert!(text.lines().count() <= 120, "the front page has {} lines", text.lines().count());
}

#[test]
fn cards_are_of_their_models() {
    let models = cards::models();
    assert!(!models.is_empty());
    for path in models {
        let blob = Blob::read_scales(&path).unwrap();
        let card = cards::card(&path).unwrap();
        let report = inspect::report_blob(&blob, card.sizes.width).unwrap();
        assert_eq!(card.sizes, report, "{}: write the card again with `pixelrnn card`", path.display());
        assert!(path.with_extension("md").exists() && path.with_extension("png").exists());
    }
}

/// What cards say is what is written now from their figures.
#[test]
fn cards_say_their_figures() {
    for path in cards::models() {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(path.with_extension("md")).unwrap();
        let card = cards::card(&path).unwrap();
        assert_eq!(text, card.markdown(&name), "{name}: write the card again with `pixelrnn card`");
    }
}

/// The bars that the models were made for, by the cards' figures on the full test sets.
#[test]
fn models_are_as_small_and_as_likely_as_promised() {
    for path in cards::models() {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let card = cards::card(&path).unwrap();
        let bits = card.likelihood.integer_bits_per_dim;
        let lost = bits - card.likelihood.float_bits_per_dim.expect("a shipped model has a float twin");
        // Nats of a digit of 28x28 pixels.
        let nats = |nats: f64| nats / (784.0 * std::f64::consts::LN_2);
        let (most_bits, most_lost, most_flash, most_state) = match name.as_str() {
            "mnist-micro" => (nats(82.5), nats(0.1), 28_000, 6 << 10),
            // What a program of 16 KB of flash and 4 KB of RAM has left: `examples/nano`.
            "mnist-nano" => (nats(86.0), nats(0.1), 6_012, 2_352),
            // Below the paper's PixelCNN, in floats: 81.30.
            "mnist-pixelcnn" => (nats(80.9), nats(0.1), 192 << 10, usize::MAX),
            "mnist-pixelcnn-4bit" => (nats(81.2), nats(0.1), 112 << 10, usize::MAX),
            // Below the paper's Row LSTM, in floats: 80.54.
            "mnist-rowlstm" => (nats(80.5), nats(0.1), 80 << 10, usize::MAX),
            // Below the paper's Diagonal BiLSTM, in floats: 79.20.
            "mnist-diagonal" => (nats(78.9), nats(0.1), 80_000, usize::MAX),
            // mnist-diagonal's bar in three fifths of its flash.
            "mnist-diagonal-4bit" => (nats(78.9), nats(0.1), 43_400, usize::MAX),
            // Nats given the class: 1.5 below mnist-diagonal's on the same draw.
            "mnist-classes" => (nats(77.7), nats(0.1), 64 << 10, 12 << 10),
            "digits8" | "digits8-classes" => (f64::INFINITY, 0.01, usize::MAX, usize::MAX),
            // JPEG XL's bits a dimension on the same images: 3.93, 4.84, 9.10, 4.11.
            "photos" => (3.40, 0.01, 192 << 10, 48 << 10),
            "photos-grey" => (4.30, 0.01, 48 << 10, 16 << 10),
            "photos-grey-fast" => (4.42, 0.01, 8 << 10, 4 << 10),
            "photos-12bit" => (8.30, 0.02, 48 << 10, 16 << 10),
            // Within 3 nats of the same without scales.
            "mnist-scales" => (nats(85.1), nats(0.1), 64 << 10, 12 << 10),
            // Within 4 % of one network of the same work and training.
            "photos-scales" => (3.52, 0.01, 256 << 10, 48 << 10),
            "cifar10" => (3.273, 0.01, 192 << 10, 24 << 10),
            other => panic!("{other} has no bar: give it one"),
        };
        assert!(bits <= most_bits && lost <= most_lost, "{name}: {bits} bits a dimension, {lost} lost");
        assert!(card.sizes.blob_bytes <= most_flash && card.sizes.state_bytes <= most_state, "{name} is too large");
    }
}

/// The committed images that a model is made for.
fn test_images(model: &pixelrnn::Model<'_>) -> Vec<Picture> {
    let grey = model.channels() == 1;
    let images = match model.levels() {
        2 => images("mnist.idx.gz"),
        17 => images("optdigits.idx.gz"),
        256 => images("kodak.png"),
        _ => images("kodak12.png"),
    };
    images.into_iter().map(|image| if grey { image.as_grey() } else { image }).collect()
}

/// On a few committed test images: the integers stay close to the floats, and both are likely.
#[test]
fn integers_stay_close_to_floats_on_real_images() {
    for path in cards::models() {
        let blob = Blob::read_scales(&path).unwrap();
        let models = blob.load_scales().unwrap();
        let twins = eval::float_twins(&path, models.len()).unwrap();
        let found = eval::measure(&models, &twins, &test_images(&models[0])).unwrap();
        let integer = found.integer_bits_per_dim;
        let float = found.float_bits_per_dim.expect("a shipped model has a float twin");
        let card = cards::card(&path).unwrap();
        let what = format!("{}: {integer} bits a dimension in integers, {float} in floats", path.display());
        assert!((integer - float).abs() < 0.02, "{what}");
        let mean = card.likelihood.integer_bits_per_dim;
        assert!((integer / mean - 1.0).abs() < 0.25, "{what}, {mean} on the whole set");
    }
}

/// By its likelihood a blank image is among the digits; only beside the background model is it the stranger.
#[test]
fn the_background_model_finds_a_blank_unusual() {
    let read = |name: &str| Blob::read(&cards::folder().join(name)).unwrap();
    let (digits, background) = (read("mnist-diagonal.prnn"), read("background/mnist-background.prnn"));
    let (digits, background) = ([digits.load().unwrap()], [background.load().unwrap()]);
    let (digits, background) = (Pyramid::new(&digits).unwrap(), Pyramid::new(&background).unwrap());
    let mut pictures = images("mnist.idx.gz");
    let values = vec![0; pictures[0].values.len()];
    pictures.push(Picture { values, ..pictures[0].clone() });
    let mut scores = scores(&digits, Some(&background), &pictures, &ProgressBar::hidden()).unwrap();
    let blank = scores.pop().unwrap();
    let above = |of: &dyn Fn(&Score) -> f64| scores.iter().filter(|score| of(score) < of(&blank)).count();
    assert!(above(&|score| nats(score.length)) * 10 < scores.len() * 9, "a blank is unlikely by itself");
    assert!(above(&|score| score.ratio().unwrap()) * 10 > scores.len() * 9, "the ratio does not tell a blank");
}
