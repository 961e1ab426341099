//! Headers and blobs, changed. Depends on the core alone.

use pixelrnn::blob::{self, Header, LayerDescription};

/// Sets a layer's `h`, maps or upsampled features.
///
/// # Panics
/// Of a layer without.
pub fn resize(layer: &mut LayerDescription, size: u16) {
    match layer {
        LayerDescription::PixelCnn(layer) => layer.hidden = size,
        LayerDescription::Dilated(layer) => layer.block.hidden = size,
        LayerDescription::RowLstm(layer) => layer.hidden = size,
        LayerDescription::Diagonal(layer) => layer.hidden = size,
        LayerDescription::Softmax(layer) => layer.maps = size,
        LayerDescription::Mixture(layer) => layer.maps = size,
        LayerDescription::Upsample(layer) => layer.features = size,
        other => panic!("no size: {other:?}"),
    }
}

/// Keeps so many layers at the beginning, and the head.
pub fn shorten(header: &mut Header, beginning: usize) {
    let last = header.layers.len() - 1;
    header.layers.swap(beginning, last);
    header.layers.truncate(beginning + 1);
}

/// Writes the checksum that a blob, or a directory of scales, should have.
pub fn seal(bytes: &mut [u8]) {
    let checksum = blob::checksum(bytes);
    bytes[12..16].copy_from_slice(&checksum.to_le_bytes());
}
