//! Coding: what `compress` and `decompress` do, on bytes in memory.

use pixelrnn::Model;
use pixelrnn_convert::archive::{Coded, Cut, Region, compress};
use pixelrnn_convert::commands::compress::modelled;
use pixelrnn_convert::commands::decompress::{decompress, with_alpha, written};
use pixelrnn_convert::data::{Picture, Values};

use crate::error::Failure;

/// Codes pictures, each given its class, under names or none.
pub fn code(
    model: &Model<'_>,
    pictures: Vec<Picture>,
    names: Option<&[String]>,
    cut: &Cut,
    values: Values,
) -> Result<Vec<u8>, Failure> {
    if let Some(names) = names.filter(|names| names.len() != pictures.len()) {
        return Err(format!("{} names for {} images", names.len(), pictures.len()).into());
    }
    let (pictures, alpha) = modelled(model, pictures, values)?;
    Ok(compress(model, &pictures, names, &alpha, cut, &|_| ())?)
}

/// Decodes pictures with their names and transparency: as levels, or as what `decompress` writes to files.
pub fn decode(model: &Model<'_>, coded: &[u8], region: Option<Region>, tones: bool) -> Result<Vec<Picture>, Failure> {
    // What a device sent has no directory, which would tell of transparency.
    let alpha = Coded::open(model, coded).map_or(vec![], |coded| coded.alpha());
    let mut pictures = decompress(model, coded, region, &|_| ())?;
    if tones {
        pictures = pictures.iter().map(|picture| written(picture, model.levels())).collect();
    }
    Ok(with_alpha(pictures, &alpha, region)?)
}
