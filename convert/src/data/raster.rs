//! Picture files, and folders of them. Palettes and values of 1, 2 and 4 bits are expanded to 8 bits a value.

use std::path::{Path, PathBuf};

use image::DynamicImage;

use super::{DataError, Picture, pnm};

/// Whether a file's name is that of a picture.
pub(super) fn is_picture(path: &Path) -> bool {
    has_extension(path, &["png", "jpg", "jpeg", "bmp", "pgm", "ppm", "pnm", "gif", "webp", "qoi"])
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    let extension = path.extension().unwrap_or_default();
    extensions.iter().any(|known| extension.eq_ignore_ascii_case(known))
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), DataError> {
    let error = |source| DataError::Read { path: folder.to_path_buf(), source };
    for entry in std::fs::read_dir(folder).map_err(error)? {
        let path = entry.map_err(error)?.path();
        if path.is_dir() {
            collect(&path, found)?;
        } else if is_picture(&path) {
            found.push(path);
        }
    }
    Ok(())
}

/// All pictures of a folder and the folders in it.
pub(super) fn folder(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let mut paths = Vec::new();
    collect(folder, &mut paths)?;
    // The order of a folder differs between file systems; training must not.
    paths.sort();
    Ok(paths)
}

/// Reads a picture file, channels and depth as they are in it.
pub(super) fn read(path: &Path) -> Result<Picture, DataError> {
    let image = image::open(path).map_err(|source| match source {
        image::ImageError::IoError(source) => DataError::Read { path: path.to_path_buf(), source },
        source => DataError::Picture { path: path.to_path_buf(), source },
    })?;
    let (width, height) = (image.width() as usize, image.height() as usize);
    let channels = usize::from(image.color().channel_count());
    let (depth, mut values) =
        values(image).ok_or_else(|| DataError::format(path, "a picture of 8 or 16 bits", "its values are floats"))?;
    if depth == 16 && has_extension(path, &["pgm", "ppm", "pnm"]) {
        pnm::unscale(path, &mut values);
    }
    Ok(Picture { name: path.display().to_string(), width, height, channels, depth, values, class: None })
}

