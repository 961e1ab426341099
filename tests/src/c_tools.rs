//! Building and running C programs against the C library.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;

use crate::cross::{clean, has, workspace};

/// The flags that the header and our C programs hold to.
pub const STRICT: [&str; 4] = ["-Wall", "-Wextra", "-pedantic", "-Werror"];

/// A tool of a Debian package.
///
/// # Panics
/// If the tool is not there: says what to install.
pub fn tool(program: &str, package: &str) -> Command {
    assert!(has(program), "no {program}: apt-get install --no-install-recommends {package}");
    let mut command = clean(program);
    command.stdin(Stdio::null());
    command
}

/// Runs a command, whatever it answers.
///
/// # Panics
/// If it cannot be started.
pub fn output(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// Runs a command that must succeed, and returns what it printed.
///
/// # Panics
/// If it fails: with all it printed.
pub fn run(command: &mut Command) -> String {
    let output = output(command);
    let (printed, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}\n{printed}\n{errors}", output.status);
    printed.into_owned()
}

/// Where the library is compiled.
pub fn cargo_directory() -> PathBuf {
    workspace().join("target/capi")
}

/// Builds and installs the library for a target (the workstation's own without one); returns the prefix.
///
/// # Panics
/// If `core/capi/build.sh` fails: with what it printed, which says what is missing.
pub fn library(target: Option<&str>) -> PathBuf {
    static BUILDING: Mutex<()> = Mutex::new(());
    let _alone = BUILDING.lock();
    let prefix = cargo_directory().join("tested").join(target.unwrap_or("host"));
    let mut command = tool("bash", "bash");
    command.arg(workspace().join("core/capi/build.sh")).arg("--out").arg(&prefix);
    command.arg("--target-dir").arg(cargo_directory());
    if let Some(target) = target {
        command.args(["--target", target]);
    }
    run(&mut command);
    prefix
}

/// Compiles a C99 program from files of the workspace, strictly, and links it with the library.
///
/// # Panics
/// If there is no compiler, or it warns.
pub fn program(prefix: &Path, sources: &[&str], flags: &[&str], to: &Path) {
    let mut command = tool("gcc", "gcc libc6-dev");
    command.args(["-std=c99", "-O1", "-g"]).args(STRICT).args(flags).arg("-I").arg(prefix.join("include"));
    command.args(sources.iter().map(|source| workspace().join(source)));
    run(command.arg(prefix.join("lib/libpixelrnn.a")).arg("-o").arg(to));
}

/// Finds what AddressSanitizer and the undefined-behaviour sanitizer find.
pub const SANITIZED: [&str; 2] = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

/// A command under valgrind: any error or leak fails it.
///
/// # Panics
/// If there is no valgrind.
pub fn valgrind(program: &Path) -> Command {
    let mut command = tool("valgrind", "valgrind libc6-dbg");
    command.args(["-q", "--leak-check=full", "--error-exitcode=99"]).arg(program);
    command
}
