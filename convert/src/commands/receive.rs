//! `pixelrnn receive`: pictures from the packets that a device sent.

use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;

use crate::archive::packets::{Frame, Received};
use crate::blob_file::Blob;
use crate::report::{self, save_png, shown};

/// Arguments of `pixelrnn receive`.
#[derive(Debug, Clone, clap::Args)]
pub struct ReceiveArguments {
    /// The model that the device codes with, a `.prnn` file.
    model: PathBuf,
    /// The packets as they were recorded: text in which lines of `packet` and hexadecimal digits count, or of each packet its length
    /// (u16, little-endian), then its bytes.
    packets: PathBuf,
    /// Where to: a folder, made if it is not there; a picture a frame, 000.png, …. Missing tiles show squares of two greys.
    #[arg(short, long)]
    out: PathBuf,
}

/// What came of a frame, for people.
fn summary(frame: &Frame, tiles: u32) -> String {
    let mut text = format!("frame {}: {} of {tiles} tiles", frame.number, tiles as usize - frame.missing.len());
    for tile in &frame.missing {
        let _ = write!(
            text,
            "\n  tile {} is missing: {}x{} pixels at {},{}",
            tile.index, tile.width, tile.height, tile.left, tile.top
        );
    }
    text + "\n"
}

/// Rebuilds, says what is missing, and writes the pictures.
///
/// # Errors
/// A model or packets that cannot be read or do not fit; pictures that cannot be written.
pub fn run(arguments: &ReceiveArguments) -> Result<(), Box<dyn Error>> {
    let blob = Blob::read(&arguments.model)?;
    let model = blob.load()?;
    let path = arguments.packets.display();
    let bytes = std::fs::read(&arguments.packets).map_err(|error| format!("cannot read {path}: {error}"))?;
    let received = Received::read(&bytes);
    let frames = received.frames(&model).map_err(|error| format!("{path}: {error}"))?;
    std::fs::create_dir_all(&arguments.out)
        .map_err(|error| format!("cannot make {}: {error}", arguments.out.display()))?;
    let tiles = received.header().map_or(0, |header| header.tiles.count());
    for frame in &frames {
        let picture = if model.levels() <= 256 { shown(&frame.picture, model.levels()) } else { frame.picture.clone() };
        save_png(&picture, &arguments.out.join(format!("{:03}.png", frame.number)))?;
        report::print(&summary(frame, tiles))?;
    }
    if received.refused > 0 {
        report::print(&format!("{} packets were none of these pictures'\n", received.refused))?;
    }
    Ok(())
}
