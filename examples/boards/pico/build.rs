//! What all boards' crates need, and the photograph: coded here, under the model that decodes it on the board.
//!
//! `PIXELRNN_PHOTO` names another picture than `photo.png`, `PIXELRNN_PHOTO_MODEL` another colour model than `photos`.

#[path = "../build.rs"]
mod shared;

use std::convert::Infallible;
use std::error::Error;
use std::path::Path;
use std::{env, fs};

use pixelrnn::codec::{Encoder, Header};
use pixelrnn::{Model, Stream};

/// A tile's columns and rows: what a display shows that decodes alone, and what the state's size depends on.
const TILE: (u32, u32) = (120, 120);

fn main() -> Result<(), Box<dyn Error>> {
    shared::main()?;
    photo(Path::new(&env::var("OUT_DIR")?))
}

fn path_of(variable: &str, default: &str) -> String {
    println!("cargo:rerun-if-env-changed={variable}");
    let path = env::var(variable).unwrap_or_else(|_| default.into());
    println!("cargo:rerun-if-changed={path}");
    path
}

fn photo(out: &Path) -> Result<(), Box<dyn Error>> {
    let model = path_of("PIXELRNN_PHOTO_MODEL", "../../models/photos.prnn");
    let bytes = fs::read(&model).map_err(|error| format!("PIXELRNN_PHOTO_MODEL: {model}: {error}"))?;
    fs::write(out.join("photo_model.prnn"), &bytes)?;
    let mut words = vec![0u32; bytes.len().div_ceil(4)];
    bytemuck::cast_slice_mut(&mut words)[..bytes.len()].copy_from_slice(&bytes);
    let loaded = Model::load(&bytemuck::cast_slice(&words)[..bytes.len()]);
    let loaded = loaded.map_err(|error| format!("PIXELRNN_PHOTO_MODEL: {model}: {error}"))?;
    let path = path_of("PIXELRNN_PHOTO", "photo.png");
    let (size, values) = read(&path).map_err(|error| format!("PIXELRNN_PHOTO: {path}: {error}"))?;
    if (loaded.channels(), loaded.levels()) != (3, 256) {
        return Err(format!("PIXELRNN_PHOTO_MODEL: {model}: not of three channels of 8 bits").into());
    }
    fs::write(out.join("photo.prnz"), coded(&loaded, size, &values)?)?;
    let words = loaded.state_words(TILE.0.min(size.0));
    fs::write(out.join("photo.rs"), format!("const STATE_WORDS: usize = {words};\n"))?;
    Ok(())
}

/// Columns and rows, and red, green and blue of every pixel.
fn read(path: &str) -> Result<((u32, u32), Vec<u8>), Box<dyn Error>> {
    let mut reader = png::Decoder::new(std::io::BufReader::new(fs::File::open(path)?)).read_info()?;
    let mut bytes = vec![0; reader.output_buffer_size().ok_or("a picture too large")?];
    let info = reader.next_frame(&mut bytes)?;
    if (info.color_type, info.bit_depth) != (png::ColorType::Rgb, png::BitDepth::Eight) {
        return Err("not red, green and blue of 8 bits".into());
    }
    bytes.truncate(info.buffer_size());
    Ok(((info.width, info.height), bytes))
}

/// A container as a device would send it, a group a tile.
fn coded(model: &Model<'_>, size: (u32, u32), values: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let header = Header::tiled(model, size, TILE).ok_or("a picture of no size")?;
    let mut bytes = Vec::new();
    let sink = |byte| -> Result<(), Infallible> {
        bytes.push(byte);
        Ok(())
    };
    let mut state = vec![0; model.state_words(TILE.0)];
    let mut encoder = Encoder::with_header(header, sink)?;
    for tile in (0..header.tiles.count()).filter_map(|index| header.tiles.get(index)) {
        let mut stream =
            Stream::begin(model, tile.width, tile.height, &mut state).map_err(|error| error.to_string())?;
        for row in values.chunks((size.0 * 3) as usize).skip(tile.top as usize).take(tile.height as usize) {
            for &value in &row[(tile.left * 3) as usize..][..(tile.width * 3) as usize] {
                encoder.value(&mut stream, value.into())?;
            }
        }
        encoder.end_group()?;
    }
    let _sink = encoder.finish()?;
    Ok(bytes)
}
