//! `pixelrnn embed`: a model as a C header, for firmware without files.

use std::error::Error;
use std::fmt::Write;
use std::path::PathBuf;

use pixelrnn::Model;

use crate::blob_file::Blob;
use crate::report;

/// Arguments of `pixelrnn embed`.
#[derive(Debug, Clone, clap::Args)]
pub struct EmbedArguments {
    /// The model, a `.prnn` file.
    model: PathBuf,
    /// The C name of the array; capitals of it begin the macros' names. The file's own name without it.
    #[arg(long)]
    name: Option<String>,
    /// The header to write.
    #[arg(short, long)]
    output: PathBuf,
}

/// A C name out of any text: letters, digits and underscores, the first of them no digit.
fn c_name(text: &str) -> String {
    let name: String = text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') { name } else { format!("model_{name}") }
}

/// The header: macros for sizes, and the blob as an array of 32-bit words, which aligns it.
///
/// # Errors
/// The blob is no model.
pub fn header(blob: &Blob, name: &str) -> Result<String, Box<dyn Error>> {
    let model = blob.load()?;
    let (fixed, per_column) = state_words(&model);
    let (name, capitals) = (c_name(name), c_name(name).to_uppercase());
    let (levels, channels, classes, bytes) = (model.levels(), model.channels(), model.classes(), blob.bytes().len());
    let (architecture, fingerprint) = (model.architecture().name(), model.fingerprint());
    let mut text = format!(
        "/* A {architecture} model of pixelrnn, {levels} levels; made by `pixelrnn embed`. */\n\
         #ifndef {capitals}_H\n#define {capitals}_H\n\n#include <stdint.h>\n\n\
         /* Bytes of the model, a multiple of four or not. */\n#define {capitals}_BYTES {bytes}u\n\
         /* Values a channel of a pixel can take. */\n#define {capitals}_LEVELS {levels}\n\
         /* Channels of a pixel. */\n#define {capitals}_CHANNELS {channels}\n\
         /* Classes of images, of which each is drawn given one; 0 without. */\n#define {capitals}_CLASSES {classes}\n\
         /* What pixelrnn_model_inspect must say of it. */\n#define {capitals}_FINGERPRINT 0x{fingerprint:08x}u\n\
         /* Words of 32 bits of state for an image of this width. */\n\
         #define {capitals}_STATE_WORDS(width) ({fixed}u + {per_column}u * (width))\n\n\
         static const uint32_t {name}[] = {{\n"
    );
    for line in blob.bytes().chunks(32) {
        for word in line.chunks(4) {
            let mut bytes = [0; 4];
            bytes[..word.len()].copy_from_slice(word);
            write!(text, "0x{:08x},", u32::from_le_bytes(bytes))?;
        }
        text.push('\n');
    }
    text += &format!("}};\n\n#endif /* {capitals}_H */\n");
    Ok(text)
}

/// A model's state: words for any width, and words a column.
fn state_words(model: &Model<'_>) -> (usize, usize) {
    let per_column = model.state_words(2) - model.state_words(1);
    (model.state_words(1) - per_column, per_column)
}

/// Writes the header.
///
/// # Errors
/// The model cannot be read, or the header not be written.
pub fn run(arguments: &EmbedArguments) -> Result<(), Box<dyn Error>> {
    let blob = Blob::read(&arguments.model)?;
    let stem = || arguments.model.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let name = arguments.name.clone().unwrap_or_else(stem);
    report::write(&arguments.output, header(&blob, &name)?.as_bytes())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_c_names() {
        assert_eq!(c_name("mnist-micro"), "mnist_micro");
        assert_eq!(c_name("8x8"), "model_8x8");
        assert_eq!(c_name(""), "model_");
    }
}
