//! Fills the README's tables from `tests/measured/`, and that of the models from their cards.

use pixelrnn_tests::{cards, readme};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    std::fs::write(readme::table_path("models"), cards::table()?)?;
    let text = std::fs::read_to_string(readme::path())?;
    std::fs::write(readme::path(), readme::filled(&text)?)?;
    println!("{} is up to date", readme::path().display());
    Ok(())
}
