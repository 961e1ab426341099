//! The commands of `examples/guide.md` that train, with a few steps in place of the minutes, and the export of what they leave behind.
//! `tests/tests/guide.rs` runs the others.

use std::path::Path;
use std::process::Command;

use pixelrnn_convert::blob_file::Blob;

#[path = "common/guide.rs"]
mod guide;

/// Runs a command with the program that is tested.
fn run(folder: &Path, command: &str) {
    let programs = Path::new(env!("CARGO_BIN_EXE_pixelrnn")).parent().unwrap().display();
    let path = format!("{programs}:{}", std::env::var("PATH").unwrap());
    let output = Command::new("bash").args(["-euc", command]).current_dir(folder).env("PATH", path).output().unwrap();
    assert!(output.status.success(), "{command}\n{}", String::from_utf8_lossy(&output.stderr));
}

/// `--minutes N` as a few steps.
fn few_steps(command: &str) -> String {
    let (before, after) = command.split_once("--minutes ").expect("a training has its minutes");
    let digits = after.trim_start_matches(|digit: char| digit.is_ascii_digit());
    format!("{before}--steps 20{digits}")
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn the_guides_training_leads_to_a_model() {
    let folder = guide::folder();
    let at = |name: &str| folder.path().join(name);
    for command in guide::commands("sh train") {
        run(folder.path(), &few_steps(&command));
    }
    for name in ["run/config.json", "run/model.safetensors", "run/log.csv", "run/curve.png"] {
        assert!(at(name).metadata().unwrap().len() > 0, "{name}");
    }
    assert!(at("run/samples").read_dir().unwrap().next().is_some());
    // The network that the guide names, and whose weights may stand in.
    let shipped = guide::repository().join("examples/models/photos-grey-fast.json");
    assert_eq!(json(&at("run/config.json")), json(&shipped));

    let commands = guide::commands("sh");
    let export = commands.iter().find(|command| command.starts_with("pixelrnn export ")).unwrap();
    run(folder.path(), export);
    let blob = Blob::read(&at("own.prnn")).unwrap();
    assert_eq!(blob.load().unwrap().levels(), 256);
}
