//! Models that are written otherwise, and draw the same: in other packing, with skip connections that add nothing, with kernels whose
//! outer taps weigh nothing.

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
