//! Building for microcontrollers and running in QEMU.
//!
//! A target that rustup has installed is built with the toolchain at hand. Without it, Debian's own compiler
//! (`/usr/bin/rustc`, packages `rustc-web cargo-web rust-web-src lld`) builds `core` too.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Why there is no image, or no output.
#[derive(Debug, thiserror::Error)]
pub enum CrossError {
    /// Something to install.
    #[error("{0}")]
    Missing(String),
    /// The linker found the image too large for the board's memory.
    #[error("{0}")]
    DoesNotFit(String),
    /// A command failed: its name, and what it printed.
    #[error("{0} failed:\n{1}")]
    Failed(String, String),
    /// The machine was still running at the time limit; what it had printed.
    #[error("still running after {0:?}; it had printed:\n{1}")]
    TimeLimit(Duration, String),
    /// A file or a process.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// The workspace's directory.
pub fn workspace() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests).to_path_buf()
}

/// Where images are kept, and built.
pub fn build_directory() -> PathBuf {
    workspace().join("target/cross")
}

/// More are not compiled in at a time.
const MOST_WORKBENCHES: usize = 4;

/// A folder to compile in, of as many as there are processors: each has its own copy of what crates share. Held until dropped, since
/// cargo itself lets go before what it built is copied.
pub struct Workbench {
    /// Where cargo puts what it builds.
    pub folder: PathBuf,
    lock: File,
}

