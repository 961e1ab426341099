//! Headers that say what no model can be, the rest of the blob right.

use pixelrnn::LoadError;
use pixelrnn::blob::{Architecture, Header, LayerDescription};

use super::changed::{resize, shorten};
use super::models::NAMES;
use super::parts::{GIVEN_SMALLER, is_possible, joined, load, parts, with};

fn invalid(layer: u8) -> LoadError {
    LoadError::InvalidLayer { layer }
}

/// A layer's shifts.
fn shifts(layer: &mut LayerDescription) -> &mut [u8] {
    match layer {
        LayerDescription::First(layer) => &mut layer.shifts,
        LayerDescription::PixelCnn(layer) => &mut layer.shifts,
        LayerDescription::Dilated(layer) => &mut layer.block.shifts,
        LayerDescription::RowLstm(layer) => &mut layer.shifts,
        LayerDescription::Diagonal(layer) => &mut layer.shifts,
        LayerDescription::Softmax(layer) => &mut layer.shifts,
        LayerDescription::Mixture(layer) => &mut layer.shifts,
        LayerDescription::Upsample(layer) => &mut layer.shifts,
        other => panic!("no shifts: {other:?}"),
    }
}

#[test]
fn impossible_values_are_refused() {
    let (softmax, mixture) = ("random-pixelcnn", "random-pixelcnn-grey16");
    for levels in [0, 1, 257, 65_536] {
        assert_eq!(with(softmax, |header| header.levels = levels), LoadError::UnsupportedLevels(levels));
    }
    for levels in [0, 1, 65_537, u32::MAX] {
        assert_eq!(with(mixture, |header| header.levels = levels), LoadError::UnsupportedLevels(levels));
    }
    for levels in [2, 256] {
        assert!(is_possible(softmax, |header| header.levels = levels), "{levels}");
    }
    for levels in [2, 256] {
        assert!(is_possible(mixture, |header| header.levels = levels), "{levels}");
    }
    for channels in [0, 5] {
        assert_eq!(with(mixture, |header| header.channels = channels), LoadError::UnsupportedChannels(channels));
    }
    assert!([2, 4].iter().all(|&channels| is_possible(mixture, |header| header.channels = channels)));
    assert_eq!(with(softmax, |header| header.condition.factor = 2), LoadError::UnsupportedCondition);
    assert!(is_possible(softmax, |header| header.condition.classes = 9));
}

#[test]
fn factors_are_2_or_4_and_go_with_an_upsampling_network() {
    for name in GIVEN_SMALLER {
        let factor = parts(name).0.condition.factor;
        for other in [0, 1, 3, 5, 8] {
            assert_eq!(with(name, |header| header.condition.factor = other), LoadError::UnsupportedCondition);
        }
        assert!(is_possible(name, |header| header.condition.factor = 6 - factor), "{name}");
        let remove = |header: &mut Header| _ = header.layers.remove(0);
        assert_eq!(with(name, remove), LoadError::UnsupportedCondition, "{name}");
        assert_eq!(with(name, |header| header.layers[1] = header.layers[0]), invalid(1), "{name}");
        assert_eq!(with(name, |header| header.layers[2] = header.layers[0]), invalid(2), "{name}");
        assert_eq!(with(name, |header| shorten(header, 1)), invalid(1), "{name}");
        assert!(is_possible(name, |header| shorten(header, 2)), "{name}");
        for features in [0, 2, 6, 260] {
            assert_eq!(with(name, |header| resize(&mut header.layers[0], features)), invalid(0), "{name}");
        }
        assert!(is_possible(name, |header| resize(&mut header.layers[0], 256)), "{name}");
    }
}

