//! Images of random sizes, channels and depths under random models: whole archives, and every tile alone.

use pixelrnn::{Architecture, Model};
use pixelrnn_convert::archive::{Coded, Cut, Region, compress};
use pixelrnn_convert::data::Picture;
use pixelrnn_tests::images::drawn;
use pixelrnn_tests::random::{Numbers, Recipe, model};
use pixelrnn_tests::sets::Error;
use rayon::prelude::*;

use crate::Outcome;

/// Columns and rows at most.
const SIDE: u32 = 40;

/// Models of every architecture, of one bit to sixteen, of one channel to four.
fn recipes() -> Vec<Recipe> {
    let mut recipes = Vec::new();
    for architecture in Architecture::ALL {
        let small = |levels| Recipe { levels, ..Recipe::small(architecture) };
        recipes.extend([2, 3, 17, 256].map(small));
        recipes.push(Recipe { hidden: 12, maps: 12, blocks: 1, ..Recipe::groups(architecture) });
        let depths = [(2, 1), (16, 2), (256, 1), (256, 3), (256, 4), (1024, 1), (4096, 1), (65_536, 1), (65_536, 3)];
        recipes.extend(depths.map(|(levels, channels)| Recipe::mixture(architecture, levels, channels)));
    }
    recipes
}

/// Two rows: whole images, and their tiles.
pub fn all(count: usize) -> Vec<Result<Outcome, Error>> {
    let recipes = recipes();
    let share = |number: usize| count / recipes.len() + usize::from(number < count % recipes.len());
    let of = |(number, recipe): (usize, &Recipe)| -> Result<[Outcome; 2], String> {
        let blob = model(recipe, number as u64);
        let model = blob.load().map_err(|error| error.to_string())?;
        let mut numbers = Numbers(number as u64);
        let mut outcomes = outcomes();
        for seed in 0..share(number) {
            trial(&model, seed as u64, &mut numbers, &mut outcomes).map_err(|error| error.to_string())?;
        }
        Ok(outcomes)
    };
    let all: Result<Vec<_>, String> = recipes.par_iter().enumerate().map(of).collect();
    let all = match all {
        Ok(all) => all,
        Err(error) => return vec![Err(error.into())],
    };
    let sum = |[whole, tiles]: [Outcome; 2], other: &[Outcome; 2]| [whole.add(&other[0]), tiles.add(&other[1])];
    all.iter().fold(outcomes(), sum).map(Ok).into_iter().collect()
}

fn outcomes() -> [Outcome; 2] {
    let what = format!("1x1 to {SIDE}x{SIDE}, 1 to 4 channels, 1 to 16 bits");
    [Outcome::of(format!("{what}: whole")), Outcome::of(format!("{what}: every tile alone"))]
}

/// Noise, a drawn image, one value, or the two ends.
fn values(model: &Model<'_>, (width, height): (u32, u32), seed: u64, numbers: &mut Numbers) -> Vec<u16> {
    let (levels, count) = (model.levels(), width * height * u32::from(model.channels()));
    let constant = numbers.below(levels) as u16;
    match numbers.below(4) {
        0 => (0..count).map(|_| numbers.below(levels) as u16).collect(),
        1 => vec![constant; count as usize],
        2 => (0..count).map(|_| (numbers.below(2) * (levels - 1)) as u16).collect(),
        _ => drawn(model, width, height, seed),
    }
}

fn trial(model: &Model<'_>, seed: u64, numbers: &mut Numbers, outcomes: &mut [Outcome; 2]) -> Result<(), Error> {
    let [width, height, columns, rows] = [0; 4].map(|_| 1 + numbers.below(SIDE));
    let picture = Picture {
        channels: model.channels().into(),
        depth: if model.levels() <= 256 { 8 } else { 16 },
        height: height as usize,
        ..Picture::grey(width as usize, values(model, (width, height), seed, numbers))
    };
    let cut = Cut { tile: Some((columns, rows)), group: 1 };
    let bytes = compress(model, std::slice::from_ref(&picture), None, &[], &cut, &|_| {})?;
    let coded = Coded::open(model, &bytes)?;
    let [whole, tiles] = outcomes;
    whole.count(&coded.decode(model, None, None, &|_| {}), |decoded| decoded[..] == [picture.clone()]);
    for top in (0..height).step_by(rows as usize) {
        for left in (0..width).step_by(columns as usize) {
            let region = Region { left, top, width: columns.min(width - left), height: rows.min(height - top) };
            let decoded = coded.decode(model, None, Some(region), &|_| {});
            tiles.count(&decoded, |decoded| decoded[..] == [part(&picture, &region)]);
        }
    }
    Ok(())
}

/// What a region shows of a picture.
fn part(picture: &Picture, region: &Region) -> Picture {
    let (left, columns) = (region.left as usize * picture.channels, region.width as usize * picture.channels);
    let rows = picture.values.chunks(picture.width * picture.channels).skip(region.top as usize);
    let values = rows.take(region.height as usize).flat_map(|row| &row[left..left + columns]).copied().collect();
    Picture { width: region.width as usize, height: region.height as usize, values, ..picture.clone() }
}
