//! `pixelrnn card`: measures a shipped model and writes its card, so that no figure is typed in by hand.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{eval, inspect};
use crate::blob_file::Blob;
use crate::data::{ImageOptions, Levels, Picture};
use crate::report;

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
    #[command(flatten)]
    options: ImageOptions,
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

/// A training run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainingRun {
    /// Its command.
    pub command: String,
    /// Its seed.
    pub seed: u64,
    /// CPU threads it was given; 0 for all.
    pub threads: u64,
    /// Steps it made.
    pub steps: u64,
    /// Minutes it took.
    pub minutes: f64,
}

/// A card's figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// The data's name.
    pub data: String,
    /// The runs that trained the float network, each begun from the weights of the one before.
    pub runs: Vec<TrainingRun>,
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

/// The runs that led to a run folder's weights, the first one first: each that began from another's weights follows it.
fn runs(last: &Path) -> Result<Vec<TrainingRun>, Box<dyn Error>> {
    let mut folders = vec![last.to_path_buf()];
    let mut settings = vec![read_json(&last.join("train.json"))?];
    while let Some(init) = settings.last().and_then(|settings| settings["init"].as_str()) {
        let Some(folder) = Path::new(init).parent().map(Path::to_path_buf) else { break };
        if !folder.join("train.json").exists() {
            break;
        }
        if folders.contains(&folder) {
            return Err(format!("{}: a run that began from itself", folder.display()).into());
        }
        settings.push(read_json(&folder.join("train.json"))?);
        folders.push(folder);
    }
    let name = |number| folder_name(number, settings.len());
    let runs = folders.iter().zip(&settings).rev().zip(1..).map(|((folder, settings), number)| {
        let mut settings = settings.clone();
        let (steps, minutes) = progress(folder)?;
        if number > 1 {
            settings["init"] = format!("{}/model.safetensors", name(number - 1)).into();
        }
        let whole = |key: &str| settings[key].as_u64().unwrap_or_default();
        let (seed, threads) = (whole("seed"), whole("threads"));
        Ok(TrainingRun { command: command_line(&name(number), &settings), seed, threads, steps, minutes })
    });
    runs.collect()
}

/// What a card calls the folder of a run, counted from 1.
fn folder_name(number: usize, count: usize) -> String {
    if count == 1 { "runs/NAME".into() } else { format!("runs/NAME-{number}") }
}

