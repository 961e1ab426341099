//! `examples/guide.md`, command by command, in a temporary folder.
//!
//! The rule: every line of a block `sh` is run here, in a shell of its own, one after the other; lines that end in a backslash are
//! one with the next. Blocks `sh train` are run by `convert/tests/guide.rs`, which needs libtorch (`tests/train.sh`). Blocks of another
//! name are not run: `console` needs hardware or the network, `text` is what a command printed once.
//!
//! Every command has a line in [`LEAVES`]: what it leaves behind and says. Needs QEMU and a compiler for the micro:bit.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use pixelrnn_convert::data::ImageOptions;
use pixelrnn_tests::cross::{self, Workbench, clean, workspace};

#[path = "../../convert/tests/common/guide.rs"]
mod guide;

/// How a command begins (variables before it left out), the files that it makes, and something that it prints, in order.
const LEAVES: [(&str, &[&str], &str); 20] = [
    ("mkdir run", &[], ""),
    ("cp", &["run/config.json"], ""),
    ("cp", &["run/model.safetensors"], ""),
    ("pixelrnn export", &["own.prnn", "own.safetensors", "own.json"], "own.prnn"),
    ("pixelrnn inspect", &[], "bytes of flash"),
    ("pixelrnn eval", &[], "integers lose"),
    ("pixelrnn compress", &["others.prnz"], "as PNG files"),
    ("pixelrnn decompress", &["back/00000.png", "back/00001.png"], ""),
    ("pixelrnn compress", &["again.prnz"], ""),
    ("cmp", &[], ""),
    ("pixelrnn score", &["bits.png"], ""),
    ("pixelrnn decompress", &["frames/00000.png", "frames/00001.png"], ""),
    ("cargo build", &["firmware/thumbv6m-none-eabi/release/camera"], ""),
    ("qemu-system-arm", &["packets.txt"], ""),
    ("pixelrnn receive", &["received/000.png", "received/001.png"], "frame 0: 16 of 16 tiles\nframe 1: 16 of 16 tiles"),
    ("cmp", &[], ""),
    ("cmp", &[], ""),
    ("sed", &["lossy.txt"], ""),
    ("pixelrnn receive", &["lossy/000.png", "lossy/001.png"], "frame 0: 15 of 16 tiles"),
    ("cargo build", &["firmware/thumbv6m-none-eabi/release/camera"], ""),
];

/// Where the firmware is compiled: what other tests compiled there, too.
const FIRMWARE: &str = "firmware";
/// The firmware's target.
const TARGET: &str = "thumbv6m-none-eabi";
/// Seconds after which a command is ended.
const LIMIT: &str = "1200";

/// The program `pixelrnn`, built as this test was.
fn program() -> PathBuf {
    let built = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().to_path_buf();
    let mut command = clean("cargo");
    command.args(["build", "--quiet", "-p", "pixelrnn-convert", "--target-dir"]).arg(built.parent().unwrap());
    if built.ends_with("release") {
        command.arg("--release");
    }
    let output = command.current_dir(workspace()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    built.join("pixelrnn")
}

/// A shell for the guide's reader: the program on its path, and a cargo that builds for the board.
struct Shell {
    folder: PathBuf,
    path: String,
    by_debian: bool,
}

impl Shell {
    fn new(folder: &Path) -> Self {
        let programs = folder.join("programs");
        std::fs::create_dir(&programs).unwrap();
        std::fs::copy(program(), programs.join("pixelrnn")).unwrap();
        let by_debian = cross::by_debian(TARGET).unwrap_or_else(|error| panic!("{error}"));
        if by_debian {
            std::os::unix::fs::symlink(cross::DEBIAN_CARGO, programs.join("cargo")).unwrap();
        }
        let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
        Self { folder: folder.into(), path, by_debian }
    }

    fn run(&self, line: &str) -> Output {
        let mut command: Command = clean("timeout");
        command.args([LIMIT, "bash", "-euo", "pipefail", "-c", line]).current_dir(&self.folder).env("PATH", &self.path);
        if self.by_debian {
            command.envs(cross::debian(TARGET));
        }
        command.stdin(std::process::Stdio::null()).output().unwrap()
    }
}

/// A command without the variables before it.
fn without_variables(line: &str) -> &str {
    let mut rest = line.trim_start();
    while let Some((word, after)) = rest.split_once(' ')
        && word.starts_with("PIXELRNN_")
    {
        rest = after.trim_start();
    }
    rest
}

#[test]
fn every_command_does_what_the_guide_says() {
    let folder = guide::folder();
    let at = |name: &str| folder.path().join(name);
    let workbench = Workbench::take().unwrap();
    std::os::unix::fs::symlink(&workbench.folder, at(FIRMWARE)).unwrap();
    let shell = Shell::new(folder.path());
    let commands = guide::commands("sh");
    assert_eq!(commands.len(), LEAVES.len(), "each command has a line in LEAVES: {commands:#?}");
    for (line, (begins, files, says)) in commands.iter().zip(LEAVES) {
        assert!(without_variables(line).starts_with(begins), "{line}: not {begins}");
        // Of an earlier run of this test, or of the other build.
        files.iter().filter(|file| file.starts_with(FIRMWARE)).for_each(|file| _ = std::fs::remove_file(at(file)));
        assert!(files.iter().all(|file| !at(file).exists()), "{line}: {files:?} was there before");
        let output = shell.run(line);
        let (printed, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{line}\n{printed}{errors}");
        assert!((printed.to_string() + &errors).contains(says), "{line}: no {says:?} in:\n{printed}{errors}");
        for file in files {
            assert!(at(file).metadata().is_ok_and(|data| data.len() > 0), "{line}: no {file}");
        }
    }
    // What a shell cannot compare: the frames that were received with the photographs.
    let read = |name: &str| ImageOptions::default().read_all(&[at(name)]).unwrap();
    let (others, back, received, lossy) = (read("others"), read("back"), read("received"), read("lossy"));
    assert_eq!((others.len(), back.len(), received.len(), lossy.len()), (2, 2, 2, 2));
    for (photograph, (back, received)) in others.iter().zip(back.iter().zip(&received)) {
        assert!(photograph.values == back.values && photograph.values == received.values, "{}", photograph.name);
    }
    assert!(lossy[0].values != received[0].values && lossy[1].values == received[1].values);
}

#[test]
fn the_guides_links_lead_somewhere() {
    let text = guide::text();
    let links = text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link);
    let files: Vec<&str> = links.filter(|link| !link.starts_with("https:")).collect();
    assert!(!files.is_empty());
    for link in files {
        let file = link.split('#').next().unwrap();
        assert!(workspace().join("examples").join(file).exists(), "{link}");
    }
}
