//! Fills the README's tables from `tests/measured/`; that of the models from their cards, that of the instructions from
//! `tests/instructions.json`.

use pixelrnn_tests::{cards, instructions, readme, tables};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    std::fs::write(readme::table_path("models"), cards::table()?)?;
    std::fs::write(readme::table_path("instructions"), tables::readme(&instructions::committed()?))?;
    let text = std::fs::read_to_string(readme::path())?;
    std::fs::write(readme::path(), readme::filled(&text)?)?;
    println!("{} is up to date", readme::path().display());
    Ok(())
}
