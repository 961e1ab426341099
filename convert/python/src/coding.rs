//! Coding: what `compress` and `decompress` do, on bytes in memory.

use pixelrnn::Pyramid;
use pixelrnn_convert::archive::{Cut, Decoded, Region, compress_scales, decompress_scales};
use pixelrnn_convert::commands::compress::modelled;
use pixelrnn_convert::commands::decompress::{with_alpha, written};
use pixelrnn_convert::data::{Picture, Values};

use crate::error::Failure;

/// Codes pictures, each given its class, under names or none.
pub fn code(
    pyramid: &Pyramid<'_>,
    pictures: Vec<Picture>,
    names: Option<&[String]>,
    cut: &Cut,
    values: Values,
) -> Result<Vec<u8>, Failure> {
    if let Some(names) = names.filter(|names| names.len() != pictures.len()) {
        return Err(format!("{} names for {} images", names.len(), pictures.len()).into());
    }
    let (pictures, alpha) = modelled(&pyramid.models()[0], pictures, values)?;
    Ok(compress_scales(pyramid, &pictures, names, &alpha, cut, &|_| ())?)
}

/// Decodes a scale of pictures with their names and transparency: as levels, or as what `decompress` writes to files.
pub fn decode(
    pyramid: &Pyramid<'_>,
    coded: &[u8],
    scale: usize,
    region: Option<Region>,
    tones: bool,
) -> Result<Vec<Picture>, Failure> {
    let Decoded { mut pictures, alpha } = decompress_scales(pyramid, coded, scale, region, &|_| ())?;
    if tones {
        pictures = pictures.iter().map(|picture| written(picture, pyramid.models()[0].levels())).collect();
    }
    Ok(with_alpha(pictures, &alpha, region)?)
}
