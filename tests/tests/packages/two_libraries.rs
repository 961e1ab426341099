//! Two static libraries that Rust made, in one program: each brings its own standard library, whose names clash unless one hides them.

use std::path::{Path, PathBuf};
use std::process::Command;

use pixelrnn_tests::c_tools::{STRICT, cargo_directory, library, output, run, tool};
use pixelrnn_tests::cross::{Firmware, build_directory, clean, workspace};
use pixelrnn_tests::packages::{Board, PROCESSORS};

/// A library for workstations, with the standard library and its panics.
const WITH_STD: &str = r#"
#[unsafe(no_mangle)]
pub extern "C" fn other_sum(count: u32) -> u32 {
    let caught = std::panic::catch_unwind(|| {
        let numbers: Vec<u32> = (1..=count).collect();
        assert!(count < 100, "too many: {count}");
        numbers.iter().sum()
    });
    caught.unwrap_or(u32::MAX)
}
"#;

/// One for microcontrollers, with a panic handler of its own, and divisions and copies that need the compiler's helpers.
const WITHOUT_STD: &str = r#"
#![no_std]

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    loop {}
}

#[unsafe(no_mangle)]
pub extern "C" fn other_sum(count: u32) -> u32 {
    let mut numbers = [0u64; 100];
    for number in 0..count {
        numbers[number as usize] = u64::from(number + 1);
    }
    let copy = core::hint::black_box(numbers);
    let sum: u64 = copy.iter().sum();
    (core::hint::black_box(sum * 3) / core::hint::black_box(3)) as u32
}
"#;

const PROGRAM: &str = r#"
#include <pixelrnn.h>
#include <stdint.h>
#include <stdio.h>

uint32_t other_sum(uint32_t count);

int main(void)
{
    static pixelrnn_model model;
    printf("%u %s\n", (unsigned)other_sum(10), pixelrnn_error_text(pixelrnn_model_load(&model, (const uint8_t *)"none", 4)));
    return fflush(stdout);
}
"#;

/// Writes the other library as a crate of its own, so that no settings of this project reach it, and compiles it.
fn other(name: &str, source: &str, target: Option<&str>) -> PathBuf {
    let relative = format!("target/cross/two-libraries/{name}");
    let folder = workspace().join(&relative);
    std::fs::create_dir_all(&folder).unwrap();
    let manifest = "[package]\nname = \"other\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[lib]\npath = \"other.rs\"\n\
                    crate-type = [\"staticlib\"]\n\n[profile.release]\npanic = \"PANIC\"\n\n[workspace]\n";
    let panic = if target.is_some() { "abort" } else { "unwind" };
    std::fs::write(folder.join("Cargo.toml"), manifest.replace("PANIC", panic)).unwrap();
    std::fs::write(folder.join("other.rs"), source).unwrap();
    let Some(target) = target else {
        let mut command = clean("cargo");
        command.args(["build", "--quiet", "--release", "--target-dir"]).arg(folder.join("target"));
        run(command.current_dir(&folder));
        return folder.join("target/release/libother.a");
    };
    let built = Firmware::new(&relative, target).compile().unwrap_or_else(|error| panic!("{error}"));
    built.join("libother.a")
}

/// Checks that the other library shows names of Rust's, else nothing would be shown here.
fn shows_rust(nm: &str, archive: &Path) {
    let names = run(tool(nm, "binutils").args(["--quiet", "--defined-only", "--extern-only"]).arg(archive));
    assert!(names.contains("rust_eh_personality") || names.contains("rust_begin_unwind"), "{names}");
}

/// What the program says: the other's sum, and our sentence.
fn said(printed: &str) {
    assert!(printed.starts_with("55 ") && printed.trim_end().len() > 4, "{printed}");
}

#[test]
fn on_a_workstation() {
    let folder = build_directory().join("two-libraries/host");
    std::fs::create_dir_all(&folder).unwrap();
    let (ours, theirs) = (library(None), other("with-std", WITH_STD, None));
    shows_rust("nm", &theirs);
    std::fs::write(folder.join("main.c"), PROGRAM).unwrap();
    let both = |archives: [&PathBuf; 2]| {
        let mut command = tool("gcc", "gcc libc6-dev");
        command.args(STRICT).arg("-I").arg(ours.join("include")).arg(folder.join("main.c"));
        command.arg("-Wl,--whole-archive").args(archives).arg("-Wl,--no-whole-archive");
        command.args(["-lpthread", "-ldl", "-lm", "-o"]).arg(folder.join("both"));
        command
    };
    // Whole, in both orders: nothing that one defines is defined by the other.
    let archive = ours.join("lib/libpixelrnn.a");
    for order in [[&archive, &theirs], [&theirs, &archive]] {
        run(&mut both(order));
        said(&run(&mut Command::new(folder.join("both"))));
    }
    // The archive as cargo makes it does clash.
    let host = run(clean("rustc").arg("-vV"));
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let raw = cargo_directory().join(host).join("capi/libpixelrnn_capi.a");
    let clash = output(&mut both([&raw, &theirs]));
    let clash = (clash.status.success(), String::from_utf8_lossy(&clash.stderr).into_owned());
    assert!(!clash.0 && clash.1.contains("multiple definition"), "{clash:?}");
}

#[test]
fn on_microcontrollers() {
    for processor in PROCESSORS.iter().filter(|processor| processor.board == Board::An386) {
        let folder = build_directory().join("two-libraries").join(processor.name());
        std::fs::create_dir_all(&folder).unwrap();
        let (ours, theirs) =
            (library(Some(processor.target)), other("without-std", WITHOUT_STD, Some(processor.target)));
        shows_rust("arm-none-eabi-nm", &theirs);
        std::fs::write(folder.join("main.c"), PROGRAM).unwrap();
        let ours = [ours.join("include"), ours.join("lib/libpixelrnn.a")];
        for order in [[&ours[1], &theirs], [&theirs, &ours[1]]] {
            let program = folder.join("both.elf");
            let (compiler, debian) = processor.board.compiler("gcc");
            let mut command = tool(&compiler, debian);
            command.args(processor.flags).args(processor.board.compile_flags()).args(STRICT).arg("-I").arg(&ours[0]);
            command.arg(folder.join("main.c")).args(processor.board.link_flags());
            run(command.args(order).arg("-o").arg(&program));
            said(&processor.printed(&program));
        }
    }
}
