//! Prints what a model takes on every board: flash, RAM and stack in bytes, instructions a pixel. Markdown.
//!
//! `cargo run -p pixelrnn-tests --bin boards [MODEL.prnn [WIDTHxHEIGHT]]`; without a model, `mnist-micro` at 28x28.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;

use pixelrnn::Pyramid;
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_tests::boards::{BOARDS, Board, Figures};
use pixelrnn_tests::cross::{CrossError, workspace};
use pixelrnn_tests::image_size::ImageSize;
use pixelrnn_tests::instructions;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().map_or_else(|| workspace().join("examples/models/mnist-micro.prnn"), PathBuf::from);
    let size = arguments.next().unwrap_or_else(|| "28x28".into());
    let path = path.canonicalize().map_err(|error| format!("{}: {error}", path.display()))?;
    let blob = Blob::read_scales(&path)?;
    let (width, height) = size.split_once('x').ok_or("a size is WIDTHxHEIGHT")?;
    let (width, height): (u32, u32) = (width.parse()?, height.parse()?);
    let models = blob.load_scales()?;
    let pyramid = Pyramid::new(&models)?;
    let (state, values) = (4 * pyramid.state_words(width), pyramid.values((width, height)));
    let plugin = instructions::plugin()?;

    println!(
        "{}, {size}: blob {} bytes, state {state} bytes. Instructions are QEMU's count of what was executed, not cycles.\n",
        path.file_stem().unwrap_or_default().display(),
        blob.bytes().len()
    );
    println!(
        "| board | core | flash: program | flash: model | RAM: state | RAM: other statics | worst stack | instructions a pixel |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for board in &BOARDS {
        let entry = format!("{}@{size}", path.display());
        let image = match board.firmware("table", &[entry], 1, 1) {
            Err(CrossError::DoesNotFit(reason)) => {
                println!("| {} | {} | does not fit: {reason} |", board.name, board.core);
                continue;
            }
            image => image?,
        };
        println!("{}", row(board, &image, &plugin, blob.bytes().len(), (width * height, values))?);
    }
    Ok(())
}

fn row(
    board: &Board,
    image: &Path,
    plugin: &Path,
    blob: usize,
    (pixels, values): (u32, usize),
) -> Result<String, Box<dyn Error>> {
    let output = board.run_with(&["-plugin", &plugin.to_string_lossy()], image, Duration::from_secs(600))?;
    let figures = Figures::parse(&output.serial).ok_or_else(|| format!("{}: {}", board.name, output.serial))?;
    let size = ImageSize::read(image)?;
    // One region a value, of all scales.
    let counts = instructions::regions(&output.messages);
    if counts.len() != values {
        return Err(
            format!("{}: {} values were counted of {values}: {}", board.name, counts.len(), output.messages).into()
        );
    }
    Ok(format!(
        "| {} | {} | {} | {blob} | {} | {} | {} | {} |",
        board.name,
        board.core,
        size.flash - blob as u64,
        figures.state,
        size.ram - u64::from(figures.state),
        figures.stack,
        counts.iter().map(|&(instructions, _)| instructions).sum::<u64>() / u64::from(pixels)
    ))
}
