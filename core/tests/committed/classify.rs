//! Classes told, by every model.

use pixelrnn::blob::Part;
use pixelrnn::classify::{self, Classified, ClassifyError};
use pixelrnn::{BeginError, CodeLength, Model, Stream, StreamError, score};

use super::images::drawn;
use super::models::{SIZE, each, read, sealed, with_blob};

/// What an image's class is, and its code length given each.
fn classified(model: &Model<'_>, image: &[u16]) -> Result<(Classified, Vec<CodeLength>), ClassifyError> {
    let mut state = vec![u32::MAX; model.state_words(SIZE.0)];
    let mut lengths = vec![CodeLength::ZERO; model.classes().into()];
    classify::image(model, SIZE.0, SIZE.1, &mut state, image, &mut lengths).map(|found| (found, lengths))
}

fn given(model: &Model<'_>, class: u16, image: &[u16]) -> CodeLength {
    let mut state = vec![0; model.state_words(SIZE.0)];
    score::image(&mut Stream::begin_class(model, class, SIZE.0, SIZE.1, &mut state).unwrap(), image).unwrap()
}

#[test]
fn lengths_are_the_scores_given_each_class() {
    each(|name, model| {
        let image: Vec<u16> = drawn(model, 5);
        let Ok((found, lengths)) = classified(model, &image) else { return assert_eq!(model.classes(), 0, "{name}") };
        let scores: Vec<CodeLength> = (0..model.classes()).map(|class| given(model, class, &image)).collect();
        assert_eq!(lengths, scores, "{name}");
        let mut sorted = scores.clone();
        sorted.sort();
        assert_eq!((found.length, found.margin.units()), (sorted[0], sorted[1].units() - sorted[0].units()), "{name}");
        assert_eq!(scores[usize::from(found.class)], sorted[0], "{name}");
        let bits = |length: &CodeLength| length.units() as f64 / 65_536.0;
        let mean = scores.iter().map(|length| (-bits(length)).exp2()).sum::<f64>() / scores.len() as f64;
        assert!((bits(&found.evidence) + mean.log2()).abs() < 1e-4, "{name}: {found:?}");
    });
}

/// Images come from their class more often than chance, and giving up early never finds another one.
#[test]
fn images_are_of_the_class_they_were_drawn_from() {
    each(|name, model| {
        if model.classes() == 0 {
            return;
        }
        let mut state = vec![0; model.state_words(SIZE.0)];
        let mut right = 0;
        for seed in 0..60 {
            let image: Vec<u16> = drawn(model, seed);
            let (found, _) = classified(model, &image).unwrap();
            let likeliest = classify::likeliest(model, SIZE.0, SIZE.1, &mut state, &image);
            assert_eq!(likeliest, Ok((found.class, found.length)), "{name}, seed {seed}");
            right += u32::from(u64::from(found.class) == seed % u64::from(model.classes()));
        }
        assert!(right >= 40, "{name}: {right} of 60");
    });
}

#[test]
fn wrong_calls_are_errors() {
    each(|_, model| {
        let image = vec![0u16; (SIZE.0 * SIZE.1) as usize * usize::from(model.channels())];
        let needed = image.len();
        if model.classes() == 0 {
            let mut state = vec![0; model.state_words(SIZE.0)];
            let lengths = &mut [CodeLength::ZERO; 3];
            let found = classify::image(model, SIZE.0, SIZE.1, &mut state, &image, lengths);
            assert_eq!(found, Err(ClassifyError::NoClasses));
            assert_eq!(classified(model, &image), Err(ClassifyError::NoClasses));
            return;
        }
        let wrong = Err(ClassifyError::WrongLength { needed, given: needed - 1 });
        assert_eq!(classified(model, &image[1..]), wrong);
        let mut state = vec![0; model.state_words(SIZE.0)];
        let mut run = |words: usize, image: &[u16], lengths: &mut [CodeLength]| {
            classify::image(model, SIZE.0, SIZE.1, &mut state[..words], image, lengths)
        };
        let wrong = Err(ClassifyError::WrongClasses { needed: 3, given: 2 });
        let words = model.state_words(SIZE.0);
        assert_eq!(run(words, &image, &mut [CodeLength::ZERO; 2]), wrong);
        let too_small = run(words - 1, &image, &mut [CodeLength::ZERO; 3]);
        assert!(matches!(too_small, Err(ClassifyError::Begin(BeginError::StateTooSmall { .. }))));
        let mut image = image.clone();
        image[7] = 2;
        let out_of_range = StreamError::ValueOutOfRange { value: 2, levels: 2 };
        assert_eq!(run(words, &image, &mut [CodeLength::ZERO; 3]), Err(ClassifyError::Stream(out_of_range)));
        assert_eq!(
            classify::likeliest(model, SIZE.0, SIZE.1, &mut state, &image),
            Err(ClassifyError::Stream(out_of_range))
        );
    });
}

#[test]
fn equals_are_told_by_the_first() {
    let lengths = [9, 5, 5, 7].map(CodeLength::from_units);
    let found = classify::of_lengths(&lengths).unwrap();
    assert_eq!((found.class, found.length, found.margin), (1, lengths[1], CodeLength::ZERO));
    assert_eq!(classify::of_lengths(&[]), None);
    let one = classify::of_lengths(&lengths[..1]).unwrap();
    assert_eq!((one.margin.units(), one.evidence), (u64::MAX, lengths[0]));
}

/// A model whose classes add nothing.
fn without_vectors(model: &Model<'_>, mut bytes: Vec<u8>) -> Vec<u8> {
    let mut end = bytes.len() - model.shapes().map(|shape| shape.body_bytes()).sum::<usize>();
    for shape in model.shapes() {
        end += shape.body_bytes();
        shape.for_each_part(&mut |part, has_nibbles| {
            if let Part::Vectors(..) = part {
                bytes[end - part.bytes(has_nibbles)..end].fill(0);
            }
        });
    }
    sealed(bytes)
}

/// Classes that explain an image equally well: whoever asks, in full or not, is told the first.
#[test]
fn equal_classes_are_told_by_the_first() {
    each(|name, model| {
        let image: Vec<u16> = drawn(model, 5);
        with_blob(&without_vectors(model, read(&format!("{name}.prnn"))), |blob| {
            let model = Model::load(blob).unwrap();
            let Ok((found, lengths)) = classified(&model, &image) else { return };
            assert_eq!((found.class, found.margin, lengths[0]), (0, CodeLength::ZERO, lengths[2]), "{name}");
            let mut state = vec![0; model.state_words(SIZE.0)];
            let likeliest = classify::likeliest(&model, SIZE.0, SIZE.1, &mut state, &image);
            assert_eq!(likeliest, Ok((0, lengths[0])), "{name}");
        });
    });
}
