//! Draws images on one thread, one at a time, and prints how fast as JSON; `tests/host_speed` compares it.
//!
//! `host_speed MODEL WIDTH HEIGHT IMAGES REPEATS`: `runs` are pairs of seconds, of processor and of wall time.
//! `image` is the one drawn from seed 1, and `probabilities` what the model gave to every level of every pixel of it.

use std::error::Error;
use std::time::Instant;

use cpu_time::ProcessTime;
use pixelrnn::{Model, Seeded, Stream, compute_together, sample};
use pixelrnn_convert::blob_file::Blob;
use rand_core::SeedableRng;

/// Draws images of seeds from `seed` on, all in step.
fn draw_together(model: &Model<'_>, size: (u32, u32), seed: u64, states: &mut [Vec<u32>]) {
    let mut generators: Vec<_> = (seed..).take(states.len()).map(Seeded::seed_from_u64).collect();
    let mut streams: Vec<_> =
        states.iter_mut().filter_map(|state| Stream::begin(model, size.0, size.1, state).ok()).collect();
    for _ in 0..size.0 * size.1 {
        compute_together(&mut streams);
        for (stream, generator) in streams.iter_mut().zip(&mut generators) {
            let _ = std::hint::black_box(sample::next(stream, generator));
        }
    }
}

fn draw(model: &Model<'_>, size: (u32, u32), seed: u64, state: &mut [u32], image: &mut [u8]) {
    if let Ok(mut stream) = Stream::begin(model, size.0, size.1, state) {
        sample::fill(&mut stream, &mut Seeded::seed_from_u64(seed), image);
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, numbers @ ..] = arguments.as_slice() else { return Err("MODEL is missing".into()) };
    let numbers = numbers.iter().map(|number| number.parse()).collect::<Result<Vec<u32>, _>>()?;
    let [width, height, images, repeats, batch] = numbers[..] else {
        return Err("five numbers are needed: WIDTH HEIGHT IMAGES REPEATS BATCH".into());
    };
    let blob = Blob::read(path.as_ref())?;
    let model = blob.load()?;
    let mut state = vec![0; model.state_words(width)];
    let mut states = vec![state.clone(); batch as usize];
    let mut image = vec![0; (width * height) as usize];
    let mut runs = Vec::new();
    for _ in 0..repeats {
        let (processor, wall) = (ProcessTime::now(), Instant::now());
        if batch == 1 {
            for seed in 0..images {
                draw(&model, (width, height), seed.into(), &mut state, &mut image);
            }
        }
        for seed in (0..images).step_by(batch as usize).filter(|_| batch > 1) {
            draw_together(&model, (width, height), seed.into(), &mut states);
        }
        runs.push([processor.elapsed().as_secs_f64(), wall.elapsed().as_secs_f64()]);
    }

    draw(&model, (width, height), 1, &mut state, &mut image);
    let mut stream = Stream::begin(&model, width, height, &mut state)?;
    let mut probabilities = Vec::new();
    for &value in &image {
        let distribution = stream.predict()?;
        let share = |level| f64::from(distribution.frequency(level)) / f64::from(distribution.total());
        probabilities.push((0..distribution.levels()).map(|level| share(level as u8)).collect::<Vec<_>>());
        stream.observe(value)?;
    }
    let report = serde_json::json!({ "images": images, "runs": runs, "image": image, "probabilities": probabilities });
    println!("{report}");
    Ok(())
}
