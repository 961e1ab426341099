//! The picture of the front page: a digit as a board draws it, row by row; a photograph, the bits that its pixels take, and its bytes beside PNG's.

use std::error::Error;
use std::path::PathBuf;

use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;
use embedded_graphics::text::Alignment;
use pixelrnn::Pyramid;
use pixelrnn_convert::archive::{Cut, compress};
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::commands::compress::DEFAULT_GROUP;
use pixelrnn_convert::commands::score;
use pixelrnn_convert::data::{ImageOptions, Picture};
use pixelrnn_convert::report;

use crate::canvas::Canvas;
use crate::cross::workspace;
use crate::images::drawn;
use crate::sets::model_path;
use crate::tables::thousands;

/// The network that draws, and the one that codes.
const DRAWS: &str = "mnist-micro";
const CODES: &str = "photos";
/// The digit's seed: one that anybody can read.
const SEED: u64 = 35;
/// Rows that are drawn in each stage.
const STAGES: [usize; 6] = [5, 9, 13, 17, 21, 28];
/// Columns and rows of a digit.
const DIGIT: usize = 28;
/// The bits of a pixel's three channels that are shown in white.
const WHITE: f64 = 30.0;

const CARD: Rgb888 = Rgb888::new(24, 28, 34);
const TO_COME: Rgb888 = Rgb888::new(44, 50, 60);
const FRONT: Rgb888 = Rgb888::new(255, 166, 46);
const INK: Rgb888 = Rgb888::new(236, 240, 245);
const FAINT: Rgb888 = Rgb888::new(160, 170, 184);

// Places on the picture, in pixels.
const SIZE: Size = Size::new(880, 440);
const LEFT: i32 = 28;
const RIGHT: i32 = 460;
const TITLE: i32 = 20;
const TOP: i32 = 56;
const BELOW: i32 = 352;
/// Pixels a pixel of the digits and of the photograph.
const DIGIT_ZOOM: usize = 4;
const PHOTO_ZOOM: usize = 2;
/// Pixels from one to the next.
const DIGIT_STEP: (i32, i32) = (132, 144);
const PHOTO_STEP: i32 = 200;

/// Where the picture lies.
pub fn path() -> PathBuf {
    workspace().join("examples/front.png")
}

/// The picture.
///
/// # Errors
/// A model or a photograph that cannot be read.
pub fn picture() -> Result<Picture, Box<dyn Error>> {
    let mut canvas = Canvas::new(SIZE, CARD);
    digits(&mut canvas)?;
    photograph(&mut canvas)?;
    Ok(canvas.into_picture())
}

/// The stages of a digit, three a row.
fn digits(canvas: &mut Canvas) -> Result<(), Box<dyn Error>> {
    let blob = Blob::read(&model_path(DRAWS))?;
    let model = blob.load()?;
    let image: Vec<u16> = drawn(&model, DIGIT as u32, DIGIT as u32, SEED);
    canvas.title(Point::new(LEFT, TITLE), "Draw an image row by row", INK);
    for (number, rows) in STAGES.into_iter().enumerate() {
        let (column, row) = (number as i32 % 3, number as i32 / 3);
        let place = Point::new(LEFT + column * DIGIT_STEP.0, TOP + row * DIGIT_STEP.1);
        stage(canvas, place, &image, rows)?;
    }
    canvas.title(Point::new(LEFT, BELOW), "A micro:bit (Cortex-M0) draws it:", INK);
    let bytes = format!(
        "{} bytes of flash, {} of RAM",
        thousands(blob.bytes().len() as u64),
        thousands(model.state_bytes(DIGIT as u32) as u64)
    );
    canvas.title(Point::new(LEFT, BELOW + 26), &bytes, INK);
    canvas.label(Point::new(LEFT, BELOW + 54), "the same pixels as on any other machine", FAINT, Alignment::Left);
    Ok(())
}

