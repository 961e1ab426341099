//! `pixelrnn card`: measures a shipped model and writes its card, so that no figure is typed in by hand.

mod markdown;
mod runs;

use std::error::Error;
use std::path::PathBuf;

use pixelrnn::{Pyramid, Temperature};
use serde::{Deserialize, Serialize};

pub use runs::TrainingRun;

use super::{classify, eval, inspect};
use crate::blob_file::Blob;
use crate::data::{ImageOptions, Labels, Levels, Picture};
use crate::pyramid::{self, Begun};
use crate::report;

/// Arguments of `pixelrnn card`.
#[derive(Debug, Clone, clap::Args)]
pub struct CardArguments {
    /// The model, a `.prnn` file; the card is written beside it, as `.md`, `.card.json` and `.png`.
    model: PathBuf,
    /// Test images.
    #[arg(long)]
    data: PathBuf,
    /// Their classes, of a model with classes: an idx file of labels (gzip too), or `folders`. The likelihood is then given these.
    #[arg(long, value_name = "FILE|folders")]
    labels: Option<Labels>,
    /// The data's name and origin, for people; unless told, as the earlier card has it.
    #[arg(long)]
    data_name: Option<String>,
    /// How file values become levels.
    #[arg(long, value_enum, default_value = "auto")]
    values: Levels,
    #[command(flatten)]
    options: ImageOptions,
    /// The run folder that the model was exported from, of several scales one each, the smallest first; without it the runs, the machine
    /// and the note are those of the earlier card.
    #[arg(long, num_args = 1..)]
    run: Vec<PathBuf>,
    /// Columns of the images, or tiles, that the state is for and that are drawn, as high as wide; unless told the size of the largest
    /// test image.
    #[arg(long)]
    width: Option<u32>,
    /// Keep the likelihood of an earlier card of the very same model; sizes, texts and pictures are made again.
    #[arg(long)]
    keep: bool,
    /// What it was trained on, for people.
    #[arg(long, default_value = "a CPU", requires = "run")]
    machine: String,
    /// What else a user should know, for people.
    #[arg(long)]
    note: Option<String>,
}

/// A card's figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// The data's name.
    pub data: String,
    /// The runs that trained the float networks, of a scale each begun from the weights of the one before.
    pub runs: Vec<TrainingRun>,
    /// On what.
    #[serde(default = "crowded")]
    pub machine: String,
    /// What else a user should know.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Likelihood on the test images.
    pub likelihood: eval::Report,
    /// What a model with classes takes the test images for, where their labels are told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classification: Option<classify::Report>,
    /// Sizes and work.
    pub sizes: inspect::Report,
}

impl Card {
    /// The card for people, of a model by its name.
    pub fn markdown(&self, name: &str) -> String {
        markdown::markdown(name, self)
    }
}

/// What the first cards' models were trained on.
fn crowded() -> String {
    "one of two CPU cores that did other work beside it".into()
}

impl CardArguments {
    /// The card that is there already.
    fn earlier(&self) -> Result<Card, Box<dyn Error>> {
        let path = self.model.with_extension("card.json");
        let card = serde_json::from_value(runs::read_json(&path)?);
        card.map_err(|error| format!("{}: {error}", path.display()).into())
    }

    /// The runs, and what they ran on.
    fn trained(&self, scales: usize) -> Result<(Vec<TrainingRun>, String), Box<dyn Error>> {
        match self.run.len() {
            0 => {
                let earlier = self.earlier().map_err(|error| format!("{error}: name the run folder with --run"))?;
                Ok((earlier.runs, earlier.machine))
            }
            told if told == scales => Ok((runs::runs_of_scales(&self.run)?, self.machine.clone())),
            told => Err(format!("--run: {told} run folders of {scales} scales: one each, the smallest first").into()),
        }
    }

    /// The data's name, and the note.
    fn texts(&self) -> Result<(String, String), Box<dyn Error>> {
        let data = match &self.data_name {
            Some(name) => name.clone(),
            None => self.earlier().map_err(|error| format!("{error}: name the data with --data-name"))?.data,
        };
        let kept = || self.earlier().ok().filter(|_| self.run.is_empty()).map(|card| card.note);
        Ok((data, self.note.clone().or_else(kept).unwrap_or_default()))
    }

