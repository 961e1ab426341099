//! Draws images with tract on one thread, and prints how fast as JSON.
//!
//! `host-speed-tract whole NETWORK WIDTH HEIGHT BATCH LEVELS PIXELS REPEATS [IMAGE]`: the whole network for every pixel;
//! `host-speed-tract step STEP ROW_END …`: one pixel at a time, as `../networks.py` describes.
//! PIXELS stops early. IMAGE, a JSON list of values, is read instead of drawn, and the logits are printed.

use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use cpu_time::ProcessTime;
use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro128PlusPlus;
use tract_onnx::prelude::*;

type Failure = Box<dyn Error>;
type Network = Arc<TypedRunnableModel>;

fn open(path: &str) -> Result<Network, Failure> {
    Ok(tract_onnx::onnx().model_for_path(path)?.into_optimized()?.into_runnable()?)
}

fn tensor(shape: &[usize], values: &[f32]) -> Result<TValue, Failure> {
    Ok(Tensor::from_shape(shape, values)?.into_tvalue())
}

fn values(tensor: &TValue) -> Result<&[f32], Failure> {
    Ok(tensor.try_as_plain_ram()?.as_slice::<f32>()?)
}

/// Where values come from: a known image, or logits and random numbers.
struct Values {
    known: Option<Vec<u8>>,
    logits: Vec<f32>,
    levels: usize,
    rng: Xoshiro128PlusPlus,
}

impl Values {
    /// The value of a pixel, scaled, from the logits of every level (one for 2 levels).
    fn choose(&mut self, pixel: usize, logits: impl Iterator<Item = f32> + Clone) -> f32 {
        let value = match &self.known {
            Some(known) => {
                self.logits.extend(logits);
                usize::from(known[pixel])
            }
            None => {
                let uniform = self.rng.next_u32() as f32 / 4_294_967_296.0;
                if self.levels == 2 {
                    logits.map(|logit| usize::from(uniform < 1.0 / (1.0 + (-logit).exp()))).sum()
                } else {
                    let most = logits.clone().fold(f32::MIN, f32::max);
                    let total: f32 = logits.clone().map(|logit| (logit - most).exp()).sum();
                    let mut rest = uniform * total;
                    let passed = |logit: f32| {
                        rest -= (logit - most).exp();
                        rest > 0.0
                    };
                    logits.map(passed).take_while(|&passed| passed).count().min(self.levels - 1)
                }
            }
        };
        value as f32 / (self.levels - 1) as f32
    }
}

/// The size of what is drawn.
#[derive(Clone, Copy)]
struct Size {
    width: usize,
    height: usize,
    batch: usize,
    pixels: usize,
}

fn whole(network: &Network, size: Size, from: &mut Values) -> Result<(), Failure> {
    let Size { width, height, batch, pixels } = size;
    let outputs = if from.levels == 2 { 1 } else { from.levels };
    let area = width * height;
    let mut image = vec![0.0; batch * area];
    for pixel in 0..pixels {
        let out = network.run(tvec!(tensor(&[batch, 1, height, width], &image)?))?;
        let logits = values(&out[0])?;
        for lane in 0..batch {
            let mine = logits[lane * outputs * area..][..outputs * area].iter().skip(pixel).step_by(area).copied();
            image[lane * area + pixel] = from.choose(pixel, mine);
        }
    }
    Ok(())
}

fn cached(step: &Network, row_end: &Network, size: Size, from: &mut Values) -> Result<(), Failure> {
    let Size { width, height, batch, pixels } = size;
    let shape = |place: usize| -> Result<usize, Failure> {
        let fact = step.model().input_fact(place)?;
        Ok(fact.shape.as_concrete().ok_or("a shape is not fixed")?[1])
    };
    let (above_size, new_size) = (shape(1)?, shape(2)?);
    // Three rows above and three columns to the left of the image are zeros.
    let padded = width + 3;
    let mut image = vec![0.0; batch * (height + 3) * padded];
    let mut aboves = vec![0.0; width * batch * above_size];
    for row in 0..height {
        let mut news = Vec::with_capacity(width * batch * new_size);
        let mut left = tensor(&[batch, new_size], &vec![0.0; batch * new_size])?;
        for column in 0..width {
            let pixel = row * width + column;
            if pixel == pixels {
                return Ok(());
            }
            let place = |lane: usize| (lane * (height + 3) + row + 3) * padded + column;
            let last: Vec<f32> = (0..batch).flat_map(|lane| image[place(lane)..][..3].to_vec()).collect();
            let above = &aboves[column * batch * above_size..][..batch * above_size];
            let mut out = step.run(tvec!(tensor(&[batch, 3], &last)?, tensor(&[batch, above_size], above)?, left))?;
            left = out.remove(1);
            news.extend_from_slice(values(&left)?);
            let logits = values(&out[0])?;
            let outputs = logits.len() / batch;
            for lane in 0..batch {
                image[place(lane) + 3] = from.choose(pixel, logits[lane * outputs..][..outputs].iter().copied());
            }
        }
        if row + 1 < height {
            let mut rows = Vec::with_capacity(batch * 3 * width);
            for lane in 0..batch {
                for above in 1..4 {
                    rows.extend_from_slice(&image[(lane * (height + 3) + row + above) * padded + 3..][..width]);
                }
            }
            let news = tensor(&[width, batch, new_size], &news)?;
            let rows = tensor(&[batch, 3, width], &rows)?;
            // Only a Diagonal BiLSTM reads what it gave before.
            let inputs = match row_end.model().inputs.len() {
                2 => tvec!(news, rows),
                _ => tvec!(news, tensor(&[width, batch, above_size], &aboves)?, rows),
            };
            let out = row_end.run(inputs)?;
            aboves.copy_from_slice(values(&out[0])?);
        }
    }
    Ok(())
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (paths, rest) = match arguments.first().map(String::as_str) {
        Some("whole") if arguments.len() > 1 => arguments[1..].split_at(1),
        Some("step") if arguments.len() > 2 => arguments[1..].split_at(2),
        _ => return Err("whole NETWORK or step STEP ROW_END comes first".into()),
    };
    let networks = paths.iter().map(|path| open(path)).collect::<Result<Vec<_>, _>>()?;
    let numbers = rest.iter().take(6).map(|number| number.parse()).collect::<Result<Vec<usize>, _>>()?;
    let [width, height, batch, levels, pixels, repeats] = numbers[..] else {
        return Err("six numbers are needed: WIDTH HEIGHT BATCH LEVELS PIXELS REPEATS".into());
    };
    let known = rest.get(6).map(|path| -> Result<Vec<u8>, Failure> { Ok(serde_json::from_slice(&std::fs::read(path)?)?) });
    let size = Size { width, height, batch, pixels };
    let mut from =
        Values { known: known.transpose()?, logits: Vec::new(), levels, rng: Xoshiro128PlusPlus::seed_from_u64(1) };
    let mut runs = Vec::new();
    for _ in 0..repeats {
        from.logits.clear();
        let (processor, wall) = (ProcessTime::now(), Instant::now());
        match &networks[..] {
            [step, row_end] => cached(step, row_end, size, &mut from)?,
            [network, ..] => whole(network, size, &mut from)?,
            [] => {}
        }
        runs.push([processor.elapsed().as_secs_f64(), wall.elapsed().as_secs_f64()]);
    }
    println!("{}", serde_json::json!({ "runs": runs, "logits": from.logits }));
    Ok(())
}
