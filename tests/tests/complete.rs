//! Completions: what is kept, what is drawn, and what steers what.

use pixelrnn::blob::Architecture;
use pixelrnn::complete::{self, CompleteError};
use pixelrnn::{BeginError, CodeLength, Model, Seeded, Stream, StreamError, score};
use pixelrnn_tests::coded::class;
use pixelrnn_tests::images::drawn;
use pixelrnn_tests::kinds::small;
use pixelrnn_tests::random::{Numbers, Recipe, model};
use rand_core::SeedableRng;

const SIDE: u32 = 10;
const PIXELS: usize = 100;

fn image(model: &Model<'_>, seed: u64) -> Vec<u16> {
    drawn(model, SIDE, SIDE, seed)
}

fn filled(model: &Model<'_>, image: &[u16], seed: u64, known: impl Fn(usize) -> bool) -> Vec<u16> {
    let mut state = vec![0; model.state_words(SIDE)];
    let mut stream = Stream::begin_class(model, class(model, seed), SIDE, SIDE, &mut state).unwrap();
    let mut image = image.to_vec();
    complete::fill(&mut stream, &mut Seeded::seed_from_u64(seed), &mut image, known).unwrap();
    assert!(stream.is_complete());
    image
}

/// Any values may be known: whole pixels, or single channels of them.
#[test]
fn known_values_are_kept_under_any_mask() {
    for (name, recipe) in small() {
        let blob = model(&recipe, 1);
        let model = blob.load().unwrap();
        let image = image(&model, 99);
        let mut numbers = Numbers(5);
        for seed in 0..10 {
            let mask: Vec<bool> = image.iter().map(|_| numbers.below(10) < seed as u32).collect();
            let completed = filled(&model, &image, seed, |value| mask[value]);
            assert!((0..image.len()).all(|value| !mask[value] || completed[value] == image[value]), "{name}");
            assert!(completed.iter().all(|&value| u32::from(value) < recipe.levels), "{name}");
            assert!(seed > 5 || completed != image, "{name}: nothing was drawn");
        }
    }
}

#[test]
fn nothing_known_is_a_sample_and_everything_known_the_image() {
    for (name, recipe) in small() {
        let blob = model(&recipe, 2);
        let model = blob.load().unwrap();
        let image = image(&model, 3);
        assert_eq!(filled(&model, &vec![0; image.len()], 3, |_| false), image, "{name}");
        assert_eq!(filled(&model, &image, 8, |_| true), image, "{name}");
    }
}

/// After known rows, the generator's numbers go where they would in a sample: a sample's own rows continue to that sample
/// if the generator has drawn them first.
#[test]
fn known_rows_steer_what_follows_exactly_as_drawn_ones_do() {
    for (name, recipe) in small() {
        let blob = model(&recipe, 2);
        let model = blob.load().unwrap();
        let mut state = vec![0; model.state_words(SIDE)];
        let image = image(&model, 4);
        // Four rows, and of several channels the first of the next pixel.
        let known = 40 * usize::from(recipe.channels) + usize::from(recipe.channels > 1);
        let mut rng = Seeded::seed_from_u64(4);
        let mut stream = Stream::begin_class(&model, class(&model, 4), SIDE, SIDE, &mut state).unwrap();
        for _ in 0..known {
            pixelrnn::sample::next(&mut stream, &mut rng).unwrap();
        }
        let mut completed = image[..known].to_vec();
        completed.resize(image.len(), 0);
        let mut stream = Stream::begin_class(&model, class(&model, 4), SIDE, SIDE, &mut state).unwrap();
        complete::fill(&mut stream, &mut rng, &mut completed, |value| value < known).unwrap();
        assert_eq!(completed, image, "{name}");
    }
}

/// The code length of the known values behind an unknown one, worked out apart.
fn weight(model: &Model<'_>, image: &[u16], known: &dyn Fn(usize) -> bool) -> CodeLength {
    let mut state = vec![0; model.state_words(SIDE)];
    let mut stream = Stream::begin_class(model, class(model, 11), SIDE, SIDE, &mut state).unwrap();
    let first_unknown = (0..image.len()).position(|value| !known(value)).unwrap_or(image.len());
    let mut total = CodeLength::ZERO;
    for (place, &value) in image.iter().enumerate() {
        let length = score::next(&mut stream, value).unwrap();
        if place > first_unknown && known(place) {
            total += length;
        }
    }
    total
}

