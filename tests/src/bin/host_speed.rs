//! Draws images on one thread and prints how fast as JSON; `tests/host_speed` compares it.
//!
//! `host_speed MODEL WIDTH HEIGHT IMAGES REPEATS BATCH`: BATCH images are drawn at once, up to 16. `runs` are pairs of seconds, of processor and of wall time.
//! `image` is the one drawn from seed 1, and `probabilities` what the model gave to every level of every pixel of it.

use std::error::Error;
use std::time::Instant;

use cpu_time::ProcessTime;
use pixelrnn::{Pyramid, Stream, Temperature};
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::data::Picture;
use pixelrnn_convert::pyramid::{Begun, draw_at_once};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, numbers @ ..] = arguments.as_slice() else { return Err("MODEL is missing".into()) };
    let numbers = numbers.iter().map(|number| number.parse()).collect::<Result<Vec<u32>, _>>()?;
    let [width, height, images, repeats, batch] = numbers[..] else {
        return Err("five numbers are needed: WIDTH HEIGHT IMAGES REPEATS BATCH".into());
    };
    let blob = Blob::read(path.as_ref())?;
    let model = blob.load()?;
    let pyramid = Pyramid::new(std::slice::from_ref(&model))?;
    let begun = |seed| Begun { seed, class: None, scales: Vec::new() };
    let begun: Vec<Begun> = (1..=u64::from(images)).map(begun).collect();
    let (mut runs, mut image) = (Vec::new(), Picture::grey(0, Vec::new()));
    for _ in 0..repeats {
        let (processor, wall) = (ProcessTime::now(), Instant::now());
        for (number, begun) in begun.chunks(batch.max(1) as usize).enumerate() {
            let mut images = draw_at_once(&pyramid, (width, height), Temperature::ONE, begun)?;
            if number == 0 {
                image = images.swap_remove(0).swap_remove(0);
            }
        }
        runs.push([processor.elapsed().as_secs_f64(), wall.elapsed().as_secs_f64()]);
    }

    let mut state = vec![0; model.state_words(width)];
    let mut stream = Stream::begin(&model, width, height, &mut state)?;
    let mut probabilities = Vec::new();
    for &value in &image.values {
        let distribution = stream.predict()?;
        let share = |level| f64::from(distribution.frequency(level)) / f64::from(distribution.total());
        probabilities.push((0..distribution.levels()).map(|level| share(level as u16)).collect::<Vec<_>>());
        stream.observe(value)?;
    }
    let report =
        serde_json::json!({ "images": images, "runs": runs, "image": image.values, "probabilities": probabilities });
    println!("{report}");
    Ok(())
}
