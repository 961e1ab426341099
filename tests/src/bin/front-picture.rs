//! Draws the front page's picture, `examples/front.png`, from shipped models and a photograph of the tests.
//!
//! `cargo run --release -p pixelrnn-tests --bin front-picture`

use std::error::Error;

use pixelrnn_convert::report::save_png;
use pixelrnn_tests::front_picture;

fn main() -> Result<(), Box<dyn Error>> {
    let (picture, path) = (front_picture::picture()?, front_picture::path());
    save_png(&picture, &path)?;
    println!("{}: {} bytes", path.display(), std::fs::metadata(&path)?.len());
    Ok(())
}