/// The command line that settings stand for. What depends on the machine is left out.
fn command_line(out: &str, settings: &Value) -> String {
    let mut line = format!("pixelrnn train --out {out}");
    // What the weights to begin from decide.
    let decided: &[&str] = match (settings["init"].is_string(), settings["grow"].as_bool()) {
        (true, Some(true)) => &["architecture", "kernel", "skip"],
        (true, _) => &["architecture", "kernel", "skip", "hidden", "blocks", "head"],
        _ => &[],
    };
    for (key, value) in settings.as_object().into_iter().flatten() {
        let option = key.replace('_', "-");
        match value {
            _ if matches!(key.as_str(), "out" | "threads" | "device" | "every" | "valid_limit" | "samples") => {}
            _ if decided.contains(&key.as_str()) => {}
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
        "# {name}\n\n![sixteen images, seeds 1 to 16]({name}.png)\n\nA {} of {}, trained on {}.\n{}{note}\n\n",
        sizes.architecture,
        sizes.images(),
        card.data,
        if note.is_empty() { "" } else { "\n" }
    );
    let float = |value: Option<f64>| value.map_or_else(|| "-".into(), |value| format!("{value:.4}"));
    let rows = [
        ("test images", likelihood.what()),
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
    for (number, TrainingRun { command, seed, threads, steps, minutes }) in card.runs.iter().enumerate() {
        let threads = match threads {
            0 => "all threads".into(),
            1 => "one thread".into(),
            threads => format!("{threads} threads"),
        };
        let (verb, place) = match number {
            0 => ("Trained for", format!("on {}", card.machine)),
            _ => ("Then, from those weights, for", "on the same".into()),
        };
        let _ = write!(
            text,
            "{verb} {minutes:.0} minutes, {steps} steps, seed {seed}, {threads} {place}:\n\n```sh\n{command}\n```\n\n"
        );
    }
    let _ = write!(
        text,
        "Exported with `pixelrnn export {} -o {name}.prnn --data TRAINING-IMAGES`. The figures are those of\n`pixelrnn eval {name}.prnn --data TEST-IMAGES` and `pixelrnn inspect {name}.prnn --width {}`; this card was written by `pixelrnn card`.\n",
        folder_name(card.runs.len(), card.runs.len()),
        sizes.width
    );
    text
}

/// The most that a side of the images measures.
fn widest(images: &[Picture], side: fn(&Picture) -> usize) -> u32 {
    images.iter().map(side).max().unwrap_or(1) as u32
}

/// Measures and writes.
///
/// # Errors
/// What cannot be read or written.
pub fn run(arguments: &CardArguments) -> Result<(), Box<dyn Error>> {
    let blob = Blob::read(&arguments.model)?;
    let model = blob.load()?;
    let images = arguments.values.apply(arguments.options.read(&arguments.data)?, model.levels())?;
    let runs = runs(&arguments.run)?;
    let kept = read_json(&arguments.model.with_extension("card.json")).ok();
    let kept = kept.and_then(|card| serde_json::from_value::<Card>(card).ok());
    let likelihood = match kept {
        Some(kept) if arguments.keep && kept.sizes.fingerprint == format!("{:08x}", model.fingerprint()) => {
            kept.likelihood
        }
        _ => eval::measure(&model, eval::float_twin(&arguments.model, None)?.as_ref(), &images)?,
    };
    let size = (widest(&images, |image| image.width), widest(&images, |image| image.height));
    let card = Card {
        data: arguments.data_name.clone(),
        runs,
        machine: arguments.machine.clone(),
        likelihood,
        sizes: inspect::report(&model, size.0),
    };
    let name = arguments.model.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let seeds: Vec<u64> = (1..=16).collect();
    let drawn = super::sample::draw(&model, size, pixelrnn::Temperature::ONE, &seeds)?;
    let drawn: Vec<Picture> = drawn.iter().map(|image| report::shown(image, model.levels())).collect();
    let sheet = report::sheet(&drawn, 8, (84 / size.0).clamp(1, 12) as usize);
    report::save_png(&sheet, &arguments.model.with_extension("png"))?;
    let json = serde_json::to_string_pretty(&card)? + "\n";
    report::write(&arguments.model.with_extension("card.json"), json.as_bytes())?;
    let text = markdown(&name, &card, &arguments.note);
    report::write(&arguments.model.with_extension("md"), text.as_bytes())?;
    println!("{text}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_tells_every_run_that_led_to_the_weights() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, settings: Value, log: &str| {
            let run = folder.path().join(name);
            std::fs::create_dir(&run).unwrap();
            std::fs::write(run.join("train.json"), settings.to_string()).unwrap();
            std::fs::write(run.join("log.csv"), format!("step,minutes\n{log}\n")).unwrap();
            run
        };
        let shape = |seed: u64, init: Value, grow: bool| serde_json::json!({"architecture": "pixelcnn", "hidden": 8, "seed": seed, "threads": 2, "init": init, "grow": grow});
        let first = write("a", shape(1, Value::Null, false), "10,2.5");
        let weights = first.join("model.safetensors");
        let last = write("b", shape(2, weights.to_str().into(), true), "20,3.5");

        let alone = runs(&first).unwrap();
        assert_eq!(alone.len(), 1);
        assert_eq!(alone[0].command, "pixelrnn train --out runs/NAME --architecture pixelcnn --hidden 8 --seed 1");
        let both = runs(&last).unwrap();
        assert_eq!((both[0].steps, both[1].steps, both[1].minutes, both[1].threads), (10, 20, 3.5, 2));
        let begun = "pixelrnn train --out runs/NAME-2 --grow --hidden 8 --init runs/NAME-1/model.safetensors --seed 2";
        assert_eq!(both[1].command, begun);

        std::fs::write(last.join("train.json"), shape(2, last.join("x").to_str().into(), false).to_string()).unwrap();
        assert!(runs(&last).unwrap_err().to_string().contains("from itself"));
        std::fs::remove_file(first.join("log.csv")).unwrap();
        assert!(runs(&first).unwrap_err().to_string().contains("log.csv"));
    }
}
