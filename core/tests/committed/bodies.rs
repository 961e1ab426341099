//! Bodies: their length, and what their numbers may be.

use pixelrnn::LoadError;
use pixelrnn::blob::{Header, Part};

use super::models::NAMES;
use super::parts::{GIVEN_SMALLER, arrays, joined, load, numbers, parts};

fn each(look: impl Fn(&str, Header, Vec<u8>)) {
    for name in NAMES.into_iter().chain(GIVEN_SMALLER) {
        let (header, body) = parts(name);
        look(name, header, body);
    }
}

#[test]
fn bodies_are_as_long_as_the_layers_say() {
    for name in NAMES.into_iter().chain(GIVEN_SMALLER) {
        let (header, body) = parts(name);
        let needed = body.len() as u32;
        let wrong = |given| Err(LoadError::WrongBodyLength { needed, given });
        assert_eq!(load(&joined(&header, &body[4..])), wrong(needed - 4), "{name}");
        assert_eq!(load(&joined(&header, &[&body[..], &[0; 4]].concat())), wrong(needed + 4), "{name}");
    }
}

/// What loading says of a body in which some bytes are others.
fn with(header: &Header, body: &[u8], place: usize, bytes: &[u8]) -> Result<(), LoadError> {
    let mut body = body.to_vec();
    body[place..place + bytes.len()].copy_from_slice(bytes);
    load(&joined(header, &body))
}

#[test]
fn negative_multipliers_are_refused() {
    each(|name, header, body| {
        for array in arrays(&header) {
            let (multipliers, _) = numbers(&array);
            for place in [multipliers.start, multipliers.end.saturating_sub(2)] {
                let found = |number: i16| with(&header, &body, place, &number.to_le_bytes());
                let invalid = Err(LoadError::InvalidWeights { layer: array.0 });
                let expected = if multipliers.is_empty() { [found(0); 3] } else { [invalid, invalid, Ok(())] };
                assert_eq!([-1, i16::MIN, 0].map(found), expected, "{name}: {array:?}");
            }
        }
    });
}

#[test]
fn weights_of_minus_128_are_refused() {
    each(|name, header, body| {
        for array in arrays(&header) {
            let (_, weights) = numbers(&array);
            let invalid = Err(LoadError::InvalidWeights { layer: array.0 });
            for place in weights.clone().take(5).chain(weights.rev().take(5)) {
                // Even columns lie with an offset.
                let least = if (place - array.2.start) % 2 == 0 { 0 } else { 0x80 };
                assert_eq!(with(&header, &body, place, &[least]), invalid, "{name}: {array:?}");
                assert_eq!(with(&header, &body, place, &[least + 1]), Ok(()), "{name}: {array:?}");
            }
        }
    });
}

/// A linear prediction's coefficients are at most 4, either way.
#[test]
fn large_coefficients_are_refused() {
    each(|name, header, body| {
        for (layer, part, place) in arrays(&header) {
            let Part::Coefficients(_) = part else { continue };
            let found = |number: i32| with(&header, &body, place.end - 4, &number.to_le_bytes());
            let invalid = Err(LoadError::InvalidWeights { layer });
            assert_eq!([1 << 18, -(1 << 18)].map(found), [Ok(()); 2], "{name}");
            assert_eq!([(1 << 18) + 1, -(1 << 18) - 1, i32::MIN, i32::MAX].map(found), [invalid; 4], "{name}");
        }
    });
}
