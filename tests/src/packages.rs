//! The packages for makers' build systems, and boards in QEMU that run what is linked with their archives.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::c_tools::{output, run, tool};
use crate::cross::{build_directory, workspace};
use crate::image_size::ImageSize;
use crate::{models, tables};

/// A processor that the packages have an archive for.
#[derive(Debug, Clone, Copy)]
pub struct Processor {
    /// Its folder in the Arduino library.
    pub folder: &'static str,
    /// Rust's name of its code.
    pub target: &'static str,
    /// A board with it in QEMU.
    pub board: Board,
    /// What a board's core tells the compiler.
    pub flags: &'static [&'static str],
}

/// A board in QEMU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Board {
    /// ARM's MPS2 with a Cortex-M4, which runs the code of lesser processors.
    An386,
    /// ARM's MPS2 with a Cortex-M7, its memories at the same places.
    An500,
    /// ARM's MPS2 with a Cortex-M33, in the secure state.
    An505,
    /// RISC-V's.
    Virt,
}

const fn arm(folder: &'static str, target: &'static str, flags: &'static [&'static str]) -> Processor {
    Processor { folder, target, board: Board::An386, flags }
}

/// All of them, and the Cortex-M4 a second time: softfp takes the archive that soft takes.
pub const PROCESSORS: [Processor; 10] = [
    arm("cortex-m0plus", "thumbv6m-none-eabi", &["-mcpu=cortex-m0plus"]),
    arm("cortex-m3", "thumbv7m-none-eabi", &["-mcpu=cortex-m3"]),
    arm("cortex-m4", "thumbv7em-none-eabi", &["-mcpu=cortex-m4", "-mfloat-abi=soft"]),
    arm("cortex-m4", "thumbv7em-none-eabi", &["-mcpu=cortex-m4", "-mfpu=fpv4-sp-d16", "-mfloat-abi=softfp"]),
    arm(
        "cortex-m4/fpv4-sp-d16-hard",
        "thumbv7em-none-eabihf",
        &["-mcpu=cortex-m4", "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard"],
    ),
    arm("cortex-m7", "thumbv7em-none-eabi", &["-mcpu=cortex-m7", "-mfloat-abi=soft"]),
    Processor {
        board: Board::An500,
        ..arm(
            "cortex-m7/fpv5-d16-hard",
            "thumbv7em-none-eabihf",
            &["-mcpu=cortex-m7", "-mfpu=fpv5-d16", "-mfloat-abi=hard"],
        )
    },
    Processor {
        board: Board::An505,
        ..arm("cortex-m33", "thumbv8m.main-none-eabi", &["-mcpu=cortex-m33", "-mfloat-abi=soft"])
    },
    Processor {
        board: Board::An505,
        ..arm(
            "cortex-m33/fpv5-sp-d16-hard",
            "thumbv8m.main-none-eabihf",
            &["-mcpu=cortex-m33", "-mfpu=fpv5-sp-d16", "-mfloat-abi=hard"],
        )
    },
    Processor {
        board: Board::Virt,
        ..arm("esp32c3", "riscv32imc-unknown-none-elf", &["-march=rv32imc", "-mabi=ilp32"])
    },
];

/// How a board's core compiles.
const SMALL: [&str; 3] = ["-Os", "-ffunction-sections", "-fdata-sections"];

/// Warnings are errors.
const STRICT: [&str; 3] = ["-Wall", "-Wextra", "-Werror"];

/// What a board's core says of C++.
const STRICT_CPP: [&str; 4] = ["-std=c++11", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics"];

impl Board {
    /// The compiler, and the Debian packages that it comes with.
    pub fn compiler(self, language: &str) -> (String, &'static str) {
        match self {
            Self::An386 | Self::An500 | Self::An505 => {
                (format!("arm-none-eabi-{language}"), "gcc-arm-none-eabi libnewlib-arm-none-eabi")
            }
            Self::Virt => {
                (format!("riscv64-unknown-elf-{language}"), "gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf")
            }
        }
    }

    /// What every compilation wants: RISC-V's compiler finds its C library so.
    pub fn compile_flags(self) -> &'static [&'static str] {
        match self {
            Self::An386 | Self::An500 | Self::An505 => &["-mthumb"],
            Self::Virt => &["--specs=picolibc.specs"],
        }
    }

    /// What a link wants: where memories are, and standard output through semihosting.
    pub fn link_flags(self) -> Vec<String> {
        let start = workspace().join("examples/c/cortex-m4");
        let arm = |script: PathBuf| {
            let startup = start.join("startup.c").display().to_string();
            vec!["-nostartfiles".into(), "--specs=rdimon.specs".into(), startup, format!("-T{}", script.display())]
        };
        let mut flags = match self {
            Self::An386 | Self::An500 => arm(start.join("mps2-an386.ld")),
            Self::An505 => arm(an505_script(&start)),
            Self::Virt => {
                let places = ["__flash=0x80000000", "__flash_size=4M", "__ram=0x80400000", "__ram_size=4M"];
                let places = places.map(|place| format!("-Wl,--defsym={place}"));
                let flags = ["--oslib=semihost", "--crt0=semihost", "-nostdlib++", "-Tpicolibc.ld"];
                flags.map(str::to_owned).into_iter().chain(places).collect()
            }
        };
        flags.push("-Wl,--gc-sections".into());
        flags
    }
}

