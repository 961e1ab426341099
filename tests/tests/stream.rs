//! The stream against the full-image network, exactly: the distribution of every value, for random models of every
//! architecture, head, number of channels and levels.

use pixelrnn::blob::{Architecture, Header, LayerDescription};
use pixelrnn::layers::Shape;
use pixelrnn::{Conditions, Distribution, Stream, Streams};
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::quantize::pack::{self, Form};
use pixelrnn_tests::coded::{class, given, sampled};
use pixelrnn_tests::full_image::{self, Expected, Parts};
use pixelrnn_tests::random::{self, Numbers, Recipe};
use proptest::prelude::*;

fn image(numbers: &mut Numbers, count: usize, levels: u32) -> Vec<u16> {
    // Runs of one value, as pictures have, so that states build up.
    let mut value = 0;
    let next = |_| {
        if numbers.below(3) == 0 {
            value = numbers.below(levels) as u16;
        }
        value
    };
    (0..count).map(next).collect()
}

/// All of a table's frequencies; of a mixture the value itself, its neighbours, and some others.
fn check_distribution(found: &Distribution<'_>, expected: &Expected, value: u16, numbers: &mut Numbers) {
    match expected {
        Expected::Frequencies(expected) => {
            let frequencies: Vec<u32> = (0..expected.len()).map(|level| found.frequency(level as u16)).collect();
            assert_eq!(&frequencies, expected);
            assert_eq!(found.total(), expected.iter().sum::<u32>());
        }
        Expected::Mixture(parts) => check_mixture(found, parts, value, numbers),
    }
}

fn check_mixture(found: &Distribution<'_>, parts: &Parts, value: u16, numbers: &mut Numbers) {
    let levels = parts.levels();
    assert_eq!((found.levels(), found.total()), (levels, 1 << 24));
    let near = (0..3).map(|n| (u32::from(value) + n).saturating_sub(1).min(levels - 1));
    let far = (0..4).map(|_| numbers.below(levels)).chain([0, levels - 1]);
    for value in near.collect::<Vec<_>>().into_iter().chain(far.collect::<Vec<_>>()) {
        let (start, end) = (parts.cumulative(value), parts.cumulative(value + 1));
        assert!(start < end, "{start} to {end} for {value}");
        assert_eq!(
            (found.cumulative(value as u16), found.frequency(value as u16)),
            (start, end - start),
            "value {value}"
        );
        assert_eq!(u32::from(found.find(start + numbers.below(end - start))), value);
    }
}

fn check(blob: &Blob, width: usize, height: usize, numbers: &mut Numbers) {
    let model = blob.load().unwrap();
    let image = image(numbers, width * height * usize::from(model.channels()), model.levels());
    let class = class(&model, numbers.bits());
    let small = sampled(&model, (width as u32, height as u32), &image);
    let expected = full_image::distributions(blob.bytes(), class, (width, height), &image);
    assert_eq!(expected.len(), image.len());
    // What the buffer holds before must not matter.
    let mut state: Vec<u32> = (0..model.state_words(width as u32)).map(|_| numbers.bits() as u32).collect();
    let given = given(&small, class);
    let mut stream = Stream::begin_given(&model, given, width as u32, height as u32, &mut state).unwrap();
    assert_eq!(stream.class(), class);
    let mut known = 0;
    for (place, (&value, expected)) in image.iter().zip(&expected).enumerate() {
        assert_eq!(usize::from(stream.channel()), place % usize::from(model.channels()));
        // Work at a row's end may be done in slices, or be left to the next call.
        stream.row_end(numbers.below(5));
        let is_known = stream.known().is_some();
        if is_known {
            assert_eq!(stream.known(), Some(value));
            assert_eq!(stream.predict().unwrap(), Distribution::certain(value, model.levels()));
            known += 1;
        }
        // An observed value may skip its prediction.
        if !is_known && numbers.below(4) > 0 {
            check_distribution(&stream.predict().unwrap(), expected, value, numbers);
        }
        stream.observe(value).unwrap();
    }
    assert!(stream.is_complete());
    assert_eq!(known, small.map_or(0, |small| small.len()));
}

