//! How well it is told that an image is of none of the classes: by its likelihood under a model with classes, by how clear the
//! likeliest class is, and by the largest softmax of an ordinary classifier. Markdown.
//!
//! `cargo run --release -p pixelrnn-tests --features classifier --bin none-of-them > tests/measured/none-of-them.md`; needs MNIST and
//! optdigits in `../shared/data` (or `--data`), and libtorch (`tests/train.sh --set-up`).

use std::path::{Path, PathBuf};

use clap::Parser;
use indicatif::ProgressBar;
use pixelrnn::Pyramid;
use pixelrnn_convert::blob_file::Blob;
use pixelrnn_convert::commands::classify::classified;
use pixelrnn_convert::commands::score::{nats, scores};
use pixelrnn_convert::data::{ImageOptions, Levels, Picture, set};
use pixelrnn_tests::classifier::Classifier;
use pixelrnn_tests::sets::{self, Error, MNIST_SIZE};
use pixelrnn_tests::unusual::{Kind, area, kinds, most_unusual, resized};

#[derive(Parser)]
struct Arguments {
    /// The folder of the sets.
    #[arg(long, default_value = sets::FOLDER)]
    data: PathBuf,
    /// Digits, spread evenly over MNIST's test set.
    #[arg(long, default_value_t = 2000)]
    limit: usize,
    /// Epochs that the ordinary classifier is trained.
    #[arg(long, default_value_t = 8)]
    epochs: i64,
}

/// Digits of another hand and another scanner: 8x8 pixels of 17 levels, made black and white and as large as MNIST's.
fn optdigits(folder: &Path, limit: usize) -> Result<Kind, Error> {
    let digits = ImageOptions::default().read(&folder.join("optdigits/test-images-idx3-ubyte.gz"))?;
    let (width, height) = (MNIST_SIZE.0 as usize, MNIST_SIZE.1 as usize);
    let binary =
        |picture: Picture| Picture { values: picture.values.iter().map(|v| u16::from(*v >= 8)).collect(), ..picture };
    let digits = set::spread(Levels::Asis.apply(digits, 17)?, limit).into_iter().map(binary);
    Ok(("optdigits, blown up", digits.map(|picture| resized(&picture, width, height)).collect()))
}

/// Scores of images, the larger the less usual: a list for each.
struct Unusual {
    /// By the likelihood, by its ratio to a background's, by how close the second likeliest class comes.
    ours: [Vec<f64>; 3],
    /// What the largest softmax lacks of 1.
    softmax: Vec<f64>,
}

fn unusual(
    model: &Pyramid<'_>,
    background: &Pyramid<'_>,
    classifier: &Classifier,
    pictures: &[Picture],
) -> Result<Unusual, Error> {
    let found = classified(model, pictures, &ProgressBar::hidden())?;
    let likelihood: Vec<f64> = found.iter().map(|found| nats(found.best.evidence)).collect();
    let plain = scores(background, None, pictures, &ProgressBar::hidden())?;
    let ratio = likelihood.iter().zip(plain).map(|(nats_here, score)| nats_here - nats(score.length)).collect();
    let margin = found.iter().map(|found| -nats(found.best.margin)).collect();
    let softmax = classifier.classify(pictures)?.iter().map(|(_, largest)| 1.0 - largest).collect();
    Ok(Unusual { ours: [likelihood, ratio, margin], softmax })
}

fn main() -> Result<(), Error> {
    let Arguments { data, limit, epochs } = Arguments::parse();
    let [blob, background] =
        ["mnist-classes", "background/mnist-background"].map(|name| Blob::read(&sets::model_path(name)));
    let (blob, background) = (blob?, background?);
    let (model, background) = ([blob.load()?], [background.load()?]);
    let (model, background) = (Pyramid::new(&model)?, Pyramid::new(&background)?);
    let classifier = Classifier::train(&sets::mnist(&data, "train")?, epochs, 1)?;
    let test = sets::binarized(&sets::mnist(&data, "t10k")?)?;
    let accuracy = 100.0 * classifier.accuracy(&test)?;
    // Nothing is known of an image's class where it may have none.
    let unknown = |picture| Picture { class: None, ..picture };
    let digits: Vec<Picture> = set::spread(test, limit).into_iter().map(unknown).collect();
    let measure = |pictures: &[Picture]| unusual(&model, &background, &classifier, pictures);
    let usual = measure(&digits)?;
    let usual_by_any = most_unusual(&usual.ours, &usual.ours);
    println!(
        "As `cargo run --release -p pixelrnn-tests --features classifier --bin none-of-them` prints it: how often an image of the other kind \
         is less usual than a digit (0.5 is chance, 1 is always), by log p(x) of `mnist-classes`, every class as likely as the others; by \
         its ratio to [the background model's](../../examples/models/background/mnist-background.md); by the margin, how much less \
         likely the second class is; by any of the three, whichever is rarest among digits; and by the largest softmax of an ordinary \
         convolutional network of {} weights, which classifies {accuracy:.2} % of MNIST's test set right. {} digits of that set.\n\n\
         | digits against | mean nats | log p(x) | ratio | margin | any of the three | largest softmax |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        classifier.weights(),
        digits.len(),
    );
    for (name, pictures) in kinds(&digits).into_iter().chain([optdigits(&data, limit)?]) {
        let unusual = measure(&pictures)?;
        let any = area(&usual_by_any, &most_unusual(&usual.ours, &unusual.ours));
        let each = usual.ours.iter().zip(&unusual.ours).map(|(usual, unusual)| area(usual, unusual));
        let areas: Vec<_> =
            each.chain([any, area(&usual.softmax, &unusual.softmax)]).map(|area| format!("{area:.4}")).collect();
        let mean = unusual.ours[0].iter().sum::<f64>() / pictures.len() as f64;
        println!("| {name} | {mean:.2} | {} |", areas.join(" | "));
    }
    Ok(())
}
