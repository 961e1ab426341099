//! Counts instructions of kernels and whole models on every processor in QEMU, prints the tables, writes
//! `tests/instructions.json`. Counts are not cycles.

use std::error::Error;
use std::fs;
use std::io::Write;

use pixelrnn_tests::instructions::{self, CORES, Count};

fn main() -> Result<(), Box<dyn Error>> {
    let counts = instructions::count_all(&mut |core| eprintln!("counting on {core}"))?;
    let mut text = String::new();
    for core in &CORES {
        text += &pixelrnn_tests::tables::of_core(core.name, &counts);
    }
    text += &pixelrnn_tests::tables::cycles(&counts);
    std::io::stdout().write_all(text.as_bytes())?;
    let path = instructions::committed_path();
    let committed: Vec<Count> = match fs::read_to_string(&path) {
        Ok(text) => serde_json::from_str(&text)?,
        Err(_) => Vec::new(),
    };
    for line in instructions::rises(&committed, &counts) {
        eprintln!("risen: {line}");
    }
    let beside = path.with_extension("json.part");
    fs::write(&beside, instructions::to_json(&counts))?;
    fs::rename(&beside, &path)?;
    Ok(())
}
