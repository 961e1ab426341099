//! Counting instructions and data accesses of the kernels, of embedded-nn and of whole models in QEMU.
//!
//! `tests/instructions` is the image that runs; its plugin counts. Counts are exact and repeatable; they are not cycles.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use pixelrnn::blob::{self, Architecture};
use serde::{Deserialize, Serialize};

use crate::cross::{self, CrossError, Firmware, build_directory, workspace};
use crate::models::{self, TestModel};
use crate::random::{self, Recipe};

/// A processor that is counted on.
#[derive(Debug, Clone, Copy)]
pub struct Core {
    /// Its name in the tables.
    pub name: &'static str,
    /// The board in QEMU whose memory map serves.
    board: &'static str,
    target: &'static str,
    /// The compiler's name of the processor, where it must know.
    cpu: Option<&'static str>,
}

const fn core(name: &'static str, board: &'static str, target: &'static str, cpu: Option<&'static str>) -> Core {
    Core { name, board, target, cpu }
}

/// All of them. Code for Cortex-M0 is counted on a Cortex-M3, which executes it instruction by instruction as it is,
/// because QEMU's only board with a Cortex-M0 has 16 KB of RAM.
pub const CORES: [Core; 7] = [
    core("M0", "mps2-an385", "thumbv6m-none-eabi", None),
    core("M3", "mps2-an385", "thumbv7m-none-eabi", None),
    core("M4", "mps2-an386", "thumbv7em-none-eabihf", None),
    core("M7", "mps2-an500", "thumbv7em-none-eabihf", None),
    core("M33", "mps2-an505", "thumbv8m.main-none-eabihf", Some("cortex-m33")),
    core("M55", "mps3-an547", "thumbv8m.main-none-eabihf", Some("cortex-m55")),
    core("RV32IMC", "riscv32-virt", "riscv32imc-unknown-none-elf", None),
];

/// What one region executed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// What was done.
    pub case: String,
    /// On which processor.
    pub core: String,
    /// Multiply-adds of the work, or levels of a distribution.
    pub multiply_adds: u64,
    /// Instructions executed.
    pub instructions: u64,
    /// Loads and stores; one for each register of a multiple load.
    pub accesses: u64,
}

/// How cases begin that run the crate embedded-nn.
pub const OTHER: &str = "embedded-nn: ";

/// A model to count, and the name of its cases.
type NamedModel = (String, PathBuf);

/// Bytes of models that one image holds: the smallest board has 512 KB for them and the code.
const MODELS_PER_IMAGE: u64 = 320 << 10;

/// Random models of the published shapes, and every shipped model, of several scales each.
///
/// # Errors
/// Files that cannot be written or listed.
pub fn models() -> std::io::Result<Vec<NamedModel>> {
    let directory = build_directory().join("models");
    std::fs::create_dir_all(&directory)?;
    let recipe = |architecture, hidden, blocks, maps| Recipe { hidden, blocks, maps, ..Recipe::small(architecture) };
    let mut models = Vec::new();
    for (name, recipe) in [
        ("random PixelCNN h=32, 10 blocks", recipe(Architecture::PixelCnn, 32, 10, 64)),
        ("random Row LSTM h=16, 7 blocks", recipe(Architecture::RowLstm, 16, 7, 32)),
        ("random Diagonal BiLSTM h=16, 7 blocks", recipe(Architecture::DiagonalBilstm, 16, 7, 32)),
    ] {
        let path = directory.join(format!("{}.prnn", recipe.architecture.name()));
        models::write_whole(&path, random::model(&recipe, 1).bytes())?;
        models.push((name.replace(", ", " "), path));
    }
    for model in models::shipped()?.into_iter().filter(|model| !model.is_of_nibbles()) {
        models.extend(networks(model, "")?);
    }
    Ok(models)
}

/// The shipped models of weights of 4 bits: an image that reads such pays for the choice where weights have 8, and is of its own.
fn models_of_nibbles() -> std::io::Result<Vec<NamedModel>> {
    let shipped = models::shipped()?.into_iter().filter(TestModel::is_of_nibbles);
    Ok(shipped.map(|model| (model.name, model.path)).collect())
}

/// What marks the networks of a model of several scales, before the scale's number.
pub const SCALE: &str = " scale ";

