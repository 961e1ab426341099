//! Mean bytes an image over whole test sets: ours beside PNG, WebP, QOI, zstd and JPEG XL.
//!
//! `cargo run --release -p pixelrnn-tests --features compression --bin compression` prints the README's table. It needs the test sets
//! in `../shared/data` (or `--data`), and `cjxl` (Debian: `apt-get install libjxl-tools`).

use std::convert::Infallible;
use std::error::Error;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Parser;
use pixelrnn::codec::{Encoder, HEADER_BYTES, RangeEncoder};
use pixelrnn::{Model, Stream, score};
use pixelrnn_convert::archive::{Cut, compress};
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::commands::compress::DEFAULT_GROUP;
use pixelrnn_convert::data::{ImageOptions, Picture};
use pixelrnn_convert::report::{bar, tone};
use rayon::prelude::*;

/// Measures compression on whole test sets.
#[derive(Debug, Parser)]
struct Arguments {
    /// The folder of the data sets.
    #[arg(long, default_value = "../shared/data")]
    data: PathBuf,
    /// The folder of the models.
    #[arg(long, default_value = "examples/models")]
    models: PathBuf,
    /// Only the first so many images of each set.
    #[arg(long)]
    limit: Option<usize>,
    /// Only sets whose title holds this.
    #[arg(long)]
    only: Option<String>,
    /// Only our own rows.
    #[arg(long)]
    ours: bool,
}

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// A test set and the models of its images.
struct Benchmark {
    title: &'static str,
    images: &'static str,
    levels: u32,
    models: &'static [&'static str],
}

const BENCHMARKS: [Benchmark; 2] = [
    Benchmark {
        title: "binarized MNIST, test set, 28x28, 2 levels",
        images: "binarized-mnist/test-images-idx3-ubyte.gz",
        levels: 2,
        models: &["mnist-diagonal", "mnist-rowlstm", "mnist-pixelcnn", "mnist-micro"],
    },
    Benchmark {
        title: "optdigits, test set, 8x8, 17 levels",
        images: "optdigits/test-images-idx3-ubyte.gz",
        levels: 17,
        models: &["digits8"],
    },
];

/// What our coder spends on a set: bytes in all.
struct Ours {
    ideal: f64,
    coder: usize,
    frames: usize,
    file: usize,
}

fn ours(model: &Model<'_>, pictures: &[Picture]) -> Result<Ours> {
    let progress = bar(pictures.len(), "coding");
    let one = |picture: &Picture| -> Result<(u64, usize, usize)> {
        let (width, height) = (picture.width as u32, picture.height as u32);
        let (mut alone, mut frame) = (0, 0);
        let mut count_alone = |_| -> std::result::Result<(), Infallible> {
            alone += 1;
            Ok(())
        };
        let count_frame = |_| -> std::result::Result<(), Infallible> {
            frame += 1;
            Ok(())
        };
        let mut units = 0;
        let mut state = vec![0; model.state_words(width)];
        let mut stream = Stream::begin(model, width, height, &mut state)?;
        let mut coder = RangeEncoder::new();
        let mut encoder = Encoder::begin(model, width, height, count_frame)?;
        for &value in &picture.values {
            let distribution = stream.predict()?;
            units += score::of(&distribution, value).ok_or("a value beyond the levels")?.units();
            coder.encode(&distribution, value, &mut count_alone)?;
            encoder.value(&mut stream, value)?;
        }
        coder.finish(&mut count_alone)?;
        encoder.end_group()?;
        progress.inc(1);
        Ok((units, alone, frame - HEADER_BYTES))
    };
    let sums = pictures.par_iter().map(one).try_reduce(|| (0, 0, 0), |a, b| Ok((a.0 + b.0, a.1 + b.1, a.2 + b.2)))?;
    progress.finish_and_clear();
    let cut = Cut { tile: None, group: DEFAULT_GROUP };
    let file = compress(model, pictures, None, &[], &cut, &|_| {})?.len();
    Ok(Ours { ideal: sums.0 as f64 / 65536.0 / 8.0, coder: sums.1, frames: sums.2, file })
}

