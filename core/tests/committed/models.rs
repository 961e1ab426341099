//! The committed models.

use std::path::PathBuf;

use pixelrnn::Model;

use super::changed::seal;

/// Columns and rows of the committed images.
pub const SIZE: (u32, u32) = (13, 9);

/// The committed models' names.
pub const NAMES: [&str; 16] = [
    "random-pixelcnn",
    "random-row-lstm",
    "random-diagonal",
    "random-pixelcnn-groups",
    "random-pixelcnn-colour",
    "random-pixelcnn-grey16",
    "random-row-lstm-groups",
    "random-row-lstm-colour",
    "random-row-lstm-grey16",
    "random-diagonal-groups",
    "random-diagonal-colour",
    "random-diagonal-grey16",
    "random-pixelcnn-classes",
    "random-row-lstm-classes",
    "random-diagonal-classes",
    "random-pixelcnn-dilated",
];

/// A committed file.
pub fn read(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/golden").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Shows every committed model, and its name.
pub fn each(mut look: impl FnMut(&str, &Model<'_>)) {
    for name in NAMES {
        with_blob(&read(&format!("{name}.prnn")), |blob| {
            look(name, &Model::load(blob).unwrap_or_else(|error| panic!("{name}: {error}")));
        });
    }
}

/// Shows bytes where a blob must lie.
pub fn with_blob<T>(bytes: &[u8], look: impl FnOnce(&[u8]) -> T) -> T {
    let mut words = vec![0u128; bytes.len().div_ceil(16)];
    let blob: &mut [u8] = bytemuck::cast_slice_mut(&mut words);
    blob[..bytes.len()].copy_from_slice(bytes);
    look(&blob[..bytes.len()])
}

/// The bytes with the checksum that they should have.
pub fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    seal(&mut bytes);
    bytes
}
