//! The core compiles for every target, with every set of features; firmware has no warnings.

use pixelrnn_tests::boards::BOARDS;
use pixelrnn_tests::cross::Firmware;
use rayon::prelude::*;

const TARGETS: [&str; 5] = [
    "thumbv6m-none-eabi",
    "thumbv7m-none-eabi",
    "thumbv7em-none-eabihf",
    "thumbv8m.main-none-eabihf",
    "riscv32imc-unknown-none-elf",
];

#[test]
fn the_core_compiles_for_microcontrollers() {
    for target in TARGETS {
        for features in ["", "defmt,embedded-graphics"] {
            let core = Firmware::new("core", target).features(features);
            core.check().unwrap_or_else(|error| panic!("{target}, features {features:?}: {error}"));
        }
    }
}

#[test]
fn the_core_builds_for_wasm() {
    Firmware::new("core", "wasm32-unknown-unknown").compile().unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn firmware_has_no_warnings() {
    // One board of each file in `examples/firmware/src/boards`.
    for name in ["microbit", "stm32vldiscovery", "netduinoplus2", "mps2-an386", "riscv32-virt"] {
        let board = BOARDS.iter().find(|board| board.name == name).unwrap();
        let model = pixelrnn_tests::models::random().unwrap().remove(0);
        let firmware = board.crate_at("examples/firmware").features(&board.features());
        let result = firmware.variable("PIXELRNN_MODEL", model.entry()).clippy();
        result.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn the_smallest_program_has_no_warnings() {
    let model = pixelrnn_tests::models::random().unwrap();
    let model = model.iter().find(|model| model.name.contains("row-lstm")).unwrap();
    for board in ["microbit", "stm32f030f4"] {
        let program = Firmware::new("examples/nano", "thumbv6m-none-eabi").features(board);
        program.variable("PIXELRNN_MODEL", &model.path).clippy().unwrap_or_else(|error| panic!("{board}: {error}"));
    }
}

#[test]
fn the_crates_for_real_boards_build_without_warnings() {
    let model = pixelrnn_tests::models::random().unwrap().remove(1);
    let boards: [(&str, &str, &[&str]); 3] = [
        ("microbit-v2", "thumbv7em-none-eabihf", &["pixelrnn-microbit-v2"]),
        ("pico", "thumbv6m-none-eabi", &["pixelrnn-pico", "photo"]),
        ("nucleo-f401re", "thumbv7em-none-eabihf", &["pixelrnn-nucleo-f401re"]),
    ];
    boards.par_iter().for_each(|(name, target, programs)| {
        let firmware = Firmware::new(&format!("examples/boards/{name}"), target).flag("-Dwarnings");
        let firmware = firmware.variable("PIXELRNN_MODEL", &model.path);
        for program in *programs {
            firmware.build(program, program).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    });
}
