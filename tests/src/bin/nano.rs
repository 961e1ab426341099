//! Measures what `examples/nano` takes of its chip with each architecture: `tests/measured/nano.md`.

use std::error::Error;

use pixelrnn::blob::Architecture;
use pixelrnn_tests::{nano, readme};

fn main() -> Result<(), Box<dyn Error>> {
    let mut table = String::from(
        "| | flash: program | left for the model | RAM: stack, at its deepest | left for the state |\n\
         | --- | ---: | ---: | ---: | ---: |\n",
    );
    for architecture in [Architecture::RowLstm, Architecture::PixelCnn, Architecture::DiagonalBilstm] {
        table += &nano::row(architecture)?;
    }
    print!("{table}");
    Ok(std::fs::write(readme::table_path("nano"), table)?)
}
