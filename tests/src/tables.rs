//! Tables of [`instructions`](crate::instructions), beside CMSIS-NN's and embedded-nn's counts.

use std::fmt::Write;

use pixelrnn::kernels::mixture::COMPONENT_WORDS;

use crate::instructions::{CORES, Count, MVE_CORE, OTHER, PACKED_FOR_MVE, SCALE};

/// Instructions of CMSIS-NN 7 (commit 99f736a6), int8, the better of gcc 12 and clang 14, counted the same way:
/// case, then M4, M3, M0, M55. Its 3x3 convolution has nine taps, where mask B leaves five.
const CMSIS_NN: [(&str, [u64; 4]); 8] = [
    ("matrix-vector 16->64", [5_216, 5_983, 12_680, 979]),
    ("matrix-vector 64->64", [10_974, 16_347, 31_164, 1_459]),
    ("matrix-vector 288->32", [18_999, 33_617, 59_815, 1_915]),
    ("3x3 mask B, one pixel, 32->32", [28_774, 49_954, 74_013, 4_337]),
    ("LSTM step h=16", [14_224, 16_266, 32_085, 5_554]),
    ("LSTM step h=32", [34_561, 43_591, 85_363, 10_214]),
    ("LSTM step h=64", [98_209, 133_472, 260_693, 21_391]),
    ("distribution of 256 levels", [105_505, 105_505, 424_034, 20_737]),
];

/// CMSIS-NN's count for a case; a Cortex-M7 or M33 runs what an M4 runs.
pub fn cmsis_nn(case: &str, core: &str) -> Option<u64> {
    let (_, counts) = CMSIS_NN.iter().find(|(name, _)| *name == case)?;
    let place = match core {
        "M4" => 0,
        "M3" => 1,
        "M0" => 2,
        "M55" => 3,
        _ => return None,
    };
    counts.get(place).copied()
}

/// A processor's table, in Markdown.
pub fn of_core(core: &str, counts: &[Count]) -> String {
    let mut text = format!(
        "\n### {core}\n\n| case | instructions | a multiply-add | data accesses | both, a multiply-add | CMSIS-NN | embedded-nn |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n"
    );
    let of_core: Vec<_> = counts.iter().filter(|count| count.core == core).collect();
    let number = |value: Option<u64>| value.map_or("–".into(), |value| value.to_string());
    for count in of_core.iter().filter(|count| !count.case.starts_with(OTHER)) {
        let Count { case, instructions, accesses, multiply_adds, .. } = count;
        let other = of_core.iter().find(|other| other.case.strip_prefix(OTHER) == Some(case));
        let a_multiply_add = |value: u64| value as f64 / *multiply_adds as f64;
        let _ = writeln!(
            text,
            "| {case} | {instructions} | {:.2} | {accesses} | {:.2} | {} | {} |",
            a_multiply_add(*instructions),
            a_multiply_add(instructions + accesses),
            number(cmsis_nn(case, core)),
            number(other.map(|other| other.instructions)),
        );
    }
    text
}

/// Estimates for Cortex-M0 and M4 from the technical reference manuals' instruction timings: a rule, not a measurement.
///
/// Both issue one instruction a cycle with zero-wait-state memory. Cortex-M0: a load or store takes a second cycle, LDM and STM
/// one cycle and one for each register: instructions + accesses. The 32-cycle multiplier is an option of the chip; here it has
/// the single-cycle one. Cortex-M4: LDM, STM and LDRD take one cycle and one for each register, MAC instructions one cycle;
/// LDR takes two but overlaps with a following one: instructions + accesses is the upper end. Taken branches refill the
/// pipeline, 2 cycles on M0 and up to 3 on M4; a group of 16 multiply-adds has at most one.
pub fn cycles(counts: &[Count]) -> String {
    let mut text = String::from(
        "\nEstimated cycles: instructions + data accesses, after the reference manuals' timings: zero wait states, single-cycle \
         multiplier, no pipeline refills.\n\n| case | M0 | M4 |\n| --- | ---: | ---: |\n",
    );
    let of = |case: &str, core: &str| {
        let count = counts.iter().find(|count| count.case == case && count.core == core)?;
        Some((count.instructions + count.accesses).to_string())
    };
    for count in counts.iter().filter(|count| count.core == "M4" && is_for_people(count)) {
        let case = &count.case;
        let (m0, m4) = (of(case, "M0").unwrap_or_default(), of(case, "M4").unwrap_or_default());
        let _ = writeln!(text, "| {case} | {m0} | {m4} |");
    }
    text
}

