//! `pixelrnn export`: a float network to a `.prnn` blob.

use std::error::Error;
use std::path::{Path, PathBuf};

use crate::data::{ImageSet, Levels};
use crate::evaluate;
use crate::float::Network;
use crate::quantize::{Calibration, quantize};
use crate::report;

/// Arguments of `pixelrnn export`.
#[derive(Debug, Clone, clap::Args)]
pub struct ExportArguments {
    /// A run folder, or a `.safetensors` file with its config beside it (same name `.json`, or `config.json`).
    weights: PathBuf,
    /// The blob to write, a `.prnn` file. The float twin is written beside it, as `.safetensors` and `.json`.
    #[arg(short, long)]
    out: PathBuf,
    /// Images to calibrate on: an idx file (gzip too) or a folder of pictures. Use training images.
    #[arg(long)]
    data: PathBuf,
    /// Images to calibrate on, spread evenly over the set.
    #[arg(long, default_value_t = 512, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// How file values become levels.
    #[arg(long, value_enum, default_value = "auto")]
    values: Levels,
    /// Measure what each layer's weights lose (some minutes for large networks).
    #[arg(long)]
    layers: bool,
}

/// What a network loses on some images when one layer's weights alone are rounded.
fn report_layers(network: &Network, dequantized: &Network, images: &ImageSet) {
    let hidden = indicatif::ProgressBar::hidden();
    let base = evaluate::float(network, images, &hidden);
    println!("nats an image lost by rounding one layer's weights ({} images, float twin {base:.4}):", images.len());
    let show = |name: String, changed: &Network| {
        println!("  {name:<10} {:+.4}", evaluate::float(changed, images, &hidden) - base);
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
    changed.head_hidden = dequantized.head_hidden.clone();
    changed.head_output = dequantized.head_output.clone();
    show("head".into(), &changed);
}

fn copy(from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    let bytes = std::fs::read(from).map_err(|error| format!("cannot read {}: {error}", from.display()))?;
    if from.canonicalize().ok() != to.canonicalize().ok() {
        report::write(to, &bytes)?;
    }
    Ok(())
}

/// Exports.
///
/// # Errors
/// What cannot be read or written.
pub fn run(arguments: &ExportArguments) -> Result<(), Box<dyn Error>> {
    let (weights, config) = if arguments.weights.is_dir() {
        (arguments.weights.join("model.safetensors"), arguments.weights.join("config.json"))
    } else {
        let beside = arguments.weights.with_extension("json");
        let config = if beside.exists() { beside } else { arguments.weights.with_file_name("config.json") };
        (arguments.weights.clone(), config)
    };
    let network = Network::read(&config, &weights)?;
    let images = arguments.values.apply(ImageSet::read(&arguments.data)?, network.config.levels)?;
    let images = images.spread(arguments.limit as usize);
    println!("calibrating on {} images", images.len());
    let calibration = Calibration::run(&network, &images);
    let quantized = quantize(&network, &calibration);
    let model = quantized.blob.load().map_err(|error| format!("these weights cannot be quantized: {error}"))?;

    let hidden = indicatif::ProgressBar::hidden();
    if arguments.layers {
        report_layers(&network, &quantized.dequantized, &images);
    }
    let float = evaluate::float(&network, &images, &hidden);
    let rounded = evaluate::float(&quantized.dequantized, &images, &hidden);
    let integer = evaluate::integer(&model, &images, &hidden)?;
    println!("on the calibration images, nats an image:");
    println!("  float twin                  {float:.4}");
    println!("  its weights rounded to int8 {rounded:.4}  ({:+.4})", rounded - float);
    println!("  integer model               {integer:.4}  ({:+.4})", integer - float);

    copy(&weights, &arguments.out.with_extension("safetensors"))?;
    copy(&config, &arguments.out.with_extension("json"))?;
    report::write(&arguments.out, quantized.blob.bytes())?;
    println!("{}: {} bytes, fingerprint {:08x}", arguments.out.display(), model.blob_bytes(), model.fingerprint());
    Ok(())
}
