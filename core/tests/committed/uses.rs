//! Scoring and completing, by every model.

use pixelrnn::{CodeLength, Model, Seeded, Stream, complete, score};
use rand_core::SeedableRng;

use super::coded::class;
use super::images::{drawn, values};
use super::models::{SIZE, each};

/// A stream of the class that the seed stands for.
fn begin<'s>(model: &'s Model<'s>, seed: u64, state: &'s mut [u32]) -> Stream<'s> {
    Stream::begin_class(model, class(model, seed), SIZE.0, SIZE.1, state).unwrap()
}

fn scored(model: &Model<'_>, image: &[u16]) -> CodeLength {
    let mut state = vec![0; model.state_words(SIZE.0)];
    score::image(&mut begin(model, 5, &mut state), image).unwrap()
}

/// The sum of what the distributions say, in floats.
fn bits(model: &Model<'_>, image: &[u16]) -> f64 {
    let mut state = vec![0; model.state_words(SIZE.0)];
    let mut stream = begin(model, 5, &mut state);
    let mut bits = 0.0;
    for &value in image {
        let distribution = stream.predict().unwrap();
        bits -= (f64::from(distribution.frequency(value)) / f64::from(distribution.total())).log2();
        stream.observe(value).unwrap();
    }
    bits
}

#[test]
fn a_score_is_what_the_distributions_say() {
    each(|name, model| {
        let image: Vec<u16> = drawn(model, 5);
        let units = scored(model, &image).units() as f64;
        assert!((units / 65_536.0 - bits(model, &image)).abs() < 1e-4 * image.len() as f64, "{name}");
    });
}

#[test]
fn a_map_has_every_value_in_its_place() {
    each(|name, model| {
        let image: Vec<u16> = drawn(model, 5);
        let mut state = vec![0; model.state_words(SIZE.0)];
        let mut stream = begin(model, 5, &mut state);
        let (mut places, mut sum) = (Vec::new(), CodeLength::ZERO);
        let total = score::map(&mut stream, &image, |column, row, channel, length| {
            places.push((row, column, channel));
            sum += length;
        });
        assert_eq!((total, sum), (Ok(scored(model, &image)), scored(model, &image)), "{name}");
        let pixels = (0..SIZE.1).flat_map(|row| (0..SIZE.0).map(move |column| (row, column)));
        let all = pixels.flat_map(|(row, column)| (0..model.channels()).map(move |channel| (row, column, channel)));
        assert_eq!(places, all.collect::<Vec<_>>(), "{name}");
    });
}

#[test]
fn known_values_are_kept_and_steer_the_others() {
    each(|name, model| {
        let image: Vec<u16> = drawn(model, 4);
        let known = values(model) / 2;
        let mut state = vec![0; model.state_words(SIZE.0)];
        // The generator as a draw of the known part leaves it continues to the same image.
        let mut rng = Seeded::seed_from_u64(4);
        let mut stream = begin(model, 4, &mut state);
        for _ in 0..known {
            pixelrnn::sample::next(&mut stream, &mut rng).unwrap();
        }
        let mut completed = image.clone();
        completed[known..].fill(0);
        let mut stream = begin(model, 4, &mut state);
        complete::fill(&mut stream, &mut rng, &mut completed, |value| value < known).unwrap();
        assert_eq!(completed, image, "{name}");
    });
}

/// Of as many draws as are asked for, the one under which the later known values are likeliest is kept.
#[test]
fn the_best_candidate_is_kept() {
    each(|name, model| {
        let truth: Vec<u16> = drawn(model, 6);
        let (third, all) = (truth.len() / 3, truth.len());
        let known = |value: usize| value < third || value >= 2 * third;
        let mut state = vec![0; model.state_words(SIZE.0)];
        let mut draws = Vec::new();
        let mut rng = Seeded::seed_from_u64(1);
        for _ in 0..4 {
            let mut image = truth.clone();
            let mut stream = begin(model, 6, &mut state);
            complete::fill(&mut stream, &mut rng, &mut image, known).unwrap();
            let mut stream = begin(model, 6, &mut state);
            score::image(&mut stream, &image[..2 * third]).unwrap();
            draws.push((score::image(&mut stream, &image[2 * third..]).unwrap(), image));
        }
        let best = draws.iter().min_by_key(|(length, _)| *length).unwrap();
        let (mut image, mut trial) = (truth.clone(), vec![0; all]);
        let mut rng = Seeded::seed_from_u64(1);
        let (class, (width, height)) = (class(model, 6), SIZE);
        let length =
            complete::best_of(model, class, width, height, &mut state, &mut rng, 4, known, &mut image, &mut trial);
        assert_eq!((length, &image), (Ok(best.0), &best.1), "{name}");
    });
}