/// A model's networks: of several scales a file each. `suffix` ends their names.
fn networks(model: TestModel, suffix: &str) -> std::io::Result<Vec<NamedModel>> {
    let scales = blob::Scales::open(model.blob.bytes()).map_err(std::io::Error::other)?;
    if scales.count() == 1 {
        return Ok(vec![(model.name + suffix, model.path)]);
    }
    let network = |scale: usize| {
        let path = build_directory().join(format!("models/{}{}.{scale}.prnn", model.name, suffix.replace(' ', "-")));
        models::write_whole(&path, scales.blob(scale).map_err(std::io::Error::other)?)?;
        Ok((format!("{}{SCALE}{scale}{suffix}", model.name), path))
    };
    (0..scales.count()).map(network).collect()
}

/// The processor that has a packing of its own, and how the names of models in it end.
pub const MVE_CORE: &str = "M55";
/// See [`MVE_CORE`].
pub const PACKED_FOR_MVE: &str = " packed for MVE";

/// The shipped models, packed for MVE.
fn models_packed_for_mve() -> std::io::Result<Vec<NamedModel>> {
    let packed = |model: TestModel| networks(model.packed_for_mve()?, PACKED_FOR_MVE);
    let shipped = models::shipped()?.into_iter().filter(|model| !model.is_of_nibbles());
    let all: Vec<_> = shipped.map(packed).collect::<std::io::Result<_>>()?;
    Ok(all.into_iter().flatten().collect())
}

