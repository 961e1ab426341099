//! What loads and what does not: the committed models, and the same with a fault.

use pixelrnn::blob::{self, Architecture, Header, LayerDescription, MAX_SCALES, Scales};
use pixelrnn::{LoadError, Model};

use super::models::{NAMES, read, sealed, with_blob};

/// Networks that are given smaller images, of scale 1.
const GIVEN_SMALLER: [&str; 3] = ["random-pixelcnn-scales", "random-row-lstm-scales", "random-diagonal-scales"];

/// A blob's parts.
fn parts(name: &str) -> (Header, Vec<u8>) {
    let apart = |blob: &[u8]| blob::open(blob).map(|(header, body, _)| (header, body.to_vec())).unwrap();
    match GIVEN_SMALLER.contains(&name) {
        true => {
            with_blob(&read(&format!("scales/{name}.prnn")), |all| apart(Scales::open(all).unwrap().blob(1).unwrap()))
        }
        false => with_blob(&read(&format!("{name}.prnn")), apart),
    }
}

fn encoded(header: &Header) -> Vec<u8> {
    postcard::to_slice(header, &mut [0; 512]).unwrap().to_vec()
}

/// A blob of such parts.
fn joined(header: &Header, body: &[u8]) -> Vec<u8> {
    let header = encoded(header);
    let mut bytes = [&b"PRNN"[..], &blob::VERSION.to_le_bytes(), &[0; 10], &header].concat();
    bytes.resize(blob::body_offset(header.len()), 0);
    bytes.extend(body);
    let length = bytes.len() as u32;
    bytes[8..12].copy_from_slice(&length.to_le_bytes());
    sealed(bytes)
}

fn load(bytes: &[u8]) -> Result<(), LoadError> {
    with_blob(bytes, |blob| Model::load(blob).map(drop))
}

/// What loading says of a header that was changed.
fn with(name: &str, change: impl FnOnce(&mut Header)) -> LoadError {
    let (mut header, body) = parts(name);
    change(&mut header);
    load(&joined(&header, &body)).expect_err(name)
}

/// Of a header that is fine, another body is needed.
fn is_possible(name: &str, change: impl FnOnce(&mut Header)) -> bool {
    let error = with(name, change);
    matches!(error, LoadError::WrongBodyLength { needed, given } if needed != given)
}

fn invalid(layer: u8) -> LoadError {
    LoadError::InvalidLayer { layer }
}

/// Keeps so many layers at the beginning, and the head.
fn shorten(header: &mut Header, blocks: usize) {
    let last = header.layers.len() - 1;
    header.layers.swap(blocks, last);
    header.layers.truncate(blocks + 1);
}

/// Sets a layer's `h` or maps.
fn resize(layer: &mut LayerDescription, size: u16) {
    match layer {
        LayerDescription::PixelCnn(layer) => layer.hidden = size,
        LayerDescription::RowLstm(layer) => layer.hidden = size,
        LayerDescription::Diagonal(layer) => layer.hidden = size,
        LayerDescription::Softmax(layer) => layer.maps = size,
        LayerDescription::Mixture(layer) => layer.maps = size,
        LayerDescription::Upsample(layer) => layer.features = size,
        other => panic!("no size: {other:?}"),
    }
}

/// A layer's shifts.
fn shifts(layer: &mut LayerDescription) -> &mut [u8] {
    match layer {
        LayerDescription::First(layer) => &mut layer.shifts,
        LayerDescription::PixelCnn(layer) => &mut layer.shifts,
        LayerDescription::RowLstm(layer) => &mut layer.shifts,
        LayerDescription::Diagonal(layer) => &mut layer.shifts,
        LayerDescription::Softmax(layer) => &mut layer.shifts,
        LayerDescription::Mixture(layer) => &mut layer.shifts,
        LayerDescription::Upsample(layer) => &mut layer.shifts,
        other => panic!("no shifts: {other:?}"),
    }
}

#[test]
fn parts_put_together_are_the_blob() {
    for name in NAMES {
        let (header, body) = parts(name);
        assert!(joined(&header, &body) == read(&format!("{name}.prnn")), "{name}");
    }
    for name in GIVEN_SMALLER {
        let (header, body) = parts(name);
        assert_eq!(load(&joined(&header, &body)), Ok(()), "{name}");
    }
}

#[test]
fn what_is_no_blob_is_refused() {
    let good = read("random-pixelcnn.prnn");
    let with = |place: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[place] = byte;
        load(&bytes)
    };
    assert_eq!(with(0, b'Q'), Err(LoadError::WrongMagic));
    assert_eq!(with(3, b'S'), Err(LoadError::SeveralScales));
    assert_eq!(with(4, 1), Err(LoadError::UnsupportedVersion { found: 1, supported: blob::VERSION }));
    assert_eq!((with(6, 1), with(7, 1)), (Err(LoadError::ReservedBits), Err(LoadError::ReservedBits)));
    assert_eq!(load(&[&good[..], &[0; 3]].concat()), Err(LoadError::TrailingBytes { extra: 3 }));
    for given in (0..good.len()).step_by(5) {
        let needed = if given < blob::PREFIX_BYTES { blob::PREFIX_BYTES } else { good.len() };
        let (needed, given) = (needed as u32, given as u32);
        assert_eq!(load(&good[..given as usize]), Err(LoadError::Truncated { needed, given }));
    }
    let shifted = [&[0][..], &good].concat();
    assert_eq!(with_blob(&shifted, |bytes| Model::load(&bytes[1..]).err()), Some(LoadError::Misaligned));
}

