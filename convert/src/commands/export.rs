//! `pixelrnn export`: a float network to a `.prnn` blob.

use std::error::Error;
use std::path::{Path, PathBuf};

use pixelrnn::blob::MAX_SCALES;

use crate::blob_file::Blob;
use crate::config::NetworkConfig;
use crate::data::{ImageOptions, Labels, Levels, Picture, labels, set};
use crate::evaluate;
use crate::float::{self, Network};
use crate::quantize::pack::{self, Form};
use crate::quantize::{Bits, Calibration, Quantized, enough, quantize};
use crate::report;

/// Arguments of `pixelrnn export`.
#[derive(Debug, Clone, clap::Args)]
pub struct ExportArguments {
    /// A run folder, or a `.safetensors` file with its config beside it (same name `.json`, or `config.json`). Several, from the smallest
    /// scale up, become the scales of one model: all but the first are given a smaller image.
    #[arg(required = true)]
    weights: Vec<PathBuf>,
    /// The blob to write, a `.prnn` file. The float twin is written beside it, as `.safetensors` and `.json`; of several scales
    /// as `.0.safetensors`, `.1.safetensors` and so on.
    #[arg(short, long)]
    out: PathBuf,
    /// Images to calibrate on, of the largest scale: an idx or npy file or a folder of pictures, of any sizes. Use training images.
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
    /// Bits of the blocks' weights. 4 halves them: see "Weights of 4 bits" in the converter's README for what that loses.
    #[arg(long = "weights", id = "bits", value_name = "BITS", value_enum, default_value = "8")]
    bits: Bits,
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
    changed.upsample.clone_from(&dequantized.upsample);
    if changed.upsample.is_some() {
        show("upsample".into(), &changed);
    }
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
fn unit(images: &[Picture], config: &NetworkConfig) -> (&'static str, f64) {
    let unknown: usize = images.iter().map(|image| config.unknown_values(image.size())).sum();
    match set::common_size(images) {
        Some(_) if config.levels == 2 => ("nats an image", images.len() as f64),
        _ => ("bits a dimension", unknown as f64 * std::f64::consts::LN_2),
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    let bytes = std::fs::read(from).map_err(|error| format!("cannot read {}: {error}", from.display()))?;
    if from.canonicalize().ok() != to.canonicalize().ok() {
        report::write(to, &bytes)?;
    }
    Ok(())
}

/// The images that a network is calibrated on: at most `limit` of those given, spread evenly over them.
pub fn thinned(images: Vec<Picture>, limit: u32) -> Vec<Picture> {
    enough(set::spread(images, limit as usize))
}

/// Images as a network's levels.
///
/// # Errors
/// Images of other channels or values than the network's.
pub fn levels(network: &Network, images: Vec<Picture>, values: Levels) -> Result<Vec<Picture>, Box<dyn Error>> {
    set::check_channels(&images, usize::from(network.config.channels), set::MODEL)?;
    Ok(values.apply(images, network.config.levels)?)
}

/// Calibrates and quantizes a network, into a blob that loads.
///
/// # Errors
/// Weights that integers cannot stand for, in words.
pub fn quantized(network: &Network, images: &[Picture], bits: Bits) -> Result<Quantized, String> {
    fits(network, bits)?;
    let wrong = |error| format!("these weights cannot be quantized: {error}");
    let mut quantized = quantize(network, &Calibration::run(network, images), bits);
    quantized.blob.load().map_err(wrong)?;
    if bits == Bits::Four {
        quantized.blob = pack::repack(&quantized.blob, Form::Nibbles).map_err(wrong)?;
    }
    Ok(quantized)
}

/// Whether a network can have weights of so many bits: eight of 4 bits share a word.
fn fits(network: &Network, bits: Bits) -> Result<(), String> {
    let (hidden, unit) = (network.config.hidden, 8 * u16::from(network.config.groups()));
    match bits {
        Bits::Four if !hidden.is_multiple_of(unit) => {
            Err(format!("weights of 4 bits need a multiple of {unit} features in a block, the network has {hidden}"))
        }
        _ => Ok(()),
    }
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

/// A float network, and the files that it came from.
struct Source {
    weights: PathBuf,
    config: PathBuf,
    network: Network,
}

impl Source {
    fn read(path: &Path) -> Result<Self, Box<dyn Error>> {
        let (weights, config) = float::files(path);
        let network = Network::read(&config, &weights)?;
        Ok(Self { weights, config, network })
    }

    /// Writes the float twin beside a blob.
    fn copy(&self, beside: &Path) -> Result<(), Box<dyn Error>> {
        copy(&self.weights, &beside.with_extension("safetensors"))?;
        copy(&self.config, &beside.with_extension("json"))
    }
}

/// The float twin's files of a scale of several lie beside the blob under this name, but for their endings.
pub fn twin_of_scale(blob: &Path, scale: usize) -> PathBuf {
    blob.with_extension(format!("{scale}.prnn"))
}

/// Checks that networks, each with its name, are the scales of one model.
///
/// # Errors
/// They are not.
pub fn check_scales(networks: &[(String, &Network)]) -> Result<(), String> {
    let shared = |network: &Network| (network.config.levels, network.config.channels, network.config.classes);
    if networks.len() > MAX_SCALES {
        return Err(format!("{} networks: a model has at most {MAX_SCALES} scales", networks.len()));
    }
    for (scale, (name, network)) in networks.iter().enumerate().filter(|_| networks.len() > 1) {
        match (scale, network.config.factor) {
            (0, 1..) => {
                return Err(format!("{name} is given a smaller image: the smallest scale's network comes first"));
            }
            (1.., 0) => return Err(format!("{name} is given no smaller image: it was trained without --scale")),
            _ if shared(network) != shared(networks[0].1) => {
                return Err(format!(
                    "{name} is of other levels, channels or classes than the smallest scale's network"
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Quantizes networks, the scales of one model, each by `quantize` on its scale of the images; of several into one blob.
///
/// # Errors
/// The first of `quantize`'s.
pub fn quantize_scales(
    networks: &[&Network],
    images: &[Picture],
    mut quantize: impl FnMut(&Network, Vec<Picture>) -> Result<Blob, Box<dyn Error>>,
) -> Result<Blob, Box<dyn Error>> {
    let mut blobs = Vec::new();
    for (scale, network) in networks.iter().enumerate() {
        let factor: usize = networks[scale + 1..].iter().map(|larger| usize::from(larger.config.factor)).product();
        let images = images.iter().map(|picture| picture.sampled_every(factor)).collect();
        blobs.push(quantize(network, images)?);
    }
    Ok(if blobs.len() == 1 { blobs.swap_remove(0) } else { pack::scales(&blobs.iter().collect::<Vec<_>>()) })
}

impl ExportArguments {
    /// Images of the largest scale, in a network's levels.
    fn images(&self, network: &Network) -> Result<Vec<Picture>, Box<dyn Error>> {
        let mut images = self.options.read(&self.data)?;
        needs_labels(network, self.labels.is_some())?;
        if let (Some(labels), 1..) = (&self.labels, network.config.classes) {
            labels.apply(&self.data, &mut images)?;
            labels::check(&images, network.config.classes)?;
        }
        levels(network, images, self.values)
    }

    /// Quantizes a network on images of its scale, and says what that loses.
    fn quantize(&self, network: &Network, images: Vec<Picture>) -> Result<Blob, Box<dyn Error>> {
        let images = thinned(images, self.limit);
        println!("calibrating on {} images", images.len());
        let quantized = quantized(network, &images, self.bits)?;
        if self.layers {
            report_layers(network, &quantized.dequantized, &images);
        }
        report_loss(network, &quantized, &images)?;
        Ok(quantized.blob)
    }
}

/// Says what the integers lose.
fn report_loss(network: &Network, quantized: &Quantized, images: &[Picture]) -> Result<(), Box<dyn Error>> {
    let hidden = indicatif::ProgressBar::hidden();
    let (unit, per) = unit(images, &network.config);
    let float = evaluate::float(network, images, &hidden) / per;
    let rounded = evaluate::float(&quantized.dequantized, images, &hidden) / per;
    let integer = evaluate::integer(&quantized.blob.load()?, images, &hidden)? / per;
    println!("on the calibration images, {unit}:");
    println!("  float twin                  {float:.4}");
    println!("  its weights rounded         {rounded:.4}  ({:+.4})", rounded - float);
    println!("  integer model               {integer:.4}  ({:+.4})", integer - float);
    Ok(())
}

/// Exports.
///
/// # Errors
/// What cannot be read or written.
pub fn run(arguments: &ExportArguments) -> Result<(), Box<dyn Error>> {
    let sources: Vec<Source> = arguments.weights.iter().map(|path| Source::read(path)).collect::<Result<_, _>>()?;
    let networks: Vec<&Network> = sources.iter().map(|source| &source.network).collect();
    let name = |source: &Source| source.weights.display().to_string();
    check_scales(&sources.iter().map(|source| (name(source), &source.network)).collect::<Vec<_>>())?;
    let images = arguments.images(networks[0])?;
    let blob = quantize_scales(&networks, &images, |network, images| arguments.quantize(network, images))?;
    let out = &arguments.out;
    if let [source] = sources.as_slice() {
        source.copy(out)?;
        report::write(out, blob.bytes())?;
        let model = blob.load()?;
        println!("{}: {} bytes, fingerprint {:08x}", out.display(), model.blob_bytes(), model.fingerprint());
        return Ok(());
    }
    for (scale, source) in sources.iter().enumerate() {
        source.copy(&twin_of_scale(out, scale))?;
    }
    report::write(out, blob.bytes())?;
    println!("{}: {} scales, {} bytes", out.display(), sources.len(), blob.bytes().len());
    Ok(())
}
