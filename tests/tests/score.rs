//! Scores: their sum over all images, their map, and what the coder spends.

use pixelrnn::blob::Architecture;
use pixelrnn::{CodeLength, Stream, StreamError, score};
use pixelrnn_tests::images::drawn;
use pixelrnn_tests::random::{Recipe, model};

const ARCHITECTURES: [Architecture; 3] = [Architecture::PixelCnn, Architecture::RowLstm, Architecture::DiagonalBilstm];

/// The probabilities of all images of a size add up to 1: the score is that of a density, not of something like it.
#[test]
fn all_images_together_are_certain() {
    for architecture in ARCHITECTURES {
        for (levels, width, height) in [(2u16, 3u32, 3u32), (3, 2, 3), (2, 1, 8), (2, 8, 1)] {
            let blob = model(&Recipe { levels, ..Recipe::small(architecture) }, 3);
            let model = blob.load().unwrap();
            let mut state = vec![0; model.state_words(width)];
            let pixels = width * height;
            let mut total = 0.0;
            for number in 0..u32::from(levels).pow(pixels) {
                let mut rest = number;
                let image: Vec<u8> = (0..pixels)
                    .map(|_| {
                        let value = (rest % u32::from(levels)) as u8;
                        rest /= u32::from(levels);
                        value
                    })
                    .collect();
                let mut stream = Stream::begin(&model, width, height, &mut state).unwrap();
                let length = score::image(&mut stream, &image).unwrap();
                total += (-(length.units() as f64) / 65536.0).exp2();
            }
            // Half a unit of rounding a pixel.
            assert!((total - 1.0).abs() < 1e-4, "{architecture:?}, {levels} levels, {width}x{height}: {total}");
        }
    }
}

#[test]
fn a_map_adds_up_to_the_score() {
    for architecture in ARCHITECTURES {
        let blob = model(&Recipe { levels: 17, ..Recipe::small(architecture) }, 4);
        let model = blob.load().unwrap();
        let image = drawn(&model, 9, 5, 1);
        let mut state = vec![0; model.state_words(9)];
        let whole = score::image(&mut Stream::begin(&model, 9, 5, &mut state).unwrap(), &image).unwrap();
        let mut places = Vec::new();
        let mut sum = CodeLength::ZERO;
        let mut stream = Stream::begin(&model, 9, 5, &mut state).unwrap();
        let mapped = score::map(&mut stream, &image, |column, row, length| {
            places.push(row * 9 + column);
            sum += length;
        });
        assert_eq!(mapped, Ok(whole));
        assert_eq!(sum, whole);
        assert!(places.into_iter().eq(0..45));
    }
}

#[test]
fn impossible_values_are_refused_and_change_nothing() {
    let blob = model(&Recipe::small(Architecture::RowLstm), 5);
    let model = blob.load().unwrap();
    let image = drawn(&model, 4, 4, 1);
    let mut state = vec![0; model.state_words(4)];
    let whole = score::image(&mut Stream::begin(&model, 4, 4, &mut state).unwrap(), &image).unwrap();
    let mut stream = Stream::begin(&model, 4, 4, &mut state).unwrap();
    let mut total = score::image(&mut stream, &image[..7]).unwrap();
    assert_eq!(score::next(&mut stream, 2), Err(StreamError::ValueOutOfRange { value: 2, levels: 2 }));
    total += score::image(&mut stream, &image[7..]).unwrap();
    assert_eq!(total, whole);
    assert_eq!(score::next(&mut stream, 0), Err(StreamError::PastEnd));
}

/// A model finds what it drew likelier than what another drew.
#[test]
fn a_model_prefers_its_own_images() {
    let blobs: Vec<_> = [6, 7].map(|seed| model(&Recipe::small(Architecture::PixelCnn), seed)).into();
    let models: Vec<_> = blobs.iter().map(|blob| blob.load().unwrap()).collect();
    let bits = |scorer: usize, drawer: usize| -> u64 {
        (0..20)
            .map(|seed| {
                let image = drawn(&models[drawer], 12, 12, seed);
                let mut state = vec![0; models[scorer].state_words(12)];
                let mut stream = Stream::begin(&models[scorer], 12, 12, &mut state).unwrap();
                score::image(&mut stream, &image).unwrap().bits()
            })
            .sum()
    };
    assert!(bits(0, 0) < bits(1, 0));
    assert!(bits(1, 1) < bits(0, 1));
}