/// Compiles the plugin that counts.
///
/// # Errors
/// No C compiler, or one that fails.
pub fn plugin() -> Result<PathBuf, CrossError> {
    if !cross::has("cc") {
        return Err(CrossError::Missing(
            "no C compiler (cc) for the QEMU plugin: apt-get install gcc libc6-dev".into(),
        ));
    }
    std::fs::create_dir_all(build_directory())?;
    let library = build_directory().join("libicnt.so");
    let output = Command::new("cc")
        .args(["-O2", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-o"])
        .arg(&library)
        .arg(workspace().join("tests/instructions/icnt.c"))
        .output()?;
    match output.status.success() {
        true => Ok(library),
        false => Err(CrossError::Failed("cc".into(), String::from_utf8_lossy(&output.stderr).into_owned())),
    }
}

/// Instructions and accesses of each region, as the plugin printed them: `ICNT region instructions accesses`.
pub fn regions(printed: &str) -> Vec<(u64, u64)> {
    let region = |line: &str| {
        let mut words = line.strip_prefix("ICNT ")?.split_whitespace().skip(1).map(|word| word.parse().ok());
        Some((words.next()??, words.next()??))
    };
    printed.lines().filter_map(region).collect()
}

/// Splits models into lists that fit an image.
fn images(models: &[NamedModel]) -> Vec<Vec<&NamedModel>> {
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |data| data.len());
    let (mut images, mut used) = (vec![Vec::new()], 0);
    for model in models {
        let bytes = size(&model.1);
        if used > 0 && used + bytes > MODELS_PER_IMAGE {
            images.push(Vec::new());
            used = 0;
        }
        used += bytes;
        images.last_mut().expect("never empty").push(model);
    }
    images
}

/// Builds images for a processor, and counts models in them; the first image also checks the kernels against the plain ones there
/// and counts them, if asked.
///
/// # Errors
/// Tools that are missing, builds that fail, kernels that differ.
fn count(core: &Core, name: &str, models: &[NamedModel], kernels: bool) -> Result<Vec<Count>, CrossError> {
    let mut counts = Vec::new();
    for (number, models) in images(models).iter().enumerate() {
        counts.extend(count_image(core, &format!("{name}-{number}"), models, kernels && number == 0)?);
    }
    Ok(counts)
}

/// How the image of weights of 4 bits is called.
const NIBBLES: &str = "nibbles";

fn count_image(core: &Core, name: &str, models: &[&NamedModel], kernels: bool) -> Result<Vec<Count>, CrossError> {
    std::fs::create_dir_all(build_directory())?;
    let list: Vec<_> = models.iter().map(|(name, path)| format!("{name}={}", path.display())).collect();
    let mut firmware = Firmware::new("tests/instructions", core.target)
        .variable("PIXELRNN_BOARD", core.board)
        .variable("PIXELRNN_MODELS", list.join(","))
        .variable("PIXELRNN_KERNELS", if kernels { "1" } else { "0" });
    if name.starts_with(NIBBLES) {
        firmware = firmware.features(NIBBLES);
    }
    if let Some(cpu) = core.cpu {
        firmware = firmware.flag(&format!("-Ctarget-cpu={cpu}"));
    }
    let image = firmware.build("pixelrnn-instructions", &format!("instructions-{}-{name}", core.name))?;
    run(core, &image, &plugin()?)
}

fn run(core: &Core, image: &Path, plugin: &Path) -> Result<Vec<Count>, CrossError> {
    let plugin = plugin.to_string_lossy();
    let (program, mut machine) = match core.board {
        "riscv32-virt" => ("qemu-system-riscv32", vec!["-M", "virt", "-bios", "none"]),
        board => ("qemu-system-arm", vec!["-M", board]),
    };
    machine.extend(["-plugin", &plugin]);
    let output = cross::run(program, &machine, image, Duration::from_secs(600))?;
    // Single characters of semihosting go to QEMU's error output, where the plugin prints too.
    let printed = String::from_utf8_lossy(&output.semihosting).into_owned() + &output.messages;
    let failed = || CrossError::Failed(format!("the image for {}", core.name), printed.clone());
    if output.code != Some(0) || printed.contains("DIFFERENT") {
        return Err(failed());
    }
    let names = printed.lines().filter_map(|line| line.strip_prefix("REGION ")?.rsplit_once('|'));
    let counts: Vec<_> = names
        .zip(regions(&printed))
        .filter_map(|((case, work), (instructions, accesses))| {
            let (case, core) = (case.into(), core.name.into());
            Some(Count { case, core, multiply_adds: work.parse().ok()?, instructions, accesses })
        })
        .collect();
    match counts.is_empty() || counts.len() != printed.matches("REGION ").count() {
        true => Err(failed()),
        false => Ok(counts),
    }
}

/// Everything, on every processor, or on those named; `progress` is told the one at work.
///
/// # Errors
/// Tools that are missing, builds that fail, kernels that differ.
pub fn count_all(named: &[String], progress: &mut dyn FnMut(&str)) -> Result<Vec<Count>, CrossError> {
    let models = models()?;
    let (packed, of_nibbles) = (models_packed_for_mve()?, models_of_nibbles()?);
    let mut counts = Vec::new();
    let is_named = |core: &&Core| named.is_empty() || named.iter().any(|name| name == core.name);
    for core in CORES.iter().filter(is_named) {
        progress(core.name);
        counts.extend(count(core, "all", &models, true)?);
        counts.extend(count(core, NIBBLES, &of_nibbles, true)?);
        if core.name == MVE_CORE {
            counts.extend(count(core, "mve", &packed, false)?);
        }
    }
    Ok(counts)
}

/// The committed counts.
pub fn committed_path() -> PathBuf {
    workspace().join("tests/instructions.json")
}

/// The committed counts.
///
/// # Errors
/// A file that is not there, or does not hold them.
pub fn committed() -> Result<Vec<Count>, String> {
    let path = committed_path();
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

/// Counts as JSON, one a line.
pub fn to_json(counts: &[Count]) -> String {
    let lines: Vec<_> = counts.iter().filter_map(|count| serde_json::to_string(count).ok()).collect();
    format!("[\n  {}\n]\n", lines.join(",\n  "))
}

/// What rose by more than 2 % a multiply-add against the committed counts, one line each. Cases in only one of the two are no rise:
/// a model may be new, or another one by its old name. Neither is embedded-nn's code ours.
pub fn rises(committed: &[Count], counts: &[Count]) -> Vec<String> {
    let key = |count: &Count| (count.case.clone(), count.core.clone());
    let before: BTreeMap<_, _> = committed.iter().map(|count| (key(count), count)).collect();
    let mut lines = Vec::new();
    for new in counts.iter().filter(|count| !count.case.starts_with(OTHER)) {
        let Some(old) = before.get(&key(new)) else { continue };
        let pairs = [("instructions", old.instructions, new.instructions), ("accesses", old.accesses, new.accesses)];
        for (what, before, now) in pairs {
            if u128::from(now) * u128::from(old.multiply_adds) * 100
                > u128::from(before) * u128::from(new.multiply_adds) * 102
            {
                lines.push(format!("{} on {}: {now} {what}, {before} before", new.case, new.core));
            }
        }
    }
    lines
}
