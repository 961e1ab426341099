//! Counts instructions of kernels and whole models on every processor in QEMU, prints the tables, writes
//! `tests/instructions.json` and the README's table. Counts are not cycles.
//!
//! `instructions CORE …` counts on those alone, says what has risen, and writes nothing.

use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::Path;

use pixelrnn_tests::instructions::{self, CORES, Count};
use pixelrnn_tests::{readme, tables};

fn main() -> Result<(), Box<dyn Error>> {
    let named: Vec<String> = std::env::args().skip(1).collect();
    let counts = instructions::count_all(&named, &|core| eprintln!("counting on {core}"))?;
    let mut text = String::new();
    for core in &CORES {
        text += &tables::of_core(core.name, &counts);
    }
    text += &tables::frames(&counts);
    text += &tables::cycles(&counts);
    std::io::stdout().write_all(text.as_bytes())?;
    let path = instructions::committed_path();
    let committed: Vec<Count> = match fs::read_to_string(&path) {
        Ok(text) => serde_json::from_str(&text)?,
        Err(_) => Vec::new(),
    };
    for line in instructions::rises(&committed, &counts) {
        eprintln!("risen: {line}");
    }
    if !named.is_empty() {
        return Ok(());
    }
    write(&readme::table_path("instructions"), &tables::page(&counts))?;
    write(&path, &instructions::to_json(&counts))
}

/// Writes beside, then renames.
fn write(path: &Path, text: &str) -> Result<(), Box<dyn Error>> {
    let beside = path.with_extension("part");
    fs::write(&beside, text)?;
    fs::rename(&beside, path)?;
    Ok(())
}