/// Cases of random models stand in for shapes that no shipped model has; people want the shipped ones.
fn is_for_people(count: &Count) -> bool {
    !count.case.starts_with(OTHER) && !count.case.starts_with("random ")
}

/// What a value costs behind the layers: a softmax beside a mixture. Rows are those of the head's last product, for a grey value.
pub fn values(counts: &[Count]) -> String {
    let cell = |case: &str, core: &str| {
        let count = counts.iter().find(|count| count.case == case && count.core == core);
        // A mixture's cases are of so many values.
        let values = |count: &Count| if case.starts_with("mixture") { count.multiply_adds } else { 1 };
        count.map_or("–".into(), |count| thousands(count.instructions / values(count)))
    };
    let mixture = format!("{} bytes", 5 * 4 * COMPONENT_WORDS);
    let mut text = String::from(
        "| a value's distribution | rows | RAM | instructions, M0 | M4 |\n| --- | ---: | ---: | ---: | ---: |\n",
    );
    for (what, case, rows, ram) in [
        ("softmax of 256 levels, all frequencies", "distribution of 256 levels", 256, "1,024 bytes"),
        ("mixture of 5, 8 bits, coded", "mixture of 5, 8 bits: a value coded", 15, &mixture),
        ("mixture of 5, 8 bits, drawn", "mixture of 5, 8 bits: a value drawn", 15, &mixture),
        ("mixture of 5, 16 bits, drawn", "mixture of 5, 16 bits: a value drawn", 15, &mixture),
    ] {
        let _ = writeln!(text, "| {what} | {rows} | {ram} | {} | {} |", cell(case, "M0"), cell(case, "M4"));
    }
    text
}

/// Columns and rows of a frame that an inexpensive camera gives.
const FRAME: (u64, u64) = (160, 120);

/// A chip of each core that people buy, and its clock in megahertz.
const CLOCKS: [(&str, &str, f64); 6] = [
    ("M0", "RP2040", 125.0),
    ("M4", "nRF52840", 64.0),
    ("M7", "STM32H743", 480.0),
    ("M33", "RP2350", 150.0),
    ("M55", "Alif E3", 160.0),
    ("RV32IMC", "ESP32-C3", 160.0),
];

/// A chip that people buy with a core, and its clock in megahertz.
pub fn clock(core: &str) -> Option<(&'static str, f64)> {
    CLOCKS.iter().find(|(name, ..)| *name == core).map(|&(_, chip, clock)| (chip, clock))
}

/// What a sensor's pixel costs, and how long a frame takes: of the models that begin with `photos`.
pub fn frames(counts: &[Count]) -> String {
    let find = |case: &str, core: &str| counts.iter().find(|count| count.case == case && count.core == core);
    let is_coded = |count: &&Count| count.core == "M4" && count.case.starts_with("photos");
    let models = counts.iter().filter(is_coded).filter_map(|count| count.case.strip_suffix(": a pixel coded"));
    // A frame takes all of a model's scales.
    let models: Vec<_> = models.filter(|name| !name.contains(SCALE)).collect();
    if models.is_empty() {
        return String::new();
    }
    let heads: Vec<_> = CLOCKS.iter().map(|(core, chip, clock)| format!("{core}: {chip}, {clock} MHz")).collect();
    let mut text = format!(
        "\nA pixel coded (the layers, the distributions, the range coder), and the seconds that a frame of {}x{} takes, from \
         estimated cycles as below, at the clocks of chips that people buy.\n\n| instructions; seconds a frame | {} |\n| --- |{}\n",
        FRAME.0,
        FRAME.1,
        heads.join(" | "),
        " ---: |".repeat(heads.len())
    );
    for model in models {
        let cells = CLOCKS.map(|(core, _, clock)| match find(&format!("{model}: a pixel coded"), core) {
            Some(count) => {
                let cycles = (count.instructions + count.accesses) * FRAME.0 * FRAME.1;
                format!("{}; {:.1} s", thousands(count.instructions), cycles as f64 / clock / 1e6)
            }
            None => "–".into(),
        });
        let _ = writeln!(text, "| {model} | {} |", cells.join(" | "));
    }
    text
}