#[test]
fn damage_is_told_by_the_checksum() {
    let good = read("random-pixelcnn.prnn");
    let stored = blob::checksum(&good);
    for place in [12, 13, 14, 15, 16, 40, good.len() - 1] {
        let mut bytes = good.clone();
        bytes[place] ^= 0x40;
        let (now, computed) = (u32::from_le_bytes([12, 13, 14, 15].map(|at| bytes[at])), blob::checksum(&bytes));
        assert_eq!(load(&bytes), Err(LoadError::WrongChecksum { stored: now, computed }), "byte {place}");
        assert_eq!(now == stored, place >= 16);
    }
}

/// A header that is none, or ends with what is not zero.
#[test]
fn unreadable_headers_are_refused() {
    let (header, body) = parts("random-pixelcnn");
    let good = joined(&header, &body);
    let end = blob::PREFIX_BYTES + encoded(&header).len();
    assert!(end < blob::body_offset(end - blob::PREFIX_BYTES), "nothing is padded: this shows nothing");
    for (place, byte) in [(blob::PREFIX_BYTES, 77)].into_iter().chain((end..good.len() - body.len()).map(|at| (at, 1)))
    {
        let mut bytes = good.clone();
        bytes[place] = byte;
        assert_eq!(load(&sealed(bytes)), Err(LoadError::InvalidHeader), "byte {place}");
    }
    let mut short = good[..end].to_vec();
    short[8..12].copy_from_slice(&(end as u32).to_le_bytes());
    assert_eq!(load(&sealed(short)), Err(LoadError::InvalidHeader));
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
        let others = [Architecture::PixelCnn, Architecture::RowLstm, Architecture::DiagonalBilstm];
        for other in others.into_iter().filter(|other| *other != header.architecture) {
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

#[test]
fn bodies_are_as_long_as_the_layers_say() {
    for name in NAMES.into_iter().chain(GIVEN_SMALLER) {
        let (header, body) = parts(name);
        let needed = body.len() as u32;
        let wrong = |given| Err(LoadError::WrongBodyLength { needed, given });
        assert_eq!(load(&joined(&header, &body[4..])), wrong(needed - 4), "{name}");
        assert_eq!(load(&joined(&header, &[&body[..], &[0; 4]].concat())), wrong(needed + 4), "{name}");
    }
}

/// The directory of several scales, changed, with the checksum that it should have.
fn directory(change: impl FnOnce(&mut Vec<u8>)) -> Option<LoadError> {
    let mut bytes = read("scales/random-pixelcnn-scales.prnn");
    change(&mut bytes);
    let end = blob::directory_bytes(3);
    let rest = bytes.split_off(end);
    with_blob(&[sealed(bytes), rest].concat(), |all| Scales::open(all).err())
}

#[test]
fn wrong_directories_of_scales_are_refused() {
    assert_eq!(directory(|_| ()), None);
    assert_eq!(directory(|bytes| bytes[3] = b'T'), Some(LoadError::WrongMagic));
    let supported = blob::SCALES_VERSION;
    assert_eq!(directory(|bytes| bytes[4] = 9), Some(LoadError::UnsupportedVersion { found: 9, supported }));
    for count in [0, 1, 2, MAX_SCALES as u8 + 1] {
        assert_eq!(directory(|bytes| bytes[6] = count), Some(LoadError::InvalidHeader), "{count} scales");
    }
    assert_eq!(directory(|bytes| bytes.extend([0; 2])), Some(LoadError::TrailingBytes { extra: 2 }));
    let all = read("scales/random-pixelcnn-scales.prnn");
    let misaligned = with_blob(&[&[0][..], &all].concat(), |bytes| Scales::open(&bytes[1..]).err());
    assert_eq!(misaligned, Some(LoadError::Misaligned));
    for place in 12..blob::directory_bytes(3) {
        let mut bytes = all.clone();
        bytes[place] ^= 1;
        let error = with_blob(&bytes, |all| Scales::open(all).err());
        assert!(matches!(error, Some(LoadError::WrongChecksum { .. })), "byte {place}: {error:?}");
    }
    for given in 0..blob::directory_bytes(3) as u32 {
        let error = with_blob(&all[..given as usize], |all| Scales::open(all).err());
        let needed = if given < 12 { 16 } else { blob::directory_bytes(3) as u32 };
        assert_eq!(error, Some(LoadError::Truncated { needed, given }));
    }
}

/// A file that is cut short holds its smaller scales; a network's own file is its one scale.
#[test]
fn scales_are_found_in_place() {
    let all = read("scales/random-pixelcnn-scales.prnn");
    with_blob(&all, |all| {
        let scales = Scales::open(all).unwrap();
        assert_eq!(scales.count(), 3);
        assert_eq!(scales.blob(3), Err(LoadError::NoScale { scale: 3, scales: 3 }));
        assert_eq!(scales.blob(999), Err(LoadError::NoScale { scale: 255, scales: 3 }));
        let (first, last) = (scales.blob(0).unwrap(), scales.blob(2).unwrap());
        assert_eq!(Scales::open(last).map(|one| (one.count(), one.blob(0))), Ok((1, Ok(last))));
        assert_eq!(first.as_ptr(), all[blob::directory_bytes(3)..].as_ptr());
        let cut = all.len() - last.len();
        let scales = Scales::open(&all[..cut]).unwrap();
        assert!(Model::load(scales.blob(1).unwrap()).is_ok());
        let (needed, given) = (all.len() as u32, cut as u32);
        assert_eq!(scales.blob(2), Err(LoadError::Truncated { needed, given }));
    });
}
