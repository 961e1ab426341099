//! Streams: where they are, what they refuse, and the work that a row leaves behind.

use pixelrnn::{Architecture, BeginError, Model, State, Stream, StreamError, Streams, sample};

use rand_core::SeedableRng;

use super::coded::class;
use super::images::drawn;
use super::models::{SIZE, each};

#[test]
fn a_stream_goes_through_the_image_channel_by_channel() {
    each(|name, model| {
        let mut state = vec![0; model.state_words(3)];
        let mut stream = Stream::begin_class(model, class(model, 1), 3, 2, &mut state).unwrap();
        assert_eq!((stream.width(), stream.height(), stream.levels()), (3, 2, model.levels()));
        assert_eq!(stream.model().fingerprint(), model.fingerprint());
        for row in 0..2 {
            for column in 0..3 {
                for channel in 0..model.channels() {
                    assert!(!stream.is_complete());
                    assert_eq!((stream.row(), stream.column(), stream.channel()), (row, column, channel), "{name}");
                    stream.observe(0).unwrap();
                }
            }
        }
        assert_eq!((stream.row(), stream.column(), stream.is_complete()), (2, 0, true), "{name}");
        assert_eq!(stream.predict().unwrap_err(), StreamError::PastEnd);
        assert_eq!(stream.observe(0), Err(StreamError::PastEnd));
    });
}

#[test]
fn sizes_and_states_are_checked() {
    each(|name, model| {
        let mut state = vec![0; model.state_words(5)];
        let mut begin =
            |width, height| Stream::begin_class(model, class(model, 1), width, height, &mut state).map(drop);
        assert_eq!(begin(5, 65_535), Ok(()), "{name}");
        assert_eq!(begin(5, 65_536), Err(BeginError::TooLarge));
        assert_eq!(begin(65_536, 5), Err(BeginError::TooLarge));
        assert_eq!((begin(0, 5), begin(5, 0)), (Err(BeginError::EmptyImage), Err(BeginError::EmptyImage)));
        let (needed_words, given_words) = (model.state_words(6), model.state_words(5));
        assert_eq!(begin(6, 1), Err(BeginError::StateTooSmall { needed_words, given_words }), "{name}");
        let mut one_less = vec![0; given_words - 1];
        let error = BeginError::StateTooSmall { needed_words: given_words, given_words: given_words - 1 };
        assert_eq!(Stream::begin_class(model, class(model, 1), 5, 5, &mut one_less).map(drop), Err(error), "{name}");
        let mut widest = vec![0; model.state_words(65_535)];
        assert!(Stream::begin_class(model, class(model, 1), 65_535, 1, &mut widest).is_ok());
    });
}

#[test]
fn classes_are_checked() {
    each(|name, model| {
        let (classes, mut state) = (model.classes(), vec![0; model.state_words(5)]);
        let mut begin = |given| Stream::begin_class(model, given, 5, 5, &mut state).map(|stream| stream.class());
        for given in [None, Some(0), classes.checked_sub(1), Some(classes), Some(u16::MAX)] {
            let fits = given.map_or(classes == 0, |class| class < classes);
            let expected = if fits { Ok(given) } else { Err(BeginError::WrongClass { given, classes }) };
            assert_eq!(begin(given), expected, "{name}");
        }
        assert_eq!(begin(Some(1)).is_ok(), classes > 1, "{name}");
    });
}

/// A multiple of images is worth it with the vectors of AVX2 and more, which only `std` knows of.
#[test]
fn machines_say_how_many_images_are_best() {
    #[cfg(all(feature = "std", target_arch = "x86_64"))]
    let best = if std::arch::is_x86_feature_detected!("avx2") { 16 } else { 1 };
    #[cfg(not(all(feature = "std", target_arch = "x86_64")))]
    let best = 1;
    assert_eq!(pixelrnn::images_at_once(), best);
}

#[test]
fn values_beyond_the_levels_change_nothing() {
    each(|name, model| {
        let Ok(value) = u16::try_from(model.levels()) else { return };
        let mut state = vec![0; Streams::<2>::state_words(model, 4)];
        let mut streams =
            Streams::<2>::begin_classes(model, class(model, 1).map(|class| [class; 2]), 4, 4, &mut state).unwrap();
        let wrong = Err(StreamError::ValueOutOfRange { value, levels: model.levels() });
        assert_eq!((streams.observe(&[0, value]), streams.observe(&[value, 0])), (wrong, wrong), "{name}");
        assert_eq!((streams.column(), streams.channel()), (0, 0));
        assert_eq!(streams.observe(&[0, value - 1]), Ok(()), "{name}");
    });
}

