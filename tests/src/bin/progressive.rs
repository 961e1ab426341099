//! What a progressive code shows after each scale: bytes so far, and how far the picture is off. Markdown.
//!
//! `cargo run --release -p pixelrnn-tests --bin progressive > tests/measured/progressive.md`; needs the sets in `../shared/data` (or
//! `--data`).

use std::path::PathBuf;

use clap::Parser;
use pixelrnn::Pyramid;
use pixelrnn_convert::archive::{Cut, compress_scales};
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::data::Picture;
use pixelrnn_convert::pyramid::scale_of;
use pixelrnn_tests::sets::{self, Error, PHOTOGRAPHS};

#[derive(Parser)]
struct Arguments {
    /// The folder of the sets.
    #[arg(long, default_value = sets::FOLDER)]
    data: PathBuf,
    /// The model.
    #[arg(long, default_value = "photos-scales")]
    model: String,
}

fn main() -> Result<(), Error> {
    let Arguments { data, model } = Arguments::parse();
    let blob = Blob::read_scales(&sets::model_path(&model))?;
    let models = blob.load_scales()?;
    let pyramid = Pyramid::new(&models)?;
    let set = &PHOTOGRAPHS[0];
    let pictures = sets::levels(&models[0], &set.read(&data, usize::MAX)?)?;
    println!(
        "As `cargo run --release -p pixelrnn-tests --bin progressive` prints it: `{model}`, {}, {} pictures in one archive without names. \
         What is not there yet is drawn in lines between the pixels that are.\n\n\
         | after the scale of | of the pixels | bytes a picture | of all bytes | peak signal-to-noise ratio |\n\
         | --- | ---: | ---: | ---: | ---: |",
        set.title,
        pictures.len()
    );
    let whole = length(&pyramid, &pictures)?;
    for scale in 0..models.len() {
        let bytes = length(&Pyramid::new(&models[..=scale])?, &scaled(&pyramid, scale, &pictures))?;
        let factor = pyramid.factor(scale);
        let name = match factor {
            1 => "all pixels".into(),
            2 => "every second row and column".into(),
            _ => format!("every {factor}th row and column"),
        };
        let ratio = ratio(&pyramid, scale, &pictures);
        println!(
            "| {name} | {:.1} % | {:.0} | {:.1} % | {} |",
            100.0 / f64::from(factor * factor),
            bytes as f64 / pictures.len() as f64,
            100.0 * bytes as f64 / whole as f64,
            if factor == 1 { "exact".into() } else { format!("{ratio:.1} dB") }
        );
    }
    Ok(())
}

/// Bytes of all scales of pictures.
fn length(pyramid: &Pyramid<'_>, pictures: &[Picture]) -> Result<usize, Error> {
    Ok(compress_scales(pyramid, pictures, None, &[], &Cut { tile: None, group: 1 }, &|_| {})?.len())
}

fn scaled(pyramid: &Pyramid<'_>, scale: usize, pictures: &[Picture]) -> Vec<Picture> {
    pictures.iter().map(|picture| scale_of(pyramid, scale, picture)).collect()
}

/// The peak signal-to-noise ratio of all values, in decibels, if a scale is enlarged.
fn ratio(pyramid: &Pyramid<'_>, scale: usize, pictures: &[Picture]) -> f64 {
    let factor = pyramid.factor(scale) as usize;
    let (mut squares, mut count) = (0.0, 0usize);
    for picture in pictures {
        let small = scale_of(pyramid, scale, picture);
        for (place, &value) in picture.values.iter().enumerate() {
            let (pixel, channel) = (place / picture.channels, place % picture.channels);
            let shown = between(&small, factor, pixel / picture.width, pixel % picture.width, channel);
            squares += (shown - f64::from(value)).powi(2);
        }
        count += picture.values.len();
    }
    10.0 * (255.0f64.powi(2) * count as f64 / squares).log10()
}

/// A value between the four pixels of a smaller picture around it.
fn between(small: &Picture, factor: usize, row: usize, column: usize, channel: usize) -> f64 {
    let at = |row: usize, column: usize| {
        let (row, column) = (row.min(small.height - 1), column.min(small.width - 1));
        f64::from(small.values[(row * small.width + column) * small.channels + channel])
    };
    let (top, left) = (row / factor, column / factor);
    let [down, right] = [row % factor, column % factor].map(|rest| rest as f64 / factor as f64);
    let line = |row: usize| at(row, left) * (1.0 - right) + at(row, left + 1) * right;
    line(top) * (1.0 - down) + line(top + 1) * down
}
