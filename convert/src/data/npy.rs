//! NumPy's `.npy` files: the values of an array, row by row, behind a header that is a Python dictionary.
//!
//! Read are arrays of bytes and of 16-bit numbers without sign: of two axes (rows, columns), an image; of three (images, rows,
//! columns), or, if the last has at most 4 places, (rows, columns, channels), an image; of four (images, rows, columns, channels).
//! The header's few fields are read here: a parser of all that Python allows would be larger than the rest of this folder.

use std::path::Path;

use super::array::{Array, axes, no_values};
use super::{DataError, Picture};

const WHAT: &str = "an npy file of images";

pub(super) fn read(path: &Path) -> Result<Vec<Picture>, DataError> {
    let bytes = std::fs::read(path).map_err(|source| DataError::Read { path: path.to_path_buf(), source })?;
    let wrong = |reason: String| DataError::format(path, WHAT, reason);
    let (header, body) = split(&bytes).map_err(wrong)?;
    let shape = shape(header).map_err(wrong)?;
    let (depth, values) = values(header, body).map_err(wrong)?;
    Array { depth, shape: &shape, values }.into_pictures(path).map_err(wrong)
}

/// Whether a file's name is that of an npy file.
pub fn is_npy(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("npy"))
}

/// An npy file of images of one size: four axes, of bytes or, if one image has 16 bits a value, of 16-bit numbers.
pub fn npy_bytes(pictures: &[Picture]) -> Vec<u8> {
    let (width, height, channels) = pictures.first().map_or((0, 0, 1), |one| (one.width, one.height, one.channels));
    let is_wide = pictures.iter().any(|picture| picture.depth > 8);
    let kind = if is_wide { "<u2" } else { "|u1" };
    let shape = format!("({}, {height}, {width}, {channels})", pictures.len());
    let mut header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}");
    // Spaces and a line's end make the beginning a multiple of 64 bytes, so that values can be mapped to memory.
    let length = (10 + header.len() + 1).next_multiple_of(64) - 10;
    header += &" ".repeat(length - header.len() - 1);
    header.push('\n');
    let values = pictures.iter().flat_map(|picture| &picture.values);
    let bytes = values.flat_map(|value| value.to_le_bytes().into_iter().take(if is_wide { 2 } else { 1 }));
    let length = (header.len() as u16).to_le_bytes();
    b"\x93NUMPY\x01\x00".iter().chain(&length).chain(header.as_bytes()).copied().chain(bytes).collect()
}

/// The header's text, and what follows it.
fn split(bytes: &[u8]) -> Result<(&str, &[u8]), String> {
    let rest = bytes.strip_prefix(b"\x93NUMPY").ok_or("it does not begin as one")?;
    // Version 1 has a length of 2 bytes, those after it of 4.
    let (length, rest) = match rest {
        [1, _, low, high, rest @ ..] => (usize::from(u16::from_le_bytes([*low, *high])), rest),
        [2 | 3, _, a, b, c, d, rest @ ..] => (u32::from_le_bytes([*a, *b, *c, *d]) as usize, rest),
        _ => return Err("its version is none of 1 to 3".into()),
    };
    let (header, body) = rest.split_at_checked(length).ok_or("it is shorter than its header")?;
    Ok((str::from_utf8(header).map_err(|_| "its header is no text")?, body))
}

/// What follows a key of the header.
fn field<'a>(header: &'a str, key: &str) -> Result<&'a str, String> {
    let after = |quote: char| header.split_once(&format!("{quote}{key}{quote}")).map(|(_, after)| after);
    let after = after('\'').or_else(|| after('"')).and_then(|after| after.trim_start().strip_prefix(':'));
    after.map(str::trim_start).ok_or_else(|| format!("its header has no {key}"))
}

/// The sizes of images, rows, columns and channels.
fn shape(header: &str) -> Result<[usize; 4], String> {
    if !field(header, "fortran_order")?.starts_with("False") {
        return Err("its values lie column by column (fortran_order); numpy.ascontiguousarray turns them".into());
    }
    let text = field(header, "shape")?;
    let inner = text.strip_prefix('(').and_then(|text| text.split_once(')')).map(|(inner, _)| inner);
    let sizes = inner.unwrap_or_default().split(',').map(str::trim).filter(|size| !size.is_empty());
    let sizes: Vec<usize> = sizes.map(str::parse).collect::<Result<_, _>>().map_err(|_| "its shape is no numbers")?;
    axes(&sizes)
}

