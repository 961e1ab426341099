//! `pixelrnn inspect`: a model's layers, flash, state and work.

use std::error::Error;
use std::path::PathBuf;

use pixelrnn::blob::{LayerDescription, Packing};
use pixelrnn::layers::Shape;
use pixelrnn::{Model, Pyramid};
use serde::{Deserialize, Serialize};

use crate::blob_file::Blob;
use crate::config::is_zero;

/// Arguments of `pixelrnn inspect`.
#[derive(Debug, Clone, clap::Args)]
pub struct InspectArguments {
    /// The model, a `.prnn` file.
    model: PathBuf,
    /// Columns of the images that the state is for.
    #[arg(long, default_value_t = 28)]
    width: u32,
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
}

/// What is known of a model without running it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Kind of blocks: `pixelcnn`, `row-lstm` or `diagonal-bilstm`.
    pub architecture: String,
    /// Values a channel of a pixel can take.
    pub levels: u32,
    /// Channels an image has.
    pub channels: u8,
    /// Channel groups: one a channel under a softmax, else 1.
    #[serde(default = "one")]
    pub groups: usize,
    /// Components of the mixture; 0 under a softmax.
    #[serde(default)]
    pub components: u8,
    /// Classes, of which an image has one; left out of a model that is given none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub classes: u16,
    /// How many times wider and higher an image is than the smaller one that it is given; left out of a model that is given none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub factor: u8,
    /// CRC-32 of the blob in the packing that every target reads, hexadecimal.
    pub fingerprint: String,
    /// The only microcontrollers that the blob is packed for; none named if it is for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packed_for: Option<String>,
    /// Bytes of the blob.
    pub blob_bytes: usize,
    /// Columns of the images that the state is for.
    pub width: u32,
    /// Bytes of state for that width.
    pub state_bytes: usize,
    /// Multiply-adds a pixel, the head included.
    pub macs_per_pixel: u64,
    /// The layers; of several scales they are in each one's report.
    pub layers: Vec<LayerReport>,
    /// The same of each scale, the smallest first; left out of a single network's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scales: Vec<Self>,
}

/// The channel groups of whatever was reported before there were several.
const fn one() -> usize {
    1
}

/// One layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerReport {
    /// Kind: `first`, `pixelcnn`, `dilated`, `row-lstm`, `diagonal-bilstm`, `softmax`, `mixture` or `upsample`.
    pub kind: String,
    /// Features inside.
    pub hidden: usize,
    /// Weights (not biases).
    pub weights: u64,
    /// Bytes in the blob.
    pub flash_bytes: usize,
    /// Bytes of the layer's own state.
    pub state_bytes: usize,
    /// Multiply-adds a pixel.
    pub macs_per_pixel: u64,
}

/// A block that is not named like the architecture.
const DILATED: &str = "dilated";

const fn kind(layer: &LayerDescription) -> &'static str {
    match layer {
        LayerDescription::First(_) => "first",
        LayerDescription::PixelCnn(_) => "pixelcnn",
        LayerDescription::Dilated(_) => DILATED,
        LayerDescription::RowLstm(_) => "row-lstm",
        LayerDescription::Diagonal(_) => "diagonal-bilstm",
        LayerDescription::Softmax(_) => "softmax",
        LayerDescription::Mixture(_) => "mixture",
        LayerDescription::Upsample(_) => "upsample",
        _ => "unknown",
    }
}

fn layer_report(shape: &Shape, width: u32) -> LayerReport {
    LayerReport {
        kind: kind(&shape.layer).into(),
        hidden: shape.layer.layer().hidden(),
        weights: shape.weights(),
        flash_bytes: shape.body_bytes(),
        state_bytes: 4 * shape.state_words(width as usize),
        macs_per_pixel: shape.multiply_adds(),
    }
}

/// Reports a model for a width.
pub fn report(model: &Model<'_>, width: u32) -> Report {
    let components = match model.header().layers.last() {
        Some(LayerDescription::Mixture(mixture)) => mixture.components,
        _ => 0,
    };
    Report {
        architecture: model.architecture().name().into(),
        levels: model.levels(),
        channels: model.channels(),
        groups: model.dimensions().groups,
        components,
        classes: model.classes(),
        factor: model.factor(),
        fingerprint: format!("{:08x}", model.fingerprint()),
        packed_for: matches!(model.header().packing, Packing::Rows4Signed { .. }).then(|| "mve".into()),
        blob_bytes: model.blob_bytes(),
        width,
        state_bytes: model.state_bytes(width),
        macs_per_pixel: model.macs_per_pixel(),
        layers: model.shapes().map(|shape| layer_report(&shape, width)).collect(),
        scales: Vec::new(),
    }
}

/// Reports a blob of one or several scales for a width of the largest.
///
/// # Errors
/// No model, or scales that do not go together.
pub fn report_blob(blob: &Blob, width: u32) -> Result<Report, Box<dyn Error>> {
    // A network that is given a smaller image is inspected alone, too.
    match blob.load_scales()?.as_slice() {
        [model] => Ok(report(model, width)),
        models => Ok(report_scales(&Pyramid::new(models)?, blob.bytes().len(), width)),
    }
}

