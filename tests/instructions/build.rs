//! The board's memory map, and the models whose pixels are counted.
//!
//! `PIXELRNN_BOARD` names a board of `examples/firmware`; `PIXELRNN_MODELS` lists models, `NAME=PATH`, separated by commas;
//! `PIXELRNN_KERNELS=0` leaves out all but the models.

use std::path::PathBuf;
use std::{env, fs};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=PIXELRNN_BOARD");
    let board = env::var("PIXELRNN_BOARD").map_err(|_| "set PIXELRNN_BOARD to a board of examples/firmware")?;
    let memory = format!("../../examples/firmware/memory/{board}.x");
    println!("cargo:rerun-if-changed={memory}");
    fs::copy(&memory, out.join("memory.x")).map_err(|error| format!("{memory}: {error}"))?;
    println!("cargo:rustc-link-search={}", out.display());
    println!("cargo:rustc-link-arg=--nmagic");
    if board.starts_with("riscv32") {
        println!("cargo:rustc-link-arg=-Tmemory.x");
    }
    println!("cargo:rustc-link-arg=-Tlink.x");

    println!("cargo:rerun-if-env-changed=PIXELRNN_KERNELS");
    println!("cargo:rustc-check-cfg=cfg(models_only)");
    if env::var("PIXELRNN_KERNELS").is_ok_and(|value| value == "0") {
        println!("cargo:rustc-cfg=models_only");
    }
    println!("cargo:rerun-if-env-changed=PIXELRNN_MODELS");
    let models = env::var("PIXELRNN_MODELS").unwrap_or_default();
    let mut list = String::new();
    for model in models.split(',').filter(|model| !model.is_empty()) {
        let (name, path) = model.rsplit_once('=').ok_or("PIXELRNN_MODELS: NAME=PATH, separated by commas")?;
        println!("cargo:rerun-if-changed={path}");
        list += &format!("({name:?}, pixelrnn::include_model!({path:?})),\n");
    }
    fs::write(out.join("models.rs"), format!("&[{list}]"))?;
    Ok(())
}
