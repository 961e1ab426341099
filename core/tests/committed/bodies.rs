//! Bodies: their length, what their numbers may be, and the two forms of their weights.

use std::ops::Range;

use pixelrnn::blob::{Header, Packing, Part};
use pixelrnn::layers::Shape;
use pixelrnn::{LoadError, Model};

use super::images::drawn;
use super::models::{NAMES, with_blob};
use super::parts::{GIVEN_SMALLER, joined, load, parts};

/// An array of a body: its layer, what it is, and where.
type Array = (u8, Part, Range<usize>);

fn arrays(header: &Header) -> Vec<Array> {
    let (mut arrays, mut end) = (Vec::new(), 0);
    for (layer, description) in (0..).zip(&header.layers) {
        Shape::new(header, description).for_each_part(&mut |part| {
            let start = end;
            end += part.bytes();
            arrays.push((layer, part, start..end));
        });
    }
    arrays
}

/// Where an array's multipliers and its weights lie.
fn numbers((_, part, place): &Array) -> (Range<usize>, Range<usize>) {
    let (rows, columns) = part.rows_and_columns();
    let weights = place.end - rows * columns;
    match *part {
        Part::Quantizer(_) => (place.clone(), 0..0),
        Part::Linear(..) | Part::Matrix(..) => (weights - 2 * rows..weights, weights..place.end),
        Part::Coefficients(_) | Part::Vectors(..) => (0..0, 0..0),
    }
}

fn each(look: impl Fn(&str, Header, Vec<u8>)) {
    for name in NAMES.into_iter().chain(GIVEN_SMALLER) {
        let (header, body) = parts(name);
        look(name, header, body);
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

/// What loading says of a body in which some bytes are others.
fn with(header: &Header, body: &[u8], place: usize, bytes: &[u8]) -> Result<(), LoadError> {
    let mut body = body.to_vec();
    body[place..place + bytes.len()].copy_from_slice(bytes);
    load(&joined(header, &body))
}

#[test]
fn negative_multipliers_are_refused() {
    each(|name, header, body| {
        for array in arrays(&header) {
            let (multipliers, _) = numbers(&array);
            for place in [multipliers.start, multipliers.end.saturating_sub(2)] {
                let found = |number: i16| with(&header, &body, place, &number.to_le_bytes());
                let invalid = Err(LoadError::InvalidWeights { layer: array.0 });
                let expected = if multipliers.is_empty() { [found(0); 3] } else { [invalid, invalid, Ok(())] };
                assert_eq!([-1, i16::MIN, 0].map(found), expected, "{name}: {array:?}");
            }
        }
    });
}

#[test]
fn weights_of_minus_128_are_refused() {
    each(|name, header, body| {
        for array in arrays(&header) {
            let (_, weights) = numbers(&array);
            let invalid = Err(LoadError::InvalidWeights { layer: array.0 });
            for place in weights.clone().take(5).chain(weights.rev().take(5)) {
                // Even columns lie with an offset.
                let least = if (place - array.2.start) % 2 == 0 { 0 } else { 0x80 };
                assert_eq!(with(&header, &body, place, &[least]), invalid, "{name}: {array:?}");
                assert_eq!(with(&header, &body, place, &[least + 1]), Ok(()), "{name}: {array:?}");
            }
        }
    });
}

/// A linear prediction's coefficients are at most 4, either way.
#[test]
fn large_coefficients_are_refused() {
    each(|name, header, body| {
        for (layer, part, place) in arrays(&header) {
            let Part::Coefficients(_) = part else { continue };
            let found = |number: i32| with(&header, &body, place.end - 4, &number.to_le_bytes());
            let invalid = Err(LoadError::InvalidWeights { layer });
            assert_eq!([1 << 18, -(1 << 18)].map(found), [Ok(()); 2], "{name}");
            assert_eq!([(1 << 18) + 1, -(1 << 18) - 1, i32::MIN, i32::MAX].map(found), [invalid; 4], "{name}");
        }
    });
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

/// A model in the form for MVE is the same model, and draws the same.
#[test]
fn packing_changes_nothing() {
    for name in NAMES {
        let (header, body) = parts(name);
        let (signed, other) = repacked(header.clone(), body.clone());
        let [plain, packed] = [joined(&header, &body), joined(&signed, &other)].map(|bytes| {
            with_blob(&bytes, |blob| {
                let model = Model::load(blob).unwrap();
                (model.fingerprint(), drawn::<u16>(&model, 1))
            })
        });
        assert_eq!(plain, packed, "{name}");
    }
}
