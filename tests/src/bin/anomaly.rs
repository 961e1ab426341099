//! How well a score separates digits from what is none: the area under the receiver operating characteristic.
//!
//! `cargo run --release -p pixelrnn-tests --bin anomaly` prints the README's table. It needs binarized MNIST in `../shared/data` (or
//! `--data`).

use std::error::Error;
use std::path::PathBuf;

use clap::Parser;
use indicatif::ProgressBar;
use pixelrnn::{Model, Pyramid};
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::commands::score::{Score, nats, scores};
use pixelrnn_convert::data::{ImageOptions, Picture, set};
use pixelrnn_tests::unusual::{area, kinds};

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

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let blob = Blob::read_scales(&arguments.model)?;
    let models = blob.load_scales()?;
    let pyramid = Pyramid::new(&models)?;
    let background = arguments.background.as_deref().map(Blob::read_scales).transpose()?;
    let background: Option<Vec<Model<'_>>> = background.as_ref().map(Blob::load_scales).transpose()?;
    let background = background.as_deref().map(Pyramid::new).transpose()?;
    let pictures = ImageOptions::default()
        .read(&arguments.data)
        .map_err(|error| format!("{error} (the data sets are not part of this repository)"))?;
    // A set may be sorted by class.
    let digits = set::spread(pictures, arguments.limit);
    let score = |pictures: &[Picture]| scores(&pyramid, background.as_ref(), pictures, &ProgressBar::hidden());
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
    for (name, pictures) in kinds(&digits) {
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
