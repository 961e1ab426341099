//! PNM files of values between 8 and 16 bits.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use image::codecs::pnm::PnmDecoder;

/// Takes back the scaling to 65,535 that the library does to values of fewer than 16 bits: they are as stored then, as in a PNG.
pub(super) fn unscale(path: &Path, values: &mut [u16]) {
    let decoder = File::open(path).ok().and_then(|file| PnmDecoder::new(BufReader::new(file)).ok());
    let Some(largest) = decoder.map(|decoder| decoder.into_inner().1.maximal_sample()) else { return };
    for value in values {
        *value = ((u32::from(*value) * largest + 32_767) / 65_535) as u16;
    }
}
