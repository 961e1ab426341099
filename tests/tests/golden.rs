//! What is committed is read for ever: models load, draw their images, and code their bytes.

use std::collections::BTreeSet;

use pixelrnn_convert::archive::Coded;
use pixelrnn_tests::coded::{ALL, decode};
use pixelrnn_tests::models::{self, TestModel};
use pixelrnn_tests::{classes, cross, golden};

const CHANGED: &str = "a format's version must be raised before what it draws or codes may change";

#[test]
fn every_model_draws_its_golden_images() {
    for model in models::all().unwrap() {
        let golden = model.golden_text().unwrap_or_else(|message| panic!("{message}"));
        assert!(golden == model.text(), "{}: other images than in {}", model.name, model.golden().display());
    }
}

#[test]
fn every_model_finds_its_golden_classes() {
    for model in classes::models().unwrap() {
        let golden = classes::golden_text(&model).unwrap_or_else(|message| panic!("{message}"));
        assert!(
            golden == classes::text(&model, 1),
            "{}: other classes than in {}",
            model.name,
            classes::golden(&model).display()
        );
    }
}

#[test]
fn committed_models_are_of_every_kind() {
    for (golden::Made { name, recipe, .. }, model) in golden::made().iter().zip(models::random().unwrap()) {
        let loaded = model.blob.load().unwrap();
        let kind = (loaded.architecture(), loaded.levels(), loaded.channels(), loaded.is_mixture());
        assert_eq!(kind, (recipe.architecture, recipe.levels, recipe.channels, recipe.components > 0), "{name}");
        assert_eq!(loaded.classes(), recipe.classes, "{name}");
    }
}

/// The last level takes what rounding leaves of the coder's range: it must occur, or giving that away would go unseen.
#[test]
fn the_last_level_is_often_coded() {
    for model in models::random().unwrap() {
        let last = (model.blob.load().unwrap().levels() - 1) as u16;
        let [_, image] = golden::images(&model);
        assert!(3 * image.iter().filter(|&&value| value == last).count() >= image.len(), "{}", model.name);
    }
}

#[test]
fn committed_images_decode_to_their_values() {
    for model in models::random().unwrap() {
        let loaded = model.blob.load().unwrap();
        for coded in golden::coded(&model) {
            let bytes = golden::read(&coded.name).unwrap_or_else(|message| panic!("{message}"));
            assert_eq!(decode(&loaded, &bytes, ALL), (coded.pieces, Ok(0)), "{}", coded.name);
        }
    }
}

#[test]
fn coding_gives_the_committed_bytes() {
    for model in models::random().unwrap() {
        for coded in golden::coded(&model) {
            assert!(golden::read(&coded.name) == Ok(coded.bytes), "{}: other bytes: {CHANGED}", coded.name);
        }
    }
}

fn archive_model() -> TestModel {
    models::random().unwrap().into_iter().find(|model| model.name == golden::ARCHIVE_MODEL).unwrap()
}

#[test]
fn the_committed_archive_brings_back_its_pictures() {
    let model = archive_model();
    let (loaded, bytes) = (model.blob.load().unwrap(), golden::read(golden::ARCHIVE).unwrap());
    let coded = Coded::open(&loaded, &bytes).unwrap();
    assert_eq!(coded.decode(&loaded, None, None, &|_| {}).unwrap(), golden::pictures(&model));
    assert!(golden::archive(&model).unwrap() == bytes, "other bytes: {CHANGED}");
}

#[test]
fn no_golden_file_is_left_behind() {
    let mut names = BTreeSet::from([golden::ARCHIVE.to_owned(), "nibbles".into(), "scales".into()]);
    for model in models::random().unwrap() {
        names.insert(format!("{}.prnn", model.name));
        names.extend(golden::coded(&model).map(|coded| coded.name));
    }
    names.extend(models::all().unwrap().iter().map(|model| format!("{}.txt", model.name)));
    names.extend(classes::models().unwrap().iter().map(classes::file));
    for file in std::fs::read_dir(cross::workspace().join("tests/golden")).unwrap() {
        let name = file.unwrap().file_name().to_string_lossy().into_owned();
        assert!(names.contains(&name), "tests/golden/{name} belongs to no model");
    }
}
