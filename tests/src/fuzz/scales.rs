//! Any bytes as a blob of several scales, and as the code of an image of two scales.

use std::convert::Infallible;

use pixelrnn::blob::{SCALES_MAGIC, SCALES_VERSION, Scales, checksum};
use pixelrnn::{Model, Pyramid};

use super::Aligned;

/// Columns and rows of the images.
pub const SCALES_SIZE: (u32, u32) = (5, 4);

/// An architecture's networks of both scales.
macro_rules! blobs {
    ($architecture:literal) => {
        [
            &include_bytes!(concat!("../../fuzz/corpus/blob/", $architecture, "-17.prnn"))[..],
            include_bytes!(concat!("../../fuzz/corpus/blob/", $architecture, "-scale-2.prnn")),
        ]
    };
}

/// The first byte chooses what the others are: a blob, coded scales, or an image and damage to its code.
///
/// # Panics
/// If a promise is broken.
pub fn scales(bytes: &[u8]) {
    let Some((&choice, rest)) = bytes.split_first() else { return };
    if choice % 3 == 0 {
        return directory(rest);
    }
    let all = [blobs!("pixelcnn"), blobs!("row-lstm"), blobs!("diagonal-bilstm")];
    let blobs = all[usize::from(choice / 3 % 3)].map(Aligned::new);
    let models = [&blobs[0], &blobs[1]]
        .map(|blob| Model::load(blob.bytes()).expect("the corpus' blobs are valid; fuzz-corpus writes them"));
    let pyramid = Pyramid::new(&models).expect("two scales of one model");
    match choice % 3 {
        1 => drop(decoded(&pyramid, rest)),
        _ => damage(&pyramid, rest),
    }
}

/// As they are, and once more with a directory that is right, and nothing behind the last scale that it names.
fn directory(bytes: &[u8]) {
    open(bytes);
    let mut bytes = bytes.to_vec();
    let Some(count) = bytes.get(6).copied().filter(|&count| (1..=8).contains(&count)) else { return };
    let needed = pixelrnn::blob::directory_bytes(count.into());
    if bytes.len() < needed {
        return;
    }
    bytes[..4].copy_from_slice(&SCALES_MAGIC);
    bytes[4..6].copy_from_slice(&SCALES_VERSION.to_le_bytes());
    bytes[7] = 0;
    bytes[8..12].copy_from_slice(&(needed as u32).to_le_bytes());
    let sum = checksum(&bytes[..needed]);
    bytes[12..16].copy_from_slice(&sum.to_le_bytes());
    let word = |entry: &[u8]| entry.first_chunk().map_or(0, |word| u32::from_le_bytes(*word));
    let entries = bytes[pixelrnn::blob::PREFIX_BYTES..].chunks_exact(8).take(count.into());
    let end = entries.map(|entry| word(entry).saturating_add(word(&entry[4..])) as usize).fold(needed, usize::max);
    bytes.truncate(end);
    assert_eq!(open(&bytes), Some(count.into()), "the directory was right");
}

/// Opens a blob, and loads what it holds.
fn open(bytes: &[u8]) -> Option<usize> {
    let blob = Aligned::new(bytes);
    let scales = Scales::open(blob.bytes()).ok()?;
    for scale in 0..=scales.count() {
        if let Ok(blob) = scales.blob(scale) {
            assert!(scale < scales.count());
            let _ = Model::load(blob);
        }
    }
    Some(scales.count())
}

/// The scales that checks let through.
fn decoded(pyramid: &Pyramid<'_>, bytes: &[u8]) -> Vec<Vec<u16>> {
    let mut state = vec![0; pyramid.state_words(SCALES_SIZE.0)];
    let mut images = vec![0u16; pyramid.values(SCALES_SIZE)];
    let mut shown = Vec::new();
    let _ = pyramid.decode(SCALES_SIZE, &mut state, &mut images, bytes, |_, image| {
        shown.push(image.to_vec());
        true
    });
    shown
}

/// An image from the bytes comes back; damaged where and how the first two say, no wrong scale is shown.
fn damage(pyramid: &Pyramid<'_>, bytes: &[u8]) {
    let Some((&[place, change], rest)) = bytes.split_first_chunk() else { return };
    let levels = pyramid.models()[0].levels();
    let mut images = vec![0u16; pyramid.values(SCALES_SIZE)];
    let largest = images[pyramid.range(1, SCALES_SIZE)].iter_mut();
    largest.zip(rest).for_each(|(value, &byte)| *value = (u32::from(byte) % levels) as u16);
    let mut state = vec![0; pyramid.state_words(SCALES_SIZE.0)];
    let mut code = Vec::new();
    let sink = |byte| -> Result<(), Infallible> {
        code.push(byte);
        Ok(())
    };
    let coded = pyramid.encode(None, SCALES_SIZE, &mut state, &mut images, sink).map(drop);
    coded.expect("levels of the model");
    let expected: Vec<Vec<u16>> = (0..2).map(|scale| images[pyramid.range(scale, SCALES_SIZE)].to_vec()).collect();
    assert_eq!(decoded(pyramid, &code), expected);
    if change == 0 {
        return;
    }
    let place = usize::from(place) * code.len() / 256;
    code[place] ^= change;
    let shown = decoded(pyramid, &code);
    assert!(shown.len() < 2 && expected.starts_with(&shown), "a wrong scale was shown");
}
