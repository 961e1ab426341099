//! What models take, to the word: more would go unseen.

use pixelrnn::{Architecture, Model, Streams};

use super::models::each;
use super::scales::{self, Committed};

/// A model's name, words of state for 13 columns and for 100, words of three images at once, multiply-adds a pixel, bytes.
type Sizes = (&'static str, [usize; 3], u64, usize);

const SIZES: [Sizes; 16] = [
    ("random-pixelcnn", [143, 578, 480], 1824, 2632),
    ("random-row-lstm", [271, 1402, 813], 4640, 5864),
    ("random-diagonal", [563, 2042, 2457], 6912, 9968),
    ("random-pixelcnn-groups", [438, 960, 2082], 9184, 14440),
    ("random-pixelcnn-colour", [219, 828, 657], 2720, 3780),
    ("random-pixelcnn-grey16", [152, 674, 456], 2176, 3072),
    ("random-row-lstm-groups", [535, 1579, 2373], 11968, 17464),
    ("random-row-lstm-colour", [363, 1668, 1089], 5408, 6788),
    ("random-row-lstm-grey16", [288, 1506, 864], 4864, 6080),
    ("random-diagonal-groups", [574, 1879, 2490], 12160, 18040),
    ("random-diagonal-colour", [419, 2072, 1257], 5920, 7812),
    ("random-diagonal-grey16", [336, 1902, 1008], 5376, 7104),
    ("random-pixelcnn-classes", [135, 570, 405], 1696, 2632),
    ("random-row-lstm-classes", [263, 1394, 789], 4384, 5976),
    ("random-diagonal-classes", [311, 1790, 933], 4896, 7448),
    ("random-pixelcnn-dilated", [155, 764, 465], 1696, 2408),
];

fn sizes<'n>(name: &'n str, model: &Model<'_>) -> (&'n str, [usize; 3], u64, usize) {
    let words = [model.state_words(13), model.state_words(100), Streams::<3>::state_words(model, 13)];
    (name, words, model.macs_per_pixel(), model.blob_bytes())
}

#[test]
fn models_take_what_they_took() {
    let mut expected = SIZES.iter();
    each(|name, model| {
        assert_eq!(sizes(name, model), *expected.next().unwrap());
        assert_eq!(model.state_bytes(13), 4 * model.state_words(13));
    });
}

/// The same of the networks of several scales, the smallest first.
const OF_SCALES: [Sizes; 9] = [
    ("random-pixelcnn-scales", [195, 891, 585], 3008, 4004),
    ("random-pixelcnn-scales", [212, 929, 636], 3093, 4844),
    ("random-pixelcnn-scales", [215, 954, 645], 3108, 4364),
    ("random-row-lstm-scales", [279, 1410, 888], 4512, 6200),
    ("random-row-lstm-scales", [291, 1465, 924], 4796, 6816),
    ("random-row-lstm-scales", [291, 1465, 924], 4796, 6816),
    ("random-diagonal-scales", [574, 1879, 2490], 12160, 18040),
    ("random-diagonal-scales", [622, 2187, 2634], 13048, 19720),
    ("random-diagonal-scales", [616, 2137, 2616], 13006, 21064),
];

#[test]
fn networks_of_scales_take_what_they_took() {
    let mut found = Vec::new();
    scales::each(|Committed { name, pyramid, .. }| {
        found.extend(pyramid.models().iter().map(|model| sizes(name, model)));
    });
    assert_eq!(found, OF_SCALES);
}

#[test]
fn models_say_what_they_are() {
    each(|name, model| {
        let is_mixture = name.ends_with("colour") || name.ends_with("grey16");
        let classes = if name.ends_with("classes") { 3 } else { 0 };
        assert_eq!(model.classes(), classes, "{name}");
        let channels = if name.ends_with("groups") || name.ends_with("colour") { 3 } else { 1 };
        let architecture = match name {
            _ if name.contains("pixelcnn") => Architecture::PixelCnn,
            _ if name.contains("row-lstm") => Architecture::RowLstm,
            _ => Architecture::DiagonalBilstm,
        };
        let groups = if is_mixture { 1 } else { usize::from(channels) };
        assert_eq!((model.is_mixture(), model.channels()), (is_mixture, channels), "{name}");
        assert_eq!((model.architecture(), model.dimensions().groups), (architecture, groups), "{name}");
        assert!(name.contains(&model.architecture().name()[..7]), "{name}");
        assert_eq!(model.layers().len(), model.shapes().count(), "{name}");
        assert_eq!(usize::from(model.features()), model.dimensions().features, "{name}");
        assert_eq!(model.levels(), model.header().levels, "{name}");
    });
}
