//! Completions: what is kept, what is drawn, and what steers what.

use pixelrnn::blob::Architecture;
use pixelrnn::complete::{self, CompleteError};
use pixelrnn::{BeginError, CodeLength, Model, Seeded, Stream, StreamError, score};
use pixelrnn_tests::images::drawn;
use pixelrnn_tests::random::{Numbers, Recipe, model};
use rand_core::SeedableRng;

const ARCHITECTURES: [Architecture; 3] = [Architecture::PixelCnn, Architecture::RowLstm, Architecture::DiagonalBilstm];
const SIDE: u32 = 10;
const PIXELS: usize = 100;

fn filled(model: &Model<'_>, image: &[u8], seed: u64, known: impl Fn(usize) -> bool) -> Vec<u8> {
    let mut state = vec![0; model.state_words(SIDE)];
    let mut stream = Stream::begin(model, SIDE, SIDE, &mut state).unwrap();
    let mut image = image.to_vec();
    complete::fill(&mut stream, &mut Seeded::seed_from_u64(seed), &mut image, known).unwrap();
    assert!(stream.is_complete());
    image
}

#[test]
fn known_pixels_are_kept_under_any_mask() {
    for architecture in ARCHITECTURES {
        for levels in [2, 17] {
            let blob = model(&Recipe { levels, ..Recipe::small(architecture) }, 1);
            let model = blob.load().unwrap();
            let image = drawn(&model, SIDE, SIDE, 99);
            let mut numbers = Numbers(5);
            for seed in 0..10 {
                let mask: Vec<bool> = (0..PIXELS).map(|_| numbers.below(10) < seed as u32).collect();
                let completed = filled(&model, &image, seed, |pixel| mask[pixel]);
                assert!((0..PIXELS).all(|pixel| !mask[pixel] || completed[pixel] == image[pixel]));
                assert!(completed.iter().all(|&value| u16::from(value) < levels));
            }
        }
    }
}

#[test]
fn nothing_known_is_a_sample_and_everything_known_the_image() {
    for architecture in ARCHITECTURES {
        let blob = model(&Recipe::small(architecture), 2);
        let model = blob.load().unwrap();
        let image = drawn(&model, SIDE, SIDE, 3);
        assert_eq!(filled(&model, &[0; PIXELS], 3, |_| false), image);
        assert_eq!(filled(&model, &image, 8, |_| true), image);
    }
}

/// After known rows, the generator's numbers go where they would in a sample: a sample's own rows continue to that sample
/// if the generator has drawn them first.
#[test]
fn known_rows_steer_what_follows_exactly_as_drawn_ones_do() {
    for architecture in ARCHITECTURES {
        let blob = model(&Recipe::small(architecture), 2);
        let model = blob.load().unwrap();
        let mut state = vec![0; model.state_words(SIDE)];
        let image = drawn(&model, SIDE, SIDE, 4);
        let mut rng = Seeded::seed_from_u64(4);
        let mut stream = Stream::begin(&model, SIDE, SIDE, &mut state).unwrap();
        for _ in 0..40 {
            pixelrnn::sample::next(&mut stream, &mut rng).unwrap();
        }
        let mut completed = image[..40].to_vec();
        completed.resize(PIXELS, 0);
        let mut stream = Stream::begin(&model, SIDE, SIDE, &mut state).unwrap();
        complete::fill(&mut stream, &mut rng, &mut completed, |pixel| pixel < 40).unwrap();
        assert_eq!(completed, image);
    }
}

/// The code length of the known pixels behind an unknown one, worked out apart.
fn weight(model: &Model<'_>, image: &[u8], known: &dyn Fn(usize) -> bool) -> CodeLength {
    let mut state = vec![0; model.state_words(SIDE)];
    let mut stream = Stream::begin(model, SIDE, SIDE, &mut state).unwrap();
    let first_unknown = (0..PIXELS).position(|pixel| !known(pixel)).unwrap_or(PIXELS);
    let mut total = CodeLength::ZERO;
    for (pixel, &value) in image.iter().enumerate() {
        let length = score::next(&mut stream, value).unwrap();
        if pixel > first_unknown && known(pixel) {
            total += length;
        }
    }
    total
}

#[test]
fn the_best_of_many_is_the_likeliest_of_the_same_draws() {
    for architecture in ARCHITECTURES {
        let blob = model(&Recipe::small(architecture), 6);
        let model = blob.load().unwrap();
        let truth = drawn(&model, SIDE, SIDE, 11);
        // The last four rows are known, and a stripe in the middle.
        let known = |pixel: usize| pixel >= 60 || pixel % 10 == 4;
        let mut state = vec![0; model.state_words(SIDE)];
        let candidates = 12;

        let mut rng = Seeded::seed_from_u64(21);
        let draws: Vec<Vec<u8>> = (0..candidates)
            .map(|_| {
                let mut image = truth.clone();
                let mut stream = Stream::begin(&model, SIDE, SIDE, &mut state).unwrap();
                complete::fill(&mut stream, &mut rng, &mut image, known).unwrap();
                image
            })
            .collect();
        let weights: Vec<CodeLength> = draws.iter().map(|draw| weight(&model, draw, &known)).collect();
        let least = weights.iter().min().unwrap();
        assert!(weights.iter().any(|weight| weight > least), "the candidates must differ for this to be a test");

        let (mut image, mut trial) = (truth.clone(), vec![0; PIXELS]);
        let mut rng = Seeded::seed_from_u64(21);
        let length =
            complete::best_of(&model, SIDE, SIDE, &mut state, &mut rng, candidates, known, &mut image, &mut trial);
        assert_eq!(length, Ok(*least));
        assert_eq!(image, draws[weights.iter().position(|weight| weight == least).unwrap()]);
        assert!((0..PIXELS).all(|pixel| !known(pixel) || image[pixel] == truth[pixel]));
    }
}

#[test]
fn one_candidate_is_enough_where_nothing_known_follows() {
    let blob = model(&Recipe::small(Architecture::PixelCnn), 6);
    let model = blob.load().unwrap();
    let truth = drawn(&model, SIDE, SIDE, 1);
    let mut state = vec![0; model.state_words(SIDE)];
    let (mut image, mut trial) = (truth.clone(), vec![0; PIXELS]);
    let known = |pixel: usize| pixel < 30;
    let mut rng = Seeded::seed_from_u64(2);
    let length = complete::best_of(&model, SIDE, SIDE, &mut state, &mut rng, 1000, known, &mut image, &mut trial);
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
        complete::best_of(&model, SIDE, SIDE, state, &mut rng, candidates, |pixel| pixel > 50, image, trial)
    };
    let (mut image, mut trial) = ([0; PIXELS], [0; PIXELS]);
    assert_eq!(run(&mut state, 0, &mut image, &mut trial), Err(CompleteError::NoCandidates));
    assert_eq!(
        run(&mut state, 1, &mut image, &mut trial[1..]),
        Err(CompleteError::WrongLength { needed: PIXELS, given: PIXELS - 1 })
    );
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
