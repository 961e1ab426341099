//! Models that are written otherwise, and draw the same: in other packing, with skip connections that add nothing, with kernels whose
//! outer taps weigh nothing, with a class for what biases were.

use pixelrnn::Model;
use pixelrnn::blob::{Header, LayerDescription, Packing, Part};

use super::images::drawn;
use super::models::{NAMES, with_blob};
use super::parts::{Array, arrays, joined, numbers, parts};

fn with_model<T>((header, body): &(Header, Vec<u8>), look: impl FnOnce(&Model<'_>) -> T) -> T {
    with_blob(&joined(header, body), |blob| look(&Model::load(blob).unwrap()))
}

fn image(of: &(Header, Vec<u8>)) -> Vec<u16> {
    with_model(of, |model| drawn(model, 1))
}

/// A body in the form for MVE, and its header.
fn repacked(mut header: Header, mut body: Vec<u8>) -> (Header, Vec<u8>) {
    let fingerprint = pixelrnn::blob::checksum(&joined(&header, &body));
    for array in arrays(&header) {
        body[numbers(&array).1].iter_mut().step_by(2).for_each(|weight| *weight ^= 0x80);
    }
    header.packing = Packing::Rows4Signed { fingerprint };
    (header, body)
}

#[test]
fn packing_changes_nothing() {
    for name in NAMES {
        let (header, body) = parts(name);
        let [signed, plain] = [repacked(header.clone(), body.clone()), (header, body)];
        assert_eq!(image(&signed), image(&plain), "{name}");
        let fingerprint = |of| with_model(of, |model| model.fingerprint());
        assert_eq!(fingerprint(&signed), fingerprint(&plain), "{name}");
    }
}

/// The layers' bodies, each array changed.
fn rewritten(header: &Header, body: &[u8], change: impl Fn(&Array, Option<&Array>, &[u8]) -> Vec<u8>) -> Vec<u8> {
    let arrays = arrays(header);
    let next = arrays.iter().skip(1).map(Some).chain([None]);
    arrays.iter().zip(next).flat_map(|(array, next)| change(array, next, &body[array.2.clone()])).collect()
}

/// A linear of the same shape whose multipliers and biases are 0.
fn nothing(rows: usize, linear: &[u8]) -> Vec<u8> {
    [&vec![0; 6 * rows], &linear[6 * rows..]].concat()
}

/// Switches skip connections on, whose linears follow the last of each of a block's groups.
fn with_skips(name: &str) -> (Header, Vec<u8>) {
    let (mut header, body) = parts(name);
    let last = header.layers.len() as u8 - 1;
    let body = rewritten(&header, &body, |(layer, part, _), next, bytes| match (part, next) {
        (Part::Linear(..), Some((next, Part::Linear(..) | Part::Matrix(..), _))) if next == layer => bytes.to_vec(),
        (Part::Linear(rows, _), _) if (1..last).contains(layer) => [bytes, &nothing(*rows, bytes)].concat(),
        _ => bytes.to_vec(),
    });
    header.layers.iter_mut().for_each(|layer| match layer {
        LayerDescription::PixelCnn(layer) => layer.skip = true,
        LayerDescription::Dilated(layer) => layer.block.skip = true,
        LayerDescription::RowLstm(layer) => layer.skip = true,
        LayerDescription::Diagonal(layer) => layer.skip = true,
        _ => (),
    });
    (header, body)
}

#[test]
fn skip_connections_that_add_nothing_change_nothing() {
    // One model has its own.
    for name in NAMES.into_iter().filter(|name| *name != "random-row-lstm") {
        let (with, without) = (with_skips(name), parts(name));
        assert_eq!(image(&with), image(&without), "{name}");
        // Their sum is kept: half a word a feature of a group.
        let words = |of| with_model(of, |model| model.state_words(9));
        let features = with_model(&without, |model| model.dimensions().share(model.dimensions().features));
        assert_eq!(words(&with), words(&without) + features / 2, "{name}");
    }
}

/// A matrix with `more` columns without weight before and behind its own.
fn widened(rows: usize, more: usize, matrix: &[u8]) -> Vec<u8> {
    let (multipliers, weights) = matrix.split_at(2 * rows);
    // Even columns lie with an offset; a block is of four rows.
    let (empty, block) = ([0x80, 0].repeat(2 * more), 4 * weights.len() / rows);
    let blocks = weights.chunks(block).flat_map(|block| [&empty, block, &empty].concat());
    multipliers.iter().copied().chain(blocks).collect()
}

/// Row LSTMs whose kernels reach so many columns farther.
fn with_wider_kernels(name: &str, columns: u8) -> (Header, Vec<u8>) {
    let (mut header, body) = parts(name);
    let hidden = header.layers[1].layer().hidden();
    let body = rewritten(&header, &body, |(_, part, _), _, bytes| match *part {
        Part::Matrix(rows, _) => widened(rows, usize::from(columns) * hidden, bytes),
        _ => bytes.to_vec(),
    });
    header.layers.iter_mut().for_each(|layer| {
        if let LayerDescription::RowLstm(layer) = layer {
            layer.kernel += 2 * columns;
        }
    });
    (header, body)
}

#[test]
fn outer_taps_that_weigh_nothing_change_nothing() {
    for name in NAMES.into_iter().filter(|name| name.contains("row-lstm")) {
        let expected = image(&parts(name));
        for columns in [1, 2, 20] {
            assert_eq!(image(&with_wider_kernels(name, columns)), expected, "{name}: {columns}");
        }
    }
}

/// The linears that a layer's class adds to, in the order of the class's rows.
fn steered(header: &Header, layer: u8) -> Vec<Array> {
    let groups = if header.layers.iter().any(is_mixture) { 1 } else { usize::from(header.channels) };
    let linears: Vec<_> = arrays(header)
        .into_iter()
        .filter(|(place, part, _)| *place == layer && matches!(part, Part::Linear(..)))
        .collect();
    let of_groups = |number: usize| linears.iter().skip(number).step_by(linears.len() / groups).cloned();
    match header.layers[usize::from(layer)] {
        LayerDescription::First(_) | LayerDescription::RowLstm(_) => of_groups(0).collect(),
        LayerDescription::PixelCnn(_) | LayerDescription::Dilated(_) => of_groups(1).collect(),
        LayerDescription::Diagonal(_) => of_groups(0).chain(of_groups(1)).collect(),
        _ => Vec::new(),
    }
}

fn is_mixture(layer: &LayerDescription) -> bool {
    matches!(layer, LayerDescription::Mixture(_))
}

/// What the second of two classes adds to a row: a multiplier times a number. Enough to be seen, in whole units, which the first
/// convolution adds apart.
fn addend(layer: &LayerDescription, row: usize) -> (i32, i8) {
    let multiplier = match layer {
        LayerDescription::First(layer) => 64 << layer.shifts[0],
        LayerDescription::PixelCnn(layer) => 4 << layer.shifts[2],
        LayerDescription::Dilated(layer) => 4 << layer.block.shifts[2],
        LayerDescription::RowLstm(layer) => 200 << layer.shifts[1],
        LayerDescription::Diagonal(layer) => 200 << layer.shifts[1],
        _ => 0,
    };
    (multiplier, (row * 7 % 11) as i8 - 5)
}

/// Classes' vectors for so many rows of a layer: the first class adds nothing.
fn vectors(layer: &LayerDescription, rows: usize) -> Vec<u8> {
    let multipliers = (0..rows).flat_map(|row| addend(layer, row).0.to_le_bytes());
    multipliers.chain(vec![0; rows]).chain((0..rows).map(|row| addend(layer, row).1 as u8)).collect()
}

/// A model with two classes, and one whose biases are what the second makes of them.
fn with_classes(name: &str) -> [(Header, Vec<u8>); 2] {
    let (mut header, mut biased) = parts(name);
    let mut body = Vec::new();
    for (number, layer) in (0..).zip(&header.layers) {
        let of_layer = arrays(&header).into_iter().filter(|(place, ..)| *place == number);
        of_layer.for_each(|(_, _, place)| body.extend_from_slice(&biased[place]));
        let steered = steered(&header, number);
        let places = steered.iter().flat_map(|(_, part, place)| {
            (0..part.rows_and_columns().0).map(move |row| place.start + 4 * row..place.start + 4 * row + 4)
        });
        let places: Vec<_> = places.collect();
        body.extend(vectors(layer, places.len()));
        for (row, place) in places.into_iter().enumerate() {
            let (multiplier, number) = addend(layer, row);
            let bias = i32::from_le_bytes(biased[place.clone()].try_into().unwrap());
            biased[place].copy_from_slice(&(bias + multiplier * i32::from(number)).to_le_bytes());
        }
    }
    let without = header.clone();
    header.condition.classes = 2;
    [(header, body), (without, biased)]
}

/// A class is a change of biases: of the first convolution, and of the sums that each block's gates or its convolution are.
#[test]
fn a_class_changes_biases() {
    for name in NAMES.into_iter().filter(|name| !name.ends_with("classes")) {
        let [with, biased] = with_classes(name);
        assert_eq!(image(&with), image(&biased), "{name}");
        assert_ne!(image(&biased), image(&parts(name)), "{name}");
        let first = with_model(&with, |model| drawn::<u16>(model, 2));
        assert_eq!(first, with_model(&parts(name), |model| drawn(model, 2)), "{name}: the first adds nothing");
    }
}