/// Reports models of one or several scales, of so many bytes, for a width of the largest.
fn report_scales(pyramid: &Pyramid<'_>, blob_bytes: usize, width: u32) -> Report {
    let models = pyramid.models();
    if let [model] = models {
        return report(model, width);
    }
    let of_scale = |(scale, model)| report(model, pyramid.size(scale, (width, 1)).0);
    let scales: Vec<Report> = models.iter().enumerate().map(of_scale).collect();
    // A pixel of the image is one of the smaller scales every so many columns and rows.
    let share =
        |(scale, report): (usize, &Report)| report.macs_per_pixel as f64 / f64::from(pyramid.factor(scale)).powi(2);
    let mut architectures: Vec<&str> = scales.iter().map(|scale| scale.architecture.as_str()).collect();
    architectures.dedup();
    let fingerprints: Vec<&str> = scales.iter().map(|scale| scale.fingerprint.as_str()).collect();
    Report {
        architecture: architectures.join(" and "),
        fingerprint: fingerprints.join(" "),
        blob_bytes,
        width,
        state_bytes: 4 * pyramid.state_words(width),
        macs_per_pixel: scales.iter().enumerate().map(share).sum::<f64>().round() as u64,
        factor: 0,
        layers: Vec::new(),
        scales: scales.clone(),
        ..scales[0].clone()
    }
}

impl Report {
    /// What images the model draws, and by what kind of distribution.
    pub fn images(&self) -> String {
        let several = match self.scales.len() {
            0 => String::new(),
            scales => format!(", {scales} scales"),
        };
        let head = match (self.components, self.groups) {
            (0, 1) => String::new(),
            (0, groups) => format!(", {groups} channel groups"),
            (components, _) => format!(", mixture of {components}"),
        };
        let channels = if self.channels == 1 { String::new() } else { format!("{} channels of ", self.channels) };
        let classes = if self.classes == 0 { String::new() } else { format!(", {} classes", self.classes) };
        let given = match self.factor {
            0 => String::new(),
            factor => format!(", given an image {factor} times smaller"),
        };
        format!("{channels}{} levels{head}{classes}{given}{several}", self.levels)
    }

    /// How many blocks there are, and how wide they are; of several scales of each.
    pub fn blocks(&self) -> Vec<(usize, usize)> {
        if !self.scales.is_empty() {
            return self.scales.iter().flat_map(Self::blocks).collect();
        }
        let is_block = |layer: &&LayerReport| layer.kind == self.architecture || layer.kind == DILATED;
        let blocks: Vec<&LayerReport> = self.layers.iter().filter(is_block).collect();
        vec![(blocks.len(), blocks.first().map_or(0, |block| block.hidden))]
    }

    /// The same in words.
    pub fn blocks_text(&self) -> String {
        let each: Vec<String> = self.blocks().iter().map(|(blocks, hidden)| format!("{blocks}, {hidden}")).collect();
        each.join(" + ")
    }

    /// For people.
    fn text(&self) -> String {
        let packed = self.packed_for.as_ref().map_or(String::new(), |name| format!(", packed for {name}"));
        let Self { architecture, fingerprint, width, .. } = self;
        let mut text = format!("{architecture}, {}, fingerprint {fingerprint}{packed}\n", self.images());
        text += &line(["layer", "hidden", "weights", "flash bytes", "state bytes", "MACs/pixel"]);
        for layer in &self.layers {
            let numbers = [layer.hidden as u64, layer.weights, layer.flash_bytes as u64, layer.state_bytes as u64];
            let [hidden, weights, flash, state] = numbers.map(|number| number.to_string());
            text += &line([&layer.kind, &hidden, &weights, &flash, &state, &layer.macs_per_pixel.to_string()]);
        }
        text += &format!("blob: {} bytes of flash\n", self.blob_bytes);
        text += &format!("state: {} bytes at width {width} (layers, image rows, shared scratch)\n", self.state_bytes);
        text + &format!("work: {} multiply-adds a pixel", self.macs_per_pixel)
    }
}

/// A line of the table of layers.
fn line([kind, hidden, weights, flash, state, work]: [&str; 6]) -> String {
    format!("{kind:<16} {hidden:>6} {weights:>9} {flash:>11} {state:>11} {work:>11}\n")
}

/// Prints a report, or one of every scale.
///
/// # Errors
/// The model cannot be read.
pub fn run(arguments: &InspectArguments) -> Result<(), Box<dyn Error>> {
    let blob = Blob::read_scales(&arguments.model)?;
    let report = report_blob(&blob, arguments.width)?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
        return Ok(());
    }
    let name = arguments.model.display();
    for (scale, report) in report.scales.iter().enumerate() {
        println!("{name}, scale {scale}: {}", report.text());
    }
    if report.scales.is_empty() {
        println!("{name}: {}", report.text());
    } else {
        let Report { blob_bytes, width, state_bytes, macs_per_pixel, .. } = report;
        println!("all scales: {blob_bytes} bytes of flash");
        println!("state: {state_bytes} bytes at width {width}, for each scale in turn");
        println!("work: {macs_per_pixel} multiply-adds a pixel of the largest, all scales together");
    }
    Ok(())
}
