//! `pixelrnn export`: a float network to a `.prnn` blob.

use std::error::Error;
use std::path::{Path, PathBuf};

use crate::data::{ImageOptions, Labels, Levels, Picture, labels, set};
use crate::evaluate;
use crate::float::{self, Network};
use crate::quantize::{Calibration, Quantized, enough, quantize};
use crate::report;

/// Arguments of `pixelrnn export`.
#[derive(Debug, Clone, clap::Args)]
pub struct ExportArguments {
    /// A run folder, or a `.safetensors` file with its config beside it (same name `.json`, or `config.json`).
    weights: PathBuf,
    /// The blob to write, a `.prnn` file. The float twin is written beside it, as `.safetensors` and `.json`.
    #[arg(short, long)]
    out: PathBuf,
    /// Images to calibrate on: an idx or npy file or a folder of pictures, of any sizes. Use training images.
    #[arg(long)]
    data: PathBuf,
    /// Classes of the images, for a network with classes: an idx file of labels, or `folders`.
    #[arg(long, value_name = "FILE|folders")]
    labels: Option<Labels>,
    /// Images to calibrate on, spread evenly over the set; of large images fewer do.
    #[arg(long, default_value_t = 512, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// How file values become levels.
    #[arg(long, value_enum, default_value = "auto")]
    values: Levels,
    #[command(flatten)]
    options: ImageOptions,
    /// Measure what each layer's weights lose (some minutes for large networks).
    #[arg(long)]
    layers: bool,
}

/// What a network loses on some images when one layer's weights alone are rounded.
fn report_layers(network: &Network, dequantized: &Network, images: &[Picture]) {
    let hidden = indicatif::ProgressBar::hidden();
    let mean = |network: &Network| evaluate::float(network, images, &hidden) / images.len() as f64;
    let base = mean(network);
    println!("nats an image lost by rounding one layer's weights ({} images, float twin {base:.4}):", images.len());
    let show = |name: String, changed: &Network| {
        println!("  {name:<10} {:+.4}", mean(changed) - base);
    };
    let mut changed = network.clone();
    changed.first = dequantized.first.clone();
    show("first".into(), &changed);
    for number in 0..network.blocks.len() {
        let mut changed = network.clone();
        changed.blocks[number] = dequantized.blocks[number].clone();
        show(format!("block {number}"), &changed);
    }
    let mut changed = network.clone();
    changed.head = dequantized.head.clone();
    show("head".into(), &changed);
}

/// The unit that people give likelihoods in, and how many nats of all images are one of it.
fn unit(images: &[Picture], levels: u32) -> (&'static str, f64) {
    match set::common_size(images) {
        Some(_) if levels == 2 => ("nats an image", images.len() as f64),
        _ => ("bits a dimension", set::count_values(images) as f64 * std::f64::consts::LN_2),
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    let bytes = std::fs::read(from).map_err(|error| format!("cannot read {}: {error}", from.display()))?;
    if from.canonicalize().ok() != to.canonicalize().ok() {
        report::write(to, &bytes)?;
    }
    Ok(())
}

/// The images that a network is calibrated on, as its levels: at most `limit` of those given, spread evenly over them.
///
/// # Errors
/// Images of other channels or values than the network's.
pub fn calibration_images(
    network: &Network,
    images: Vec<Picture>,
    values: Levels,
    limit: u32,
) -> Result<Vec<Picture>, Box<dyn Error>> {
    set::check_channels(&images, usize::from(network.config.channels), set::MODEL)?;
    let images = values.apply(images, network.config.levels)?;
    Ok(enough(set::spread(images, limit as usize)))
}

/// Calibrates and quantizes a network, into a blob that loads.
///
/// # Errors
/// Weights that integers cannot stand for, in words.
pub fn quantized(network: &Network, images: &[Picture]) -> Result<Quantized, String> {
    let quantized = quantize(network, &Calibration::run(network, images));
    quantized.blob.load().map_err(|error| format!("these weights cannot be quantized: {error}"))?;
    Ok(quantized)
}

/// Whether a network with classes is told the images'.
///
/// # Errors
/// It is not.
pub fn needs_labels(network: &Network, labelled: bool) -> Result<(), String> {
    match network.config.classes {
        0 => Ok(()),
        classes if !labelled => Err(format!("the network has {classes} classes: --labels must tell the images'")),
        _ => Ok(()),
    }
}

/// Exports.
///
/// # Errors
/// What cannot be read or written.
pub fn run(arguments: &ExportArguments) -> Result<(), Box<dyn Error>> {
    let (weights, config) = float::files(&arguments.weights);
    let network = Network::read(&config, &weights)?;
    let mut images = arguments.options.read(&arguments.data)?;
    needs_labels(&network, arguments.labels.is_some())?;
    if let (Some(labels), 1..) = (&arguments.labels, network.config.classes) {
        labels.apply(&arguments.data, &mut images)?;
        labels::check(&images, network.config.classes)?;
    }
    let images = calibration_images(&network, images, arguments.values, arguments.limit)?;
    println!("calibrating on {} images", images.len());
    let quantized = quantized(&network, &images)?;
    let model = quantized.blob.load()?;

    let hidden = indicatif::ProgressBar::hidden();
    if arguments.layers {
        report_layers(&network, &quantized.dequantized, &images);
    }
    let (unit, per) = unit(&images, network.config.levels);
    let float = evaluate::float(&network, &images, &hidden) / per;
    let rounded = evaluate::float(&quantized.dequantized, &images, &hidden) / per;
    let integer = evaluate::integer(&model, &images, &hidden)? / per;
    println!("on the calibration images, {unit}:");
    println!("  float twin                  {float:.4}");
    println!("  its weights rounded to int8 {rounded:.4}  ({:+.4})", rounded - float);
    println!("  integer model               {integer:.4}  ({:+.4})", integer - float);

    copy(&weights, &arguments.out.with_extension("safetensors"))?;
    copy(&config, &arguments.out.with_extension("json"))?;
    report::write(&arguments.out, quantized.blob.bytes())?;
    println!("{}: {} bytes, fingerprint {:08x}", arguments.out.display(), model.blob_bytes(), model.fingerprint());
    Ok(())
}
