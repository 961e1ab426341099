//! How well a score separates digits from what is none: the area under the receiver operating characteristic.
//!
//! `cargo run --release -p pixelrnn-tests --bin anomaly` prints the README's table. It needs binarized MNIST in `../shared/data` (or
//! `--data`).

use std::error::Error;
use std::path::PathBuf;

use clap::Parser;
use indicatif::ProgressBar;
use pixelrnn::Model;
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::commands::score::{Score, nats, scores};
use pixelrnn_convert::data::{ImageOptions, Picture, set};
use pixelrnn_tests::random::Numbers;

/// Measures how well a model's score tells digits from other images.
#[derive(Debug, Parser)]
struct Arguments {
    /// The model.
    #[arg(default_value = "examples/models/mnist-micro.prnn")]
    model: PathBuf,
    /// A background model, for the likelihood ratio too.
    #[arg(long)]
    background: Option<PathBuf>,
    /// Images of 2 levels.
    #[arg(long, default_value = "../shared/data/binarized-mnist/test-images-idx3-ubyte.gz")]
    data: PathBuf,
    /// Images, spread evenly over the set.
    #[arg(long, default_value_t = 2000)]
    limit: usize,
}

/// The probability that an unusual image scores higher than a usual one, ties counted half (Mann-Whitney).
fn area(usual: &[f64], unusual: &[f64]) -> f64 {
    let mut sorted = usual.to_vec();
    sorted.sort_by(f64::total_cmp);
    let below: f64 = unusual
        .iter()
        .map(|score| {
            let less = sorted.partition_point(|other| other < score);
            let less_or_equal = sorted.partition_point(|other| other <= score);
            (less + less_or_equal) as f64 / 2.0
        })
        .sum();
    below / (usual.len() * unusual.len()) as f64
}

fn turned(picture: &Picture, quarters: u32) -> Picture {
    let mut turned = picture.clone();
    for _ in 0..quarters {
        let before = turned.clone();
        (turned.width, turned.height) = (before.height, before.width);
        let (width, height) = (turned.width, turned.height);
        turned.values = (0..width * height)
            .map(|place| {
                let (row, column) = (place / width, place % width);
                before.values[(before.height - 1 - column) * before.width + row]
            })
            .collect();
    }
    turned
}

/// Pixels set at random, as many on average as in the picture.
fn noise(picture: &Picture, numbers: &mut Numbers) -> Picture {
    let set = picture.values.iter().filter(|&&value| value != 0).count() as u32;
    let pixels = picture.values.len() as u32;
    Picture { values: (0..pixels).map(|_| u16::from(numbers.below(pixels) < set)).collect(), ..picture.clone() }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let blob = Blob::read(&arguments.model)?;
    let model = blob.load()?;
    let background = arguments.background.as_deref().map(Blob::read).transpose()?;
    let background: Option<Model<'_>> = background.as_ref().map(Blob::load).transpose()?;
    let pictures = ImageOptions::default()
        .read(&arguments.data)
        .map_err(|error| format!("{error} (the data sets are not part of this repository)"))?;
    // A set may be sorted by class.
    let digits = set::spread(pictures, arguments.limit);
    let mut numbers = Numbers(1);
    let blank = |value| Picture { values: vec![value; digits[0].values.len()], ..digits[0].clone() };
    let inverted: Vec<Picture> = digits
        .iter()
        .map(|picture| Picture { values: picture.values.iter().map(|v| 1 - v).collect(), ..picture.clone() })
        .collect();
    let sets = [
        ("turned by 90 degrees", digits.iter().map(|picture| turned(picture, 1)).collect()),
        ("turned by 180 degrees", digits.iter().map(|picture| turned(picture, 2)).collect()),
        ("noise as dense as digits", digits.iter().map(|picture| noise(picture, &mut numbers)).collect()),
        ("inverted", inverted),
        ("blank, 0", vec![blank(0)]),
        ("blank, 1", vec![blank(1)]),
    ];

    let score = |pictures: &[Picture]| scores(&model, background.as_ref(), pictures, &ProgressBar::hidden());
    let usual = score(&digits)?;
    let mean = |all: &[Score]| all.iter().map(|score| nats(score.length)).sum::<f64>() / all.len() as f64;
    let plain = |all: &[Score]| all.iter().map(|score| nats(score.length)).collect::<Vec<f64>>();
    let ratio = |all: &[Score]| all.iter().filter_map(Score::ratio).collect::<Vec<f64>>();
    println!(
        "{}, {} of {}: {:.2} nats a digit\n",
        arguments.model.display(),
        digits.len(),
        arguments.data.display(),
        mean(&usual)
    );
    let (title, rule) = if background.is_some() { (" AUROC of the ratio |", " --- |") } else { ("", "") };
    println!("| digits against | mean nats | AUROC of the nats |{title}\n| --- | --- | --- |{rule}");
    for (name, pictures) in sets {
        let unusual: Vec<Score> = score(&pictures)?;
        let row = |unusual: &[Score]| {
            let background = if background.is_some() {
                format!(" {:.4} |", area(&ratio(&usual), &ratio(unusual)))
            } else {
                String::new()
            };
            format!("{:.2} | {:.4} |{background}", mean(unusual), area(&plain(&usual), &plain(unusual)))
        };
        println!("| {name} | {}", row(&unusual));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_those_of_the_definition() {
        assert_eq!(area(&[1.0, 2.0], &[3.0, 4.0]), 1.0);
        assert_eq!(area(&[3.0, 4.0], &[1.0, 2.0]), 0.0);
        assert_eq!(area(&[1.0, 2.0], &[1.0, 2.0]), 0.5);
        assert_eq!(area(&[1.0, 3.0], &[2.0]), 0.5);
    }

    #[test]
    fn four_quarter_turns_change_nothing() {
        let picture = Picture::grey(3, vec![1, 2, 3, 4, 5, 6]);
        assert_eq!(turned(&picture, 1).values, [4, 1, 5, 2, 6, 3]);
        assert_eq!(turned(&picture, 4), picture);
    }
}
