//! Codes and decodes pictures in memory, and prints what `tests/codecs/codecs.py` puts beside other formats: bytes of the archive, then
//! seconds of processor time to encode and to decode, all threads together.
//!
//! `cargo run --release -p pixelrnn-convert --example codec_rate -- MODEL.prnn IMAGES... [--grey] [--grid 32x32] [--tile 128x128] [--threads 1]`

use std::path::PathBuf;

use clap::Parser;
use cpu_time::ProcessTime;
use pixelrnn_convert::archive::{Cut, compress};
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::commands::compress::{DEFAULT_GROUP, TileSize};
use pixelrnn_convert::commands::decompress::decompress;
use pixelrnn_convert::data::{ImageOptions, Values};

#[derive(Parser)]
struct Arguments {
    model: PathBuf,
    #[arg(required = true)]
    images: Vec<PathBuf>,
    #[command(flatten)]
    options: ImageOptions,
    #[arg(long, default_value = "128x128")]
    tile: TileSize,
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Times that it is done; the fastest counts.
    #[arg(long, default_value_t = 1)]
    repeats: usize,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    rayon::ThreadPoolBuilder::new().num_threads(arguments.threads).build_global()?;
    let blob = Blob::read(&arguments.model)?;
    let model = blob.load()?;
    let pictures = Values::Exact.apply(arguments.options.read_all(&arguments.images)?, model.levels())?;
    let names: Vec<String> = pictures.iter().map(|picture| picture.name.clone()).collect();
    let cut = Cut { tile: arguments.tile.0, group: DEFAULT_GROUP };
    let (mut bytes, mut encode, mut decode) = (Vec::new(), f64::INFINITY, f64::INFINITY);
    for _ in 0..arguments.repeats {
        let start = ProcessTime::now();
        bytes = compress(&model, &pictures, Some(&names), &[], &cut, &|_| {})?;
        encode = encode.min(start.elapsed().as_secs_f64());
        let start = ProcessTime::now();
        let decoded = decompress(&model, &bytes, None, &|_| {})?;
        decode = decode.min(start.elapsed().as_secs_f64());
        if decoded != pictures {
            return Err("other pictures were decoded than were coded".into());
        }
    }
    println!("{} {encode} {decode}", bytes.len());
    Ok(())
}
