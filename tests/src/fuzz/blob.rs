//! Any bytes as a blob.

use pixelrnn::blob::{MAGIC, PREFIX_BYTES, VERSION, checksum};
use pixelrnn::{LoadError, Model, Stream};

use super::Aligned;

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
    assert!(Stream::begin(model, width, height, &mut state[1..]).is_err(), "one word less is too little");
    let mut stream = Stream::begin(model, width, height, &mut state).expect("a possible size");
    for &byte in bytes.iter().rev().take((width * height) as usize) {
        let distribution = stream.predict().expect("not at the end");
        let levels = distribution.levels();
        assert_eq!(levels, model.levels());
        assert!(distribution.total() <= 1 << 24);
        let all = (0..levels).map(|value| distribution.frequency(value as u8));
        assert!(all.clone().all(|frequency| frequency >= 1));
        assert_eq!(all.sum::<u32>(), distribution.total());
        let value = (u16::from(byte) % levels) as u8;
        assert_eq!(distribution.find(distribution.cumulative(value)), value);
        stream.observe(value).expect("one of the levels");
    }
}
