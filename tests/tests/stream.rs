//! The stream against the full-image network, exactly: every frequency of every pixel, for random models of every
//! architecture, size and number of levels.

use pixelrnn::blob::{Architecture, Header, LayerDescription};
use pixelrnn::layers::Shape;
use pixelrnn::{Stream, Streams};
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::quantize::pack;
use pixelrnn_tests::full_image;
use pixelrnn_tests::random::{self, Numbers, Recipe};
use proptest::prelude::*;

const ARCHITECTURES: [Architecture; 3] = [Architecture::PixelCnn, Architecture::RowLstm, Architecture::DiagonalBilstm];

fn image(numbers: &mut Numbers, count: usize, levels: u16) -> Vec<u8> {
    // Runs of one value, as pictures have, so that states build up.
    let mut value = 0;
    let next = |_| {
        if numbers.below(3) == 0 {
            value = numbers.below(u32::from(levels)) as u8;
        }
        value
    };
    (0..count).map(next).collect()
}

fn check(blob: &Blob, width: usize, height: usize, numbers: &mut Numbers) {
    let model = blob.load().unwrap();
    let image = image(numbers, width * height, model.levels());
    let expected = full_image::frequencies(blob.bytes(), width, height, &image);
    // What the buffer holds before must not matter.
    let mut state: Vec<u32> = (0..model.state_words(width as u32)).map(|_| numbers.bits() as u32).collect();
    let mut stream = Stream::begin(&model, width as u32, height as u32, &mut state).unwrap();
    for (place, (&value, expected)) in image.iter().zip(&expected).enumerate() {
        // Work at a row's end may be done in slices, or be left to the next call.
        stream.row_end(numbers.below(5));
        // A known pixel may skip its prediction.
        if numbers.below(4) > 0 {
            let distribution = stream.predict().unwrap();
            let found: Vec<u32> = (0..expected.len()).map(|level| distribution.frequency(level as u8)).collect();
            assert_eq!(&found, expected, "pixel {place} of {width}x{height}, {:?}", model.header());
            assert_eq!(distribution.total(), expected.iter().sum::<u32>());
        }
        stream.observe(value).unwrap();
    }
    assert!(stream.is_complete());
}

/// `N` images at once, against the same ones on their own.
fn check_at_once<const N: usize>(blob: &Blob, width: u32, height: u32, numbers: &mut Numbers) {
    let model = blob.load().unwrap();
    let pixels = (width * height) as usize;
    let images: [Vec<u8>; N] = core::array::from_fn(|_| image(numbers, pixels, model.levels()));
    let mut states = vec![vec![0; model.state_words(width)]; N];
    let mut alone: Vec<_> =
        states.iter_mut().map(|state| Stream::begin(&model, width, height, state).unwrap()).collect();
    let mut state: Vec<u32> = (0..Streams::<N>::state_words(&model, width)).map(|_| numbers.bits() as u32).collect();
    let mut streams = Streams::<N>::begin(&model, width, height, &mut state).unwrap();
    for pixel in 0..pixels {
        let left = numbers.below(5);
        streams.row_end(left);
        let predicted = (numbers.below(4) > 0).then(|| streams.predict().unwrap());
        for (number, stream) in alone.iter_mut().enumerate() {
            if let Some(predicted) = &predicted {
                assert_eq!(predicted.of(number), stream.predict().unwrap(), "image {number} of {N}, pixel {pixel}");
            }
            stream.observe(images[number][pixel]).unwrap();
        }
        streams.observe(&images.each_ref().map(|image| image[pixel])).unwrap();
    }
    assert!(streams.is_complete());
}

fn recipes() -> impl Strategy<Value = Recipe> {
    (
        proptest::sample::select(ARCHITECTURES.to_vec()),
        proptest::sample::select(vec![2u16, 3, 4, 16, 17, 128, 129, 256]),
        (1u16..6).prop_map(|quarter| 4 * quarter),
        1usize..4,
        (1u16..5).prop_map(|quarter| 4 * quarter),
        proptest::sample::select(vec![3u8, 5, 7]),
        any::<bool>(),
    )
        .prop_map(|(architecture, levels, hidden, blocks, maps, kernel, skip)| Recipe {
            architecture,
            levels,
            hidden,
            blocks,
            maps,
            kernel,
            skip,
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_stream_is_the_full_image_network(
        recipe in recipes(), seed: u64, width in 1usize..10, height in 1usize..8,
    ) {
        let blob = random::model(&recipe, seed);
        check(&blob, width, height, &mut Numbers(seed ^ 1));
        check(&pack::repack(&blob, true).unwrap(), width, height, &mut Numbers(seed ^ 1));
    }

    #[test]
    fn images_at_once_are_what_they_are_alone(
        recipe in recipes(), seed: u64, width in 1u32..10, height in 1u32..8,
    ) {
        let blob = pack::repack(&random::model(&recipe, seed), seed.is_multiple_of(2)).unwrap();
        // Sixteen fill the vectors of AVX-512; any other number runs in plain loops.
        check_at_once::<16>(&blob, width, height, &mut Numbers(seed ^ 2));
        check_at_once::<3>(&blob, width, height, &mut Numbers(seed ^ 3));
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
                    LayerDescription::RowLstm { shifts, .. } => shifts[1] = 3,
                    LayerDescription::DiagonalBilstm { shifts, .. } => (shifts[1], shifts[2]) = (3, 3),
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
    for architecture in ARCHITECTURES {
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
