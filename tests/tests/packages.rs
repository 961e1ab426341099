//! The Arduino library that `examples/packages/build.sh` makes: its sketches compile as C++11 against a stub of a board's core, link
//! with the archives of both ABIs, take little flash, and print in QEMU what the engine draws here.

use std::path::{Path, PathBuf};

use pixelrnn_tests::c_tools::{output, run, tool};
use pixelrnn_tests::cross::{build_directory, workspace};
use pixelrnn_tests::image_size::ImageSize;
use pixelrnn_tests::models;

/// Bytes of flash that code may take beside the model.
const MOST_CODE: u64 = 100_000;

/// A processor's folder in the library, and the compiler's flags for a board with it.
const PROCESSORS: [(&str, &[&str]); 3] = [
    ("cortex-m0plus", &["-mcpu=cortex-m0plus"]),
    ("cortex-m4", &["-mcpu=cortex-m4", "-mfpu=fpv4-sp-d16", "-mfloat-abi=softfp"]),
    ("cortex-m4/fpv4-sp-d16-hard", &["-mcpu=cortex-m4", "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard"]),
];

/// How a board's core compiles.
const SMALL: [&str; 4] = ["-mthumb", "-Os", "-ffunction-sections", "-fdata-sections"];

/// Makes the library for these processors.
fn library() -> PathBuf {
    let out = build_directory().join("packages");
    let mut command = tool("bash", "bash");
    command.arg(workspace().join("examples/packages/build.sh")).arg("--out").arg(&out);
    PROCESSORS.iter().for_each(|(folder, _)| _ = command.args(["--only", folder]));
    run(&mut command);
    out.join("arduino/pixelrnn")
}

/// Compiles a sketch, which runs so many times, and links it with a processor's archive.
fn build(library: &Path, sketch: &str, loops: usize, (folder, flags): (&str, &[&str])) -> PathBuf {
    let (stub, start) = (workspace().join("tests/arduino"), workspace().join("examples/c/cortex-m4"));
    let image = build_directory().join("packages").join(format!("{sketch}-{}.elf", folder.replace('/', "-")));
    let strict =
        ["-std=c++11", "-Wall", "-Wextra", "-Werror", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics"];
    let sources = [library.join(format!("examples/{sketch}/{sketch}.ino")), stub.join("main.cpp")];
    let mut objects = Vec::new();
    for (number, source) in sources.iter().enumerate() {
        let mut command = tool("arm-none-eabi-g++", "gcc-arm-none-eabi libnewlib-arm-none-eabi");
        command.args(flags).args(SMALL).args(strict).arg(format!("-DLOOPS={loops}")).arg("-I").arg(library.join("src"));
        command.arg("-include").arg(stub.join("Arduino.h")).args(["-x", "c++", "-c"]).arg(source);
        objects.push(image.with_extension(format!("{number}.o")));
        run(command.arg("-o").arg(&objects[number]));
    }
    let mut command = tool("arm-none-eabi-gcc", "gcc-arm-none-eabi libnewlib-arm-none-eabi");
    command.args(flags).args(SMALL).args(["-nostartfiles", "--specs=rdimon.specs", "-Wl,--gc-sections"]);
    command.args(objects).arg(start.join("startup.c")).arg(format!("-T{}", start.join("mps2-an386.ld").display()));
    command.arg("-L").arg(library.join("src").join(folder)).arg("-lpixelrnn").arg("-o").arg(&image);
    run(&mut command);
    image
}

/// What a sketch prints on QEMU's Cortex-M4 board, which runs the code of a Cortex-M0+ as well.
fn printed(image: &Path) -> String {
    let mut command = tool("qemu-system-arm", "qemu-system-arm");
    command.args(["-M", "mps2-an386", "-display", "none", "-monitor", "none", "-serial", "none"]);
    let output = output(command.args(["-semihosting-config", "enable=on,target=native", "-kernel"]).arg(image));
    assert!(output.status.success(), "{}: {}", image.display(), output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The lines of the golden images of a shipped model, without what the firmware writes beside them.
fn digits(name: &str) -> String {
    let model = models::shipped().unwrap().into_iter().find(|model| model.name == name).unwrap();
    let text = model.golden_text().unwrap();
    text.lines().filter(|line| line.starts_with(['.', '#'])).map(|line| format!("{line}\n")).collect()
}

#[test]
fn sketches_build_for_both_abis_and_print_what_the_engine_draws() {
    let library = library();
    for processor in PROCESSORS {
        let draw = build(&library, "DrawDigits", models::COUNT as usize, processor);
        assert_eq!(printed(&draw), digits("mnist-micro"), "{processor:?}");
        let tell = printed(&build(&library, "TellDigits", 10, processor));
        let told: Vec<&str> = tell.lines().collect();
        assert_eq!(told.len(), 10, "{tell}");
        let right =
            (0..10).filter(|class| told[*class].starts_with(&format!("asked for {class}, found {class},"))).count();
        assert!(right >= 8, "{tell}");
        let flash = ImageSize::read(&draw).unwrap().flash;
        assert!(flash < 27_800 + MOST_CODE, "{processor:?}: {flash} bytes of flash");
        println!("{processor:?}: {flash} bytes of flash with the model");
    }
}
