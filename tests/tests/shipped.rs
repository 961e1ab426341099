//! The shipped models: their cards tell the truth, their limits hold, the README says what was measured.

use indicatif::ProgressBar;
use pixelrnn::Model;
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::commands::score::{Score, nats, scores};
use pixelrnn_convert::commands::{eval, inspect};
use pixelrnn_convert::data::{ImageOptions, Picture, set};
use pixelrnn_convert::evaluate;
use pixelrnn_tests::{cards, readme};

/// Committed test images.
fn images(file: &str, options: &ImageOptions) -> Vec<Picture> {
    let folder = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data");
    options.read(&folder.join(file)).unwrap()
}

/// Committed test images that a model takes.
fn images_for(model: &Model<'_>) -> Vec<Picture> {
    let sheet = ImageOptions { grey: model.channels() == 1, grid: Some("48x48".parse().unwrap()) };
    match model.levels() {
        2 => images("mnist.idx.gz", &ImageOptions::default()),
        17 => images("optdigits.idx.gz", &ImageOptions::default()),
        256 => images("kodak.png", &sheet),
        levels => panic!("no images of {levels} levels: commit some"),
    }
}

#[test]
fn the_readme_has_the_measured_tables() {
    let text = std::fs::read_to_string(readme::path()).unwrap();
    let filled = readme::filled(&text).unwrap();
    assert!(text == filled, "the README is not up to date: run `cargo run -p pixelrnn-tests --bin figures`");
    let models = std::fs::read_to_string(readme::table_path("models")).unwrap();
    assert_eq!(models, cards::table().unwrap(), "run `cargo run -p pixelrnn-tests --bin figures`");
}

#[test]
fn cards_are_of_their_models() {
    let models = cards::models();
    assert!(!models.is_empty());
    for path in models {
        let blob = Blob::read(&path).unwrap();
        let card = cards::card(&path).unwrap();
        let report = inspect::report(&blob.load().unwrap(), card.sizes.width);
        assert_eq!(card.sizes, report, "{}: write the card again with `pixelrnn card`", path.display());
        assert!(path.with_extension("md").exists() && path.with_extension("png").exists());
    }
}

/// The bars that the models were made for, by the cards' figures on the full test sets.
#[test]
fn models_are_as_small_and_as_likely_as_promised() {
    for path in cards::models() {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let card = cards::card(&path).unwrap();
        let (nats, bits) = (card.likelihood.integer_nats_per_image, card.likelihood.integer_bits_per_dim);
        let lost = card.likelihood.difference_nats_per_image.expect("a shipped model has a float twin");
        let (most_nats, most_lost, most_flash, most_state) = match name.as_str() {
            "mnist-micro" => (87.0, 0.1, 32 << 10, 6 << 10),
            "mnist-pixelcnn" => (86.0, 0.1, 512 << 10, usize::MAX),
            "mnist-rowlstm" | "mnist-diagonal" => (84.0, 0.2, usize::MAX, usize::MAX),
            "digits8" => (f64::INFINITY, 0.01 * 64.0 * std::f64::consts::LN_2, usize::MAX, usize::MAX),
            // Of photographs of all sizes, bits a value.
            "photos-grey-fast" if bits <= 4.84 => (f64::INFINITY, f64::INFINITY, 16 << 10, 8 << 10),
            other => panic!("{other} has no bar: give it one"),
        };
        assert!(nats <= most_nats && lost <= most_lost, "{name}: {nats} nats, {lost} lost");
        assert!(card.sizes.blob_bytes <= most_flash && card.sizes.state_bytes <= most_state, "{name} is too large");
    }
}

/// On a few committed test images: the integers stay close to the floats, image by image, and both are likely.
#[test]
fn integers_stay_close_to_floats_on_real_images() {
    let bar = ProgressBar::hidden();
    for path in cards::models() {
        let blob = Blob::read(&path).unwrap();
        let model = blob.load().unwrap();
        let images = images_for(&model);
        let twin = eval::float_twin(&path, None).unwrap().expect("a shipped model has a float twin");
        let bits = |nats: f64| nats / set::count_values(&images) as f64 / std::f64::consts::LN_2;
        let integer = bits(evaluate::integer(&model, &images, &bar).unwrap());
        let float = bits(evaluate::float(&twin, &images, &bar));
        let (mean, name) = (cards::card(&path).unwrap().likelihood.integer_bits_per_dim, path.display());
        // 0.3 nats of a digit of MNIST; as much a value as the issue of quantization allows of photographs.
        let most = if model.is_mixture() { 0.03 } else { 0.008 };
        assert!((integer - float).abs() < most, "{name}: {integer} bits a value in integers, {float} in floats");
        assert!((integer / mean - 1.0).abs() < 0.2, "{name}: {integer} bits a value, {mean} on the whole set");
    }
}

/// By its likelihood a blank image is among the digits; only beside the background model is it the stranger.
#[test]
fn the_background_model_finds_a_blank_unusual() {
    let read = |name: &str| Blob::read(&cards::folder().join(name)).unwrap();
    let (digits, background) = (read("mnist-diagonal.prnn"), read("background/mnist-background.prnn"));
    let (digits, background) = (digits.load().unwrap(), background.load().unwrap());
    let mut pictures = images_for(&digits);
    let values = vec![0; pictures[0].values.len()];
    pictures.push(Picture { values, ..pictures[0].clone() });
    let mut scores = scores(&digits, Some(&background), &pictures).unwrap();
    let blank = scores.pop().unwrap();
    let above = |of: &dyn Fn(&Score) -> f64| scores.iter().filter(|score| of(score) < of(&blank)).count();
    assert!(above(&|score| nats(score.length)) * 10 < scores.len() * 9, "a blank is unlikely by itself");
    assert!(above(&|score| score.ratio().unwrap()) * 10 > scores.len() * 9, "the ratio does not tell a blank");
}
