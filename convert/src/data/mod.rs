//! Stub.
#![allow(missing_docs)]
pub mod levels;
use std::path::{Path, PathBuf};
pub use levels::{Levels, LevelsError};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub name: String,
    pub width: usize,
    pub height: usize,
    pub channels: usize,
    pub depth: u8,
    pub values: Vec<u16>,
}

impl Picture {
    pub const fn pixels(&self) -> usize {
        self.width * self.height
    }
}

#[derive(Debug, Clone, Default, clap::Args, serde::Serialize, serde::Deserialize)]
pub struct ImageOptions {
    /// Reads colour pictures as grey.
    #[arg(long)]
    pub grey: bool,
    /// A picture is a sheet of images of this size.
    #[arg(long)]
    pub grid: Option<String>,
}

#[derive(Debug, thiserror::Error)]
#[error("{0}: {1}")]
pub struct DataError(pub PathBuf, pub String);

fn one(path: &Path, options: &ImageOptions) -> Result<Vec<Picture>, DataError> {
    let image = image::open(path).map_err(|e| DataError(path.into(), e.to_string()))?;
    let (width, height) = (image.width() as usize, image.height() as usize);
    let sixteen = matches!(image, image::DynamicImage::ImageLuma16(_));
    let (channels, depth, values): (usize, u8, Vec<u16>) = if sixteen {
        (1, 16, image.into_luma16().into_raw())
    } else if options.grey || !image.color().has_color() {
        (1, 8, image.into_luma8().into_raw().into_iter().map(u16::from).collect())
    } else {
        (3, 8, image.into_rgb8().into_raw().into_iter().map(u16::from).collect())
    };
    let name = path.display().to_string();
    let Some(grid) = &options.grid else { return Ok(vec![Picture { name, width, height, channels, depth, values }]) };
    let (w, h) = grid.split_once('x').unwrap();
    let (w, h): (usize, usize) = (w.parse().unwrap(), h.parse().unwrap());
    let mut out = Vec::new();
    for y in 0..height / h {
        for x in 0..width / w {
            let rows = (0..h).flat_map(|r| {
                values[((y * h + r) * width + x * w) * channels..][..w * channels].iter().copied()
            });
            out.push(Picture { name: name.clone(), width: w, height: h, channels, depth, values: rows.collect() });
        }
    }
    Ok(out)
}

pub fn read(path: &Path, options: &ImageOptions) -> Result<Vec<Picture>, DataError> {
    let bad = |e: std::io::Error| DataError(path.into(), e.to_string());
    if path.is_dir() {
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(path).map_err(bad)?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>().map_err(bad)?;
        paths.sort();
        let mut all = Vec::new();
        for path in &paths {
            all.extend(one(path, options)?);
        }
        return Ok(all);
    }
    let mut bytes = std::fs::read(path).map_err(bad)?;
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut out = Vec::new();
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&bytes[..]), &mut out).map_err(bad)?;
        bytes = out;
    }
    if bytes.starts_with(&[0, 0, 8, 3]) {
        let size = |n: usize| u32::from_be_bytes(bytes[n..n + 4].try_into().unwrap()) as usize;
        let (height, width) = (size(8), size(12));
        let one = |values: &[u8]| Picture {
            name: String::new(), width, height, channels: 1, depth: 8,
            values: values.iter().map(|&v| u16::from(v)).collect(),
        };
        return Ok(bytes[16..].chunks_exact(width * height).map(one).collect());
    }
    one(path, options)
}
