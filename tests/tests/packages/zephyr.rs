//! The Zephyr module and its sample, against a stub of Zephyr's build system.

use std::path::Path;

use pixelrnn_tests::cross::build_directory;
use pixelrnn_tests::packages::{Board, PROCESSORS, Processor, build, configure, digits, packages};

/// What Zephyr's Kconfig says of a processor.
fn symbols(processor: &Processor) -> Vec<&'static str> {
    let core = match processor.folder.split('/').next() {
        Some("cortex-m0plus") => "CONFIG_CPU_CORTEX_M0PLUS",
        Some("cortex-m3") => "CONFIG_CPU_CORTEX_M3",
        Some("cortex-m4") => "CONFIG_CPU_CORTEX_M4",
        Some("cortex-m7") => "CONFIG_CPU_CORTEX_M7",
        Some("cortex-m33") => "CONFIG_CPU_CORTEX_M33",
        _ => "CONFIG_RISCV",
    };
    let mut symbols = vec!["CONFIG_PIXELRNN", core];
    if processor.flags.contains(&"-mfloat-abi=hard") {
        symbols.push("CONFIG_FP_HARDABI");
    }
    symbols
}

fn sample(processor: &Processor, symbols: &[&str], folder: &Path) -> Result<(), String> {
    let definitions: Vec<_> = symbols.iter().map(|symbol| format!("-D{symbol}=y")).collect();
    configure(processor, &packages().join("zephyr/pixelrnn/samples/draw_digits"), folder, &definitions)
}

#[test]
fn the_sample_builds_for_every_processor_and_draws_what_the_engine_draws() {
    for processor in &PROCESSORS {
        let folder = build_directory().join("packages-zephyr").join(processor.name());
        sample(processor, &symbols(processor), &folder).unwrap();
        build(&folder);
        assert_eq!(processor.printed(&folder.join("zephyr.elf")), digits("mnist-micro"), "{processor:?}");
    }
}

#[test]
fn other_processors_are_refused_with_a_reason() {
    let processor = PROCESSORS.iter().find(|processor| processor.board == Board::An386).unwrap();
    let folder = build_directory().join("packages-zephyr/other");
    let said = sample(processor, &["CONFIG_PIXELRNN", "CONFIG_XTENSA"], &folder).unwrap_err();
    assert!(said.contains("no archive for this processor"), "{said}");
}
