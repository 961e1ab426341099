//! Shared by the crates beside it, for one of them as a module: puts the model and the memory map where the compiler and the linker find them.
//!
//! `PIXELRNN_MODEL` names another model than `examples/models/mnist-micro.prnn`.

use std::path::PathBuf;
use std::{env, fs};

/// What a crate without more to do runs.
pub fn main() -> Result<(), Box<dyn std::error::Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    println!("cargo:rerun-if-env-changed=PIXELRNN_MODEL");
    let model = env::var("PIXELRNN_MODEL").unwrap_or_else(|_| "../../models/mnist-micro.prnn".into());
    println!("cargo:rerun-if-changed={model}");
    fs::copy(&model, out.join("model.prnn")).map_err(|error| format!("PIXELRNN_MODEL: {model}: {error}"))?;
    fs::copy("memory.x", out.join("memory.x"))?;
    println!("cargo:rerun-if-changed=memory.x");
    println!("cargo:rustc-link-search={}", out.display());
    println!("cargo:rustc-link-arg=--nmagic");
    println!("cargo:rustc-link-arg=-Tlink.x");
    Ok(())
}
