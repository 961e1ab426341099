//! `pixelrnn eval`: likelihood of the integer model and of its float twin.

use std::error::Error;
use std::path::{Path, PathBuf};

use pixelrnn::{Model, Pyramid};
use serde::{Deserialize, Serialize};

use super::export::twin_of_scale;
use crate::blob_file::Blob;
use crate::data::{ImageOptions, Labels, Levels, Picture, labels, set};
use crate::evaluate::{self, GivenNats};
use crate::float::{self, Network};
use crate::pyramid::scale_of;
use crate::report;

/// Arguments of `pixelrnn eval`.
#[derive(Debug, Clone, clap::Args)]
pub struct EvalArguments {
    /// The model, a `.prnn` file.
    model: PathBuf,
    /// Images: an idx file (gzip too), a picture, or a folder of pictures, of any sizes.
    #[arg(long)]
    data: PathBuf,
    /// Classes of the images: an idx file of labels (gzip too), or `folders`. Likelihoods are then given each image's class; without it,
    /// those of a model with classes are the mean over all.
    #[arg(long, value_name = "FILE|folders")]
    labels: Option<Labels>,
    /// Use only the first images.
    #[arg(long)]
    limit: Option<usize>,
    /// How file values become levels.
    #[arg(long, value_enum, default_value = "auto")]
    values: Levels,
    #[command(flatten)]
    options: ImageOptions,
    /// The float twin's weights; without it, the `.safetensors` and `.json` beside the model, if they are there.
    #[arg(long)]
    float: Option<PathBuf>,
    /// Do not run the float twin.
    #[arg(long, conflicts_with = "float")]
    integer_only: bool,
    /// Print JSON instead of text.
    #[arg(long)]
    json: bool,
}

/// What was measured. Float figures are absent without a float twin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Number of images.
    pub images: usize,
    /// Columns; absent if the images have several sizes.
    pub width: Option<usize>,
    /// Rows; absent if the images have several sizes.
    pub height: Option<usize>,
    /// Values of a pixel.
    #[serde(default = "one")]
    pub channels: usize,
    /// Mean nats an image of the integer model.
    pub integer_nats_per_image: f64,
    /// Bits a value of the integer model.
    pub integer_bits_per_dim: f64,
    /// Mean nats an image of the float twin.
    pub float_nats_per_image: Option<f64>,
    /// Bits a value of the float twin.
    pub float_bits_per_dim: Option<f64>,
    /// What the integers lose, in nats an image.
    pub difference_nats_per_image: Option<f64>,
    /// The same of each scale, the smallest first: of the values that the scale before does not hold. Left out of a single network's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scales: Vec<Self>,
}

/// The channels of whatever was measured before there was colour.
const fn one() -> usize {
    1
}

impl Report {
    /// A report of images that hold so many unknown values, and the nats of all of them together.
    fn new(pictures: &[Picture], unknown: usize, integer: f64, float: Option<f64>) -> Self {
        let size = set::common_size(pictures);
        let per_image = |nats: f64| nats / pictures.len() as f64;
        let bits = |nats: f64| nats / (unknown as f64 * std::f64::consts::LN_2);
        Self {
            images: pictures.len(),
            width: size.map(|(width, _)| width),
            height: size.map(|(_, height)| height),
            channels: pictures.first().map_or(1, |picture| picture.channels),
            integer_nats_per_image: per_image(integer),
            integer_bits_per_dim: bits(integer),
            float_nats_per_image: float.map(per_image),
            float_bits_per_dim: float.map(bits),
            difference_nats_per_image: float.map(|float| per_image(integer - float)),
            scales: Vec::new(),
        }
    }

    /// Of all scales of images together.
    fn of_scales(pictures: &[Picture], scales: Vec<Self>) -> Self {
        let all = |nats: f64| nats * pictures.len() as f64;
        let integer = scales.iter().map(|scale| all(scale.integer_nats_per_image)).sum();
        let float = scales.iter().map(|scale| scale.float_nats_per_image.map(all)).sum();
        Self { scales, ..Self::new(pictures, set::count_values(pictures), integer, float) }
    }

