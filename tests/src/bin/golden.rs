//! Writes `tests/golden/*.txt`: what this machine draws from every model in `examples/models`, and from random ones.
//!
//! Only for models that are new or meant to have changed: the files say what every machine must draw.

use std::error::Error;
use std::fs;

use pixelrnn_tests::models;

fn main() -> Result<(), Box<dyn Error>> {
    for model in models::all()? {
        let path = model.golden();
        let text = model.text();
        let state = match fs::read_to_string(&path) {
            Ok(old) if old == text => "unchanged",
            Ok(_) => "changed",
            Err(_) => "new",
        };
        fs::create_dir_all(path.parent().ok_or("no directory")?)?;
        fs::write(&path, text)?;
        println!("{}: {state}", model.name);
    }
    Ok(())
}
