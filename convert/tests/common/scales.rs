//! Models of three scales.

use pixelrnn_convert::report::save_png;

use super::{Kind, Place};

/// The networks of three scales, 2 and then 4 times larger; gives their weights' files.
pub fn networks(place: &Place, base: Kind) -> [String; 3] {
    let weights = |model: String| model.replace(".prnn", ".safetensors");
    [(0, 1), (2, 2), (4, 3)].map(|(factor, seed)| weights(Kind { factor, ..base }.model(place, seed)))
}

/// Their model's file.
pub fn scales(place: &Place, base: Kind) -> String {
    let [small, middle, large] = networks(place, base);
    // An image, or one of each class.
    let images = base.classes.max(1);
    save_png(&base.noise(16, 16 * images, 9), &place.path("calibration.png")).unwrap();
    let mut arguments = vec!["export", &small, &middle, &large, "--data", "calibration.png", "--values", "asis"];
    if base.classes > 0 {
        let labels: Vec<u8> = (0..images as u8).collect();
        place.write("calibration-labels", &[&[0, 0, 8, 1, 0, 0, 0, images as u8][..], &labels].concat());
        arguments.extend(["--grid", "16x16", "--labels", "calibration-labels"]);
    }
    arguments.extend(["-o", "scales.prnn"]);
    let printed = place.succeeds(&arguments);
    assert!(printed.contains("scales.prnn: 3 scales"), "{printed}");
    "scales.prnn".into()
}
