//! `pixelrnn.h`, as it must be.

use std::path::Path;

/// The header that cbindgen makes of `core/capi` now.
///
/// cbindgen has no word for `restrict`: every pointer parameter gets it here, but for a callback's `context`, which the
/// library only hands back. No function's buffers may overlap.
///
/// # Errors
/// What cbindgen finds wrong with the crate.
pub fn generate() -> Result<String, Box<dyn std::error::Error>> {
    let crate_directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/capi");
    let config = cbindgen::Config::from_file(crate_directory.join("cbindgen.toml"))?;
    let mut header = Vec::new();
    cbindgen::Builder::new().with_crate(&crate_directory).with_config(config).generate()?.write(&mut header);
    Ok(with_restrict(&String::from_utf8_lossy(&header)))
}

fn with_restrict(header: &str) -> String {
    let mut result = String::new();
    let mut in_prototype = false;
    for line in header.lines() {
        // A prototype starts at the margin and ends with a semicolon, a line or more later.
        in_prototype |= line.starts_with(|first: char| first.is_ascii_lowercase()) && line.contains('(');
        match line.split_once('(') {
            _ if !in_prototype || line.starts_with("typedef") => result += line,
            Some((name, parameters)) => {
                result += name;
                result.push('(');
                result += &restricted(parameters);
            }
            None => result += &restricted(line),
        }
        result.push('\n');
        in_prototype &= !line.ends_with(';');
    }
    result
}

fn restricted(parameters: &str) -> String {
    parameters.replace(" *", " *PIXELRNN_RESTRICT ").replace("*PIXELRNN_RESTRICT context", "*context")
}
