//! Measures the packages' archives, and what sketches take of them: `tests/measured/packages.md`.

use pixelrnn_tests::{packages, readme};

fn main() -> std::io::Result<()> {
    let table = packages::table(&packages::sizes(&packages::packages()));
    print!("{table}");
    std::fs::write(readme::table_path("packages"), table)
}
