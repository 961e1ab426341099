//! Every bit of small files flipped: an error, or the values that were coded.

use pixelrnn::codec::Header;
use pixelrnn::{Model, Pyramid};
use pixelrnn_convert::archive::packets::Received;
use pixelrnn_convert::archive::{Cut, Region, compress};
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::commands::decompress::decompress;
use pixelrnn_convert::data::{ImageOptions, Picture};
use pixelrnn_tests::coded::{encode, packets};
use pixelrnn_tests::cross::workspace;
use pixelrnn_tests::sets::{Error, levels, model_path};
use rayon::prelude::*;

use crate::Outcome;

const SIDE: u32 = 24;
const TILE: (u32, u32) = (16, 16);

/// The upper left corners of the test pictures, as levels.
fn corners(model: &Model<'_>, file: &str, is_grey: bool) -> Result<Vec<Picture>, Error> {
    let options = ImageOptions { grey: is_grey, ..ImageOptions::default() };
    let pictures = options.read(&workspace().join("tests/data").join(file))?;
    let corner = |picture: &Picture| {
        let channels = picture.channels;
        let rows = picture.values.chunks(picture.width * channels).take(SIDE as usize);
        let values = rows.flat_map(|row| &row[..SIDE as usize * channels]).copied().collect();
        Picture { name: "corner.png".into(), width: SIDE as usize, height: SIDE as usize, values, ..*picture }
    };
    levels(model, &pictures.iter().map(corner).collect::<Vec<_>>())
}

/// Flips every bit of a file, one at a time.
fn flipped<T: PartialEq + Sync, E>(
    what: String,
    file: &[u8],
    right: &T,
    read: impl Fn(&[u8]) -> Result<T, E> + Sync,
) -> Outcome {
    let one = |bit: usize| {
        let mut damaged = file.to_vec();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let mut outcome = Outcome::default();
        outcome.count(&read(&damaged), |found| found == right);
        outcome
    };
    let sum = |sum: Outcome, one: Outcome| sum.add(&one);
    (0..8 * file.len()).into_par_iter().map(one).reduce(Outcome::default, sum).named(what)
}

impl Outcome {
    fn named(self, what: String) -> Self {
        Self { what, ..self }
    }
}

/// Rows of a model: an archive whole and a region of it, a device's container, and packets.
fn of_model(name: &str, file: &str, is_grey: bool) -> Result<Vec<Outcome>, Error> {
    let blob = Blob::read(&model_path(name))?;
    let model = blob.load()?;
    let pictures = corners(&model, file, is_grey)?;
    let names: Vec<String> = pictures.iter().map(|picture| picture.name.clone()).collect();
    let cut = Cut { tile: Some(TILE), group: 1 };
    let archive = compress(&model, &pictures, Some(&names), &[], &cut, &|_| {})?;
    let region = Some(Region { left: 17, top: 3, width: 5, height: 9 });
    let shown = decompress(&model, &archive, region, &|_| {})?;

    let header = Header::tiled(&model, (SIDE, SIDE), TILE).ok_or("no size")?;
    let values: Vec<Vec<u16>> = pictures.iter().map(|picture| picture.values.clone()).collect();
    let container = encode(&model, header, &values, 1).bytes;
    let unnamed: Vec<Picture> = pictures.iter().map(|p| Picture { name: String::new(), ..p.clone() }).collect();
    let packets = packets::<51>(&model, &header, &values);
    let read = |bytes: &[u8]| decompress(&model, bytes, None, &|_| {});
    Ok(vec![
        flipped(format!("`{name}`, an archive of {} bytes", archive.len()), &archive, &pictures, read),
        flipped(format!("`{name}`, the same, a region"), &archive, &shown, |bytes| {
            decompress(&model, bytes, region, &|_| {})
        }),
        flipped(format!("`{name}`, a device's container of {} bytes", container.len()), &container, &unnamed, read),
        flipped(format!("`{name}`, packets of {} bytes", packets.len()), &packets, &true, |bytes| {
            rebuilt(&model, bytes, &values)
        }),
    ])
}

/// Whether every value of every tile that is said to be there is right; an error if a tile or a frame is missing.
fn rebuilt(model: &Model<'_>, recording: &[u8], sent: &[Vec<u16>]) -> Result<bool, String> {
    let alone = Pyramid::new(std::slice::from_ref(model)).map_err(|error| error.to_string())?;
    let frames = Received::read(recording).frames(&alone).map_err(|error| error.to_string())?;
    let mut is_whole = frames.len() == sent.len();
    for frame in &frames {
        is_whole &= frame.missing.is_empty();
        // A number that no frame had: what came as its tiles would be wrong.
        let Some(sent) = sent.get(usize::from(frame.number)) else {
            let all = frame.missing.len() as u32 == (SIDE.div_ceil(TILE.0)) * SIDE.div_ceil(TILE.1);
            if all { continue } else { return Ok(false) }
        };
        let (columns, channels) = (frame.picture.width, frame.picture.channels);
        for (place, (found, sent)) in frame.picture.values.iter().zip(sent).enumerate() {
            let (column, row) = ((place / channels % columns) as u32, (place / channels / columns) as u32);
            let is_missing = frame.missing.iter().any(|tile| {
                (tile.left..tile.left + tile.width).contains(&column)
                    && (tile.top..tile.top + tile.height).contains(&row)
            });
            if found != sent && !is_missing {
                return Ok(false);
            }
        }
    }
    if is_whole { Ok(true) } else { Err("tiles are missing".into()) }
}

/// All rows.
pub fn all() -> Vec<Result<Outcome, Error>> {
    let files = [
        ("photos-grey-fast", "kodak.png", true),
        ("photos", "kodak.png", false),
        ("photos-12bit", "kodak12.png", false),
    ];
    let rows = files.into_iter().flat_map(|(name, file, is_grey)| match of_model(name, file, is_grey) {
        Ok(rows) => rows.into_iter().map(Ok).collect::<Vec<_>>(),
        Err(error) => vec![Err(error)],
    });
    rows.collect()
}
