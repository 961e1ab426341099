//! Puts the model, its sizes, the seed and the board's memory where the compiler and the linker find them.

use std::path::{Path, PathBuf};
use std::{env, fs};

use pixelrnn::{Model, Seeded};
use rand_core::{Rng, SeedableRng};
use rand_xoshiro::SplitMix64;

/// Columns and rows of an image.
const SIDE: u32 = 28;
/// Bytes that must be left for the stack, beside the state: a little more than it takes with any architecture, which the tests measure.
const STACK: usize = 1_744;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let state_words = model(&out)?;
    let start = start(variable("PIXELRNN_SEED", "1").parse()?);
    fs::write(
        out.join("settings.rs"),
        format!(
            "/// Columns and rows of an image.\npub const SIDE: u32 = {SIDE};\n\
             /// Words of state.\npub const STATE_WORDS: usize = {state_words};\n\
             /// Where the generator starts.\npub const START: [u8; 16] = {start:?};\n"
        ),
    )?;
    memory(&out, 4 * state_words)?;
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-link-search={}", out.display());
    println!("cargo:rustc-link-arg=--nmagic");
    println!("cargo:rustc-link-arg=-Tlink.x");
    Ok(())
}

fn variable(name: &str, default: &str) -> String {
    println!("cargo:rerun-if-env-changed={name}");
    env::var(name).unwrap_or_else(|_| default.into())
}

fn has_feature(name: &str) -> bool {
    env::var_os(format!("CARGO_FEATURE_{}", name.to_uppercase().replace('-', "_"))).is_some()
}

/// Copies the model; returns the words of state that an image takes.
fn model(out: &Path) -> Result<usize, Box<dyn std::error::Error>> {
    let path = variable("PIXELRNN_MODEL", "../models/mnist-nano.prnn");
    println!("cargo:rerun-if-changed={path}");
    let blob = fs::read(&path).map_err(|error| format!("PIXELRNN_MODEL: {path}: {error}"))?;
    fs::write(out.join("model.prnn"), &blob)?;
    let mut words = vec![0u32; blob.len().div_ceil(4)];
    let aligned = &mut bytemuck::cast_slice_mut(&mut words)[..blob.len()];
    aligned.copy_from_slice(&blob);
    let model = Model::load(aligned).map_err(|error| format!("{path}: {error}"))?;
    let name = model.architecture().name();
    if !has_feature(name) {
        return Err(format!("{path}: a {name}: use --no-default-features, and its name as a feature").into());
    }
    Ok(model.state_words(SIDE))
}

/// What a seed makes the generator start from: found here, which saves the board products of 64 bits.
fn start(seed: u64) -> [u8; 16] {
    let mut start = [0; 16];
    SplitMix64::seed_from_u64(seed).fill_bytes(&mut start);
    assert!(Seeded::from_seed(start) == Seeded::seed_from_u64(seed), "the generator begins as SplitMix64 says");
    start
}

/// The memory map. All of RAM is stack, with the state in it: what grows beyond its lower end faults.
fn memory(out: &Path, state: usize) -> Result<(), Box<dyn std::error::Error>> {
    let board = ["microbit", "stm32f030f4"].into_iter().find(|board| has_feature(board));
    let file = format!("memory/{}.x", board.ok_or("choose a board by --features: microbit or stm32f030f4")?);
    println!("cargo:rerun-if-changed={file}");
    let checks = format!(
        "ASSERT(__sheap == ORIGIN(RAM), \"statics would lie where the stack ends\");\n\
         ASSERT(LENGTH(RAM) >= {state} + {STACK}, \"fewer than {STACK} bytes are left for the stack\");\n"
    );
    fs::write(out.join("memory.x"), fs::read_to_string(file)? + &checks)?;
    // Vectors of interrupts: see `interrupts.rs`.
    Ok(fs::write(out.join("device.x"), "")?)
}
