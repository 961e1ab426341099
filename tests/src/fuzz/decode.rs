//! Any bytes as coded images.

use std::convert::Infallible;

use pixelrnn::codec::{DecodeError, Decoder, Encoder, HEADER_BYTES, Header, Next};
use pixelrnn::{Model, Stream};

use super::Aligned;

const SIZE: (u32, u32) = (5, 3);
const PIXELS: usize = 15;
/// A stream of next to no bits an image would go on for long.
const MOST_IMAGES: usize = 40;
/// What stands for having seen enough.
const STOPPED: DecodeError<Infallible> = DecodeError::OutOfOrder;

/// Number of models that the input's first byte chooses from.
pub const MODELS: u8 = 9;

/// The models that images are decoded with: every architecture, with 2 and more levels.
pub struct Models(Vec<Aligned>);

impl Models {
    /// The blobs of the corpus.
    pub fn corpus() -> Self {
        Self::new([
            include_bytes!("../../fuzz/corpus/blob/pixelcnn-2.prnn"),
            include_bytes!("../../fuzz/corpus/blob/pixelcnn-3.prnn"),
            include_bytes!("../../fuzz/corpus/blob/pixelcnn-256.prnn"),
            include_bytes!("../../fuzz/corpus/blob/row-lstm-2.prnn"),
            include_bytes!("../../fuzz/corpus/blob/row-lstm-3.prnn"),
            include_bytes!("../../fuzz/corpus/blob/row-lstm-256.prnn"),
            include_bytes!("../../fuzz/corpus/blob/diagonal-bilstm-2.prnn"),
            include_bytes!("../../fuzz/corpus/blob/diagonal-bilstm-3.prnn"),
            include_bytes!("../../fuzz/corpus/blob/diagonal-bilstm-256.prnn"),
        ])
    }

    /// These blobs, in the corpus' order.
    pub fn new(blobs: [&[u8]; MODELS as usize]) -> Self {
        Self(blobs.map(Aligned::new).into())
    }

    /// The model that a first byte chooses.
    ///
    /// # Panics
    /// If the blob does not load: `cargo run -p pixelrnn-tests --bin fuzz-corpus` writes the corpus anew.
    pub fn chosen(&self, byte: u8) -> Model<'_> {
        Model::load(self.0[usize::from(byte % MODELS)].bytes())
            .expect("the corpus' blobs are valid; fuzz-corpus writes them")
    }
}

/// Encodes images of the size that [`decode`] works with, in groups of `group`.
///
/// # Panics
/// If coding fails.
pub fn encode(model: &Model<'_>, images: &[[u8; PIXELS]], group: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let sink = |byte| -> Result<(), Infallible> {
        bytes.push(byte);
        Ok(())
    };
    let mut state = vec![0; model.state_words(SIZE.0)];
    let mut encoder = Encoder::begin(model, SIZE.0, SIZE.1, sink).expect("a possible size");
    for (number, image) in images.iter().enumerate() {
        let mut stream = Stream::begin(model, SIZE.0, SIZE.1, &mut state).expect("enough state");
        encoder.image(&mut stream, image).expect("levels");
        if (number + 1) % group == 0 {
            encoder.end_group().expect("between images");
        }
    }
    let _sink = encoder.finish().expect("between images");
    bytes
}

/// The images that the container vouches for, and whether it ended well.
fn decoded(model: &Model<'_>, bytes: &[u8]) -> (Vec<[u8; PIXELS]>, Result<(), DecodeError<Infallible>>) {
    let (mut checked, mut group) = (Vec::new(), Vec::new());
    let mut run = || {
        let mut decoder = Decoder::begin(model, bytes)?;
        let (width, height) = (u32::from(decoder.header().width), u32::from(decoder.header().height));
        let mut state = vec![0; model.state_words(width.min(64))];
        loop {
            match decoder.next()? {
                Next::Image if checked.len() + group.len() >= MOST_IMAGES => return Err(STOPPED),
                Next::Image if (width, height) == SIZE => {
                    let mut stream = Stream::begin(model, width, height, &mut state).expect("enough state");
                    let mut image = [0; PIXELS];
                    decoder.image(&mut stream, &mut image)?;
                    assert!(image.iter().all(|&value| u16::from(value) < model.levels()));
                    group.push(image);
                }
                Next::Image => {
                    // Of a size that only damage with a right checksum can have: a few values are enough.
                    let Ok(mut stream) = Stream::begin(model, width, height, &mut state) else { return Err(STOPPED) };
                    for _ in 0..(width * height).min(200) {
                        decoder.value(&mut stream)?;
                    }
                    if width * height > 200 {
                        return Err(STOPPED);
                    }
                }
                Next::Checked => checked.append(&mut group),
                Next::End => return Ok(()),
            }
        }
    };
    let end = run();
    (checked, end)
}

/// The first byte chooses a model and what the others are: coded images with or without a header, or images and damage to them.
///
/// # Panics
/// If the codec breaks a promise.
pub fn decode(bytes: &[u8]) {
    let Some((&choice, rest)) = bytes.split_first() else { return };
    thread_local!(static CORPUS: Models = Models::corpus());
    CORPUS.with(|models| decode_with(&models.chosen(choice), choice, rest));
}

fn decode_with(model: &Model<'_>, choice: u8, rest: &[u8]) {
    match choice / MODELS % 3 {
        0 => {
            // As they are. Nothing that passes its check may differ from what codes to the same bytes; that is for the next arm.
            let _ = decoded(model, rest);
        }
        1 => {
            let header = Header::new(model, SIZE.0, SIZE.1).expect("a possible size");
            let mut container = header.to_bytes().to_vec();
            container.extend(rest);
            let (checked, _) = decoded(model, &container);
            // What a check lets through is what an encoder would have sent, or a one in 2^32 chance.
            let again = encode(model, &checked, usize::MAX);
            assert_eq!(decoded(model, &again), (checked, Ok(())));
        }
        _ => damage(model, rest),
    }
}

/// Images from the bytes come back; damaged where and how the first bytes say, they are an error and never a wrong image.
fn damage(model: &Model<'_>, bytes: &[u8]) {
    let Some((&[place, change, group], rest)) = bytes.split_first_chunk() else { return };
    let values = rest.chunks_exact(PIXELS).take(MOST_IMAGES / 2);
    let images: Vec<[u8; PIXELS]> =
        values.map(|values| core::array::from_fn(|pixel| (u16::from(values[pixel]) % model.levels()) as u8)).collect();
    let mut container = encode(model, &images, usize::from(group).max(1));
    assert_eq!(decoded(model, &container), (images.clone(), Ok(())));
    if change == 0 {
        return;
    }
    let place = usize::from(place) * container.len() / 256;
    container[place.max(HEADER_BYTES * usize::from(change & 1))] ^= change;
    let (checked, end) = decoded(model, &container);
    assert!(end.is_err(), "damage passed");
    assert!(images.starts_with(&checked), "a wrong image was vouched for");
}
