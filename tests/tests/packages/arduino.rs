//! Sketches, for every processor and both ABIs.

use pixelrnn_tests::models;
use pixelrnn_tests::packages::{PROCESSORS, digits, packages, read, sizes};
use pixelrnn_tests::readme;

/// Percent that an archive, or what a sketch takes of it, may be larger than in the page: compilers differ.
const MORE: u64 = 10;

#[test]
fn sketches_build_for_every_processor_and_print_what_the_engine_draws() {
    let packages = packages();
    let examples = packages.join("arduino/pixelrnn/examples");
    for processor in PROCESSORS {
        let draw = processor.sketch(&packages, &examples.join("DrawDigits/DrawDigits.ino"), models::COUNT as usize);
        assert_eq!(processor.printed(&draw), digits("mnist-micro"), "{processor:?}");
        let tell = processor.printed(&processor.sketch(&packages, &examples.join("TellDigits/TellDigits.ino"), 10));
        let told: Vec<&str> = tell.lines().collect();
        assert_eq!(told.len(), 10, "{tell}");
        let right =
            (0..10).filter(|class| told[*class].starts_with(&format!("asked for {class}, found {class},"))).count();
        assert!(right >= 8, "{tell}");
    }
}

/// As the page says them: `cargo run --release -p pixelrnn-tests --bin package-sizes` measures anew.
#[test]
fn archives_and_what_sketches_take_of_them_did_not_grow() {
    let written = std::fs::read_to_string(readme::table_path("packages")).unwrap();
    let (written, now) = (read(&written).unwrap(), sizes(&packages()));
    assert_eq!(written.len(), now.len());
    for (written, now) in written.iter().zip(&now) {
        assert_eq!(written.folder, now.folder);
        for (was, is) in
            [(written.archive, now.archive), (written.drawing, now.drawing), (written.telling, now.telling)]
        {
            assert!(is <= was + was * MORE / 100, "{now:?} is larger than {written:?}");
        }
    }
}
