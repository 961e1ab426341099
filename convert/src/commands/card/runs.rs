//! The training runs that a model came from, as their folders tell.

use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A training run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainingRun {
    /// The scale that it trained, 0 the smallest; left out of a single network's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<usize>,
    /// Its command.
    pub command: String,
    /// Its seed.
    pub seed: u64,
    /// CPU threads it was given; 0 for all.
    pub threads: u64,
    /// `cpu` or `cuda`.
    #[serde(default = "cpu")]
    pub device: String,
    /// Steps it made.
    pub steps: u64,
    /// Minutes it took.
    pub minutes: f64,
}

fn cpu() -> String {
    "cpu".into()
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

/// A JSON file.
pub(super) fn read_json(path: &Path) -> Result<Value, Box<dyn Error>> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{} is no JSON: {error}", path.display()).into())
}

/// The runs that led to the weights of each scale of a model, whose folders are told the smallest scale's first.
pub(super) fn runs_of_scales(last: &[PathBuf]) -> Result<Vec<TrainingRun>, Box<dyn Error>> {
    let scale = |scale: usize| (last.len() > 1).then_some(scale);
    let all: Vec<_> =
        last.iter().enumerate().map(|(number, last)| runs(last, scale(number))).collect::<Result<_, _>>()?;
    Ok(all.into_iter().flatten().collect())
}

/// The runs that led to a run folder's weights, the first one first: each that began from another's weights follows it.
fn runs(last: &Path, scale: Option<usize>) -> Result<Vec<TrainingRun>, Box<dyn Error>> {
    let mut folders = vec![last.to_path_buf()];
    let mut settings = vec![read_json(&last.join("train.json"))?];
    let mut earlier = Vec::new();
    while let Some(init) = settings.last().and_then(|settings| settings["init"].as_str()).map(PathBuf::from) {
        let Some(folder) = folder_of(&init).filter(|folder| folder.join("train.json").exists()) else {
            earlier = shipped(&init, scale)?;
            break;
        };
        if folders.contains(&folder) {
            return Err(format!("{}: a run that began from itself", folder.display()).into());
        }
        settings.push(read_json(&folder.join("train.json"))?);
        folders.push(folder);
    }
    let (before, count) = (earlier.len(), earlier.len() + settings.len());
    let runs = folders.iter().zip(settings).rev().zip(before + 1..);
    let name = |number| folder_name(scale, number, count);
    let runs = runs.map(|((folder, settings), number)| training_run(folder, settings, (number, scale), &name));
    earlier.into_iter().map(Ok).chain(runs).collect()
}

/// The runs that a shipped model's card tells of, for others to follow; none if the weights have no card beside them.
fn shipped(weights: &Path, scale: Option<usize>) -> Result<Vec<TrainingRun>, Box<dyn Error>> {
    let card = weights.with_extension("card.json");
    if !card.exists() {
        return Ok(Vec::new());
    }
    let mut runs: Vec<TrainingRun> = serde_json::from_value(read_json(&card)?["runs"].take())?;
    if let [only] = &mut runs[..] {
        only.command = only.command.replacen(&folder_name(None, 1, 1), &folder_name(None, 1, 2), 1);
    }
    for run in runs.iter_mut().filter(|_| scale.is_some()) {
        run.scale = scale;
        run.command = run.command.replace(&folder_name(None, 1, 1), &folder_name(scale, 1, 1));
    }
    Ok(runs)
}

/// The run of a folder, the so manieth of several of a scale; `name` is what a card calls their folders.
fn training_run(
    folder: &Path,
    mut settings: Value,
    (number, scale): (usize, Option<usize>),
    name: &dyn Fn(usize) -> String,
) -> Result<TrainingRun, Box<dyn Error>> {
    let (steps, minutes) = progress(folder)?;
    if number > 1 {
        settings["init"] = format!("{}/model.safetensors", name(number - 1)).into();
    }
    let whole = |key: &str| settings[key].as_u64().unwrap_or_default();
    let (seed, threads) = (whole("seed"), whole("threads"));
    let device = settings["device"].as_str().map_or_else(cpu, String::from);
    let command = command_line(&name(number), &settings);
    Ok(TrainingRun { scale, command, seed, threads, device, steps, minutes })
}

/// The run folder of weights to begin from: a file in it, or the folder itself.
fn folder_of(init: &Path) -> Option<PathBuf> {
    if init.is_dir() { Some(init.to_path_buf()) } else { init.parent().map(Path::to_path_buf) }
}

/// What a card calls the folder of a run, counted from 1 in each scale.
fn folder_name(scale: Option<usize>, number: usize, count: usize) -> String {
    let scale = scale.map_or(String::new(), |scale| format!("-scale-{scale}"));
    if count == 1 { format!("runs/NAME{scale}") } else { format!("runs/NAME{scale}-{number}") }
}

