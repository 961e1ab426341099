//! `pixelrnn classify`: which class images are likeliest under.

mod confusion;
mod table;

use std::error::Error;
use std::path::PathBuf;

use indicatif::ProgressBar;
use pixelrnn::{Classified, CodeLength, Model, Pyramid, classify};
use serde::{Deserialize, Serialize};

pub use confusion::Confusion;

use super::eval::label;
use super::score::{lengths_given_classes, nats};
use crate::blob_file::Blob;
use crate::data::{ImageOptions, Labels, Levels, Picture, set};
use crate::many::{ManyError, in_groups};
use crate::report;

/// Arguments of `pixelrnn classify`.
#[derive(Debug, Clone, clap::Args)]
pub struct ClassifyArguments {
    /// The model, a `.prnn` file, of one or several scales.
    model: PathBuf,
    /// Images: an idx or npy file (gzip too), a picture, or a folder of pictures, of any sizes.
    images: PathBuf,
    /// Their classes: an idx file of labels (gzip too), or `folders`. Then the accuracy and a table of what was taken for what follow.
    #[arg(long, value_name = "FILE|folders")]
    labels: Option<Labels>,
    /// Classify only the first so many images.
    #[arg(long)]
    limit: Option<usize>,
    /// How file values become levels.
    #[arg(long, value_enum, default_value = "auto")]
    values: Levels,
    #[command(flatten)]
    options: ImageOptions,
    /// Print CSV instead of a table.
    #[arg(long)]
    csv: bool,
    /// Print JSON: the figures of all images together.
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// A PNG of what was taken for what: a row a label, a column a class, white for all of a label's images.
    #[arg(long, value_name = "FILE", requires = "labels")]
    confusion: Option<PathBuf>,
}

/// Figures of images together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Number of images.
    pub images: usize,
    /// The model's classes.
    pub classes: u16,
    /// Mean nats an image, every class as likely as the others.
    pub nats_per_image: f64,
    /// Mean nats an image given the likeliest class.
    pub nats_given_likeliest: f64,
    /// Mean nats an image given its label.
    pub nats_given_label: Option<f64>,
    /// Share of the images whose likeliest class is their label.
    pub accuracy: Option<f64>,
    /// What was taken for what: a list a label, in it a number a class.
    pub confusion: Option<Confusion>,
}

/// What was found of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The likeliest class.
    pub best: Classified,
    /// The code length given each.
    pub lengths: Vec<CodeLength>,
}

impl Found {
    /// The nats by which the likeliest class leads; of a model of one class no number.
    pub fn margin(&self) -> f64 {
        if self.lengths.len() < 2 { f64::INFINITY } else { nats(self.best.margin) }
    }
}

/// Classifies images of any sizes, on all cores.
///
/// # Errors
/// An image that the model cannot take.
pub fn classified(pyramid: &Pyramid<'_>, pictures: &[Picture], bar: &ProgressBar) -> Result<Vec<Found>, ManyError> {
    in_groups(pictures, bar, |images| {
        // No image is given what is asked for.
        let all = lengths_given_classes(pyramid, images, |_| None)?;
        let found = |lengths: Vec<CodeLength>| Some(Found { best: classify::of_lengths(&lengths)?, lengths });
        Ok(all.into_iter().filter_map(found).collect())
    })
}

impl Report {
    /// Of images and what was found of them.
    pub fn new(classes: u16, pictures: &[Picture], found: &[Found]) -> Self {
        let mean = |of: &dyn Fn(usize) -> Option<f64>| {
            let all: Option<Vec<f64>> = (0..found.len()).map(of).collect();
            all.map(|all| all.iter().sum::<f64>() / all.len() as f64)
        };
        let label = |n: usize| pictures[n].class;
        let confusion = Confusion::new(classes, pictures, found);
        Self {
            images: pictures.len(),
            classes,
            nats_per_image: mean(&|n| Some(nats(found[n].best.evidence))).unwrap_or_default(),
            nats_given_likeliest: mean(&|n| Some(nats(found[n].best.length))).unwrap_or_default(),
            nats_given_label: mean(&|n| Some(nats(found[n].lengths[usize::from(label(n)?)]))),
            accuracy: confusion.as_ref().map(Confusion::accuracy),
            confusion,
        }
    }
}

impl ClassifyArguments {
    fn pictures(&self, model: &Model<'_>) -> Result<Vec<Picture>, Box<dyn Error>> {
        check(model)?;
        let mut pictures = self.options.read(&self.images)?;
        if let Some(labels) = &self.labels {
            label(labels, &self.images, model, &mut pictures)?;
        }
        pictures.truncate(self.limit.unwrap_or(usize::MAX));
        if pictures.is_empty() {
            return Err("--limit 0 leaves no image".into());
        }
        set::check_channels(&pictures, usize::from(model.channels()), set::MODEL)?;
        Ok(self.values.apply(pictures, model.levels())?)
    }
}

/// Only a model with classes classifies.
///
/// # Errors
/// One without.
pub fn check(model: &Model<'_>) -> Result<(), String> {
    if model.classes() == 0 { Err("the model has no classes".into()) } else { Ok(()) }
}

/// Classifies, and prints what was found.
///
/// # Errors
/// A model, images or labels that cannot be read or do not fit; a picture that cannot be written.
pub fn run(arguments: &ClassifyArguments) -> Result<(), Box<dyn Error>> {
    let blob = Blob::read_to_run(&arguments.model)?;
    let models = blob.load_scales()?;
    let (pyramid, model) = (Pyramid::new(&models)?, &models[0]);
    let pictures = arguments.pictures(model)?;
    let bar = report::bar(pictures.len(), "classifying");
    let found = classified(&pyramid, &pictures, &bar)?;
    bar.finish_and_clear();
    let report = Report::new(model.classes(), &pictures, &found);
    if let (Some(path), Some(confusion)) = (&arguments.confusion, &report.confusion) {
        report::save_png(&confusion.picture(), path)?;
    }
    let text = match (arguments.json, arguments.csv) {
        (true, _) => serde_json::to_string_pretty(&report)? + "\n",
        (_, true) => table::csv(&pictures, &found),
        _ => table::table(&pictures, &found) + &table::summary(&report),
    };
    report::print(&text)?;
    Ok(())
}
