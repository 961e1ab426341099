//! Fixes at build time what is drawn: the model, the size, the seed, the count; what the program `camera` sends; and where the board
//! has its memory.

#[path = "build/camera.rs"]
mod camera;

use std::path::{Path, PathBuf};
use std::{env, fs};

use pixelrnn::blob::Scales;
use pixelrnn::{Model, Pyramid, PyramidError};

/// Bytes that must be left for the stack; the tests measure what is used.
const STACK: u32 = 3_200;

const BOARDS: [&str; 9] = [
    "microbit",
    "stm32vldiscovery",
    "netduinoplus2",
    "mps2-an385",
    "mps2-an386",
    "mps2-an500",
    "mps2-an505",
    "mps3-an547",
    "riscv32-virt",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let chosen: Vec<_> = BOARDS.into_iter().filter(|board| has_feature(board)).collect();
    let [board] = chosen[..] else {
        return Err(format!("choose one board by --features, of: {}", BOARDS.join(", ")).into());
    };
    memory(board, &out)?;
    settings(board, &out)?;
    camera::settings(&out)?;
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=build");
    Ok(())
}

fn has_feature(name: &str) -> bool {
    env::var_os(format!("CARGO_FEATURE_{}", name.to_uppercase().replace('-', "_"))).is_some()
}

/// The board's memory map, and the linker scripts that read it.
fn memory(board: &str, out: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let file = format!("memory/{board}.x");
    // The stack may grow down to the end of the statics.
    let check =
        format!("ASSERT(_stack_start - __sheap >= {STACK}, \"fewer than {STACK} bytes are left for the stack\");\n");
    fs::write(out.join("memory.x"), fs::read_to_string(&file)? + &check)?;
    println!("cargo:rerun-if-changed={file}");
    println!("cargo:rustc-link-search={}", out.display());
    // Sections that start where they end: no page alignment in a microcontroller's flash.
    println!("cargo:rustc-link-arg=--nmagic");
    if board == "riscv32-virt" {
        println!("cargo:rustc-link-arg=-Tmemory.x");
    }
    println!("cargo:rustc-link-arg=-Tlink.x");
    if has_feature("defmt") {
        println!("cargo:rustc-link-arg=-Tdefmt.x");
    }
    Ok(())
}

fn number(name: &str, default: u32) -> Result<u32, String> {
    println!("cargo:rerun-if-env-changed={name}");
    match env::var(name) {
        Ok(text) => text.parse().map_err(|error| format!("{name}={text}: {error}")),
        Err(_) => Ok(default),
    }
}

/// `PATH` or `PATH@WIDTHxHEIGHT`.
fn entry(text: &str, width: u32, height: u32) -> Option<(&str, u32, u32)> {
    let Some((path, size)) = text.rsplit_once('@') else { return Some((text, width, height)) };
    let (width, height) = size.split_once('x')?;
    Some((path, width.parse().ok()?, height.parse().ok()?))
}

/// Loads all scales of a model, at an address that suits them, and looks at them.
fn with_scales<T>(path: &Path, look: impl FnOnce(&[Model<'_>]) -> T) -> Result<T, Box<dyn std::error::Error>> {
    let bytes = fs::read(path)?;
    let mut words = vec![0u32; bytes.len().div_ceil(4)];
    bytemuck::cast_slice_mut(&mut words)[..bytes.len()].copy_from_slice(&bytes);
    let load = || {
        let scales = Scales::open(&bytemuck::cast_slice(&words)[..bytes.len()])?;
        (0..scales.count()).map(|scale| Model::load(scales.blob(scale)?)).collect::<Result<Vec<_>, _>>()
    };
    Ok(look(&load().map_err(|error| format!("{}: {error}", path.display()))?))
}

/// What an image of a size needs: words of state, values of all its scales together, those of all but the largest, and classes.
fn needs(models: &[Model<'_>], size: (u32, u32)) -> Result<(usize, usize, usize, u16), PyramidError> {
    let pyramid = Pyramid::new(models)?;
    let small = pyramid.range(models.len() - 1, size).start;
    Ok((pyramid.state_words(size.0), pyramid.values(size), small, models[0].classes()))
}

fn settings(board: &str, out: &Path) -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-env-changed=PIXELRNN_MODEL");
    let models = env::var("PIXELRNN_MODEL").unwrap_or_else(|_| "../models/mnist-micro.prnn".into());
    let (width, height) = (number("PIXELRNN_WIDTH", 28)?, number("PIXELRNN_HEIGHT", 28)?);
    let (seed, count) = (number("PIXELRNN_SEED", 1)?, number("PIXELRNN_COUNT", 1)?);
    // Coded images for the program `code` to decode, a file a model.
    println!("cargo:rerun-if-env-changed=PIXELRNN_CODED");
    let coded = env::var("PIXELRNN_CODED").unwrap_or_default();
    let mut coded = coded.split(',').filter(|path| !path.is_empty());
    let (mut state_words, mut values, mut small_values, mut classes) = (0, 0, 0, 0);
    let mut jobs = String::new();
    for text in models.split(',') {
        let (path, width, height) =
            entry(text, width, height).ok_or_else(|| format!("PIXELRNN_MODEL: {text}: not PATH@WIDTHxHEIGHT"))?;
        let path = fs::canonicalize(path).map_err(|error| format!("PIXELRNN_MODEL: {path}: {error}"))?;
        println!("cargo:rerun-if-changed={}", path.display());
        let (words, all, small, classes_of_model) = with_scales(&path, |models| needs(models, (width, height)))??;
        state_words = state_words.max(words);
        values = values.max(all);
        small_values = small_values.max(small);
        classes = classes.max(classes_of_model);
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let coded = match coded.next() {
            Some(path) => {
                let path = fs::canonicalize(path).map_err(|error| format!("PIXELRNN_CODED: {path}: {error}"))?;
                println!("cargo:rerun-if-changed={}", path.display());
                format!("include_bytes!({path:?})")
            }
            None => "&[]".into(),
        };
        jobs += &format!(
            "    Job {{ name: {name:?}, model: pixelrnn::include_model!({path:?}), width: {width}, height: {height}, coded: {coded} }},\n"
        );
    }
    let count_of_jobs = models.split(',').count();
    let text = format!(
        "/// The board's name.\npub const BOARD: &str = {board:?};\n\
         /// Seed of a model's first image; the next one's is one more.\npub const SEED: u32 = {seed};\n\
         /// Images to draw of each model.\npub const COUNT: u32 = {count};\n\
         /// Words of state that the largest needs.\npub const STATE_WORDS: usize = {state_words};\n\
         /// Values of the scales but the largest of the largest image.\n#[allow(dead_code, reason = \"only the main program draws several\")]\npub const SMALL_VALUES: usize = {small_values};\n\
         /// Values of the largest image.\n#[allow(dead_code, reason = \"only the program `classify` holds one\")]\npub const VALUES: usize = {values};\n\
         /// The most classes that a model has.\n#[allow(dead_code, reason = \"as above\")]\npub const CLASSES: usize = {classes};\n\
         /// What to draw.\npub static JOBS: [Job; {count_of_jobs}] = [\n{jobs}];\n"
    );
    fs::write(out.join("settings.rs"), text)?;
    Ok(())
}