/// An image of levels and its size.
#[derive(Clone, Copy)]
struct Raw<'a> {
    values: &'a [u16],
    width: u32,
    height: u32,
    levels: u32,
}

impl Raw<'_> {
    fn tones(&self) -> Vec<u8> {
        self.values.iter().map(|&value| tone(value, self.levels)).collect()
    }

    fn colours(&self) -> Vec<u8> {
        self.tones().into_iter().flat_map(|tone| [tone; 3]).collect()
    }

    /// As many bits a value as the levels need, one behind the other.
    fn packed(&self) -> Vec<u8> {
        let width = (self.levels - 1).ilog2() as usize + 1;
        let mut bytes = vec![0; (self.values.len() * width).div_ceil(8)];
        for (place, &value) in self.values.iter().enumerate() {
            for bit in (0..width).filter(|bit| value >> bit & 1 == 1) {
                let at = place * width + bit;
                bytes[at / 8] |= 1 << (at % 8);
            }
        }
        bytes
    }
}

type Format = (&'static str, fn(Raw<'_>) -> Result<usize>);

const FORMATS: [Format; 6] = [
    ("raw values, packed", |raw| Ok(raw.packed().len())),
    ("PNG (oxipng, level max, zopfli)", png),
    ("WebP lossless (libwebp, method 6)", webp),
    ("QOI", qoi),
    ("zstd -19 of the packed values", |raw| Ok(zstd::bulk::compress(&raw.packed(), 19)?.len())),
    ("JPEG XL lossless (cjxl -e 9)", jpeg_xl),
];

fn png(raw: Raw<'_>) -> Result<usize> {
    let grey = oxipng::ColorType::Grayscale { transparent_shade: None };
    let image = oxipng::RawImage::new(raw.width, raw.height, grey, oxipng::BitDepth::Eight, raw.tones())?;
    let mut options = oxipng::Options::max_compression();
    options.deflater = oxipng::Deflater::Zopfli(oxipng::ZopfliOptions::default());
    Ok(image.create_optimized_png(&options)?.len())
}

fn webp(raw: Raw<'_>) -> Result<usize> {
    let mut config = webp::WebPConfig::new().map_err(|()| "no WebP configuration")?;
    (config.lossless, config.method, config.quality) = (1, 6, 100.0);
    let colours = raw.colours();
    let encoder = webp::Encoder::from_rgb(&colours, raw.width, raw.height);
    let bytes = encoder.encode_advanced(&config).map_err(|error| format!("WebP: {error:?}"))?;
    Ok(bytes.len())
}

fn qoi(raw: Raw<'_>) -> Result<usize> {
    use image::ImageEncoder;
    let mut bytes = Cursor::new(Vec::new());
    let colours = raw.colours();
    let kind = image::ExtendedColorType::Rgb8;
    image::codecs::qoi::QoiEncoder::new(&mut bytes).write_image(&colours, raw.width, raw.height, kind)?;
    Ok(bytes.into_inner().len())
}

fn jpeg_xl(raw: Raw<'_>) -> Result<usize> {
    let folder = tempfile::tempdir()?;
    let (input, output) = (folder.path().join("image.pgm"), folder.path().join("image.jxl"));
    let mut bytes = format!("P5\n{} {}\n255\n", raw.width, raw.height).into_bytes();
    bytes.extend(raw.tones());
    std::fs::write(&input, bytes)?;
    let status = Command::new("cjxl")
        .args(["-d", "0", "-e", "9", "--num_threads=0", "--quiet"])
        .args([&input, &output])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|error| format!("cjxl: {error}; on Debian: apt-get install libjxl-tools"))?;
    if !status.success() {
        return Err(format!("cjxl failed: {status}").into());
    }
    Ok(usize::try_from(std::fs::metadata(output)?.len())?)
}