    /// How many images there are, of what size.
    pub fn what(&self) -> String {
        let size = self.width.zip(self.height);
        let size = size.map_or("several sizes".into(), |(width, height)| format!("{width}x{height}"));
        let channels = if self.channels == 1 { String::new() } else { format!(", {} channels", self.channels) };
        format!("{} of {size}{channels}", self.images)
    }

    /// The figures for people, of each scale and in all.
    fn all_text(&self) -> String {
        let scale = |(number, scale): (usize, &Self)| format!("scale {number}, {}\n", scale.text());
        let scales: String = self.scales.iter().enumerate().map(scale).collect();
        if scales.is_empty() { self.text() } else { format!("{scales}all scales, {}", self.text()) }
    }

    /// The figures for people, a line each.
    fn text(&self) -> String {
        let line = |nats: f64, bits: f64| match self.width {
            Some(_) => format!("{nats:.4} nats an image, {bits:.5} bits a dimension\n"),
            None => format!("{bits:.5} bits a dimension\n"),
        };
        let integer = line(self.integer_nats_per_image, self.integer_bits_per_dim);
        let text = format!("images: {}\ninteger model: {integer}", self.what());
        let (Some(nats), Some(bits)) = (self.float_nats_per_image, self.float_bits_per_dim) else {
            return text + "float twin:    not run (no .safetensors beside the model; name one with --float)\n";
        };
        let lost = line(self.integer_nats_per_image - nats, self.integer_bits_per_dim - bits);
        format!("{text}float twin:    {}integers lose: {lost}", line(nats, bits))
    }
}

/// Reads the float twin that lies beside a model, or at a path of its own. `None` if there is none beside it.
///
/// # Errors
/// A twin that was named, or is there, and cannot be read.
pub fn float_twin(model: &Path, named: Option<&Path>) -> Result<Option<Network>, Box<dyn Error>> {
    let weights = named.map_or_else(|| model.with_extension("safetensors"), Path::to_path_buf);
    if named.is_none() && !weights.exists() {
        return Ok(None);
    }
    let (weights, config) = float::files(&weights);
    Ok(Some(Network::read(&config, &weights)?))
}

/// The float twins that lie beside a model of so many scales, the smallest's first.
///
/// # Errors
/// A twin that is there and cannot be read.
pub fn float_twins(model: &Path, scales: usize) -> Result<Vec<Option<Network>>, Box<dyn Error>> {
    match scales {
        1 => Ok(vec![float_twin(model, None)?]),
        _ => (0..scales).map(|scale| float_twin(&twin_of_scale(model, scale), None)).collect(),
    }
}

/// Nats of the integer model and of its float twin, with progress bars.
///
/// # Errors
/// Images that do not fit the model, or a twin of another kind.
fn nats(
    model: &Model<'_>,
    twin: Option<&Network>,
    pictures: &[Picture],
) -> Result<(GivenNats, Option<GivenNats>), Box<dyn Error>> {
    if twin.is_some_and(|twin| !is_twin(twin, model)) {
        return Err(
            "the float twin is of another architecture, or of other levels, channels or classes, than the model".into(),
        );
    }
    set::check_channels(pictures, usize::from(model.channels()), set::MODEL)?;
    let bar = report::bar(pictures.len(), "integer");
    let integer = evaluate::integer_given(model, pictures, &bar)?;
    bar.finish_and_clear();
    let float = twin.map(|network| {
        let bar = report::bar(pictures.len(), "float");
        let nats = evaluate::float_given(network, pictures, &bar);
        bar.finish_and_clear();
        nats
    });
    Ok((integer, float))
}

/// Nats of all images together.
fn total(given: &GivenNats) -> f64 {
    evaluate::each(given).iter().sum()
}

/// Values of images that a model is not given.
fn unknown_values(model: &Model<'_>, pictures: &[Picture]) -> usize {
    let given = |picture: &Picture| picture.sampled(model.factor()).map_or(0, |small| small.values.len());
    pictures.iter().map(|picture| picture.values.len() - given(picture)).sum()
}

