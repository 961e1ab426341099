//! What loads and what does not: the committed models, and the same with a fault.

use pixelrnn::blob::{self, MAX_SCALES, Scales};
use pixelrnn::{LoadError, Model};

use super::models::{NAMES, read, sealed, with_blob};
use super::parts::{GIVEN_SMALLER, encoded, joined, load, parts};

#[test]
fn parts_put_together_are_the_blob() {
    for name in NAMES {
        let (header, body) = parts(name);
        assert!(joined(&header, &body) == read(&format!("{name}.prnn")), "{name}");
    }
    for name in GIVEN_SMALLER {
        let (header, body) = parts(name);
        assert_eq!(load(&joined(&header, &body)), Ok(()), "{name}");
    }
}

#[test]
fn what_is_no_blob_is_refused() {
    let good = read("random-pixelcnn.prnn");
    let with = |place: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[place] = byte;
        load(&bytes)
    };
    assert_eq!(with(0, b'Q'), Err(LoadError::WrongMagic));
    assert_eq!(with(3, b'S'), Err(LoadError::SeveralScales));
    assert_eq!(with(4, 1), Err(LoadError::UnsupportedVersion { found: 1, supported: blob::VERSION }));
    assert_eq!((with(6, 1), with(7, 1)), (Err(LoadError::ReservedBits), Err(LoadError::ReservedBits)));
    assert_eq!(load(&[&good[..], &[0; 3]].concat()), Err(LoadError::TrailingBytes { extra: 3 }));
    for given in (0..good.len()).step_by(5) {
        let needed = if given < blob::PREFIX_BYTES { blob::PREFIX_BYTES } else { good.len() };
        let (needed, given) = (needed as u32, given as u32);
        assert_eq!(load(&good[..given as usize]), Err(LoadError::Truncated { needed, given }));
    }
    let shifted = [&[0][..], &good].concat();
    assert_eq!(with_blob(&shifted, |bytes| Model::load(&bytes[1..]).err()), Some(LoadError::Misaligned));
}

#[test]
fn damage_is_told_by_the_checksum() {
    let good = read("random-pixelcnn.prnn");
    let stored = blob::checksum(&good);
    for place in [12, 13, 14, 15, 16, 40, good.len() - 1] {
        let mut bytes = good.clone();
        bytes[place] ^= 0x40;
        let (now, computed) = (u32::from_le_bytes([12, 13, 14, 15].map(|at| bytes[at])), blob::checksum(&bytes));
        assert_eq!(load(&bytes), Err(LoadError::WrongChecksum { stored: now, computed }), "byte {place}");
        assert_eq!(now == stored, place >= 16);
    }
}

/// A header that is none, or ends with what is not zero.
#[test]
fn unreadable_headers_are_refused() {
    let (header, body) = parts("random-pixelcnn");
    let good = joined(&header, &body);
    let end = blob::PREFIX_BYTES + encoded(&header).len();
    assert!(end < blob::body_offset(end - blob::PREFIX_BYTES), "nothing is padded: this shows nothing");
    for (place, byte) in [(blob::PREFIX_BYTES, 77)].into_iter().chain((end..good.len() - body.len()).map(|at| (at, 1)))
    {
        let mut bytes = good.clone();
        bytes[place] = byte;
        assert_eq!(load(&sealed(bytes)), Err(LoadError::InvalidHeader), "byte {place}");
    }
    let mut short = good[..end].to_vec();
    short[8..12].copy_from_slice(&(end as u32).to_le_bytes());
    assert_eq!(load(&sealed(short)), Err(LoadError::InvalidHeader));
}

/// The directory of several scales, changed, with the checksum that it should have.
fn directory(change: impl FnOnce(&mut Vec<u8>)) -> Option<LoadError> {
    let mut bytes = read("scales/random-pixelcnn-scales.prnn");
    change(&mut bytes);
    let end = blob::directory_bytes(3);
    let rest = bytes.split_off(end);
    with_blob(&[sealed(bytes), rest].concat(), |all| Scales::open(all).err())
}

#[test]
fn wrong_directories_of_scales_are_refused() {
    assert_eq!(directory(|_| ()), None);
    assert_eq!(directory(|bytes| bytes[3] = b'T'), Some(LoadError::WrongMagic));
    let supported = blob::SCALES_VERSION;
    assert_eq!(directory(|bytes| bytes[4] = 9), Some(LoadError::UnsupportedVersion { found: 9, supported }));
    for count in [0, 1, 2, MAX_SCALES as u8 + 1] {
        assert_eq!(directory(|bytes| bytes[6] = count), Some(LoadError::InvalidHeader), "{count} scales");
    }
    assert_eq!(directory(|bytes| bytes.extend([0; 2])), Some(LoadError::TrailingBytes { extra: 2 }));
    let all = read("scales/random-pixelcnn-scales.prnn");
    let misaligned = with_blob(&[&[0][..], &all].concat(), |bytes| Scales::open(&bytes[1..]).err());
    assert_eq!(misaligned, Some(LoadError::Misaligned));
    for place in 12..blob::directory_bytes(3) {
        let mut bytes = all.clone();
        bytes[place] ^= 1;
        let error = with_blob(&bytes, |all| Scales::open(all).err());
        assert!(matches!(error, Some(LoadError::WrongChecksum { .. })), "byte {place}: {error:?}");
    }
    for given in 0..blob::directory_bytes(3) as u32 {
        let error = with_blob(&all[..given as usize], |all| Scales::open(all).err());
        let needed = if given < 12 { 16 } else { blob::directory_bytes(3) as u32 };
        assert_eq!(error, Some(LoadError::Truncated { needed, given }));
    }
}

/// A file that is cut short holds its smaller scales; a network's own file is its one scale.
#[test]
fn scales_are_found_in_place() {
    let all = read("scales/random-pixelcnn-scales.prnn");
    with_blob(&all, |all| {
        let scales = Scales::open(all).unwrap();
        assert_eq!(scales.count(), 3);
        assert_eq!(scales.blob(3), Err(LoadError::NoScale { scale: 3, scales: 3 }));
        assert_eq!(scales.blob(999), Err(LoadError::NoScale { scale: 255, scales: 3 }));
        let (first, last) = (scales.blob(0).unwrap(), scales.blob(2).unwrap());
        assert_eq!(Scales::open(last).map(|one| (one.count(), one.blob(0))), Ok((1, Ok(last))));
        assert_eq!(first.as_ptr(), all[blob::directory_bytes(3)..].as_ptr());
        let cut = all.len() - last.len();
        let scales = Scales::open(&all[..cut]).unwrap();
        assert!(Model::load(scales.blob(1).unwrap()).is_ok());
        let (needed, given) = (all.len() as u32, cut as u32);
        assert_eq!(scales.blob(2), Err(LoadError::Truncated { needed, given }));
    });
}