    /// Measures the likelihood of images and what they are taken for, unless those of an earlier card are to be kept.
    fn measure(
        &self,
        pyramid: &Pyramid<'_>,
        sizes: &inspect::Report,
        images: &[Picture],
    ) -> Result<Measured, Box<dyn Error>> {
        match self.earlier().ok() {
            Some(kept) if self.keep && kept.sizes.fingerprint == sizes.fingerprint => {
                Ok((kept.likelihood, kept.classification))
            }
            _ => {
                let models = pyramid.models();
                let twins = eval::float_twins(&self.model, models.len())?;
                Ok((eval::measure(models, &twins, images)?, self.classify(pyramid, images)?))
            }
        }
    }

    fn classify(&self, pyramid: &Pyramid<'_>, images: &[Picture]) -> Result<Option<classify::Report>, Box<dyn Error>> {
        if self.labels.is_none() {
            return Ok(None);
        }
        let bar = report::bar(images.len(), "classifying");
        let found = classify::classified(pyramid, images, &bar)?;
        bar.finish_and_clear();
        Ok(Some(classify::Report::new(pyramid.models()[0].classes(), images, &found)))
    }

    /// Draws sixteen images and writes them as a sheet, of several scales each beside its smaller ones.
    fn write_sheet(&self, pyramid: &Pyramid<'_>, size: (u32, u32)) -> Result<(), Box<dyn Error>> {
        let (model, scales) = (&pyramid.models()[0], pyramid.models().len());
        // Two rows, or with classes a row of each; twice as many of several scales.
        let begun = |seed, class| Begun { seed, class, scales: Vec::new() };
        let begun = match model.classes() {
            0 => (1..=16).map(|seed| begun(seed, None)).collect(),
            classes => (0..classes).flat_map(|class| (1..=8).map(move |seed| begun(seed, Some(class)))).collect(),
        };
        let drawn = pyramid::draw(pyramid, size, Temperature::ONE, begun, |_| ())?;
        let all = pyramid::shown(pyramid, &drawn);
        let shown: Vec<Picture> = all.iter().map(|image| report::shown(image, model.levels())).collect();
        let columns = if scales == 1 { 8 } else { 4 * scales };
        let sheet = report::sheet(&shown, columns, (84 / size.0).clamp(1, 12) as usize);
        Ok(report::save_png(&sheet, &self.model.with_extension("png"))?)
    }
}

/// Likelihood, and of a model with classes what images are taken for.
type Measured = (eval::Report, Option<classify::Report>);

/// The most that a side of the images measures.
fn widest(images: &[Picture], side: fn(&Picture) -> usize) -> u32 {
    images.iter().map(side).max().unwrap_or(1) as u32
}

/// Measures and writes.
///
/// # Errors
/// What cannot be read or written.
pub fn run(arguments: &CardArguments) -> Result<(), Box<dyn Error>> {
    let blob = Blob::read_scales(&arguments.model)?;
    let to_run = blob.to_run()?;
    let models = to_run.load_scales()?;
    let (pyramid, model) = (Pyramid::new(&models)?, &models[0]);
    let mut images = arguments.options.read(&arguments.data)?;
    if let Some(labels) = &arguments.labels {
        eval::label(labels, &arguments.data, model, &mut images)?;
    }
    let images = arguments.values.apply(images, model.levels())?;
    let all = (widest(&images, |image| image.width), widest(&images, |image| image.height));
    let size = arguments.width.map_or(all, |width| (width, width));
    let ((data, note), (runs, machine)) = (arguments.texts()?, arguments.trained(models.len())?);
    let sizes = inspect::report_blob(&blob, size.0)?;
    let (likelihood, classification) = arguments.measure(&pyramid, &sizes, &images)?;
    let card = Card { data, runs, machine, note, likelihood, classification, sizes };
    arguments.write_sheet(&pyramid, size)?;
    let json = serde_json::to_string_pretty(&card)? + "\n";
    report::write(&arguments.model.with_extension("card.json"), json.as_bytes())?;
    let name = arguments.model.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let text = card.markdown(&name);
    report::write(&arguments.model.with_extension("md"), text.as_bytes())?;
    report::print(&text)?;
    Ok(())
}
