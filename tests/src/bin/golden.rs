//! Writes `tests/golden`: models of every kind that are not there yet, what this machine draws from them and from every model in
//! `examples/models`, which classes it finds, and what it codes.
//!
//! Only for models that are new, or if the format's version was raised: the files say what every machine must draw and code.

use std::error::Error;
use std::fs;
use std::path::Path;

use pixelrnn_tests::{classes, golden, golden_nibbles, golden_scales, models};

/// Writes a file, and says whether it is another one now.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    let state = match fs::read(path) {
        Ok(old) if old == bytes => "unchanged",
        Ok(_) => "changed",
        Err(_) => "new",
    };
    fs::write(path, bytes)?;
    println!("{}: {state}", path.file_name().unwrap_or_default().display());
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    golden::write_models()?;
    golden_scales::write()?;
    golden_nibbles::write()?;
    for model in models::all()? {
        write(&model.golden(), model.text().as_bytes())?;
    }
    for model in classes::models()? {
        write(&classes::golden(&model), classes::text(&model, 1).as_bytes())?;
    }
    for model in models::random()? {
        for coded in golden::coded(&model) {
            write(&golden::path(&coded.name), &coded.bytes)?;
        }
        if model.name == golden::ARCHIVE_MODEL {
            write(&golden::path(golden::ARCHIVE), &golden::archive(&model)?)?;
        }
    }
    Ok(())
}
