//! What a tile's border costs: bits a value of photographs in tiles of several sizes, and whole. Markdown.
//!
//! `cargo run --release -p pixelrnn-tests --bin borders > tests/measured/borders.md`; needs the sets in `../shared/data` (or `--data`).

use std::path::PathBuf;

use clap::Parser;
use pixelrnn_convert::archive::{Cut, compress};
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::data::{Picture, set};
use pixelrnn_tests::sets::{self, Error, PHOTOGRAPHS};

#[derive(Parser)]
struct Arguments {
    /// The folder of the sets.
    #[arg(long, default_value = sets::FOLDER)]
    data: PathBuf,
    /// Only the first pictures of each set, so many megapixels at most.
    #[arg(long, default_value_t = 2.4)]
    megapixels: f64,
    /// Sides of tiles.
    #[arg(long, num_args = 1.., default_values_t = [16, 32, 64, 128, 256])]
    sides: Vec<u32>,
}

fn main() -> Result<(), Error> {
    let arguments = Arguments::parse();
    let heads: Vec<_> = arguments.sides.iter().map(|side| format!("{side}x{side}")).collect();
    println!(
        "As `cargo run --release -p pixelrnn-tests --bin borders` prints it: bits a value of one archive without names, and what tiles cost \
         over whole images. Pictures of photos are about 128x96, Kodak's 768x512.\n\n\
         | | pictures | {} | whole |\n| --- | ---: |{} ---: |",
        heads.join(" | "),
        " ---: |".repeat(heads.len())
    );
    for set in &PHOTOGRAPHS {
        // Images of 32x32 have no tiles.
        if set.sheet.is_some() {
            continue;
        }
        let pictures = first(set.read(&arguments.data, usize::MAX)?, arguments.megapixels);
        for (name, blob) in set.models()? {
            println!("| `{name}`, {} | {} | {} |", set.title, pictures.len(), row(&blob, &pictures, &arguments.sides)?);
        }
    }
    Ok(())
}

/// As many pictures as have so many pixels, at least one.
fn first(mut pictures: Vec<Picture>, megapixels: f64) -> Vec<Picture> {
    let mut pixels = 0;
    let mut fits = |picture: &Picture| {
        pixels += picture.pixels();
        pixels as f64 <= megapixels * 1e6
    };
    let count = pictures.iter().take_while(|picture| fits(picture)).count();
    pictures.truncate(count.max(1));
    pictures
}

fn row(blob: &Blob, pictures: &[Picture], sides: &[u32]) -> Result<String, Error> {
    let model = blob.load()?;
    let pictures = sets::levels(&model, pictures)?;
    let bits = |tile| -> Result<f64, Error> {
        let bytes = compress(&model, &pictures, None, &[], &Cut { tile, group: 1 }, &|_| {})?;
        Ok(8.0 * bytes.len() as f64 / set::count_values(&pictures) as f64)
    };
    let whole = bits(None)?;
    let cell = |&side: &u32| Ok(bits(Some((side, side)))?).map(|bits| format!("{bits:.3} (+{:.3})", bits - whole));
    let cells: Result<Vec<_>, Error> = sides.iter().map(cell).collect();
    Ok(format!("{} | {whole:.3}", cells?.join(" | ")))
}
