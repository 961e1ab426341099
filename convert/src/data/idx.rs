//! The idx format: big-endian magic 2051, count, rows, columns, then one byte a value; gzip is unpacked.

use std::io::Read;
use std::path::Path;

use super::{DataError, ImageSet};

pub(super) fn read(path: &Path) -> Result<ImageSet, DataError> {
    let error = |source| DataError::Read { path: path.to_path_buf(), source };
    let mut bytes = std::fs::read(path).map_err(error)?;
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut unpacked = Vec::new();
        flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_end(&mut unpacked).map_err(error)?;
        bytes = unpacked;
    }
    let wrong = |reason: String| DataError::Idx { path: path.to_path_buf(), reason };
    let (head, values) =
        bytes.split_first_chunk::<16>().ok_or_else(|| wrong("it is shorter than its header".into()))?;
    let field =
        |n: usize| u32::from_be_bytes([head[4 * n], head[4 * n + 1], head[4 * n + 2], head[4 * n + 3]]) as usize;
    let (magic, count, height, width) = (field(0), field(1), field(2), field(3));
    if magic != 2051 {
        return Err(wrong(format!("its magic is {magic}, images have 2051")));
    }
    let expected = count.checked_mul(height).and_then(|n| n.checked_mul(width));
    if width == 0 || height == 0 || expected != Some(values.len()) {
        return Err(wrong(format!(
            "{count} images of {width}x{height} are promised, {} bytes are there",
            values.len()
        )));
    }
    Ok(ImageSet { width, height, values: values.to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(bytes: &[u8]) -> Result<ImageSet, DataError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        read(file.path())
    }

    #[test]
    fn reads_images_and_refuses_others() {
        let mut bytes = vec![0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3];
        bytes.extend([1, 2, 3, 4, 5, 6]);
        let set = written(&bytes).unwrap();
        assert_eq!((set.len(), set.width, set.height), (2, 3, 1));
        assert_eq!(set.images().nth(1), Some(&[4, 5, 6][..]));
        assert!(matches!(written(&bytes[..21]), Err(DataError::Idx { .. })));
        assert!(matches!(written(&bytes[..9]), Err(DataError::Idx { .. })));
        bytes[3] = 1;
        assert!(matches!(written(&bytes), Err(DataError::Idx { .. })));
    }
}