/// `N` images at once, against the same ones on their own.
fn check_at_once<const N: usize>(blob: &Blob, width: u32, height: u32, numbers: &mut Numbers) {
    let model = blob.load().unwrap();
    let values = (width * height) as usize * usize::from(model.channels());
    let images: [Vec<u16>; N] = core::array::from_fn(|_| image(numbers, values, model.levels()));
    let mut states = vec![vec![0; model.state_words(width)]; N];
    let classes: [Option<u16>; N] = core::array::from_fn(|_| class(&model, numbers.bits()));
    let smalls = images.each_ref().map(|image| sampled(&model, (width, height), image));
    let each: [Conditions<'_>; N] = core::array::from_fn(|image| given(&smalls[image], classes[image]));
    let states = states.iter_mut().zip(each);
    let mut alone: Vec<_> =
        states.map(|(state, given)| Stream::begin_given(&model, given, width, height, state).unwrap()).collect();
    let mut state: Vec<u32> = (0..Streams::<N>::state_words(&model, width)).map(|_| numbers.bits() as u32).collect();
    let mut streams = Streams::<N>::begin_each_given(&model, each, width, height, &mut state).unwrap();
    for place in 0..values {
        let left = numbers.below(5);
        streams.row_end(left);
        let predicted = (numbers.below(4) > 0).then(|| streams.predict().unwrap());
        for (number, stream) in alone.iter_mut().enumerate() {
            if let Some(predicted) = &predicted {
                assert_eq!(predicted.of(number), stream.predict().unwrap(), "image {number} of {N}, value {place}");
            }
            stream.observe(images[number][place]).unwrap();
        }
        streams.observe(&images.each_ref().map(|image| image[place])).unwrap();
    }
    assert!(streams.is_complete());
}

/// A head, channels and levels that go together.
fn heads() -> impl Strategy<Value = (u8, u8, u32)> {
    let softmax = (Just(0u8), 1u8..=4, proptest::sample::select(vec![2u32, 3, 4, 16, 17, 128, 129, 256]));
    let mixture =
        (1u8..=10, 1u8..=4, proptest::sample::select(vec![2u32, 17, 128, 200, 256, 257, 4096, 40_000, 65_536]));
    prop_oneof![softmax, mixture]
}

fn recipes() -> impl Strategy<Value = Recipe> {
    let quarters = (1u16..6, 1u16..5);
    let kernels = proptest::sample::select(vec![3u8, 5, 7]);
    let conditions = (vec![0u16, 0, 1, 2, 3, 10], vec![0u8, 0, 2, 4]);
    let conditions = (proptest::sample::select(conditions.0), proptest::sample::select(conditions.1));
    let more = (any::<bool>(), conditions, proptest::sample::select(vec![1u8, 1, 2, 4, 8]));
    (proptest::sample::select(Architecture::ALL.to_vec()), heads(), quarters, 1usize..4, kernels, more).prop_map(
        |(architecture, (components, channels, levels), (hidden, maps), blocks, kernel, more)| {
            let (skip, (classes, factor), dilation) = more;
            let unit = if components == 0 { 4 * u16::from(channels) } else { 4 };
            let (hidden, maps) = (hidden * unit, maps * unit);
            Recipe {
                architecture,
                levels,
                channels,
                components,
                hidden,
                blocks,
                maps,
                kernel,
                skip,
                classes,
                factor,
                dilation,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_stream_is_the_full_image_network(
        recipe in recipes(), seed: u64, width in 1usize..14, height in 1usize..12,
    ) {
        let blob = random::model(&recipe, seed);
        check(&blob, width, height, &mut Numbers(seed ^ 1));
        check(&pack::repack(&blob, Form::Mve).unwrap(), width, height, &mut Numbers(seed ^ 1));
    }

    #[test]
    fn the_stream_of_nibbles_is_the_full_image_network(
        recipe in recipes(), seed: u64, width in 1usize..14, height in 1usize..12,
    ) {
        let recipe = Recipe { hidden: 2 * recipe.hidden, ..recipe };
        let [_, narrow] = random::models_of_nibbles(&recipe, seed);
        check(&narrow, width, height, &mut Numbers(seed ^ 1));
    }

    #[test]
    fn images_at_once_are_what_they_are_alone(
        recipe in recipes(), seed: u64, width in 1u32..14, height in 1u32..12,
    ) {
        let form = if seed.is_multiple_of(2) { Form::Mve } else { Form::All };
        let blob = pack::repack(&random::model(&recipe, seed), form).unwrap();
        // Sixteen fill the vectors of AVX-512; any other number runs in plain loops.
        check_at_once::<16>(&blob, width, height, &mut Numbers(seed ^ 2));
        check_at_once::<3>(&blob, width, height, &mut Numbers(seed ^ 3));
    }
}

proptest! {
    // A case draws 38 images of twice as many features.
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn images_of_nibbles_at_once_are_what_they_are_alone(
        recipe in recipes(), seed: u64, width in 1u32..14, height in 1u32..12,
    ) {
        let recipe = Recipe { hidden: 2 * recipe.hidden, ..recipe };
        let [_, narrow] = random::models_of_nibbles(&recipe, seed);
        check_at_once::<16>(&narrow, width, height, &mut Numbers(seed ^ 2));
        check_at_once::<3>(&narrow, width, height, &mut Numbers(seed ^ 3));
    }
}

/// Gates so strong that cells run to their limits and stay there, on long rows and high images.
#[test]
fn saturated_cells_do_not_drift() {
    for architecture in [Architecture::RowLstm, Architecture::DiagonalBilstm] {
        for seed in 0..6 {
            let recipe = Recipe { blocks: 3, ..Recipe::small(architecture) };
            let mut header: Header = random::header(&recipe);
            for layer in &mut header.layers {
                match layer {
                    LayerDescription::RowLstm(layer) => layer.shifts[1] = 3,
                    LayerDescription::Diagonal(layer) => (layer.shifts[1], layer.shifts[2]) = (3, 3),
                    _ => {}
                }
            }
            let mut numbers = Numbers(seed);
            let mut layers: Vec<_> =
                header.layers.iter().map(|layer| random::arrays(&Shape::new(&header, layer), &mut numbers)).collect();
            // Forget and input gates wide open: a cell only grows, until it can no more.
            for array in layers.iter_mut().flatten() {
                if let pack::Array::Linear { biases, matrix } = array
                    && biases.len() == 32
                    && matrix.columns != 8
                {
                    biases.iter_mut().enumerate().filter(|(row, _)| row % 4 != 3).for_each(|(_, bias)| *bias = 1 << 25);
                }
            }
            let blob = pack::blob(&header, &layers);
            check(&blob, 60, 5, &mut numbers);
            check(&blob, 3, 90, &mut numbers);
        }
    }
}

/// How much state a width takes is known, and one word less is refused with that number.
#[test]
fn too_little_state_is_an_error_that_says_how_much() {
    for architecture in Architecture::ALL {
        let blob = random::model(&Recipe::small(architecture), 1);
        let model = blob.load().unwrap();
        for width in [1, 2, 28, 300] {
            let needed_words = model.state_words(width);
            let given_words = needed_words - 1;
            let mut state = vec![0; given_words];
            let error = Stream::begin(&model, width, 4, &mut state).unwrap_err();
            assert_eq!(error, pixelrnn::BeginError::StateTooSmall { needed_words, given_words });
        }
    }
}

/// Wrong calls are errors and change nothing.
#[test]
fn wrong_calls_are_errors() {
    use pixelrnn::{BeginError, StreamError};
    let blob = random::model(&Recipe { levels: 5, ..Recipe::small(Architecture::PixelCnn) }, 1);
    let model = blob.load().unwrap();
    let mut state = vec![0; model.state_words(2)];
    assert_eq!(Stream::begin(&model, 0, 1, &mut state).unwrap_err(), BeginError::EmptyImage);
    assert_eq!(Stream::begin(&model, 1, 0, &mut state).unwrap_err(), BeginError::EmptyImage);
    assert_eq!(Stream::begin(&model, 70_000, 1, &mut state).unwrap_err(), BeginError::TooLarge);
    let mut stream = Stream::begin(&model, 2, 1, &mut state).unwrap();
    let before = stream.predict().unwrap().frequency(3);
    assert_eq!(stream.observe(5), Err(StreamError::ValueOutOfRange { value: 5, levels: 5 }));
    assert_eq!(stream.predict().unwrap().frequency(3), before);
    stream.observe(4).unwrap();
    stream.observe(0).unwrap();
    assert_eq!(stream.observe(0), Err(StreamError::PastEnd));
    assert_eq!(stream.predict().unwrap_err(), StreamError::PastEnd);
}

/// A class is asked for where there are some, and only there; what was wrong is in the error.
#[test]
fn wrong_classes_are_errors() {
    use pixelrnn::BeginError::WrongClass;
    let blobs = [0, 3].map(|classes| random::model(&Recipe { classes, ..Recipe::small(Architecture::PixelCnn) }, 1));
    let [without, with] = [&blobs[0], &blobs[1]].map(|blob| blob.load().unwrap());
    let mut state = vec![0; Streams::<2>::state_words(&with, 4)];
    let mut begin = |model, class: Option<u16>| Stream::begin_class(model, class, 4, 4, &mut state).err();
    assert_eq!(begin(&with, None), Some(WrongClass { given: None, classes: 3 }));
    assert_eq!(begin(&with, Some(3)), Some(WrongClass { given: Some(3), classes: 3 }));
    assert_eq!(begin(&without, Some(0)), Some(WrongClass { given: Some(0), classes: 0 }));
    assert_eq!((begin(&with, Some(2)), begin(&without, None)), (None, None));
    let error = Stream::begin(&with, 4, 4, &mut state).err();
    assert_eq!(error, Some(WrongClass { given: None, classes: 3 }));
    let error = Streams::<2>::begin_classes(&with, Some([1, 7]), 4, 4, &mut state).err();
    assert_eq!(error, Some(WrongClass { given: Some(7), classes: 3 }));
}

/// A smaller image is asked for where a model draws images given one, and only there; its size and its values are checked.
#[test]
fn wrong_smaller_images_are_errors() {
    use pixelrnn::BeginError::{SmallValueOutOfRange, WrongSmallImage};
    use pixelrnn::StreamError::NotTheKnownValue;
    let blobs = [0, 2].map(|factor| random::model(&Recipe { factor, ..Recipe::small(Architecture::RowLstm) }, 1));
    let [without, with] = [&blobs[0], &blobs[1]].map(|blob| blob.load().unwrap());
    let mut state = vec![0; Streams::<2>::state_words(&with, 5)];
    let small = [0u8, 1, 1, 0, 1, 0];
    let mut begin = |model, given| Stream::begin_given(model, given, 5, 4, &mut state).err();
    let wrong = |needed, given| Some(WrongSmallImage { needed, given });
    assert_eq!(begin(&with, Conditions::default()), wrong(Some(6), None));
    assert_eq!(begin(&with, Conditions::of_small(&small[1..])), wrong(Some(6), Some(5)));
    assert_eq!(begin(&without, Conditions::of_small(&small)), wrong(None, Some(6)));
    let beyond = Some(SmallValueOutOfRange { value: 2, levels: 2 });
    assert_eq!(begin(&with, Conditions::of_small(&[0u16, 0, 0, 0, 0, 2])), beyond);
    assert_eq!(begin(&with, Conditions::of_small(&small)), None);
    let both = [Conditions::of_small(&small), Conditions::default()];
    let error = Streams::<2>::begin_each_given(&with, both, 5, 4, &mut state).err();
    assert_eq!(error, wrong(Some(6), None));

    let mut stream = Stream::begin_given(&with, Conditions::of_small(&small), 5, 4, &mut state).unwrap();
    assert_eq!(stream.observe(1), Err(NotTheKnownValue { value: 1, known: 0 }));
    assert_eq!(stream.column(), 0);
    stream.observe(0).unwrap();
    assert_eq!(stream.known(), None);
}
