//! Transparency beside a model's channels: kept exactly, but not modelled.

use std::io::{Read, Write};

use serde::{Deserialize, Serialize};

use crate::data::Picture;

/// The last channel of a picture that has one more than its model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Alpha {
    /// There is none.
    None,
    /// Every value is the highest: nothing is transparent.
    Opaque,
    /// The values, deflated: bytes of 8-bit pictures, else u16, little-endian.
    Deflated(Vec<u8>),
}

/// Takes the last channel off a picture of grey and alpha, or of three colours and alpha, for a model of one channel less.
pub fn split(picture: Picture, channels: usize) -> (Picture, Alpha) {
    if picture.channels != channels + 1 || !picture.channels.is_multiple_of(2) {
        return (picture, Alpha::None);
    }
    let pixels = picture.values.chunks_exact(picture.channels);
    let alpha: Vec<u16> = pixels.clone().filter_map(|pixel| pixel.last().copied()).collect();
    let values = pixels.flat_map(|pixel| &pixel[..channels]).copied().collect();
    let alpha = pack(&alpha, picture.depth);
    (Picture { channels, values, ..picture }, alpha)
}

fn opaque(depth: u8) -> u16 {
    if depth == 8 { 255 } else { u16::MAX }
}

fn pack(alpha: &[u16], depth: u8) -> Alpha {
    if alpha.iter().all(|&value| value == opaque(depth)) {
        return Alpha::Opaque;
    }
    let bytes: Vec<u8> = match depth {
        8 => alpha.iter().map(|&value| value as u8).collect(),
        _ => alpha.iter().flat_map(|value| value.to_le_bytes()).collect(),
    };
    let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    // A vector takes all.
    let _ = packer.write_all(&bytes);
    packer.finish().map_or(Alpha::None, Alpha::Deflated)
}

impl Alpha {
    /// The values, a pixel each; nothing if they are all the same. `None` if they are damaged.
    fn values(&self, pixels: usize, depth: u8) -> Option<Vec<u16>> {
        let Self::Deflated(deflated) = self else { return Some(Vec::new()) };
        let needed = pixels * if depth == 8 { 1 } else { 2 };
        let mut bytes = Vec::new();
        let unpacker = flate2::read::DeflateDecoder::new(&deflated[..]);
        unpacker.take(needed as u64 + 1).read_to_end(&mut bytes).ok()?;
        if bytes.len() != needed {
            return None;
        }
        Some(match depth {
            8 => bytes.into_iter().map(u16::from).collect(),
            _ => bytes.as_chunks::<2>().0.iter().map(|&bytes| u16::from_le_bytes(bytes)).collect(),
        })
    }

    /// A picture with this channel behind its own, `place` saying where a pixel lies in the picture that it was taken off, of so many
    /// pixels. `None` if it is damaged.
    pub fn join(&self, picture: &Picture, all: usize, place: impl Fn(usize) -> usize) -> Option<Picture> {
        if *self == Self::None {
            return Some(picture.clone());
        }
        let alpha = self.values(all, picture.depth)?;
        let mut values = Vec::with_capacity(picture.values.len() + picture.pixels());
        for (number, pixel) in picture.values.chunks_exact(picture.channels).enumerate() {
            values.extend(pixel);
            values.push(match self {
                Self::Opaque => opaque(picture.depth),
                _ => alpha.get(place(number)).copied()?,
            });
        }
        Some(Picture { name: picture.name.clone(), channels: picture.channels + 1, values, ..*picture })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transparency_comes_back() {
        for (channels, depth) in [(1, 8), (3, 8), (1, 16), (3, 16)] {
            for transparent in [false, true] {
                let pixel = |n: usize| {
                    let alpha = if transparent { n as u16 * 11 } else { opaque(depth) };
                    (0..channels as u16).map(move |channel| channel + n as u16).chain([alpha])
                };
                let values = (0..20).flat_map(pixel).collect();
                let picture = Picture { channels: channels + 1, depth, height: 4, ..Picture::grey(5, values) };
                let (colours, alpha) = split(picture.clone(), channels);
                assert_eq!(colours.channels, channels);
                assert_eq!(alpha == Alpha::Opaque, !transparent);
                assert_eq!(alpha.join(&colours, 20, |number| number), Some(picture));
            }
        }
        let grey = Picture::grey(2, vec![1, 2]);
        assert_eq!(split(grey.clone(), 1), (grey.clone(), Alpha::None));
        assert_eq!(Alpha::Deflated(vec![1, 2, 3]).join(&grey, 2, |number| number), None);
    }
}
