//! Whether a model draws the class that it is asked for, as judges find that are none of ours: nearest neighbours among MNIST's
//! training images, binarized as the model's are, and an ordinary classifier trained on them; and how sure that classifier is of what
//! models without classes draw, of one scale and of several. Markdown.
//!
//! `cargo run --release -p pixelrnn-tests --features classifier --bin judge > tests/measured/judge.md`; needs MNIST in
//! `../shared/data` (or `--data`), and libtorch (`tests/train.sh --set-up`).

use std::path::PathBuf;

use clap::Parser;
use indicatif::ProgressBar;
use pixelrnn::{Model, Pyramid, Temperature};
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::commands::sample;
use pixelrnn_convert::data::Picture;
use pixelrnn_tests::classifier::Classifier;
use pixelrnn_tests::neighbours::Neighbours;
use pixelrnn_tests::sets::{self, Error, MNIST_SIZE};

#[derive(Parser)]
struct Arguments {
    /// The folder of the sets.
    #[arg(long, default_value = sets::FOLDER)]
    data: PathBuf,
    /// Images of each class.
    #[arg(long, default_value_t = 100)]
    count: u64,
    /// Neighbours that the first judge asks.
    #[arg(long, default_value_t = 5)]
    neighbours: usize,
    /// Epochs that the second judge is trained.
    #[arg(long, default_value_t = 8)]
    epochs: i64,
    /// Temperatures that are drawn with.
    #[arg(long, num_args = 1.., default_values_t = [1.0, 0.9, 0.8])]
    temperatures: Vec<f64>,
}

/// Models without classes, and what their digits are drawn with.
const UNASKED: [&str; 3] = ["mnist-micro", "mnist-diagonal", "mnist-scales"];

/// Digits of a model without classes, from the seeds 1 to `count`.
fn unasked(name: &str, count: u64) -> Result<Vec<Picture>, Error> {
    let blob = Blob::read_scales(&sets::model_path(name))?;
    let models = blob.load_scales()?;
    let all: Vec<sample::Seed> = (1..=count).map(|seed| (seed, None)).collect();
    let drawn = sample::draw_all(&Pyramid::new(&models)?, MNIST_SIZE, Temperature::ONE, &all, &ProgressBar::hidden())?;
    Ok(drawn.into_iter().filter_map(|mut scales| scales.pop()).collect())
}

/// Images of every class, from the seeds 1 to `count`.
fn drawn(model: &Model<'_>, count: u64, temperature: Temperature) -> Result<Vec<Picture>, Error> {
    let seeds = |class| (1..=count).map(move |seed| (seed, Some(class)));
    let all: Vec<sample::Seed> = (0..model.classes()).flat_map(seeds).collect();
    let pyramid = Pyramid::new(std::slice::from_ref(model))?;
    let drawn = sample::draw_all(&pyramid, MNIST_SIZE, temperature, &all, &ProgressBar::hidden())?;
    Ok(drawn.into_iter().flatten().collect())
}

fn main() -> Result<(), Error> {
    let Arguments { data, count, neighbours, epochs, temperatures } = Arguments::parse();
    let blob = Blob::read(&sets::model_path("mnist-classes"))?;
    let model = blob.load()?;
    let grey = sets::mnist(&data, "train")?;
    let nearest = Neighbours::new(&sets::binarized(&grey)?, neighbours);
    let classifier = Classifier::train(&grey, epochs, 1)?;
    println!(
        "As `cargo run --release -p pixelrnn-tests --features classifier --bin judge` prints it: of how many images, in percent, each judge \
         finds the class that was asked for. The first asks the {neighbours} nearest of MNIST's {} training images, binarized by one draw, \
         for their class; the distance is the number of pixels that differ. The second is an ordinary convolutional network of {} weights, \
         trained on the same images for {epochs} epochs.\n\n\
         | images | number | nearest neighbours | convolutional network |\n| --- | ---: | ---: | ---: |",
        grey.len(),
        classifier.weights(),
    );
    let row = |what: String, images: &[Picture]| -> Result<(), Error> {
        let judges = [nearest.accuracy(images), classifier.accuracy(images)?].map(|share| 100.0 * share);
        println!("| {what} | {} | {:.2} | {:.2} |", images.len(), judges[0], judges[1]);
        Ok(())
    };
    row("MNIST's test images".into(), &sets::binarized(&sets::mnist(&data, "t10k")?)?)?;
    for typed in temperatures {
        let images = drawn(&model, count, sample::temperature(typed)?)?;
        row(format!("drawn by `mnist-classes`, temperature {typed:.1}"), &images)?;
    }
    println!(
        "\nOf how many images, in percent, that network is surer than so much of any one class:\n\n\
         | images | number | 0.5 | 0.9 | 0.99 |\n| --- | ---: | ---: | ---: | ---: |"
    );
    let sure = |what: &str, images: &[Picture]| -> Result<(), Error> {
        let found = classifier.classify(images)?;
        let share = |least| found.iter().filter(|&&(_, largest)| largest > least).count() as f64 / found.len() as f64;
        let cells = [0.5, 0.9, 0.99].map(|least| format!("{:.1}", 100.0 * share(least))).join(" | ");
        println!("| {what} | {} | {cells} |", images.len());
        Ok(())
    };
    sure("MNIST's test images", &sets::binarized(&sets::mnist(&data, "t10k")?)?)?;
    for name in UNASKED {
        sure(&format!("drawn by `{name}`"), &unasked(name, 10 * count)?)?;
    }
    Ok(())
}
