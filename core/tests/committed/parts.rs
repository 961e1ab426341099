//! Blobs taken apart, changed and put together again.

use pixelrnn::blob::{self, Header, Scales};
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
