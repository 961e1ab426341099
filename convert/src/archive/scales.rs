//! Pictures of several scales: an archive of each scale, the smallest first, one after the other.
//!
//! Names are kept with the smallest scale, transparency with the largest. A file that is cut short between two archives holds the smaller
//! scales whole.

use pixelrnn::Pyramid;

use super::{Alpha, ArchiveError, Coded, Cut, Region, compress, device};
use crate::data::Picture;
use crate::pyramid::scale_of;

/// Codes all scales of pictures, as [`compress`] does one; of a single network they are the same bytes.
///
/// # Errors
/// Pictures that the models cannot take.
pub fn compress_scales(
    pyramid: &Pyramid<'_>,
    pictures: &[Picture],
    names: Option<&[String]>,
    alpha: &[Alpha],
    cut: &Cut,
    each: &(dyn Fn(usize) + Sync),
) -> Result<Vec<u8>, ArchiveError> {
    let (mut bytes, last) = (Vec::new(), pyramid.models().len() - 1);
    for (scale, model) in pyramid.models().iter().enumerate() {
        let scaled: Vec<Picture> = pictures.iter().map(|picture| scale_of(pyramid, scale, picture)).collect();
        let (names, alpha) = (names.filter(|_| scale == 0), if scale == last { alpha } else { &[] });
        bytes.extend(compress(model, &scaled, names, alpha, &cut.in_steps(model.factor()), each)?);
    }
    Ok(bytes)
}

/// Pictures of a scale, and what transparency each has, with its pixels' number.
pub struct Decoded {
    /// The pictures, as levels.
    pub pictures: Vec<Picture>,
    /// As [`Coded::alpha`] gives it; nothing of what a device sent.
    pub alpha: Vec<(Alpha, (u32, u32))>,
}

/// Decodes the pictures of a scale, of archives or of what a device sent. `each` is told of the pixels that are done.
///
/// # Errors
/// Other models, or scales up to the one wanted that are not whole: then there are no pictures at all.
pub fn decompress_scales(
    pyramid: &Pyramid<'_>,
    bytes: &[u8],
    scale: usize,
    region: Option<Region>,
    each: &(dyn Fn(usize) + Sync),
) -> Result<Decoded, ArchiveError> {
    let is_archive = !device::is_container(bytes);
    let (mut rest, mut decoded) = (bytes, Decoded { pictures: Vec::new(), alpha: Vec::new() });
    for (number, model) in pyramid.models().iter().enumerate().take(scale + 1) {
        let smaller = (number > 0).then_some(decoded.pictures.as_slice());
        let region = region.filter(|_| number == scale);
        let (mut pictures, alpha, after) = if is_archive {
            let (coded, after) = Coded::open_first(model, rest)?;
            (coded.decode(model, smaller, region, each)?, coded.alpha(), after)
        } else {
            let (pictures, after) = device::decode_first(model, rest, smaller, region, each)?;
            (pictures, Vec::new(), after)
        };
        rest = after;
        for (picture, before) in pictures.iter_mut().zip(smaller.unwrap_or_default()) {
            picture.name.clone_from(&before.name);
        }
        decoded = Decoded { pictures, alpha };
    }
    match rest.len() {
        extra if extra > 0 && scale + 1 == pyramid.models().len() => Err(ArchiveError::TrailingBytes(extra as u64)),
        _ => Ok(decoded),
    }
}
