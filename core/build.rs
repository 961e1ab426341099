//! Names the instruction set whose kernels this target gets: `cfg(kernels = …)`.
//!
//! The compiler does not tell a crate about the DSP extension or MVE on stable toolchains,
//! so the target's name and the compiler flags (`-C target-cpu`, `-C target-feature`) are read.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!(
        "cargo::rustc-check-cfg=cfg(kernels, values(\"armv6m\", \"armv7m\", \"armv7em\", \"mve\", \"riscv32\", \"portable\", \"small\"))"
    );
    let target = env::var("TARGET").unwrap_or_default();
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let asks_for = |words: &[&str]| words.iter().any(|word| flags.contains(word));
    let has = |feature: &str| env::var_os(format!("CARGO_FEATURE_{feature}")).is_some();
    let name = match target.split('-').next().unwrap_or_default() {
        _ if has("SMALL") && !has("STD") => "small",
        "thumbv6m" | "thumbv8m.base" => "armv6m",
        "thumbv7m" => "armv7m",
        "thumbv7em" => "armv7em",
        "thumbv8m.main" if asks_for(&["cortex-m55", "cortex-m85", "cortex-m52", "+mve"]) => "mve",
        "thumbv8m.main" if asks_for(&["cortex-m33", "cortex-m35p", "+dsp"]) => "armv7em",
        "thumbv8m.main" => "armv7m",
        // With MUL, and all of the registers.
        "riscv32gc" => "riscv32",
        name if name.starts_with("riscv32im") => "riscv32",
        _ => "portable",
    };
    println!("cargo::rustc-check-cfg=cfg(dsp_of_armv8m)");
    if name == "armv7em" && target.starts_with("thumbv8m") {
        println!("cargo::rustc-cfg=dsp_of_armv8m");
    }
    println!("cargo::rustc-cfg=kernels=\"{name}\"");
    println!("cargo::rustc-check-cfg=cfg(nibbles, values(none(), \"own\", \"same\", \"loops\"))");
    if has("NIBBLES") {
        println!("cargo::rustc-cfg=nibbles");
        let kernels = match name {
            "armv6m" | "armv7em" => "own",
            "portable" | "small" => "same",
            _ => "loops",
        };
        println!("cargo::rustc-cfg=nibbles=\"{kernels}\"");
    }
}
