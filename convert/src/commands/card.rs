//! `pixelrnn card`: measures a shipped model and writes its card, so that no figure is typed in by hand.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{eval, inspect};
use crate::blob_file::Blob;
use crate::data::{ImageSet, Levels};
use crate::report::{self, Sheet};

/// Arguments of `pixelrnn card`.
#[derive(Debug, Clone, clap::Args)]
pub struct CardArguments {
    /// The model, a `.prnn` file; the card is written beside it, as `.md`, `.card.json` and `.png`.
    model: PathBuf,
    /// Test images.
    #[arg(long)]
    data: PathBuf,
    /// The data's name and origin, for people.
    #[arg(long)]
    data_name: String,
    /// How file values become levels.
    #[arg(long, value_enum, default_value = "auto")]
    values: Levels,
    /// The run folder that the model was exported from.
    #[arg(long)]
    run: PathBuf,
    /// Keep the likelihood of an earlier card of the very same model; sizes, texts and pictures are made again.
    #[arg(long)]
    keep: bool,
    /// What it was trained on, for people.
    #[arg(long, default_value = "a CPU")]
    machine: String,
    /// What else a user should know, for people.
    #[arg(long, default_value = "")]
    note: String,
}

/// A card's figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// The data's name.
    pub data: String,
    /// The command that trained the float network.
    pub train_command: String,
    /// Its seed.
    pub seed: u64,
    /// Steps it made.
    pub steps: u64,
    /// Minutes it took.
    pub minutes: f64,
    /// On what.
    #[serde(default = "crowded")]
    pub machine: String,
    /// Likelihood on the test images.
    pub likelihood: eval::Report,
    /// Sizes and work.
    pub sizes: inspect::Report,
}

/// What the first cards' models were trained on.
fn crowded() -> String {
    "one of two CPU cores that did other work beside it".into()
}

/// Steps and minutes of a run: the first two numbers of its log's last line.
fn progress(run: &Path) -> Result<(u64, f64), Box<dyn Error>> {
    let path = run.join("log.csv");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let mut fields = text.lines().last().unwrap_or_default().split(',');
    let mut next = || fields.next().unwrap_or_default().trim().parse::<f64>();
    match (next(), next()) {
        (Ok(steps), Ok(minutes)) => Ok((steps as u64, minutes)),
        _ => Err(format!("{}: the last line has no steps and minutes", path.display()).into()),
    }
}

fn read_json(path: &Path) -> Result<Value, Box<dyn Error>> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{} is no JSON: {error}", path.display()).into())
}

/// The command line that settings stand for. The run's own folder and what depends on the machine is left out.
fn command_line(settings: &Value) -> String {
    let mut line = String::from("pixelrnn train --out runs/NAME");
    for (key, value) in settings.as_object().into_iter().flatten() {
        let option = key.replace('_', "-");
        match value {
            _ if matches!(key.as_str(), "out" | "threads" | "device" | "every" | "valid_limit" | "samples") => {}
            Value::Null | Value::Bool(false) => {}
            Value::Bool(true) => drop(write!(line, " --{option}")),
            Value::String(text) => drop(write!(line, " --{option} {text}")),
            other => drop(write!(line, " --{option} {other}")),
        }
    }
    line
}

fn markdown(name: &str, card: &Card, note: &str) -> String {
    let Card { likelihood, sizes, .. } = card;
    let mut text = format!(
        "# {name}\n\n![sixteen images, seeds 1 to 16]({name}.png)\n\nA {} of {} levels, trained on {}.\n{}{note}\n\n",
        sizes.architecture,
        sizes.levels,
        card.data,
        if note.is_empty() { "" } else { "\n" }
    );
    let float = |value: Option<f64>| value.map_or_else(|| "-".into(), |value| format!("{value:.4}"));
    let rows = [
        ("test images", format!("{} of {}x{}", likelihood.images, likelihood.width, likelihood.height)),
        ("integer model, nats an image", format!("{:.4}", likelihood.integer_nats_per_image)),
        ("float twin, nats an image", float(likelihood.float_nats_per_image)),
        ("integers lose, nats an image", float(likelihood.difference_nats_per_image)),
        ("integer model, bits a dimension", format!("{:.5}", likelihood.integer_bits_per_dim)),
        ("float twin, bits a dimension", float(likelihood.float_bits_per_dim)),
        ("blocks", format!("{}", sizes.layers.len().saturating_sub(2))),
        ("flash: the blob, bytes", sizes.blob_bytes.to_string()),
        (&format!("RAM: state at width {}, bytes", sizes.width), sizes.state_bytes.to_string()),
        ("multiply-adds a pixel", sizes.macs_per_pixel.to_string()),
        ("fingerprint", format!("`{}`", sizes.fingerprint)),
    ]
    .map(|(what, value)| format!("| {what} | {value} |\n"));
    let _ = write!(text, "| what | measured |\n| --- | --- |\n{}\n", rows.concat());
    let _ = write!(
        text,
        "Trained in {:.0} minutes, {} steps, seed {}, on {}:\n\n```sh\n{}\n```\n\n",
        card.minutes, card.steps, card.seed, card.machine, card.train_command
    );
    let _ = write!(
        text,
        "Exported with `pixelrnn export runs/NAME -o {name}.prnn --data TRAINING-IMAGES`. The figures are those of\n`pixelrnn eval {name}.prnn --data TEST-IMAGES` and `pixelrnn inspect {name}.prnn --width {}`; this card was written by `pixelrnn card`.\n",
        sizes.width
    );
    text
}

/// Measures and writes.
///
/// # Errors
/// What cannot be read or written.
pub fn run(arguments: &CardArguments) -> Result<(), Box<dyn Error>> {
    let blob = Blob::read(&arguments.model)?;
    let model = blob.load()?;
    let images = arguments.values.apply(ImageSet::read(&arguments.data)?, model.levels())?;
    let settings = read_json(&arguments.run.join("train.json"))?;
    let (steps, minutes) = progress(&arguments.run)?;
    let kept = read_json(&arguments.model.with_extension("card.json")).ok();
    let kept = kept.and_then(|card| serde_json::from_value::<Card>(card).ok());
    let likelihood = match kept {
        Some(kept) if arguments.keep && kept.sizes.fingerprint == format!("{:08x}", model.fingerprint()) => {
            kept.likelihood
        }
        _ => eval::measure(&model, eval::float_twin(&arguments.model, None)?.as_ref(), &images)?,
    };
    let card = Card {
        data: arguments.data_name.clone(),
        train_command: command_line(&settings),
        seed: settings["seed"].as_u64().unwrap_or_default(),
        steps,
        minutes,
        machine: arguments.machine.clone(),
        likelihood,
        sizes: inspect::report(&model, images.width as u32),
    };
    let name = arguments.model.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let size = (images.width as u32, images.height as u32);
    let seeds: Vec<u64> = (1..=16).collect();
    let drawn = super::sample::draw(&model, size, pixelrnn::Temperature::ONE, &seeds)?;
    let sheet = Sheet::new(&drawn, (images.width, images.height), model.levels(), 8, (84 / size.0).clamp(1, 12));
    sheet.save(&arguments.model.with_extension("png"))?;
    let json = serde_json::to_string_pretty(&card)? + "\n";
    report::write(&arguments.model.with_extension("card.json"), json.as_bytes())?;
    let text = markdown(&name, &card, &arguments.note);
    report::write(&arguments.model.with_extension("md"), text.as_bytes())?;
    println!("{text}");
    Ok(())
}
