//! Fills the pages' tables from `tests/measured/`; that of the models from their cards, that of the instructions from
//! `tests/instructions.json`, the front page's from both.

use pixelrnn_tests::{cards, front, instructions, readme, tables};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let counts = instructions::committed()?;
    std::fs::write(readme::table_path("models"), cards::table()?)?;
    std::fs::write(readme::table_path("instructions"), tables::page(&counts))?;
    std::fs::write(readme::table_path("values"), tables::values(&counts))?;
    std::fs::write(readme::table_path("front"), front::table(&counts)?)?;
    for page in readme::pages() {
        let text = std::fs::read_to_string(&page)?;
        std::fs::write(&page, readme::filled(&text)?)?;
        println!("{} is up to date", page.display());
    }
    Ok(())
}