/// The linker script of the other board: memories elsewhere.
fn an505_script(start: &Path) -> PathBuf {
    static SCRIPT: OnceLock<PathBuf> = OnceLock::new();
    let write = || {
        let text = std::fs::read_to_string(start.join("mps2-an386.ld")).expect("the linker script is there");
        let text = text.replace("ORIGIN = 0x00000000", "ORIGIN = 0x10000000");
        let path = images().join("mps2-an505.ld");
        std::fs::write(&path, text.replace("ORIGIN = 0x20000000", "ORIGIN = 0x38000000")).expect("target/ is written");
        path
    };
    SCRIPT.get_or_init(write).clone()
}

/// Where images are kept.
fn images() -> PathBuf {
    let folder = build_directory().join("packages-images");
    std::fs::create_dir_all(&folder).expect("target/ is written");
    folder
}

/// Makes all packages, once; returns their folder.
///
/// # Panics
/// If `examples/packages/build.sh` fails: with what it printed.
pub fn packages() -> PathBuf {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    let make = || {
        let out = workspace().join("target/packages");
        run(tool("bash", "bash").arg(workspace().join("examples/packages/build.sh")).arg("--out").arg(&out));
        out
    };
    MADE.get_or_init(make).clone()
}

impl Processor {
    /// A processor's name, for files.
    pub fn name(&self) -> String {
        let abi = self.flags.last().map_or("", |flag| flag.rsplit('=').next().unwrap_or(flag));
        format!("{}-{abi}", self.folder.replace('/', "-"))
    }

    /// Bytes of its archive, and of the code and constants in it.
    ///
    /// # Panics
    /// If there is none.
    pub fn archive_bytes(&self, packages: &Path) -> u64 {
        let archive = packages.join("arduino/pixelrnn/src").join(self.folder).join("libpixelrnn.a");
        std::fs::metadata(&archive).unwrap_or_else(|error| panic!("{}: {error}", archive.display())).len()
    }

    /// Compiles a sketch, which runs so many times, against a stub of a board's core, and links it with the processor's archive.
    ///
    /// # Panics
    /// If there is no compiler, it warns, or the link fails.
    pub fn sketch(&self, packages: &Path, sketch: &Path, loops: usize) -> PathBuf {
        let stub = workspace().join("tests/arduino");
        let library = packages.join("arduino/pixelrnn/src");
        let name = sketch.file_stem().unwrap_or_default().to_string_lossy();
        let image = images().join(format!("{name}-{loops}-{}.elf", self.name()));
        let (compiler, debian) = self.board.compiler("g++");
        let mut objects = Vec::new();
        for (number, source) in [sketch.to_path_buf(), stub.join("main.cpp")].iter().enumerate() {
            let mut command = tool(&compiler, debian);
            command.args(self.flags).args(self.board.compile_flags()).args(SMALL).args(STRICT).args(STRICT_CPP);
            command.arg(format!("-DLOOPS={loops}")).arg("-I").arg(&library).arg("-include").arg(stub.join("Arduino.h"));
            let object = image.with_extension(format!("{number}.o"));
            run(command.args(["-x", "c++", "-c"]).arg(source).arg("-o").arg(&object));
            objects.push(object);
        }
        let (compiler, debian) = self.board.compiler("gcc");
        let mut command = tool(&compiler, debian);
        command.args(self.flags).args(self.board.compile_flags()).args(SMALL).args(objects);
        command.arg("-L").arg(library.join(self.folder)).arg("-lpixelrnn").args(self.board.link_flags());
        run(command.arg("-o").arg(&image));
        image
    }

    /// What an image prints in QEMU.
    ///
    /// # Panics
    /// If there is no QEMU, or the image does not end well.
    pub fn printed(&self, image: &Path) -> String {
        let mut command = match self.board {
            Board::Virt => tool("qemu-system-riscv32", "qemu-system-misc"),
            _ => tool("qemu-system-arm", "qemu-system-arm"),
        };
        command.args(match self.board {
            Board::An386 => ["-M", "mps2-an386"].as_slice(),
            Board::An500 => &["-M", "mps2-an500"],
            Board::An505 => &["-M", "mps2-an505"],
            Board::Virt => &["-M", "virt", "-bios", "none"],
        });
        command.args(["-display", "none", "-monitor", "none", "-serial", "none"]);
        let output = output(command.args(["-semihosting-config", "enable=on,target=native", "-kernel"]).arg(image));
        assert!(output.status.success(), "{}: {}", image.display(), output.status);
        // Semihosting's console is QEMU's standard output or error, by its library.
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).replace('\r', "")
    }
}

