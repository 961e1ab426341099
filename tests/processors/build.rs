//! Lists the models to draw from: `PIXELRNN_MODEL` is `PATH@WIDTHxHEIGHT`, separated by commas.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn job(text: &str) -> Option<String> {
    let (path, size) = text.rsplit_once('@')?;
    let (width, height) = size.split_once('x')?;
    println!("cargo:rerun-if-changed={path}");
    let name = Path::new(path).file_stem()?.to_str()?;
    Some(format!(
        "Job {{ name: {name:?}, model: pixelrnn::include_model!({path:?}), width: {width}, height: {height} }},\n"
    ))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=PIXELRNN_MODEL");
    let models = env::var("PIXELRNN_MODEL").unwrap_or_default();
    let jobs: Option<String> = models.split(',').filter(|text| !text.is_empty()).map(job).collect();
    let jobs = jobs.ok_or("PIXELRNN_MODEL: PATH@WIDTHxHEIGHT, separated by commas")?;
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("jobs.rs"), format!("&[\n{jobs}]"))?;
    Ok(())
}