/// A digit of which only the first rows are drawn.
fn stage(canvas: &mut Canvas, place: Point, image: &[u16], rows: usize) -> Result<(), Box<dyn Error>> {
    let tones: Vec<u16> = image.iter().map(|&level| level * 255).collect();
    canvas.put(place, &Picture::grey(DIGIT, tones), DIGIT_ZOOM);
    let side = (DIGIT * DIGIT_ZOOM) as u32;
    let drawn = (rows * DIGIT_ZOOM) as i32;
    if rows < DIGIT {
        canvas.fill(Rectangle::new(place + Point::new(0, drawn), Size::new(side, side - drawn as u32)), TO_COME);
        canvas.fill(Rectangle::new(place + Point::new(0, drawn), Size::new(side, 2)), FRONT);
    }
    let under = place + Point::new(side as i32 / 2, side as i32 + 6);
    canvas.label(under, &format!("{rows} rows"), FAINT, Alignment::Center);
    Ok(())
}

/// A photograph, the bits of its pixels, and its bytes beside PNG's.
fn photograph(canvas: &mut Canvas) -> Result<(), Box<dyn Error>> {
    let file = workspace().join("tests/data/kodak.png");
    let photo = ImageOptions::default().read(&file)?.swap_remove(0);
    let blob = Blob::read(&model_path(CODES))?;
    let model = blob.load()?;
    let (_, lengths) = score::value_lengths(&Pyramid::new(std::slice::from_ref(&model))?, &photo)?;
    let bits: Vec<f64> = lengths
        .chunks(photo.channels)
        .map(|channels| channels.iter().map(|length| length.units() as f64 / 65536.0).sum())
        .collect();
    let heat = heat(&photo, &bits);
    canvas.title(Point::new(RIGHT, TITLE), "Code a photograph without loss", INK);
    let labels = ["the photograph", "its bits, many bright"];
    for (number, (shown, label)) in [&photo, &heat].into_iter().zip(labels).enumerate() {
        let place = Point::new(RIGHT + number as i32 * PHOTO_STEP, TOP);
        canvas.put(place, shown, PHOTO_ZOOM);
        let middle = (photo.width * PHOTO_ZOOM / 2) as i32;
        let under = place + Point::new(middle, (photo.height * PHOTO_ZOOM) as i32 + 6);
        canvas.label(under, label, FAINT, Alignment::Center);
    }
    let cut = Cut { tile: None, group: DEFAULT_GROUP };
    let ours = compress(&model, std::slice::from_ref(&photo), None, &[], &cut, &|_| ())?.len() as u64;
    let png = std::fs::metadata(&file)?.len();
    bar(canvas, BELOW, "PNG", (png, png), FAINT);
    bar(canvas, BELOW + 26, "pixelrnn", (ours, png), FRONT);
    let network = format!("with a network of {} bytes", thousands(blob.bytes().len() as u64));
    canvas.label(Point::new(RIGHT, BELOW + 54), &network, FAINT, Alignment::Left);
    Ok(())
}

/// A photograph's heat map without the photograph that it stands beside.
fn heat(photo: &Picture, bits: &[f64]) -> Picture {
    let both = report::heat_map(photo, bits, WHITE, 1);
    let gap = (both.width - 2 * photo.width) / 3;
    let rows = both.values.chunks(3 * both.width);
    let values = rows.flat_map(|row| row[3 * (photo.width + gap)..][..3 * photo.width].iter().copied()).collect();
    Picture { values, ..photo.clone() }
}

/// Bytes as a bar, as long as all of its room for `most`.
fn bar(canvas: &mut Canvas, top: i32, name: &str, (bytes, most): (u64, u64), colour: Rgb888) {
    const NAME: i32 = 96;
    const LONGEST: u64 = 160;
    canvas.title(Point::new(RIGHT, top), name, INK);
    let length = (LONGEST * bytes / most) as u32;
    canvas.fill(Rectangle::new(Point::new(RIGHT + NAME, top + 2), Size::new(length, 16)), colour);
    let end = Point::new(RIGHT + NAME + length as i32 + 10, top);
    canvas.title(end, &format!("{} bytes", thousands(bytes)), INK);
}
