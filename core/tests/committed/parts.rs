//! Blobs taken apart, changed and put together again.

use std::ops::Range;

use pixelrnn::blob::{self, Header, Part, Scales};
use pixelrnn::layers::Shape;
use pixelrnn::{LoadError, Model};

use super::models::{read, sealed, with_blob};

/// Networks that are given smaller images, of scale 1.
pub const GIVEN_SMALLER: [&str; 3] = ["random-pixelcnn-scales", "random-row-lstm-scales", "random-diagonal-scales"];

/// A blob's parts.
pub fn parts(name: &str) -> (Header, Vec<u8>) {
    let apart = |blob: &[u8]| blob::open(blob).map(|(header, body, _)| (header, body.to_vec())).unwrap();
    match GIVEN_SMALLER.contains(&name) {
        true => {
            with_blob(&read(&format!("scales/{name}.prnn")), |all| apart(Scales::open(all).unwrap().blob(1).unwrap()))
        }
        false => with_blob(&read(&format!("{name}.prnn")), apart),
    }
}

/// A header's bytes.
pub fn encoded(header: &Header) -> Vec<u8> {
    postcard::to_slice(header, &mut [0; 512]).unwrap().to_vec()
}

/// A blob of such parts.
pub fn joined(header: &Header, body: &[u8]) -> Vec<u8> {
    let header = encoded(header);
    let mut bytes = [&b"PRNN"[..], &blob::VERSION.to_le_bytes(), &[0; 10], &header].concat();
    bytes.resize(blob::body_offset(header.len()), 0);
    bytes.extend(body);
    let length = bytes.len() as u32;
    bytes[8..12].copy_from_slice(&length.to_le_bytes());
    sealed(bytes)
}

/// What loading says.
pub fn load(bytes: &[u8]) -> Result<(), LoadError> {
    with_blob(bytes, |blob| Model::load(blob).map(drop))
}

/// What loading says of a header that was changed.
pub fn with(name: &str, change: impl FnOnce(&mut Header)) -> LoadError {
    let (mut header, body) = parts(name);
    change(&mut header);
    load(&joined(&header, &body)).expect_err(name)
}

/// Of a header that is fine, another body is needed.
pub fn is_possible(name: &str, change: impl FnOnce(&mut Header)) -> bool {
    let error = with(name, change);
    matches!(error, LoadError::WrongBodyLength { needed, given } if needed != given)
}

/// An array of a body: its layer, what it is, and where.
pub type Array = (u8, Part, Range<usize>);

/// All arrays of a body, in order.
pub fn arrays(header: &Header) -> Vec<Array> {
    let (mut arrays, mut end) = (Vec::new(), 0);
    for (layer, description) in (0..).zip(&header.layers) {
        Shape::new(header, description).for_each_part(&mut |part, has_nibbles| {
            let start = end;
            end += part.bytes(has_nibbles);
            arrays.push((layer, part, start..end));
        });
    }
    arrays
}

/// Where an array's multipliers and its weights lie.
pub fn numbers((_, part, place): &Array) -> (Range<usize>, Range<usize>) {
    let (rows, columns) = part.rows_and_columns();
    let weights = place.end - rows * columns;
    match *part {
        Part::Quantizer(_) => (place.clone(), 0..0),
        Part::Linear(..) | Part::Matrix(..) => (weights - 2 * rows..weights, weights..place.end),
        Part::Coefficients(_) | Part::Vectors(..) => (0..0, 0..0),
    }
}