/// The lines of the golden images of a shipped model, without what the firmware writes beside them.
///
/// # Panics
/// If there is no such model.
pub fn digits(name: &str) -> String {
    let shipped = models::shipped().expect("the models' folder is read");
    let model = shipped.into_iter().find(|model| model.name == name).expect("a shipped model");
    let text = model.golden_text().expect("golden images are drawn");
    text.lines().filter(|line| line.starts_with(['.', '#'])).map(|line| format!("{line}\n")).collect()
}

/// What an archive takes, and what a sketch takes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Size {
    /// The processor's folder.
    pub folder: String,
    /// Bytes of the archive, with its symbol table.
    pub archive: u64,
    /// Bytes of flash that the sketch `DrawDigits` takes more than one that only prints, the model apart.
    pub drawing: u64,
    /// The same of `TellDigits`.
    pub telling: u64,
}

/// Measures all archives.
///
/// # Panics
/// If something cannot be built.
pub fn sizes(packages: &Path) -> Vec<Size> {
    let mut sizes: Vec<Size> = Vec::new();
    for processor in PROCESSORS {
        if sizes.iter().any(|size| size.folder == processor.folder) {
            continue;
        }
        let flash = |sketch: &Path| {
            let image = processor.sketch(packages, sketch, 1);
            ImageSize::read(&image).unwrap_or_else(|error| panic!("{}: {error}", image.display())).flash
        };
        let examples = packages.join("arduino/pixelrnn/examples");
        let added = |sketch: &str, without: &str, model: &str| {
            let without = flash(&workspace().join("tests/arduino").join(without));
            let model = workspace().join("examples/models").join(model).with_extension("prnn");
            let model = std::fs::metadata(model).expect("a shipped model").len();
            flash(&examples.join(sketch).join(sketch).with_extension("ino")) - without - model
        };
        sizes.push(Size {
            folder: processor.folder.into(),
            archive: processor.archive_bytes(packages),
            drawing: added("DrawDigits", "PrintsText.ino", "mnist-micro"),
            telling: added("TellDigits", "PrintsNumbers.ino", "digits8-classes"),
        });
    }
    sizes
}

const HEAD: &str =
    "| processor | archive, bytes | `DrawDigits` adds | `TellDigits` adds |\n| --- | ---: | ---: | ---: |\n";

/// The table of sizes, in Markdown.
pub fn table(sizes: &[Size]) -> String {
    let mut text = String::from(HEAD);
    for size in sizes {
        let [archive, drawing, telling] = [size.archive, size.drawing, size.telling].map(tables::thousands);
        let _ = writeln!(text, "| `{}` | {archive} | {drawing} | {telling} |", size.folder);
    }
    text
}

/// The sizes in a table.
///
/// # Errors
/// A line that is no row of it.
pub fn read(text: &str) -> Result<Vec<Size>, String> {
    let rows = text.strip_prefix(HEAD).ok_or("the table of sizes has another head")?;
    let row = |line: &str| {
        let mut cells = line.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`').replace(',', ""));
        let folder = cells.next()?;
        let mut number = || cells.next()?.parse().ok();
        Some(Size { folder, archive: number()?, drawing: number()?, telling: number()? })
    };
    rows.lines().map(|line| row(line).ok_or_else(|| format!("no row of sizes: {line}"))).collect()
}

/// Configures a project with CMake for a processor, against a stub of its build system; returns what CMake said if it failed.
///
/// # Errors
/// What CMake printed.
///
/// # Panics
/// If there is no CMake.
pub fn configure(processor: &Processor, project: &Path, build: &Path, definitions: &[String]) -> Result<(), String> {
    if build.exists() {
        std::fs::remove_dir_all(build).expect("target/ is written");
    }
    let (compiler, debian) = processor.board.compiler("gcc");
    let _ = tool(&compiler, debian);
    let mut flags = [processor.flags, processor.board.compile_flags(), &SMALL, &STRICT].concat();
    let digits = format!("-DDIGITS={}", models::COUNT);
    flags.push(&digits);
    let mut command = tool("cmake", "cmake make");
    command.arg("-S").arg(project).arg("-B").arg(build).args(definitions);
    // Where the projects look for their build systems.
    let stubs = workspace().join("tests/packages");
    command.env("IDF_PATH", stubs.join("esp-idf")).arg(format!("-DZephyr_DIR={}", stubs.join("zephyr").display()));
    command.arg("-Wno-dev").arg("--no-warn-unused-cli");
    command.args(["-DCMAKE_SYSTEM_NAME=Generic", "-DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY"]);
    command.arg(format!("-DCMAKE_C_COMPILER={compiler}")).arg(format!("-DCMAKE_C_FLAGS={}", flags.join(" ")));
    command.arg(format!("-DCMAKE_EXE_LINKER_FLAGS={}", processor.board.link_flags().join(" ")));
    let output = output(&mut command);
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    if output.status.success() { Ok(()) } else { Err(text) }
}

/// Builds a configured project.
///
/// # Panics
/// If it fails.
pub fn build(folder: &Path) {
    run(tool("cmake", "cmake make").arg("--build").arg(folder));
}