/// Bits a value, and the values.
fn values(header: &str, body: &[u8]) -> Result<(u8, Vec<u16>), String> {
    let text = field(header, "descr")?;
    let kind = text.split(['\'', '"']).nth(1).unwrap_or(text);
    let (pairs, rest) = body.as_chunks();
    match kind {
        "|u1" | "u1" | "<u1" | ">u1" => Ok((8, body.iter().map(|&byte| u16::from(byte)).collect())),
        "<u2" | ">u2" if !rest.is_empty() => Err("its last value is cut".into()),
        "<u2" => Ok((16, pairs.iter().map(|&pair| u16::from_le_bytes(pair)).collect())),
        ">u2" => Ok((16, pairs.iter().map(|&pair| u16::from_be_bytes(pair)).collect())),
        _ => Err(no_values(kind)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(kind: &str, order: &str, shape: &str, body: &[u8]) -> Vec<u8> {
        let header = format!("{{'descr': '{kind}', 'fortran_order': {order}, 'shape': {shape}, }}\n");
        let length = (header.len() as u16).to_le_bytes();
        [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), body].concat()
    }

    fn written(bytes: &[u8]) -> Result<Vec<Picture>, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        read(file.path()).map_err(|error| error.to_string())
    }

    /// Images, columns, rows, channels.
    fn read_as(shape: &str) -> (usize, (usize, usize), usize) {
        let count: usize = shape.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse::<usize>().ok()).product();
        let images = written(&file("|u1", "False", shape, &vec![7; count])).unwrap();
        (images.len(), images[0].size(), images[0].channels)
    }

    #[test]
    fn axes_are_images_rows_columns_channels() {
        assert_eq!(read_as("(2, 6)"), (1, (6, 2), 1));
        assert_eq!(read_as("(2, 6, 5)"), (2, (5, 6), 1));
        assert_eq!(read_as("(2, 6, 4)"), (1, (6, 2), 4));
        assert_eq!(read_as("(3, 2, 6, 3)"), (3, (6, 2), 3));
        assert_eq!(read_as("(3,2,6,1)"), (3, (6, 2), 1));
    }

    #[test]
    fn values_have_8_or_16_bits_in_either_order() {
        let values = |kind: &str| {
            let image = written(&file(kind, "False", "(1, 2)", &[1, 2, 3, 4])).unwrap().remove(0);
            (image.depth, image.values)
        };
        assert_eq!(values("<u2"), (16, vec![0x201, 0x403]));
        assert_eq!(values(">u2"), (16, vec![0x102, 0x304]));
        let wide = b"\x93NUMPY\x02\x00\x3f\x00\x00\x00{\"shape\":(1, 1), \"fortran_order\" : False, \"descr\" : \"|u1\"}    \n\x09";
        assert_eq!(written(wide).unwrap()[0].values, [9]);
    }

    #[test]
    fn what_is_written_is_read_back() {
        for (depth, most) in [(8, 255), (16, 65_535)] {
            let values = |n: u16| (0..12).map(|value| (value * 5_003 + n) & most).collect();
            let image = |n| Picture { channels: 3, depth, height: 2, ..Picture::grey(2, values(n)) };
            let images = [image(1), image(2)];
            let bytes = npy_bytes(&images);
            assert_eq!((bytes.len() - 24 * usize::from(depth / 8)) % 64, 0);
            let mut back = written(&bytes).unwrap();
            back.iter_mut().for_each(|image| image.name.clear());
            assert_eq!(back, images);
        }
    }

    #[test]
    fn what_is_no_npy_file_of_images_says_why() {
        let refused = |bytes: &[u8], reason: &str| {
            let text = written(bytes).unwrap_err();
            assert!(text.contains(reason), "no {reason:?} in: {text}");
        };
        let good = file("|u1", "False", "(2, 6)", &[7; 12]);
        refused(&good[..good.len() - 1], "promises 12 values, 11");
        refused(&good[..40], "shorter than its header");
        refused(&good[..7], "version");
        refused(b"some text", "does not begin");
        refused(&file("<f4", "False", "(1, 1)", &[0; 4]), "numpy.uint16");
        refused(&file("<i2", "False", "(1, 1)", &[0; 2]), "\"<i2\"");
        refused(&file("<u2", "False", "(1, 1)", &[0; 3]), "cut");
        refused(&file("|u1", "True", "(2, 6)", &[7; 12]), "fortran_order");
        refused(&file("|u1", "False", "(12,)", &[7; 12]), "1 axes");
        refused(&file("|u1", "False", "(1, 1, 1, 1, 12)", &[7; 12]), "5 axes");
        refused(&file("|u1", "False", "(1, 2, 1, 6)", &[7; 12]), "6 channels");
        refused(&file("|u1", "False", "(0, 6)", &[]), "no pixel");
        refused(&file("|u1", "False", "(-2, 6)", &[7; 12]), "no numbers");
        refused(&file("|u1", "False", "(18446744073709551615, 18446744073709551615)", &[7; 12]), "too large");
        refused(b"\x93NUMPY\x01\x00\x02\x00{}", "no fortran_order");
    }
}
