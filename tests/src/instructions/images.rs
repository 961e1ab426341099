//! The images in which it is counted: built, run in QEMU, and what they print.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::models::NamedModel;
use super::{Core, Count};
use crate::boards::Board;
use crate::cross::{self, CrossError, Firmware, build_directory, workspace};

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

/// Bytes of models in the first image: the smallest board has 512 KB for them and the code, which counts the kernels, too.
const FIRST_MODELS: u64 = 320 << 10;
/// Bytes that are kept for the code of the others, on any board.
const CODE: u64 = 192 << 10;

/// Splits models into lists that fit an image, on a board of so much flash.
fn split(models: &[NamedModel], flash: u64) -> Vec<Vec<&NamedModel>> {
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |data| data.len());
    let (mut images, mut used) = (vec![Vec::new()], 0);
    for model in models {
        let bytes = size(&model.1);
        let room = if images.len() == 1 { FIRST_MODELS } else { flash.saturating_sub(CODE) };
        if used > 0 && used + bytes > room {
            images.push(Vec::new());
            used = 0;
        }
        used += bytes;
        images.last_mut().expect("never empty").push(model);
    }
    images
}

/// Images that are built alike, and what is counted in them.
pub struct Images<'a> {
    /// The [`plugin`] that counts.
    pub plugin: &'a Path,
    /// Their name, which a number follows.
    pub name: &'static str,
    /// What they are built with.
    pub feature: Option<&'static str>,
    /// The models, in as many images as they fill.
    pub models: Vec<NamedModel>,
    /// Whether the first also checks the kernels against the plain ones, and counts them.
    pub kernels: bool,
}

impl Images<'_> {
    /// Builds them for a processor, and counts in them.
    ///
    /// # Errors
    /// Tools that are missing, builds that fail, kernels that differ.
    pub fn count(&self, core: &Core) -> Result<Vec<Count>, CrossError> {
        let board = Board::named(core.board).ok_or_else(|| CrossError::Missing(format!("no board {}", core.board)))?;
        let images = split(&self.models, board.flash.into());
        let counts =
            images.iter().enumerate().map(|(number, models)| self.run(core, &self.build(core, number, models)?));
        Ok(counts.collect::<Result<Vec<_>, _>>()?.concat())
    }

    fn build(&self, core: &Core, number: usize, models: &[&NamedModel]) -> Result<PathBuf, CrossError> {
        std::fs::create_dir_all(build_directory())?;
        let list: Vec<_> = models.iter().map(|(name, path)| format!("{name}={}", path.display())).collect();
        let mut firmware = Firmware::new("tests/instructions", core.target)
            .variable("PIXELRNN_BOARD", core.board)
            .variable("PIXELRNN_MODELS", list.join(","))
            .variable("PIXELRNN_KERNELS", if self.kernels && number == 0 { "1" } else { "0" });
        if let Some(feature) = self.feature {
            firmware = firmware.features(feature);
        }
        if let Some(cpu) = core.cpu {
            firmware = firmware.flag(&format!("-Ctarget-cpu={cpu}"));
        }
        firmware.build("pixelrnn-instructions", &format!("instructions-{}-{}-{number}", core.name, self.name))
    }

    fn run(&self, core: &Core, image: &Path) -> Result<Vec<Count>, CrossError> {
        let plugin = self.plugin.to_string_lossy();
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
}
