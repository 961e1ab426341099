//! `pixelrnn receive`: pictures from the packets that a device sent.

use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;

use pixelrnn::Pyramid;

use crate::archive::packets::{Frame, Received};
use crate::blob_file::Blob;
use crate::report::{self, save_png, shown};

/// Arguments of `pixelrnn receive`.
#[derive(Debug, Clone, clap::Args)]
pub struct ReceiveArguments {
    /// The model that the device codes with, a `.prnn` file, of one or several scales.
    model: PathBuf,
    /// The packets as they were recorded: text in which lines of `packet` and hexadecimal digits count, or of each packet its length
    /// (u16, little-endian), then its bytes.
    packets: PathBuf,
    /// Where to: a folder, made if it is not there; a picture a frame, 000.png, …; of several scales also each smaller one, 000-0.png, ….
    /// Missing tiles show what the smaller scale does; where nothing came, squares of two greys.
    #[arg(short, long)]
    out: PathBuf,
}

/// What came of a frame, for people.
fn summary(frame: &Frame, several: bool) -> String {
    let Frame { number, scale, tiles, missing, .. } = frame;
    let scale = if several { format!(", scale {scale}") } else { String::new() };
    let mut text = format!("frame {number}{scale}: {} of {tiles} tiles", *tiles as usize - missing.len());
    for tile in missing {
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
    let blob = Blob::read_to_run(&arguments.model)?;
    let models = blob.load_scales()?;
    let (pyramid, last) = (Pyramid::new(&models)?, models.len() - 1);
    let path = arguments.packets.display();
    let bytes = std::fs::read(&arguments.packets).map_err(|error| format!("cannot read {path}: {error}"))?;
    let received = Received::read(&bytes);
    let frames = received.frames(&pyramid).map_err(|error| format!("{path}: {error}"))?;
    std::fs::create_dir_all(&arguments.out)
        .map_err(|error| format!("cannot make {}: {error}", arguments.out.display()))?;
    let levels = models[0].levels();
    for frame in &frames {
        let picture = if levels <= 256 { shown(&frame.picture, levels) } else { frame.picture.clone() };
        let Frame { number, scale, .. } = *frame;
        let name = if scale == last { format!("{number:03}.png") } else { format!("{number:03}-{scale}.png") };
        save_png(&picture, &arguments.out.join(name))?;
        report::print(&summary(frame, last > 0))?;
    }
    if received.refused > 0 {
        report::print(&format!("{} packets were none of these pictures'\n", received.refused))?;
    }
    Ok(())
}