#[test]
fn layers_out_of_place_are_refused() {
    for name in NAMES {
        let (header, _) = parts(name);
        let last = header.layers.len() - 1;
        assert!(last >= 2, "{name} has no block");
        assert_eq!(with(name, |header| shorten(header, 0)), invalid(0), "{name}");
        assert!(is_possible(name, |header| shorten(header, 1)), "{name}");
        assert_eq!(with(name, |header| header.layers.swap(0, 1)), invalid(0), "{name}");
        assert_eq!(with(name, |header| header.layers[1] = header.layers[0]), invalid(1), "{name}");
        assert_eq!(with(name, |header| header.layers[1] = header.layers[last]), invalid(1), "{name}");
        assert_eq!(with(name, |header| header.layers[0] = header.layers[last]), invalid(0), "{name}");
        for other in Architecture::ALL.into_iter().filter(|other| *other != header.architecture) {
            assert_eq!(with(name, |header| header.architecture = other), invalid(1), "{name}");
        }
    }
    // A block at the end, where the head belongs.
    assert_eq!(with("random-row-lstm", |header| header.layers.truncate(3)), invalid(2));
}

/// Features, units and maps are multiples of four a channel group, within what accumulators and scratch take.
#[test]
fn impossible_sizes_are_refused() {
    for name in NAMES {
        let (header, _) = parts(name);
        let unit = if name.ends_with("groups") { 12 } else { 4 };
        let (last, most) = (header.layers.len() - 1, |most: u16| most / unit * unit);
        for features in [0, 2, unit + 2, most(512) + unit] {
            assert_eq!(with(name, |header| header.features = features), invalid(0), "{name}: {features}");
        }
        for (layer, largest) in [(1, most(256)), (last, most(1024))] {
            for size in [0, 2, unit + 2, largest + unit] {
                let error = with(name, |header| resize(&mut header.layers[layer], size));
                assert_eq!(error, invalid(layer as u8), "{name}: {size}");
            }
        }
        let largest = |header: &mut Header| {
            header.features = most(512);
            resize(&mut header.layers[1], most(256));
            resize(&mut header.layers[last], most(1024));
        };
        assert!(is_possible(name, largest), "{name}");
    }
    // PixelCNN's block keeps in one place what it reads and what it convolves.
    let features = parts("random-pixelcnn").0.features;
    assert_eq!(with("random-pixelcnn", |header| resize(&mut header.layers[1], features + 4)), invalid(1));
    assert!(is_possible("random-pixelcnn", |header| resize(&mut header.layers[1], features)));
}

#[test]
fn impossible_kernels_and_components_are_refused() {
    let kernel = |size| {
        move |header: &mut Header| match &mut header.layers[1] {
            LayerDescription::RowLstm(layer) => layer.kernel = size,
            other => panic!("{other:?}"),
        }
    };
    for size in [0, 1, 2, 4, 254] {
        assert_eq!(with("random-row-lstm", kernel(size)), invalid(1));
    }
    assert!(is_possible("random-row-lstm", kernel(7)));
    let components = |count| {
        move |header: &mut Header| match header.layers.last_mut() {
            Some(LayerDescription::Mixture(layer)) => layer.components = count,
            other => panic!("{other:?}"),
        }
    };
    let last = parts("random-pixelcnn-grey16").0.layers.len() as u8 - 1;
    for count in [0, 11, 255] {
        assert_eq!(with("random-pixelcnn-grey16", components(count)), invalid(last));
    }
    assert!([1, 10].iter().all(|&count| is_possible("random-pixelcnn-grey16", components(count))));
}

#[test]
fn shifts_are_at_most_23() {
    for name in NAMES.into_iter().chain(GIVEN_SMALLER) {
        let (header, body) = parts(name);
        for layer in 0..header.layers.len() {
            for place in 0..shifts(&mut header.layers.clone()[layer]).len() {
                let error = with(name, |header| shifts(&mut header.layers[layer])[place] = 24);
                assert_eq!(error, LoadError::InvalidShift { layer: layer as u8 }, "{name}");
                let mut most = header.clone();
                shifts(&mut most.layers[layer])[place] = 23;
                assert_eq!(load(&joined(&most, &body)), Ok(()), "{name}");
            }
        }
    }
}
