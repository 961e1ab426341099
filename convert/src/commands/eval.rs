//! `pixelrnn eval`: likelihood of the integer model and of its float twin.

use std::error::Error;
use std::path::{Path, PathBuf};

use pixelrnn::Model;
use serde::{Deserialize, Serialize};

use crate::blob_file::Blob;
use crate::data::{ImageSet, Levels};
use crate::evaluate;
use crate::float::Network;
use crate::report;

/// Arguments of `pixelrnn eval`.
#[derive(Debug, Clone, clap::Args)]
pub struct EvalArguments {
    /// The model, a `.prnn` file.
    model: PathBuf,
    /// Images: an idx file (gzip too), a picture, or a folder of pictures.
    #[arg(long)]
    data: PathBuf,
    /// Use only the first images.
    #[arg(long)]
    limit: Option<usize>,
    /// How file values become levels.
    #[arg(long, value_enum, default_value = "auto")]
    values: Levels,
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
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Nats an image of the integer model.
    pub integer_nats_per_image: f64,
    /// Bits a value of the integer model.
    pub integer_bits_per_dim: f64,
    /// Nats an image of the float twin.
    pub float_nats_per_image: Option<f64>,
    /// Bits a value of the float twin.
    pub float_bits_per_dim: Option<f64>,
    /// What the integers lose, in nats an image.
    pub difference_nats_per_image: Option<f64>,
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
    let beside = weights.with_extension("json");
    let config = if beside.exists() { beside } else { weights.with_file_name("config.json") };
    Ok(Some(Network::read(&config, &weights)?))
}

/// Measures both engines on images, with progress bars.
///
/// # Errors
/// Images that do not fit the model, or a twin of another kind.
pub fn measure(model: &Model<'_>, twin: Option<&Network>, images: &ImageSet) -> Result<Report, Box<dyn Error>> {
    if let Some(twin) = twin
        && (twin.config.levels != model.levels() || twin.config.architecture.name() != model.architecture().name())
    {
        return Err("the float twin is of another architecture, or of other levels, than the model".into());
    }
    let bar = report::bar(images.len(), "integer");
    let integer_nats_per_image = evaluate::integer(model, images, &bar)?;
    bar.finish_and_clear();
    let float_nats_per_image = twin.map(|network| {
        let bar = report::bar(images.len(), "float");
        let nats = evaluate::float(network, images, &bar);
        bar.finish_and_clear();
        nats
    });
    let bits = |nats: f64| nats / (images.pixels() as f64 * std::f64::consts::LN_2);
    Ok(Report {
        images: images.len(),
        width: images.width,
        height: images.height,
        integer_nats_per_image,
        integer_bits_per_dim: bits(integer_nats_per_image),
        float_nats_per_image,
        float_bits_per_dim: float_nats_per_image.map(bits),
        difference_nats_per_image: float_nats_per_image.map(|nats| integer_nats_per_image - nats),
    })
}

/// Evaluates.
///
/// # Errors
/// What cannot be read, or does not fit the model.
pub fn run(arguments: &EvalArguments) -> Result<(), Box<dyn Error>> {
    let blob = Blob::read(&arguments.model)?;
    let model = blob.load()?;
    let mut images = ImageSet::read(&arguments.data)?;
    if let Some(limit) = arguments.limit {
        images = images.first(limit);
    }
    let images = arguments.values.apply(images, model.levels())?;
    if images.is_empty() {
        return Err("--limit 0 leaves no image".into());
    }
    let twin = match arguments.integer_only {
        true => None,
        false => float_twin(&arguments.model, arguments.float.as_deref())?,
    };
    let report = measure(&model, twin.as_ref(), &images)?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
        return Ok(());
    }
    println!("{} images of {}x{}", report.images, report.width, report.height);
    println!(
        "integer model: {:.4} nats an image, {:.5} bits a dimension",
        report.integer_nats_per_image, report.integer_bits_per_dim
    );
    match (report.float_nats_per_image, report.float_bits_per_dim, report.difference_nats_per_image) {
        (Some(nats), Some(bits), Some(difference)) => {
            println!("float twin:    {nats:.4} nats an image, {bits:.5} bits a dimension");
            println!("integers lose: {difference:.4} nats an image");
        }
        _ => println!("float twin:    not run (no .safetensors beside the model; name one with --float)"),
    }
    Ok(())
}