/// Asked again, a distribution is the same; what is never asked changes nothing either.
#[test]
fn distributions_can_be_asked_again_or_not_at_all() {
    each(|name, model| {
        let image: Vec<u16> = drawn(model, 8);
        let mut states = [0, 1].map(|_| vec![0; model.state_words(SIZE.0)]);
        let [often, seldom] = &mut states;
        let mut often = Stream::begin_class(model, class(model, 1), SIZE.0, SIZE.1, often).unwrap();
        let mut seldom = Stream::begin_class(model, class(model, 1), SIZE.0, SIZE.1, seldom).unwrap();
        for (place, &value) in image.iter().enumerate() {
            let shares = |stream: &mut Stream<'_>| stream.predict().unwrap().share(value);
            let first = shares(&mut often);
            assert_eq!(shares(&mut often), first, "{name}");
            if place % 5 == 4 {
                assert_eq!(shares(&mut seldom), first, "{name}");
            }
            often.observe(value).unwrap();
            seldom.observe(value).unwrap();
        }
    });
}

/// The distributions of an image that is beyond the last are the last's.
#[test]
fn images_beyond_the_last_are_the_last() {
    each(|name, model| {
        let mut state = vec![0; Streams::<2>::state_words(model, 4)];
        let mut streams =
            Streams::<2>::begin_classes(model, class(model, 1).map(|class| [class; 2]), 4, 4, &mut state).unwrap();
        streams.observe(&[0, 1]).unwrap();
        let distributions = streams.predict().unwrap();
        let shares = |image| distributions.of(image).share(1);
        assert_eq!((shares(2), shares(99)), (shares(1), shares(1)), "{name}");
    });
}

/// Observes a row of zeros.
fn after_a_row<'s>(model: &'s Model<'s>, state: &'s mut [u32], height: u32) -> Stream<'s> {
    let mut stream = Stream::begin_class(model, class(model, 1), 3, height, state).unwrap();
    (0..3 * model.channels()).for_each(|_| stream.observe(0).unwrap());
    stream
}

/// Only a diagonal leaves work behind, a column of a layer a step, and not in the last row, which nothing follows.
#[test]
fn a_rows_end_can_be_run_in_slices() {
    each(|name, model| {
        let is_diagonal = model.architecture() == Architecture::DiagonalBilstm;
        let steps = if is_diagonal { 3 * model.layers().len() as u32 } else { 0 };
        let mut states = [0, 1].map(|_| vec![0; model.state_words(3)]);
        let [whole, slices] = &mut states;
        assert_eq!(after_a_row(model, whole, 1).row_end(0), 0, "{name}");
        let (mut whole, mut slices) = (after_a_row(model, whole, 2), after_a_row(model, slices, 2));
        for done in 0..=steps {
            assert_eq!(slices.row_end(0), steps - done, "{name}");
            slices.row_end(1);
        }
        assert_eq!(slices.row_end(5), 0, "{name}");
        let share = |stream: &mut Stream<'_>| stream.predict().unwrap().share(1);
        assert_eq!(share(&mut slices), share(&mut whole), "{name}");
        assert_eq!(whole.row_end(0), 0, "{name}: a prediction has run what was left");
    });
}

/// A state of a fixed number of words is a slice like any other.
#[test]
fn a_fixed_state_serves() {
    each(|name, model| {
        let mut state = State::<600>::default();
        assert_eq!((state.len(), &state), (600, &State::new()));
        let mut stream = Stream::begin_class(model, class(model, 1), SIZE.0, SIZE.1, &mut state).unwrap();
        let mut image = drawn::<u16>(model, 1);
        image.fill(0);
        sample::fill(&mut stream, &mut pixelrnn::Seeded::seed_from_u64(1), &mut image);
        assert_eq!(image, drawn::<u16>(model, 1), "{name}");
        assert!(state.iter().any(|&word| word != 0));
    });
}

/// No more is drawn than there is room for, or than the image has.
#[test]
fn as_much_is_drawn_as_fits() {
    each(|name, model| {
        let mut state = vec![0; model.state_words(2)];
        let mut stream = Stream::begin_class(model, class(model, 1), 2, 2, &mut state).unwrap();
        let (all, mut rng) = (4 * usize::from(model.channels()), pixelrnn::Seeded::seed_from_u64(1));
        assert_eq!(sample::fill(&mut stream, &mut rng, &mut [0u16; 3]), 3, "{name}");
        assert_eq!(sample::fill(&mut stream, &mut rng, &mut [0u16; 99]), all - 3, "{name}");
        assert_eq!(sample::fill(&mut stream, &mut rng, &mut [0u16; 9]), 0, "{name}");
    });
}
