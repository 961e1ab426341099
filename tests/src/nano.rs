//! Runs `examples/nano` in QEMU with no more memory than the smallest chip has, and looks how much of it was used.

use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use pixelrnn::blob::Architecture;
use pixelrnn_convert::blob_file::Blob;

use crate::cross::{CrossError, Firmware, build_directory, workspace};
use crate::image_size::ImageSize;
use crate::models::write_whole;
use crate::random::{self, Recipe};

/// Bytes of flash.
pub const FLASH: usize = 16 << 10;
/// Bytes of RAM.
pub const RAM: usize = 4 << 10;

/// What lies in RAM before the program starts, word by word.
const PAINT: u32 = 0x5eed_beef;

/// Columns and rows of an image.
pub const SIDE: u32 = 28;

/// Builds the program for a board, of a model.
///
/// # Errors
/// A toolchain that is missing, a model that does not fit, a build that fails.
pub fn program(board: &str, architecture: Architecture, model: &Path) -> Result<PathBuf, CrossError> {
    let architecture = architecture.name();
    let firmware = Firmware::new("examples/nano", "thumbv6m-none-eabi").no_default_features();
    let firmware = firmware.features(&format!("{board},{architecture}")).variable("PIXELRNN_MODEL", model);
    firmware.build("pixelrnn-nano", &format!("nano-{board}-{architecture}"))
}

/// A random model that fits, as a file.
///
/// # Errors
/// A file that cannot be written.
pub fn random_model(architecture: Architecture) -> std::io::Result<(PathBuf, Blob)> {
    let directory = build_directory().join("models");
    fs::create_dir_all(&directory)?;
    let path = directory.join(format!("nano-{}.prnn", architecture.name()));
    let blob = random::model(&Recipe { blocks: 1, ..Recipe::small(architecture) }, 1);
    write_whole(&path, blob.bytes())?;
    Ok((path, blob))
}

/// Bytes of RAM that the linker keeps for the stack: those that the program's build script says.
///
/// # Errors
/// A script that cannot be read, or does not say.
pub fn stack_kept() -> Result<usize, Box<dyn Error>> {
    let script = fs::read_to_string(workspace().join("examples/nano/build.rs"))?;
    let (_, after) = script.split_once("const STACK: usize = ").ok_or("the build script keeps no stack")?;
    let (number, _) = after.split_once(';').ok_or("a constant without an end")?;
    Ok(number.replace('_', "").parse()?)
}

/// A row of the table: what the program takes with an architecture, and what that leaves.
///
/// # Errors
/// As [`program`] and [`run`].
pub fn row(architecture: Architecture) -> Result<String, Box<dyn Error>> {
    let (path, blob) = random_model(architecture)?;
    let image = program("microbit", architecture, &path)?;
    let ran = run(&image, 2 * (SIDE as usize + 1), Duration::from_secs(120))?;
    let code = ImageSize::read(&image)?.flash as usize - blob.bytes().len();
    let stack = RAM - ran.unused - blob.load()?.state_bytes(SIDE);
    let (model, state) = (FLASH - code, RAM - stack_kept()?);
    Ok(format!("| {} | {code} | {model} | {stack} | {state} |\n", architecture.name()))
}

/// What a program printed, and what it left in RAM.
#[derive(Debug, Clone)]
pub struct Ran {
    /// The text on the serial line, so far.
    pub serial: String,
    /// Bytes at RAM's lower end that were never written.
    pub unused: usize,
}

/// Runs an image until it has printed so many lines. It has [`FLASH`] and [`RAM`]; beyond there is nothing, and whoever writes there faults.
///
/// # Errors
/// No QEMU, or too few lines until `limit`.
pub fn run(image: &Path, lines: usize, limit: Duration) -> Result<Ran, CrossError> {
    let directory = tempfile::tempdir()?;
    let at = |name: &str| directory.path().join(name);
    fs::write(at("paint"), PAINT.to_le_bytes().repeat(RAM / 4))?;
    let mut machine = start(image, directory.path())?;
    let end = Instant::now() + limit;
    let serial = loop {
        std::thread::sleep(Duration::from_millis(20));
        let serial = fs::read_to_string(at("serial")).unwrap_or_default();
        if serial.lines().count() > lines {
            break serial;
        }
        if Instant::now() > end || machine.try_wait()?.is_some() {
            let _ = machine.kill();
            machine.wait()?;
            return Err(CrossError::TimeLimit(limit, serial));
        }
    };
    // By the processor's addresses: the chip's memory is not the system's.
    let save = format!("memsave 0x20000000 {RAM} \"{}\"\nquit\n", at("ram").display());
    machine.stdin.take().into_iter().try_for_each(|mut monitor| monitor.write_all(save.as_bytes()))?;
    machine.wait()?;
    Ok(Ran { serial, unused: unused(&fs::read(at("ram"))?) })
}

fn start(image: &Path, directory: &Path) -> Result<Child, CrossError> {
    let at = |name: &str| directory.join(name).display().to_string();
    let memory = |what: &str, bytes: usize| format!("nrf51-soc.{what}-size={bytes}");
    let mut command = Command::new("qemu-system-arm");
    command.args(["-M", "microbit", "-display", "none", "-monitor", "stdio"]);
    command.args(["-global", &memory("flash", FLASH), "-global", &memory("sram", RAM)]);
    command.args(["-serial", &format!("file:{}", at("serial"))]);
    command.args(["-device", &format!("loader,file={},addr=0x20000000,force-raw=on", at("paint"))]);
    command.arg("-kernel").arg(image);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map_err(|error| {
        CrossError::Missing(format!(
            "qemu-system-arm: {error}: apt-get install --no-install-recommends qemu-system-arm"
        ))
    })
}

/// Bytes of paint that are left at the lower end.
fn unused(ram: &[u8]) -> usize {
    4 * ram.as_chunks::<4>().0.iter().take_while(|word| **word == PAINT.to_le_bytes()).count()
}
