//! Any bytes as a blob.

use pixelrnn::blob::{MAGIC, PREFIX_BYTES, VERSION, checksum};
use pixelrnn::{Distribution, LoadError, Model, Stream};

use super::Aligned;
use crate::coded::{class, given, small};

/// Loads the bytes as they are, and once more with the prefix made right; runs some pixels on what loads.
///
/// # Panics
/// If the engine breaks a promise.
pub fn blob(bytes: &[u8]) {
    if let Ok(model) = Model::load(Aligned::new(bytes).bytes()) {
        run(&model, bytes);
    }
    let mut bytes = bytes.to_vec();
    if bytes.len() < PREFIX_BYTES {
        return;
    }
    bytes[..4].copy_from_slice(&MAGIC);
    bytes[4..6].copy_from_slice(&VERSION.to_le_bytes());
    bytes[6..8].fill(0);
    let length = bytes.len() as u32;
    bytes[8..12].copy_from_slice(&length.to_le_bytes());
    let sum = checksum(&bytes);
    bytes[12..16].copy_from_slice(&sum.to_le_bytes());
    match Model::load(Aligned::new(&bytes).bytes()) {
        Ok(model) => run(&model, &bytes),
        Err(
            LoadError::WrongMagic
            | LoadError::UnsupportedVersion { .. }
            | LoadError::Truncated { .. }
            | LoadError::WrongChecksum { .. },
        ) => panic!("the prefix was right"),
        Err(_) => {}
    }
}

/// Some pixels, their values from the bytes.
fn run(model: &Model<'_>, bytes: &[u8]) {
    let last = bytes.last().copied().unwrap_or(0);
    let (width, height) = (1 + u32::from(last & 3), 1 + u32::from(last >> 2 & 3));
    // A fuzzer that waits finds nothing.
    if model.macs_per_pixel() > 1 << 20 || model.state_words(width) > 1 << 20 {
        return;
    }
    let mut state = vec![u32::MAX; model.state_words(width)];
    let small = small(model, (width, height), last.into());
    let given = given(&small, class(model, last.into()));
    assert!(Stream::begin_given(model, given, width, height, &mut state[1..]).is_err(), "one word less is too little");
    let mut stream = Stream::begin_given(model, given, width, height, &mut state).expect("a possible size");
    for bytes in bytes.rchunks_exact(2) {
        if stream.is_complete() {
            break;
        }
        let distribution = stream.predict().expect("not at the end");
        assert_eq!(distribution.levels(), model.levels());
        let value = (u32::from(u16::from_le_bytes([bytes[0], bytes[1]])) % model.levels()) as u16;
        let known = (distribution.total() == 1).then(|| distribution.likeliest());
        if known.is_none() {
            check(&distribution, value);
        }
        let value = known.unwrap_or(value);
        stream.observe(value).expect("one of the levels");
    }
}

/// Shares follow one another without a gap, each at least 1, up to the total: of all levels if they are few, else around a value.
fn check(distribution: &Distribution<'_>, value: u16) {
    let (levels, total) = (distribution.levels(), distribution.total());
    assert!(total <= 1 << 24);
    let last = (levels - 1) as u16;
    let values = if levels <= 256 { 0..=last } else { value.saturating_sub(2)..=value.saturating_add(2).min(last) };
    for value in values.chain([0, last]) {
        let (start, frequency) = (distribution.cumulative(value), distribution.frequency(value));
        assert!(frequency >= 1);
        let end = if value == last { total } else { distribution.cumulative(value + 1) };
        assert_eq!(start + frequency, end);
        assert_eq!((distribution.find(start), distribution.find(end - 1)), (value, value));
    }
}