/// Bits a value, and the values.
fn values(image: DynamicImage) -> Option<(u8, Vec<u16>)> {
    let wide = |bytes: Vec<u8>| Some((8, bytes.into_iter().map(u16::from).collect()));
    match image {
        DynamicImage::ImageLuma8(image) => wide(image.into_raw()),
        DynamicImage::ImageLumaA8(image) => wide(image.into_raw()),
        DynamicImage::ImageRgb8(image) => wide(image.into_raw()),
        DynamicImage::ImageRgba8(image) => wide(image.into_raw()),
        DynamicImage::ImageLuma16(image) => Some((16, image.into_raw())),
        DynamicImage::ImageLumaA16(image) => Some((16, image.into_raw())),
        DynamicImage::ImageRgb16(image) => Some((16, image.into_raw())),
        DynamicImage::ImageRgba16(image) => Some((16, image.into_raw())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    struct Place(tempfile::TempDir);

    impl Place {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
            let path = self.0.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, bytes).unwrap();
            path
        }

        /// Reads a PNG of so many columns, a row each `rows` bytes.
        fn png(&self, width: u32, color: png::ColorType, depth: png::BitDepth, rows: &[u8]) -> Picture {
            let mut bytes = Vec::new();
            let mut encoder = png::Encoder::new(&mut bytes, width, 1);
            encoder.set_color(color);
            encoder.set_depth(depth);
            if color == png::ColorType::Indexed {
                encoder.set_palette(vec![10, 20, 30, 40, 50, 60]);
            }
            encoder.write_header().unwrap().write_image_data(rows).unwrap();
            read(&self.write("a.png", &bytes)).unwrap()
        }
    }

    #[test]
    fn channels_and_depth_are_those_of_the_file() {
        use png::BitDepth::{Eight, Sixteen};
        use png::ColorType::{Grayscale, GrayscaleAlpha, Rgb, Rgba};
        let place = Place::new();
        let kinds = [(Grayscale, 1), (GrayscaleAlpha, 2), (Rgb, 3), (Rgba, 4)];
        for (color, channels) in kinds {
            let bytes: Vec<u8> = (1..=4 * channels as u8).collect();
            let picture = place.png(4, color, Eight, &bytes);
            assert_eq!((picture.size(), picture.channels, picture.depth), ((4, 1), channels, 8));
            assert_eq!(picture.values, (1..=4 * channels as u16).collect::<Vec<_>>());
            let picture = place.png(2, color, Sixteen, &bytes);
            assert_eq!((picture.size(), picture.channels, picture.depth), ((2, 1), channels, 16));
            assert_eq!(picture.values[..2], [0x102, 0x304]);
        }
    }

    #[test]
    fn palettes_and_few_bits_are_expanded_to_8() {
        use png::BitDepth::{Four, One, Two};
        let place = Place::new();
        let grey = |depth, byte| place.png(2, png::ColorType::Grayscale, depth, &[byte]);
        assert_eq!(grey(One, 0b0100_0000).values, [0, 255]);
        assert_eq!(grey(Two, 0b0110_0000).values, [85, 170]);
        assert_eq!(grey(Four, 0x3f).values, [51, 255]);
        assert_eq!((grey(Four, 0x3f).channels, grey(Four, 0x3f).depth), (1, 8));
        let picture = place.png(2, png::ColorType::Indexed, One, &[0b0100_0000]);
        assert_eq!((picture.channels, picture.depth, &picture.values[..]), (3, 8, &[10, 20, 30, 40, 50, 60][..]));
    }

    #[test]
    fn other_formats_are_read() {
        let place = Place::new();
        let words = read(&place.write("a.pgm", b"P5 2 1 65535\n\x01\x02\x0f\xf0")).unwrap();
        assert_eq!((words.depth, words.values), (16, vec![0x102, 4080]));
        for (value, [high, low]) in [(0, [0, 0]), (1, [0, 1]), (2741, [0x0a, 0xb5]), (4095, [0x0f, 0xff])] {
            let twelve = [b"P5 1 1 4095\n", &[high, low][..]].concat();
            assert_eq!(read(&place.write("b.pgm", &twelve)).unwrap().values, [value]);
        }
        let colours = read(&place.write("a.PPM", b"P6 1 1 255\n\x01\x02\x03")).unwrap();
        assert_eq!((colours.channels, colours.values), (3, vec![1, 2, 3]));
        let mut bytes = Vec::new();
        let encoder = image::codecs::webp::WebPEncoder::new_lossless(&mut bytes);
        encoder.encode(&[1, 2, 3, 4, 5, 6], 2, 1, image::ExtendedColorType::Rgb8).unwrap();
        assert_eq!(read(&place.write("a.webp", &bytes)).unwrap().values, [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn folders_are_read_in_order_whatever_the_sizes() {
        let place = Place::new();
        for (name, bytes) in
            [("b/z.pgm", b"P5 1 2 255\n34"), ("b/a.pgm", b"P5 2 1 255\n12"), ("c.txt", b"some text....")]
        {
            place.write(name, bytes);
        }
        let pictures: Vec<Picture> = folder(place.0.path()).unwrap().iter().map(|path| read(path).unwrap()).collect();
        assert_eq!(pictures.iter().map(Picture::size).collect::<Vec<_>>(), [(2, 1), (1, 2)]);
        assert!(pictures[0].name.ends_with("a.pgm"), "{}", pictures[0].name);
    }

    #[test]
    fn what_is_no_picture_says_why() {
        let place = Place::new();
        let refused = |path: &Path, reason: &str| {
            let text = read(path).unwrap_err().to_string();
            assert!(text.contains(reason) && text.contains(path.to_str().unwrap()), "no {reason:?} in: {text}");
        };
        refused(&place.write("a.png", b"some text"), "cannot decode");
        refused(&place.write("a.pgm", b"P5 2 2 255\n1"), "cannot");
        refused(&place.0.path().join("none.png"), "cannot read");
    }
}