/// The page's part: kernels beside the others' on four processors, whole models on all, estimated cycles.
pub fn page(counts: &[Count]) -> String {
    let find = |case: &str, core: &str| counts.iter().find(|count| count.case == case && count.core == core);
    let mut text = String::from(
        "Instructions executed in QEMU, exact and repeatable, counted by `cargo run -p pixelrnn-tests --bin instructions`; they are not \
         cycles. All counts, with data accesses, are in [instructions.json](../instructions.json). Each cell: this library, CMSIS-NN 7 \
         (commit 99f736a6, int8, the better of gcc 12 and clang 14), the crate embedded-nn. The others' convolution has nine taps, mask B \
         leaves five. On M55 this library's weights are packed for MVE (`pixelrnn repack`).\n\n| work | M0 | M3 | M4 | M55 |\n| --- | ---: | ---: | ---: | ---: |\n",
    );
    for (case, _) in &CMSIS_NN {
        let cells: Vec<_> = ["M0", "M3", "M4", "M55"]
            .into_iter()
            .map(|core| {
                let ours = find(case, core).map_or("–".into(), |count| thousands(count.instructions));
                let peer = cmsis_nn(case, core).map_or("–".into(), thousands);
                let other =
                    find(&format!("{OTHER}{case}"), core).map_or("–".into(), |count| thousands(count.instructions));
                format!("**{ours}** / {peer} / {other}")
            })
            .collect();
        let _ = writeln!(text, "| {case} | {} |", cells.join(" | "));
    }
    let cores: Vec<_> = CORES.iter().map(|core| core.name).collect();
    for (what, unit) in [("a pixel drawn", 1), ("an image of 28x28", 1_000_000)] {
        let scale = if unit == 1 { "instructions" } else { "million instructions" };
        let _ = writeln!(
            text,
            "\n| {what}: {scale} (a multiply-add) | multiply-adds | {} | {MVE_CORE}, packed for MVE |\n| --- | ---: |{}",
            cores.join(" | "),
            " ---: |".repeat(cores.len() + 1)
        );
        for count in counts.iter().filter(|count| count.core == cores[0] && is_for_people(count)) {
            let Some(model) = count.case.strip_suffix(what).and_then(|name| name.strip_suffix(": ")) else { continue };
            let packed = format!("{model}{PACKED_FOR_MVE}: {what}");
            let places = cores.iter().map(|&core| (count.case.as_str(), core)).chain([(packed.as_str(), MVE_CORE)]);
            let cells = places.map(|(case, core)| match find(case, core) {
                Some(count) => {
                    let ratio = count.instructions as f64 / count.multiply_adds as f64;
                    format!("{} ({ratio:.2})", thousands(count.instructions / unit))
                }
                None => "–".into(),
            });
            let cells: Vec<_> = cells.collect();
            let _ = writeln!(text, "| {model} | {} | {} |", thousands(count.multiply_adds / unit), cells.join(" | "));
        }
    }
    text += "\nA pixel drawn by a Diagonal BiLSTM leaves out its share of the work at the row's end, which its multiply-adds and the image count in.\n";
    text + &frames(counts) + &cycles(counts)
}

/// A number with commas.
pub fn thousands(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
