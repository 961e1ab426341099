//! Settings of the program `camera`: the model, the frames, how they are cut and sent.

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use crate::with_scales;

/// Frames of grey that the repository has.
const FRAMES: &str = "frames/kodim08.png,frames/kodim23.png";

fn variable(name: &str, default: &str) -> String {
    println!("cargo:rerun-if-env-changed={name}");
    env::var(name).unwrap_or_else(|_| default.into())
}

/// A picture's size and its values as they are.
struct Frame {
    width: u32,
    height: u32,
    channels: usize,
    values: Vec<u16>,
}

fn read(path: &Path) -> Result<Frame, Box<dyn Error>> {
    let mut reader = png::Decoder::new(std::io::BufReader::new(fs::File::open(path)?)).read_info()?;
    let mut bytes = vec![0; reader.output_buffer_size().ok_or("a picture too large")?];
    let info = reader.next_frame(&mut bytes)?;
    bytes.truncate(info.buffer_size());
    let values = match info.bit_depth {
        png::BitDepth::Eight => bytes.into_iter().map(u16::from).collect(),
        png::BitDepth::Sixteen => bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect(),
        _ => return Err("neither 8 nor 16 bits a value".into()),
    };
    Ok(Frame { width: info.width, height: info.height, channels: info.color_type.samples(), values })
}

/// Writes what the program includes.
pub fn settings(out: &Path) -> Result<(), Box<dyn Error>> {
    let path = variable("PIXELRNN_CAMERA_MODEL", "../models/photos-grey-fast.prnn");
    let path = fs::canonicalize(&path).map_err(|error| format!("PIXELRNN_CAMERA_MODEL: {path}: {error}"))?;
    println!("cargo:rerun-if-changed={}", path.display());
    let tile = variable("PIXELRNN_TILE", "80x16");
    let (columns, rows) = tile.split_once('x').ok_or("PIXELRNN_TILE: not WIDTHxHEIGHT")?;
    let (columns, rows): (u32, u32) = (columns.parse()?, rows.parse()?);
    let packet: usize = variable("PIXELRNN_PACKET", "51").parse()?;
    let (state_words, levels, channels) = with_scales(&path, |models| {
        let model = &models[0];
        (model.state_words(columns), model.levels(), usize::from(model.channels()))
    })?;

    let mut frames = String::new();
    let mut size = None;
    for name in variable("PIXELRNN_FRAMES", FRAMES).split(',') {
        println!("cargo:rerun-if-changed={name}");
        let frame = read(Path::new(name)).map_err(|error| format!("PIXELRNN_FRAMES: {name}: {error}"))?;
        let fits = frame.channels == channels && frame.values.iter().all(|&value| u32::from(value) < levels);
        if !fits || *size.get_or_insert((frame.width, frame.height)) != (frame.width, frame.height) {
            return Err(
                format!("PIXELRNN_FRAMES: {name}: not the model's channels and levels, or of another size").into()
            );
        }
        writeln!(frames, "    &{:?},", frame.values)?;
    }
    let (width, height) = size.ok_or("PIXELRNN_FRAMES: no frame")?;
    let value = if levels <= 256 { "u8" } else { "u16" };
    let strip = width as usize * channels * rows.min(height) as usize;
    let text = format!(
        "/// A value of a frame.\ntype Value = {value};\n\
         static MODEL: &[u8] = pixelrnn::include_model!({path:?});\n\
         /// Columns and rows of a frame.\nconst FRAME: (u32, u32) = ({width}, {height});\n\
         /// Columns and rows of a tile.\nconst TILE: (u32, u32) = ({columns}, {rows});\n\
         /// Bytes of a packet at most.\nconst PACKET: usize = {packet};\n\
         /// Words of the model's state at a tile's width.\nconst STATE_WORDS: usize = {state_words};\n\
         /// Values of a strip of tiles.\nconst STRIP_VALUES: usize = {strip};\n\
         static FRAMES: &[&[Value]] = &[\n{frames}];\n"
    );
    fs::write(out.join("camera.rs"), text)?;
    Ok(())
}
