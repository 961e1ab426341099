//! Errors say what is wrong, with the numbers that tell.

use pixelrnn::classify::ClassifyError;
use pixelrnn::codec::{CodeError, DecodeError};
use pixelrnn::complete::CompleteError;
use pixelrnn::{BeginError, LoadError, PyramidError, StreamError};

/// Asserts that a message holds these words.
fn says(error: impl core::fmt::Display, words: &[&str]) {
    let message = error.to_string();
    assert!(words.iter().all(|word| message.contains(word)), "{message:?} does not say {words:?}");
}

#[test]
fn of_loading() {
    says(LoadError::Misaligned, &["multiple of 4", "include_model!"]);
    says(LoadError::WrongMagic, &["not a pixelrnn model", "PRNN"]);
    says(LoadError::UnsupportedVersion { found: 7, supported: 3 }, &["version 7", "version 3"]);
    says(LoadError::ReservedBits, &["reserved"]);
    says(LoadError::Truncated { needed: 99, given: 12 }, &["truncated", "12 bytes of 99"]);
    says(LoadError::TrailingBytes { extra: 3 }, &["3 bytes follow"]);
    says(LoadError::WrongChecksum { stored: 0xab, computed: 0xcd }, &["damaged", "000000ab", "000000cd"]);
    says(LoadError::InvalidHeader, &["header"]);
    says(LoadError::UnsupportedLevels(1), &["1 levels", "2 to 256", "65536"]);
    says(LoadError::UnsupportedChannels(5), &["5 channels", "1 to 4"]);
    says(LoadError::UnsupportedCondition, &["smaller image"]);
    says(LoadError::UnsupportedPacking, &["pixelrnn repack"]);
    says(LoadError::InvalidLayer { layer: 3 }, &["layer 3", "shape"]);
    says(LoadError::InvalidShift { layer: 4 }, &["layer 4", "shift"]);
    says(LoadError::InvalidWeights { layer: 5 }, &["layer 5", "weights"]);
    says(LoadError::WrongBodyLength { needed: 90, given: 80 }, &["80 bytes", "90"]);
}

#[test]
fn of_streams() {
    says(BeginError::StateTooSmall { needed_words: 9, given_words: 8 }, &["9 words", "8 were given"]);
    says(BeginError::EmptyImage, &["no pixels"]);
    says(BeginError::TooLarge, &["65535"]);
    let class = |given, classes| BeginError::WrongClass { given, classes };
    says(class(None, 10), &["10 classes", "must be given one"]);
    says(class(Some(10), 10), &["class 10", "0 to 9"]);
    says(class(Some(7), 0), &["class 7", "no classes"]);
    let small = |needed, given| BeginError::WrongSmallImage { needed, given };
    says(small(Some(9), None), &["smaller", "9 values"]);
    says(small(Some(9), Some(8)), &["9 values", "8 were given"]);
    says(small(None, Some(8)), &["given none"]);
    says(BeginError::SmallValueOutOfRange { value: 9, levels: 4 }, &["value 9 of the smaller", "4 levels"]);
    says(StreamError::PastEnd, &["complete"]);
    says(StreamError::NotTheKnownValue { value: 9, known: 4 }, &["value 9", "holds 4"]);
    says(StreamError::ValueOutOfRange { value: 9, levels: 4 }, &["value 9", "4 levels"]);
}

#[test]
fn of_coding() {
    says(CodeError::Io("the sink's"), &["cannot write", "the sink's"]);
    says(CodeError::<&str>::Stream(StreamError::PastEnd), &["complete"]);
    says(CodeError::<&str>::WrongStream, &["another model"]);
    says(CodeError::<&str>::InsideImage, &["must be complete"]);
    says(CodeError::<&str>::WrongSize, &["65535"]);
    says(CodeError::<&str>::WrongLength { needed: 4, given: 3 }, &["has 4 values", "3"]);
}

#[test]
fn of_decoding() {
    says(DecodeError::Io("the source's"), &["cannot read", "the source's"]);
    says(DecodeError::<&str>::WrongMagic, &["PRNZ"]);
    says(DecodeError::<&str>::UnsupportedVersion { found: 9, supported: 2 }, &["version 9", "version 2"]);
    says(DecodeError::<&str>::DamagedHeader, &["header is damaged"]);
    says(DecodeError::<&str>::WrongModel { needed: 0xab, given: 0xcd }, &["000000ab", "000000cd"]);
    says(DecodeError::<&str>::Truncated, &["end early"]);
    says(DecodeError::<&str>::Damaged, &["damaged"]);
    says(DecodeError::<&str>::WrongStream, &["another model"]);
    says(DecodeError::<&str>::OutOfOrder, &["no image"]);
    says(DecodeError::<&str>::WrongLength { needed: 4, given: 3 }, &["has 4 values", "3"]);
}

#[test]
fn of_completing() {
    says(CompleteError::from(BeginError::EmptyImage), &["no pixels"]);
    says(CompleteError::from(StreamError::PastEnd), &["complete"]);
    says(CompleteError::WrongLength { needed: 4, given: 3 }, &["has 4 values", "3"]);
    says(CompleteError::NoCandidates, &["at least one"]);
}

#[test]
fn of_classifying() {
    says(ClassifyError::from(BeginError::EmptyImage), &["no pixels"]);
    says(ClassifyError::from(StreamError::PastEnd), &["complete"]);
    says(ClassifyError::NoClasses, &["no classes"]);
    says(ClassifyError::WrongLength { needed: 4, given: 3 }, &["has 4 values", "3"]);
    says(ClassifyError::WrongClasses { needed: 10, given: 3 }, &["10 classes", "3"]);
}

#[test]
fn of_scales() {
    says(PyramidError::NoScale, &["at least one scale"]);
    says(PyramidError::WrongScale { scale: 0 }, &["smallest scale's model", "smaller image"]);
    says(PyramidError::WrongScale { scale: 2 }, &["scale 2's model", "levels, channels or classes"]);
    says(PyramidError::from(BeginError::EmptyImage), &["no pixels"]);
    says(PyramidError::from(StreamError::PastEnd), &["complete"]);
    says(PyramidError::WrongLength { needed: 4, given: 3 }, &["have 4 values", "3"]);
    says(PyramidError::from(CompleteError::NoCandidates), &["at least one"]);
}