/// All images of a set in rows of 100, as one picture: what a format can do with many at once.
fn sheet(pictures: &[Picture]) -> Picture {
    let columns = pictures.len().min(100);
    let (each_width, each_height) = pictures[0].size();
    let (width, height) = (columns * each_width, pictures.len().div_ceil(columns) * each_height);
    let mut values = vec![0; width * height];
    for (place, picture) in pictures.iter().enumerate() {
        for (row, line) in picture.values.chunks(each_width).enumerate() {
            let start = ((place / columns) * each_height + row) * width + (place % columns) * each_width;
            values[start..start + each_width].copy_from_slice(line);
        }
    }
    Picture::grey(width, values)
}

/// All images one below the other, as one picture.
fn column(pictures: &[Picture]) -> Picture {
    Picture::grey(pictures[0].width, pictures.iter().flat_map(|picture| &picture.values).copied().collect())
}

fn others(pictures: &[Picture], levels: u32) -> Result<()> {
    let count = pictures.len() as f64;
    let (sheet, column) = (sheet(pictures), column(pictures));
    for (name, format) in FORMATS {
        let progress = bar(pictures.len(), name);
        let raw = |picture: &Picture| {
            format(Raw { values: &picture.values, width: picture.width as u32, height: picture.height as u32, levels })
        };
        let size = |picture: &Picture| {
            progress.inc(1);
            raw(picture)
        };
        let alone = pictures.par_iter().map(size).try_reduce(|| 0, |a, b| Ok(a + b));
        progress.finish_and_clear();
        let alone = match alone {
            Ok(alone) => alone,
            Err(error) => {
                println!("| {name} | not measured: {error} | |");
                continue;
            }
        };
        // QOI and zstd see the images one behind the other: their view is a line's.
        let together = match name {
            "PNG (oxipng, level max, zopfli)"
            | "WebP lossless (libwebp, method 6)"
            | "JPEG XL lossless (cjxl -e 9)" => raw(&sheet)?,
            _ => raw(&column)?,
        };
        println!("| {name} | {:.2} | {:.2} |", alone as f64 / count, together as f64 / count);
    }
    Ok(())
}

fn table(benchmark: &Benchmark, arguments: &Arguments) -> Result<()> {
    let path = arguments.data.join(benchmark.images);
    let mut pictures = ImageOptions::default()
        .read(&path)
        .map_err(|error| format!("{error} (the data sets are not part of this repository)"))?;
    pictures.truncate(arguments.limit.unwrap_or(usize::MAX));
    let count = pictures.len() as f64;
    println!("{}: {} images\n", benchmark.title, pictures.len());
    println!("| bytes an image | each alone | all in one file |\n| --- | --- | --- |");
    let mut details = Vec::new();
    for name in benchmark.models {
        let path = Path::new(&arguments.models).join(name).with_extension("prnn");
        if !path.is_file() {
            println!("| `{name}` | no model | {} is missing |", path.display());
            continue;
        }
        let blob = Blob::read(&path)?;
        let ours = ours(&blob.load()?, &pictures)?;
        let each = |bytes: f64| bytes / count;
        println!("| `{name}`, `compress` | {:.2} | {:.2} |", each(ours.frames as f64), each(ours.file as f64));
        println!("| `{name}`, range coder alone | {:.2} | |", each(ours.coder as f64));
        let over = |bytes: usize| {
            let over = bytes as f64 - ours.ideal;
            format!("{:+.3} bytes an image ({:+.2} %)", over / count, 100.0 * over / ours.ideal)
        };
        details.push(format!(
            "`{name}`: ideal code length {:.3} bytes an image; over it: one file {}, range coder alone {}, a group a frame {}",
            each(ours.ideal),
            over(ours.file),
            over(ours.coder),
            over(ours.frames)
        ));
    }
    if !arguments.ours {
        others(&pictures, benchmark.levels)?;
    }
    println!();
    for detail in details {
        println!("{detail}");
    }
    println!();
    Ok(())
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let wanted = |title: &str| arguments.only.as_ref().is_none_or(|only| title.contains(only.as_str()));
    BENCHMARKS.iter().filter(|benchmark| wanted(benchmark.title)).try_for_each(|benchmark| table(benchmark, &arguments))
}