/// What a card calls the folders of the last run of every scale.
pub(super) fn last_folders(runs: &[TrainingRun]) -> String {
    let of_scales = runs.chunk_by(|run, next| run.scale == next.scale);
    let name = |runs: &[TrainingRun]| folder_name(runs.first().and_then(|run| run.scale), runs.len(), runs.len());
    of_scales.map(name).collect::<Vec<_>>().join(" ")
}

/// The command line that settings stand for, of the program that wrote them. What depends on the machine is left out.
fn command_line(out: &str, settings: &Value) -> String {
    let program = settings["program"].as_str().unwrap_or("pixelrnn train");
    let mut line = format!("{program} --out {out}");
    // What the weights to begin from decide.
    let decided: &[&str] = match (settings["init"].is_string(), settings["grow"].as_bool()) {
        (true, Some(true)) => &["architecture", "kernel", "skip"],
        (true, _) => &["architecture", "kernel", "skip", "hidden", "blocks", "head"],
        _ => &[],
    };
    write_options(&mut line, settings, decided);
    line
}

/// Writes all options but those that change nothing in what comes out, and those that others decide.
fn write_options(line: &mut String, settings: &Value, decided: &[&str]) {
    for (key, value) in settings.as_object().into_iter().flatten() {
        let option = key.replace('_', "-");
        match value {
            _ if matches!(
                key.as_str(),
                "program" | "out" | "threads" | "device" | "every" | "valid_limit" | "samples" | "channels"
            ) => {}
            _ if key == "minutes" && settings["steps"].is_u64() => {}
            _ if key == "upsampled" && settings["scale"].is_null() => {}
            _ if decided.contains(&key.as_str()) => {}
            Value::Null | Value::Bool(false) => {}
            Value::Bool(true) => drop(write!(line, " --{option}")),
            Value::String(text) => drop(write!(line, " --{option} {text}")),
            // Options that several commands share.
            Value::Object(_) => write_options(line, value, decided),
            other => drop(write!(line, " --{option} {other}")),
        }
    }
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
        let shape = |seed: u64, init: Value, grow: bool| serde_json::json!({"architecture": "pixelcnn", "hidden": 8, "seed": seed, "threads": 2, "device": if grow { "cuda" } else { "cpu" }, "init": init, "grow": grow});
        let python = write(
            "p",
            serde_json::json!({"program": "python -m pixelrnn.train", "init": write("q", serde_json::json!({}), "1,1"), "crop": "8x8"}),
            "9,1",
        );
        let command = "python -m pixelrnn.train --out runs/NAME-2 --crop 8x8 --init runs/NAME-1/model.safetensors";
        assert_eq!(runs(&python, None).unwrap()[1].command, command);
        let first = write("a", shape(1, Value::Null, false), "10,2.5");
        let weights = first.join("model.safetensors");
        let last = write("b", shape(2, weights.to_str().into(), true), "20,3.5");

        let alone = runs(&first, None).unwrap();
        assert_eq!(alone.len(), 1);
        assert_eq!(alone[0].command, "pixelrnn train --out runs/NAME --architecture pixelcnn --hidden 8 --seed 1");
        let both = runs(&last, None).unwrap();
        assert_eq!((both[0].steps, both[1].steps, both[1].minutes, both[1].threads), (10, 20, 3.5, 2));
        assert_eq!([&both[0].device, &both[1].device], ["cpu", "cuda"]);
        let begun = "pixelrnn train --out runs/NAME-2 --grow --hidden 8 --init runs/NAME-1/model.safetensors --seed 2";
        assert_eq!(both[1].command, begun);
        let scales = runs_of_scales(&[first.clone(), last.clone()]).unwrap();
        assert_eq!(scales.iter().map(|run| run.scale).collect::<Vec<_>>(), [Some(0), Some(1), Some(1)]);
        assert!(scales[2].command.contains("--init runs/NAME-scale-1-1/model.safetensors"), "{}", scales[2].command);
        assert_eq!(last_folders(&scales), "runs/NAME-scale-0 runs/NAME-scale-1-2");
        assert_eq!(last_folders(&both), "runs/NAME-2");

        std::fs::write(folder.path().join("m.card.json"), serde_json::json!({ "runs": alone }).to_string()).unwrap();
        let begun = write("c", shape(3, folder.path().join("m.safetensors").to_str().into(), false), "30,4.5");
        let both = runs(&begun, None).unwrap();
        assert!(both[0].command.starts_with("pixelrnn train --out runs/NAME-1 --architecture"));
        assert!(both[1].command.contains("--out runs/NAME-2 --init runs/NAME-1/model.safetensors"));

        std::fs::write(last.join("train.json"), shape(2, last.join("x").to_str().into(), false).to_string()).unwrap();
        assert!(runs(&last, None).unwrap_err().to_string().contains("from itself"));
        std::fs::remove_file(first.join("log.csv")).unwrap();
        assert!(runs(&first, None).unwrap_err().to_string().contains("log.csv"));
    }
}
