//! Scores: their sum over all images, their map, and what the coder spends.

use pixelrnn::blob::Architecture;
use pixelrnn::{CodeLength, Model, Stream, StreamError, score};
use pixelrnn_tests::coded::class;
use pixelrnn_tests::images::drawn;
use pixelrnn_tests::kinds::small;
use pixelrnn_tests::random::{Recipe, model};

fn scored(model: &Model<'_>, (width, height): (u32, u32), image: &[u16]) -> CodeLength {
    let mut state = vec![0; model.state_words(width)];
    score::image(&mut Stream::begin_class(model, class(model, 1), width, height, &mut state).unwrap(), image).unwrap()
}

/// The `number`-th of all images of so many values.
fn nth(number: u32, values: u32, levels: u32) -> Vec<u16> {
    (0..values).map(|place| (number / levels.pow(place) % levels) as u16).collect()
}

/// The probabilities of all images of a size add up to 1.
fn check_certain(recipe: &Recipe, size: (u32, u32)) {
    let blob = model(recipe, 3);
    let model = blob.load().unwrap();
    let values = size.0 * size.1 * u32::from(recipe.channels);
    let all = 0..recipe.levels.pow(values);
    let length = |number| scored(&model, size, &nth(number, values, recipe.levels)).units() as f64;
    let total: f64 = all.map(|number| (-length(number) / 65536.0).exp2()).sum();
    // Half a unit of rounding a value.
    assert!((total - 1.0).abs() < 1e-4, "{recipe:?}, {size:?}: {total}");
}

/// The score is that of a density, not of something like it.
#[test]
fn all_images_together_are_certain() {
    for architecture in Architecture::ALL {
        let small = Recipe::small(architecture);
        for (levels, size) in [(2, (3, 3)), (3, (2, 3)), (2, (1, 8)), (2, (8, 1))] {
            check_certain(&Recipe { levels, ..small }, size);
        }
        check_certain(&Recipe { classes: 2, ..small }, (3, 3));
        check_certain(&Recipe { levels: 2, ..Recipe::groups(architecture) }, (2, 2));
        check_certain(&Recipe { levels: 3, channels: 2, ..small }, (2, 1));
        for (levels, channels, size) in [(2, 3, (1, 3)), (3, 2, (2, 2)), (5, 1, (1, 4)), (17, 4, (1, 1))] {
            check_certain(&Recipe::mixture(architecture, levels, channels), size);
        }
    }
}

#[test]
fn a_map_adds_up_to_the_score() {
    for (name, recipe) in small() {
        let blob = model(&recipe, 4);
        let model = blob.load().unwrap();
        let image: Vec<u16> = drawn(&model, 9, 5, 1);
        let channels = u32::from(recipe.channels);
        let mut state = vec![0; model.state_words(9)];
        let (mut places, mut sum) = (Vec::new(), CodeLength::ZERO);
        let mut stream = Stream::begin_class(&model, class(&model, 1), 9, 5, &mut state).unwrap();
        let mapped = score::map(&mut stream, &image, |column, row, channel, length| {
            assert!(column < 9 && row < 5 && u32::from(channel) < channels);
            places.push((row * 9 + column) * channels + u32::from(channel));
            sum += length;
        });
        assert_eq!(mapped, Ok(scored(&model, (9, 5), &image)), "{name}");
        assert_eq!(Ok(sum), mapped, "{name}");
        assert!(places.into_iter().eq(0..45 * channels), "{name}");
    }
}

#[test]
fn impossible_values_are_refused_and_change_nothing() {
    for (_, recipe) in small().into_iter().filter(|(_, recipe)| recipe.levels < 65_536) {
        let blob = model(&recipe, 5);
        let model = blob.load().unwrap();
        let image: Vec<u16> = drawn(&model, 4, 4, 1);
        let mut state = vec![0; model.state_words(4)];
        let mut stream = Stream::begin_class(&model, class(&model, 1), 4, 4, &mut state).unwrap();
        let mut total = score::image(&mut stream, &image[..7]).unwrap();
        let (value, levels) = (recipe.levels as u16, recipe.levels);
        assert_eq!(score::next(&mut stream, value), Err(StreamError::ValueOutOfRange { value, levels }));
        total += score::image(&mut stream, &image[7..]).unwrap();
        assert_eq!(total, scored(&model, (4, 4), &image));
        assert_eq!(score::next(&mut stream, 0), Err(StreamError::PastEnd));
    }
}

/// A model finds what it drew likelier than what another drew.
#[test]
fn a_model_prefers_its_own_images() {
    let softmax = Recipe::small(Architecture::PixelCnn);
    for recipe in [softmax, Recipe::mixture(Architecture::PixelCnn, 256, 3)] {
        let blobs: Vec<_> = [6, 7].map(|seed| model(&recipe, seed)).into();
        let models: Vec<_> = blobs.iter().map(|blob| blob.load().unwrap()).collect();
        let bits = |scorer: usize, drawer: usize| -> u64 {
            let length = |seed| scored(&models[scorer], (12, 12), &drawn::<u16>(&models[drawer], 12, 12, seed));
            (0..20).map(|seed| length(seed).bits()).sum()
        };
        assert!(bits(0, 0) < bits(1, 0));
        assert!(bits(1, 1) < bits(0, 1));
    }
}