#[test]
fn the_best_of_many_is_the_likeliest_of_the_same_draws() {
    let kinds = Architecture::ALL.map(Recipe::small).into_iter();
    let classes = Recipe { classes: 4, ..Recipe::small(Architecture::RowLstm) };
    for recipe in kinds.chain([Recipe::mixture(Architecture::PixelCnn, 4096, 2), classes]) {
        let blob = model(&recipe, 6);
        let model = blob.load().unwrap();
        let (truth, class) = (image(&model, 11), class(&model, 11));
        // The last four rows are known, and a stripe in the middle.
        let known = |value: usize| {
            let pixel = value / usize::from(recipe.channels);
            pixel >= 60 || pixel % 10 == 4
        };
        let mut state = vec![0; model.state_words(SIDE)];
        let candidates = 12;

        let mut rng = Seeded::seed_from_u64(21);
        let draws: Vec<Vec<u16>> = (0..candidates)
            .map(|_| {
                let mut image = truth.clone();
                let mut stream = Stream::begin_class(&model, class, SIDE, SIDE, &mut state).unwrap();
                complete::fill(&mut stream, &mut rng, &mut image, known).unwrap();
                image
            })
            .collect();
        let weights: Vec<CodeLength> = draws.iter().map(|draw| weight(&model, draw, &known)).collect();
        let least = weights.iter().min().unwrap();
        assert!(weights.iter().any(|weight| weight > least), "the candidates must differ for this to be a test");

        let (mut image, mut trial) = (truth.clone(), vec![0; truth.len()]);
        let mut rng = Seeded::seed_from_u64(21);
        let (into, trial) = (&mut image, &mut trial);
        let length = complete::best_of(&model, class, SIDE, SIDE, &mut state, &mut rng, candidates, known, into, trial);
        assert_eq!(length, Ok(*least));
        assert_eq!(image, draws[weights.iter().position(|weight| weight == least).unwrap()]);
        assert!((0..truth.len()).all(|value| !known(value) || image[value] == truth[value]));
    }
}

#[test]
fn one_candidate_is_enough_where_nothing_known_follows() {
    let blob = model(&Recipe::small(Architecture::PixelCnn), 6);
    let model = blob.load().unwrap();
    let truth = image(&model, 1);
    let mut state = vec![0; model.state_words(SIDE)];
    let (mut image, mut trial) = (truth.clone(), vec![0; PIXELS]);
    let known = |pixel: usize| pixel < 30;
    let mut rng = Seeded::seed_from_u64(2);
    let (into, trial) = (&mut image, &mut trial);
    let length = complete::best_of(&model, None, SIDE, SIDE, &mut state, &mut rng, 1000, known, into, trial);
    assert_eq!(length, Ok(CodeLength::ZERO));
    assert_eq!(image, filled(&model, &truth, 2, known));
}

#[test]
fn wrong_arguments_are_errors() {
    let blob = model(&Recipe::small(Architecture::PixelCnn), 6);
    let model = blob.load().unwrap();
    let mut state = vec![0; model.state_words(SIDE)];
    let mut rng = Seeded::seed_from_u64(2);
    let mut run = |state: &mut [u32], candidates, image: &mut [u8], trial: &mut [u8]| {
        complete::best_of(&model, None, SIDE, SIDE, state, &mut rng, candidates, |pixel| pixel > 50, image, trial)
    };
    let (mut image, mut trial) = ([0; PIXELS], [0; PIXELS]);
    let wrong = |given| Err(CompleteError::WrongLength { needed: PIXELS, given });
    assert_eq!(run(&mut state, 0, &mut image, &mut trial), Err(CompleteError::NoCandidates));
    assert_eq!(run(&mut state, 1, &mut image, &mut trial[1..]), wrong(PIXELS - 1));
    assert_eq!(run(&mut state, 1, &mut image[1..], &mut trial), wrong(PIXELS - 1));
    assert_eq!(run(&mut state, 1, &mut image, &mut [0; PIXELS + 1]), wrong(PIXELS + 1));
    assert!(matches!(
        run(&mut [0; 3], 1, &mut image, &mut trial),
        Err(CompleteError::Begin(BeginError::StateTooSmall { .. }))
    ));
    image[70] = 2;
    assert_eq!(
        run(&mut state, 1, &mut image, &mut trial),
        Err(CompleteError::Stream(StreamError::ValueOutOfRange { value: 2, levels: 2 }))
    );
}

/// Of several channels an image has as many values a pixel.
#[test]
fn buffers_hold_all_channels() {
    let blob = model(&Recipe::mixture(Architecture::PixelCnn, 256, 3), 6);
    let model = blob.load().unwrap();
    let mut state = vec![0; model.state_words(SIDE)];
    let mut rng = Seeded::seed_from_u64(2);
    let mut trial = [0u8; 3 * PIXELS];
    let mut run = |image: &mut [u8]| {
        complete::best_of(&model, None, SIDE, SIDE, &mut state, &mut rng, 1, |value| value < 7, image, &mut trial)
    };
    assert_eq!(run(&mut [0; PIXELS]), Err(CompleteError::WrongLength { needed: 3 * PIXELS, given: PIXELS }));
    assert_eq!(run(&mut [0; 3 * PIXELS]), Ok(CodeLength::ZERO));
}
