//! Images drawn here are the committed ones.

use std::collections::BTreeSet;

use pixelrnn_tests::{cross, models};

#[test]
fn every_model_draws_its_golden_images() {
    for model in models::all().unwrap() {
        let golden = model.golden_text().unwrap_or_else(|message| panic!("{message}"));
        assert!(golden == model.text(), "{}: other images than in {}", model.name, model.golden().display());
    }
}

#[test]
fn no_golden_file_is_left_behind() {
    let models: BTreeSet<_> = models::all().unwrap().iter().map(|model| model.golden()).collect();
    let files = std::fs::read_dir(cross::workspace().join("tests/golden")).unwrap();
    for file in files {
        let path = file.unwrap().path();
        assert!(models.contains(&path), "{} belongs to no model", path.display());
    }
}