/// Measures models of one or several scales, each with its twin: of several scales each alone, too.
///
/// # Errors
/// Images that do not fit the models, or a twin of another kind.
pub fn measure(
    models: &[Model<'_>],
    twins: &[Option<Network>],
    pictures: &[Picture],
) -> Result<Report, Box<dyn Error>> {
    if let ([model], [twin]) = (models, twins) {
        let (integer, float) = nats(model, twin.as_ref(), pictures)?;
        return Ok(Report::new(pictures, unknown_values(model, pictures), total(&integer), float.as_ref().map(total)));
    }
    let (pyramid, mut scales) = (&Pyramid::new(models)?, Vec::new());
    let nothing = || vec![Vec::new(); pictures.len()];
    let (mut integers, mut floats) = (nothing(), Some(nothing()));
    for (scale, model) in models.iter().enumerate() {
        let pictures: Vec<Picture> = pictures.iter().map(|picture| scale_of(pyramid, scale, picture)).collect();
        let (integer, float) = nats(model, twins[scale].as_ref(), &pictures)?;
        let integer = added(&mut integers, integer);
        floats = floats.filter(|_| float.is_some());
        let float = floats.as_mut().zip(float).map(|(all, float)| added(all, float));
        scales.push(Report::new(&pictures, unknown_values(model, &pictures), integer, float));
    }
    Ok(Report::of_scales(pictures, scales))
}

/// Adds a scale's nats to those of the scales before: what all images together take more. A class that is not known is that of all scales.
fn added(all: &mut GivenNats, scale: GivenNats) -> f64 {
    let before = if all.iter().all(Vec::is_empty) { 0.0 } else { total(all) };
    evaluate::add(all, scale);
    total(all) - before
}

fn is_twin(network: &Network, model: &Model<'_>) -> bool {
    let config = &network.config;
    config.levels == model.levels()
        && config.classes == model.classes()
        && config.factor == model.factor()
        && config.channels == model.channels()
        && config.architecture.name() == model.architecture().name()
}

/// Gives images the classes that labels tell, of which the model must have all.
///
/// # Errors
/// A model without classes; labels that cannot be read, or do not fit the images or the model.
pub fn label(labels: &Labels, data: &Path, model: &Model<'_>, pictures: &mut [Picture]) -> Result<(), Box<dyn Error>> {
    needs_classes(model)?;
    labels.apply(data, pictures)?;
    Ok(labels::check(pictures, model.classes())?)
}

/// Labels are for a model with classes.
///
/// # Errors
/// One without.
pub fn needs_classes(model: &Model<'_>) -> Result<(), String> {
    if model.classes() == 0 { Err("--labels: the model has no classes".into()) } else { Ok(()) }
}

/// Evaluates.
///
/// # Errors
/// What cannot be read, or does not fit the model.
pub fn run(arguments: &EvalArguments) -> Result<(), Box<dyn Error>> {
    let blob = Blob::read_to_run(&arguments.model)?;
    let models = blob.load_scales()?;
    let mut pictures = arguments.options.read(&arguments.data)?;
    if let Some(labels) = &arguments.labels {
        label(labels, &arguments.data, &models[0], &mut pictures)?;
    }
    pictures.truncate(arguments.limit.unwrap_or(usize::MAX));
    if pictures.is_empty() {
        return Err("--limit 0 leaves no image".into());
    }
    let pictures = arguments.values.apply(pictures, models[0].levels())?;
    let report = measure(&models, &arguments.twins(models.len())?, &pictures)?;
    let text = if arguments.json { serde_json::to_string_pretty(&report)? + "\n" } else { report.all_text() };
    report::print(&text)?;
    Ok(())
}

impl EvalArguments {
    /// The float twins to run, if there are any: of each scale.
    fn twins(&self, scales: usize) -> Result<Vec<Option<Network>>, Box<dyn Error>> {
        match &self.float {
            _ if self.integer_only => Ok((0..scales).map(|_| None).collect()),
            Some(_) if scales > 1 => {
                Err("--float names the twin of a single network: those of several scales lie beside the model".into())
            }
            Some(named) => Ok(vec![float_twin(&self.model, Some(named))?]),
            None => float_twins(&self.model, scales),
        }
    }
}
