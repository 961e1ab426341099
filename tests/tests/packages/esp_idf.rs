//! The ESP-IDF component and its example, against a stub of IDF's build system.

use std::path::Path;

use pixelrnn_tests::cross::build_directory;
use pixelrnn_tests::packages::{Board, PROCESSORS, Processor, build, configure, digits, packages};

fn riscv() -> &'static Processor {
    PROCESSORS.iter().find(|processor| processor.board == Board::Virt).unwrap()
}

/// Configures the example for a chip.
fn example(chip: &str, folder: &Path) -> Result<(), String> {
    let component = packages().join("esp-idf/pixelrnn");
    // IDF's component manager would find the component.
    let definitions = [format!("-DIDF_TARGET={chip}"), format!("-DCOMPONENT={}", component.display())];
    configure(riscv(), &component.join("examples/draw_digits"), folder, &definitions)
}

#[test]
fn the_example_builds_for_riscv_chips_and_draws_what_the_engine_draws() {
    let manifest = std::fs::read_to_string(packages().join("esp-idf/pixelrnn/idf_component.yml")).unwrap();
    let chips = manifest.lines().find_map(|line| line.strip_prefix("targets: [")?.strip_suffix(']')).unwrap();
    assert!(["esp32c2", "esp32c3", "esp32c6", "esp32h2"].iter().all(|chip| chips.contains(chip)), "{chips}");
    for chip in chips.split(", ") {
        let folder = build_directory().join("packages-esp-idf").join(chip);
        example(chip, &folder).unwrap();
        build(&folder);
        assert_eq!(riscv().printed(&folder.join("draw_digits.elf")), digits("mnist-micro"), "{chip}");
    }
}

#[test]
fn other_chips_are_refused_with_a_reason() {
    for (chip, reason) in [
        ("esp32", "esp32 has an Xtensa processor"),
        ("esp32s2", "Xtensa"),
        ("esp32s3", "Xtensa"),
        ("esp32p4", "no archive for esp32p4"),
    ] {
        let said = example(chip, &build_directory().join("packages-esp-idf").join(chip)).unwrap_err();
        let said: Vec<_> = said.split_whitespace().collect();
        assert!(said.join(" ").contains(reason), "{chip}: {said:?}");
    }
}
