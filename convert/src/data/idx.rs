//! The idx format of MNIST: two zero bytes, the type of a value, the number of sizes, the sizes, the values; all big-endian.
//! Read are images of one channel (count, rows, columns) and of several (count, rows, columns, channels), of bytes or of 16-bit
//! numbers, gzip or not.

use std::io::Read;
use std::path::Path;

use super::{DataError, Picture, array};

const WHAT: &str = "an idx file of images";
/// The type of a value that is a byte, and of one that is a signed number of 16 bits.
const BYTES: u8 = 0x08;
const WORDS: u8 = 0x0b;
const MAGICS: &str = "one begins with 0x00000803 or 0x00000804 (bytes), 0x00000b03 or 0x00000b04 (16 bits)";

/// Reads labels: one number an image.
pub(super) fn labels(path: &Path) -> Result<Vec<u16>, DataError> {
    let bytes = unpacked(path)?;
    let wrong = |reason: String| DataError::format(path, "an idx file of labels", reason);
    let one = "one begins with 0x00000801 (bytes) or 0x00000b01 (16 bits)";
    let (kind, shape, body) = header(&bytes, &[1], one).map_err(wrong)?;
    let (_, labels) = values(kind, body).map_err(wrong)?;
    match shape[..] {
        [count] if count == labels.len() => Ok(labels),
        _ => Err(wrong(format!("it promises {shape:?} labels, {} are there", labels.len()))),
    }
}

pub(super) fn read(path: &Path) -> Result<Vec<Picture>, DataError> {
    let bytes = unpacked(path)?;
    let wrong = |reason: String| DataError::format(path, WHAT, reason);
    let (kind, shape, body) = header(&bytes, &[3, 4], MAGICS).map_err(wrong)?;
    let (depth, values) = values(kind, body).map_err(wrong)?;
    let images = array::Array { depth, shape: &shape, values };
    images.into_pictures(path).map_err(wrong)
}

fn unpacked(path: &Path) -> Result<Vec<u8>, DataError> {
    let error = |source| DataError::Read { path: path.to_path_buf(), source };
    let bytes = std::fs::read(path).map_err(error)?;
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let mut unpacked = Vec::new();
    flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_end(&mut unpacked).map_err(error)?;
    Ok(unpacked)
}

/// The type of a value, the sizes (as many as one of `dimensions`), and the values' bytes.
fn header<'b>(bytes: &'b [u8], dimensions: &[u8], magics: &str) -> Result<(u8, Vec<usize>, &'b [u8]), String> {
    let (&[zero, other, kind, sizes], rest) = bytes.split_first_chunk().ok_or("it is shorter than its header")?;
    if (zero, other) != (0, 0) || !matches!(kind, BYTES | WORDS) || !dimensions.contains(&sizes) {
        let magic = u32::from_be_bytes([zero, other, kind, sizes]);
        return Err(format!("{magics}, not {magic:#010x}; pictures and npy files are told by their endings"));
    }
    let (shape, body) = rest.split_at_checked(4 * usize::from(sizes)).ok_or("it is shorter than its header")?;
    let size = |bytes: &[u8]| bytes.iter().fold(0, |size, &byte| size << 8 | usize::from(byte));
    Ok((kind, shape.chunks(4).map(size).collect(), body))
}

/// Bits a value, and the values.
fn values(kind: u8, body: &[u8]) -> Result<(u8, Vec<u16>), String> {
    if kind == BYTES {
        return Ok((8, body.iter().map(|&byte| u16::from(byte)).collect()));
    }
    let (pairs, rest) = body.as_chunks();
    let values: Vec<u16> = pairs.iter().map(|&pair| u16::from_be_bytes(pair)).collect();
    match values.iter().find(|&&value| value > 0x7fff) {
        _ if !rest.is_empty() => Err("its last value is cut".into()),
        Some(&value) => Err(format!("a value is {}: values of images are 0 or more", value.cast_signed())),
        None => Ok((16, values)),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn written(bytes: &[u8]) -> Result<Vec<Picture>, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        read(file.path()).map_err(|error| error.to_string())
    }

    fn file(kind: u8, shape: &[u32], body: &[u8]) -> Vec<u8> {
        let head = [0, 0, kind, shape.len() as u8];
        head.into_iter().chain(shape.iter().flat_map(|size| size.to_be_bytes())).chain(body.iter().copied()).collect()
    }

    #[test]
    fn bytes_are_read_packed_or_not() {
        let bytes = file(BYTES, &[2, 1, 3], &[1, 2, 3, 4, 5, 6]);
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(&bytes).unwrap();
        for bytes in [bytes, packer.finish().unwrap()] {
            let images = written(&bytes).unwrap();
            assert_eq!((images.len(), images[1].size(), images[1].channels, images[1].depth), (2, (3, 1), 1, 8));
            assert_eq!(images[1].values, [4, 5, 6]);
            assert!(images[1].name.ends_with("#1"));
        }
    }

    #[test]
    fn colour_and_16_bits_are_read() {
        let images = written(&file(BYTES, &[1, 1, 2, 3], &[1, 2, 3, 4, 5, 6])).unwrap();
        assert_eq!((images[0].size(), images[0].channels), ((2, 1), 3));
        let images = written(&file(WORDS, &[2, 1, 1], &[0x0f, 0xf0, 0x7f, 0xff])).unwrap();
        assert_eq!((images[0].depth, &images[0].values[..], &images[1].values[..]), (16, &[4080][..], &[32767][..]));
    }

    #[test]
    fn what_is_no_idx_file_of_images_says_why() {
        let bytes = file(BYTES, &[2, 1, 3], &[1, 2, 3, 4, 5, 6]);
        let refused = |bytes: &[u8], reason: &str| {
            let text = written(bytes).unwrap_err();
            assert!(text.contains(reason), "no {reason:?} in: {text}");
        };
        refused(&bytes[..21], "5 are there");
        refused(&bytes[..9], "shorter than its header");
        refused(&bytes[..3], "shorter than its header");
        refused(&file(BYTES, &[6], &[1, 2, 3, 4, 5, 6]), "0x00000801");
        refused(&file(0x0d, &[1, 1, 1], &[0; 4]), "0x00000d03");
        refused(&file(BYTES, &[1, 1, 1, 5], &[0; 5]), "5 channels");
        refused(&file(BYTES, &[1, 0, 1], &[]), "no pixel");
        refused(&file(BYTES, &[u32::MAX; 3], &[]), "too large");
        refused(&file(WORDS, &[1, 1, 1], &[0xff, 0xfe]), "-2");
        refused(&file(WORDS, &[1, 1, 1], &[0, 1, 2]), "cut");
    }
}