impl Workbench {
    /// The first that is free, once one is.
    ///
    /// # Errors
    /// A folder that cannot be made or locked.
    pub fn take() -> std::io::Result<Self> {
        let count = std::thread::available_parallelism()?.get().min(MOST_WORKBENCHES);
        let mut all = (0..count).map(Self::open).collect::<std::io::Result<Vec<_>>>()?;
        loop {
            for number in 0..count {
                match all[number].lock.try_lock() {
                    Ok(()) => return Ok(all.swap_remove(number)),
                    Err(TryLockError::WouldBlock) => {}
                    Err(TryLockError::Error(error)) => return Err(error),
                }
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// One that may be another's.
    fn open(number: usize) -> std::io::Result<Self> {
        let folder = build_directory().join(format!("workbench-{number}"));
        fs::create_dir_all(&folder)?;
        let lock = File::create(folder.join("lock"))?;
        Ok(Self { folder, lock })
    }

    /// Where what was built for a target lies.
    fn built(&self, target: &str) -> PathBuf {
        self.folder.join(target).join("release")
    }
}

const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
/// Debian's cargo.
pub const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_CLIPPY: &str = "/usr/bin/cargo-clippy";

fn sysroot(rustc: &str) -> Option<PathBuf> {
    let output = clean(rustc).args(["--print", "sysroot"]).output().ok()?;
    output.status.success().then(|| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()))
}

/// A command without what the cargo that runs the tests left in the environment.
pub fn clean(program: &str) -> Command {
    let mut command = Command::new(program);
    let keep = ["CARGO_HOME", "CARGO_INCREMENTAL", "CARGO_NET_OFFLINE", "CARGO_TERM_COLOR"];
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let left_behind = text.starts_with("CARGO") && !keep.contains(&&*text) && !text.starts_with("CARGO_REGISTR");
        if left_behind || text.starts_with("PIXELRNN_") || text.starts_with("RUSTC") {
            command.env_remove(&name);
        }
    }
    for name in ["RUSTUP_TOOLCHAIN", "RUSTFLAGS", "RUSTDOCFLAGS", "LD_LIBRARY_PATH"] {
        command.env_remove(name);
    }
    command
}

/// Whether it is Debian's compiler that builds for a target, for want of rustup's.
///
/// # Errors
/// Neither is there.
pub fn by_debian(target: &str) -> Result<bool, CrossError> {
    if sysroot("rustc").is_some_and(|root| root.join("lib/rustlib").join(target).join("lib").exists()) {
        return Ok(false);
    }
    let with_source = || sysroot(DEBIAN_RUSTC).is_some_and(|root| root.join("lib/rustlib/src/rust/library").exists());
    if with_source() && Path::new(DEBIAN_CARGO).exists() && has("ld.lld") {
        return Ok(true);
    }
    Err(CrossError::Missing(format!(
        "no toolchain for {target}: run `rustup target add {target}`, or on Debian \
         `apt-get install --no-install-recommends rustc-web cargo-web rust-web-src rust-web-clippy lld`"
    )))
}

/// What Debian's cargo needs in its environment to build for a target, and `core` with it.
pub fn debian(target: &str) -> [(String, &'static str); 5] {
    let upper = target.to_uppercase().replace(['-', '.'], "_");
    let linker = if target.starts_with("wasm") { "wasm-ld" } else { "ld.lld" };
    [
        ("RUSTC_BOOTSTRAP".into(), "1"),
        ("RUSTC".into(), DEBIAN_RUSTC),
        ("CARGO".into(), DEBIAN_CARGO),
        ("CARGO_UNSTABLE_BUILD_STD".into(), "core"),
        (format!("CARGO_TARGET_{upper}_LINKER"), linker),
    ]
}

/// A crate to be built for a target.
#[derive(Debug, Clone)]
pub struct Firmware {
    directory: PathBuf,
    target: String,
    arguments: Vec<String>,
    environment: Vec<(String, OsString)>,
    flags: Vec<String>,
}

impl Firmware {
    /// The crate in a directory (relative to the workspace's), for a target such as `thumbv6m-none-eabi`.
    pub fn new(directory: &str, target: &str) -> Self {
        Self {
            directory: workspace().join(directory),
            target: target.into(),
            arguments: Vec::new(),
            environment: Vec::new(),
            flags: Vec::new(),
        }
    }

    /// An argument for cargo.
    #[must_use]
    pub fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Features, separated by commas.
    #[must_use]
    pub fn features(self, features: &str) -> Self {
        self.argument("--features").argument(features)
    }

    /// No other features than those told.
    #[must_use]
    pub fn no_default_features(self) -> Self {
        self.argument("--no-default-features")
    }

    /// A variable that the crate's build script reads.
    #[must_use]
    pub fn variable(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// A flag for rustc, such as `-Ctarget-cpu=cortex-m55`.
    #[must_use]
    pub fn flag(mut self, flag: &str) -> Self {
        self.flags.push(flag.into());
        self
    }

    /// Cargo with a subcommand, by whichever toolchain has the target.
    fn cargo(&self, subcommand: &str, workbench: &Workbench) -> Result<Command, CrossError> {
        let target = &self.target;
        let upper = target.to_uppercase().replace(['-', '.'], "_");
        let mut command = if by_debian(target)? {
            let program = if subcommand == "clippy" { DEBIAN_CLIPPY } else { DEBIAN_CARGO };
            if !Path::new(program).exists() {
                return Err(CrossError::Missing("clippy for Debian's rustc: apt-get install rust-web-clippy".into()));
            }
            let mut command = clean(program);
            command.arg(subcommand).envs(debian(target));
            command
        } else {
            let mut command = clean("cargo");
            command.arg(subcommand);
            command
        };
        command.current_dir(&self.directory).args(["--target", target]).args(&self.arguments);
        command.env("CARGO_TARGET_DIR", &workbench.folder);
        command.env(format!("CARGO_TARGET_{upper}_RUSTFLAGS"), self.flags.join(" "));
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        Ok(command)
    }

    /// Runs it in a workbench, which what was built lies in.
    fn run(&self, subcommand: &str, arguments: &[&str]) -> Result<Workbench, CrossError> {
        let workbench = Workbench::take()?;
        let output = self.cargo(subcommand, &workbench)?.args(arguments).stdin(Stdio::null()).output()?;
        if output.status.success() {
            return Ok(workbench);
        }
        let printed = String::from_utf8_lossy(&output.stderr).into_owned();
        match too_large(&printed) {
            Some(reason) => Err(CrossError::DoesNotFit(reason)),
            None => Err(CrossError::Failed(format!("cargo {subcommand} for {}", self.target), printed)),
        }
    }

    /// Builds the release image of the crate's binary, and keeps it as `name`.elf.
    ///
    /// # Errors
    /// A toolchain that is missing, an image that does not fit, a build that fails.
    pub fn build(&self, binary: &str, name: &str) -> Result<PathBuf, CrossError> {
        let images = build_directory().join("images");
        fs::create_dir_all(&images)?;
        let workbench = self.run("build", &["--release", "--bin", binary])?;
        let image = images.join(format!("{name}.elf"));
        let built = workbench.built(&self.target).join(binary);
        let built = if self.target.starts_with("wasm") { built.with_extension("wasm") } else { built };
        fs::copy(built, &image)?;
        Ok(image)
    }

    /// Builds a library, or whatever the arguments say; returns the folder it lies in until another is built of the same name.
    ///
    /// # Errors
    /// A toolchain that is missing, a build that fails.
    pub fn compile(&self) -> Result<PathBuf, CrossError> {
        Ok(self.run("build", &["--release"])?.built(&self.target))
    }

    /// Checks the crate without making code.
    ///
    /// # Errors
    /// A toolchain that is missing, a crate that does not compile.
    pub fn check(&self) -> Result<(), CrossError> {
        self.run("check", &["--release"]).map(drop)
    }

    /// Runs clippy, with warnings as errors.
    ///
    /// # Errors
    /// A toolchain that is missing, or a warning.
    pub fn clippy(&self) -> Result<(), CrossError> {
        self.run("clippy", &["--release", "--", "-Dwarnings"]).map(drop)
    }
}

/// What a linker says when a memory is full: lld's, and the linker scripts' own check of the stack's room.
fn too_large(printed: &str) -> Option<String> {
    let line =
        printed.lines().find(|line| line.contains("will not fit in region") || line.contains("left for the stack"))?;
    Some(line.trim().trim_start_matches("= note: ").trim_start_matches("ld.lld: error: ").into())
}

/// Whether a program is to be found.
pub fn has(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|directory| directory.join(program).is_file())
}

/// What an image printed.
#[derive(Debug, Clone)]
pub struct Output {
    /// On the serial line.
    pub serial: String,
    /// Through semihosting: text, or defmt's frames.
    pub semihosting: Vec<u8>,
    /// QEMU's own messages, and its plugins'.
    pub messages: String,
    /// The code that the image exited with.
    pub code: Option<i32>,
}

/// Runs an image in QEMU, say `qemu-system-arm` with `-M microbit`, until it exits through semihosting.
///
/// # Errors
/// No QEMU, or a machine that runs on after `limit`.
pub fn run(program: &str, machine: &[&str], image: &Path, limit: Duration) -> Result<Output, CrossError> {
    if !has(program) {
        let package = if program == "qemu-system-arm" { program } else { "qemu-system-misc" };
        return Err(CrossError::Missing(format!("no {program}: apt-get install --no-install-recommends {package}")));
    }
    let directory = tempfile::tempdir()?;
    let at = |name: &str| directory.path().join(name);
    let mut child = Command::new(program)
        .args(machine)
        .args(["-display", "none", "-monitor", "none"])
        .args(["-serial", &format!("file:{}", at("serial").display())])
        .args(["-semihosting-config", "enable=on,target=native", "-kernel"])
        .arg(image)
        .stdin(Stdio::null())
        // Semihosting's console is QEMU's own.
        .stdout(File::create(at("semihosting"))?)
        .stderr(File::create(at("messages"))?)
        .spawn()?;
    let end = Instant::now() + limit;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break Some(status);
        }
        if Instant::now() > end {
            child.kill()?;
            child.wait()?;
            break None;
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    let read = |id: &str| fs::read(at(id)).unwrap_or_default();
    let text = |id: &str| String::from_utf8_lossy(&read(id)).into_owned();
    let (serial, messages) = (text("serial"), text("messages"));
    match status {
        Some(status) => Ok(Output { serial, semihosting: read("semihosting"), messages, code: status.code() }),
        None => Err(CrossError::TimeLimit(limit, serial + &messages)),
    }
}
