//! `pixelrnn embed`: a model as a C header, for firmware without files.

use std::error::Error;
use std::fmt::Write;
use std::path::PathBuf;

use pixelrnn::{Model, Pyramid};

use crate::blob_file::Blob;
use crate::report;

/// Arguments of `pixelrnn embed`.
#[derive(Debug, Clone, clap::Args)]
pub struct EmbedArguments {
    /// The model, a `.prnn` file, of one or several scales.
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
    let models = blob.load_scales()?;
    let model = &models[0];
    let (name, capitals) = (c_name(name), c_name(name).to_uppercase());
    let (levels, channels, classes, bytes) = (model.levels(), model.channels(), model.classes(), blob.bytes().len());
    let architecture = model.architecture().name();
    let own = match models.as_slice() {
        [model] => of_network(&capitals, model),
        models => of_scales(&capitals, &Pyramid::new(models)?),
    };
    let mut text = format!(
        "/* A {architecture} model of pixelrnn, {levels} levels; made by `pixelrnn embed`. */\n\
         #ifndef {capitals}_H\n#define {capitals}_H\n\n#include <stdint.h>\n\n\
         /* Bytes of the model, a multiple of four or not. */\n#define {capitals}_BYTES {bytes}u\n\
         /* Values a channel of a pixel can take. */\n#define {capitals}_LEVELS {levels}\n\
         /* Channels of a pixel. */\n#define {capitals}_CHANNELS {channels}\n\
         /* Classes of images, of which each is drawn given one; 0 without. */\n#define {capitals}_CLASSES {classes}\n\
         {own}\n\
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

/// A single network's macros.
fn of_network(capitals: &str, model: &Model<'_>) -> String {
    let (state, fingerprint) = (state_words(model), model.fingerprint());
    format!(
        "/* What pixelrnn_model_inspect must say of it. */\n#define {capitals}_FINGERPRINT 0x{fingerprint:08x}u\n\
         /* Words of 32 bits of state for an image of this width. */\n\
         #define {capitals}_STATE_WORDS(width) ({state})\n"
    )
}

/// The macros of networks of several scales.
fn of_scales(capitals: &str, pyramid: &Pyramid<'_>) -> String {
    let models = pyramid.models();
    let list = |of: &dyn Fn(&Model<'_>) -> String| models.iter().map(of).collect::<Vec<_>>().join(", ");
    let (count, last) = (models.len(), models.len() - 1);
    let fingerprints = list(&|model| format!("0x{:08x}u", model.fingerprint()));
    let factors = list(&|model| model.factor().to_string());
    let side = |side: &str, factor: u32| format!("((({side}) + {}u) / {factor}u)", factor - 1);
    let pixels = |scale| side("width", pyramid.factor(scale)) + " * " + &side("height", pyramid.factor(scale));
    let pixels = (0..count).map(pixels).collect::<Vec<_>>().join(" + ");
    let mut text = format!(
        "/* Its scales, which pixelrnn_scale_blob finds; what pixelrnn_model_inspect must say of each, the smallest first, and how many\n   \
         times larger its images are than the scale's before. */\n\
         #define {capitals}_SCALES {count}\n#define {capitals}_FINGERPRINTS {{{fingerprints}}}\n\
         #define {capitals}_FACTORS {{{factors}}}\n\
         /* Values of all scales of an image of this size together. */\n\
         #define {capitals}_VALUES(width, height) ({capitals}_CHANNELS * ({pixels}))\n\
         /* Words of 32 bits of state for an image of this width of a scale, and of those before it. */\n\
         #define {capitals}_MORE(one, other) ((one) > (other) ? (one) : (other))\n"
    );
    for (scale, model) in models.iter().enumerate() {
        let own = state_words(model);
        let words = match scale.checked_sub(1) {
            None => own,
            Some(before) => {
                let small = side("width", model.factor().into());
                format!("{capitals}_MORE({own}, {capitals}_STATE_WORDS_{before}({small}))")
            }
        };
        text += &format!("#define {capitals}_STATE_WORDS_{scale}(width) ({words})\n");
    }
    text + &format!("#define {capitals}_STATE_WORDS(width) {capitals}_STATE_WORDS_{last}(width)\n")
}

/// A model's state for a width, as C has it: words for any width, words a column, and words a column of a smaller image.
fn state_words(model: &Model<'_>) -> String {
    let words = |width: u32| model.state_words(width);
    let factor = u32::from(model.factor());
    // Two columns are of one small pixel.
    let per_column = words(2) - words(1);
    let per_small = words(factor.max(1) + 1) - words(factor.max(1)) - per_column;
    let fixed = words(1) - per_column - per_small;
    let mut text = format!("{fixed}u + {per_column}u * (width)");
    if factor > 0 {
        text += &format!(" + {per_small}u * (((width) + {}u) / {factor}u)", factor - 1);
    }
    text
}

/// Writes the header.
///
/// # Errors
/// The model cannot be read, or the header not be written.
pub fn run(arguments: &EmbedArguments) -> Result<(), Box<dyn Error>> {
    let blob = Blob::read_scales(&arguments.model)?;
    let stem = || arguments.model.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let name = arguments.name.clone().unwrap_or_else(stem);
    report::write(&arguments.output, header(&blob, &name)?.as_bytes())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Architecture, NetworkConfig};
    use crate::quantize::{Bits, Calibration, quantize};

    /// What the macro gives is what the engine asks for, also where small pixels are wider than one.
    #[test]
    fn macros_of_state_are_right_for_any_width() {
        let config = |factor: u8, upsampled| NetworkConfig {
            factor,
            upsampled,
            ..NetworkConfig::plain(Architecture::DiagonalBilstm, 4, 1)
        };
        for (factor, upsampled) in [(0, 0), (2, 4), (4, 8)] {
            let source = &mut |_: &str, shape: &[usize]| Ok(vec![0.1; shape.iter().product()]);
            let network = crate::float::Network::from_tensors(config(factor, upsampled), source).unwrap();
            let pictures = [crate::data::Picture::grey(8, vec![1; 64])];
            let blob = quantize(&network, &Calibration::run(&network, &pictures), Bits::Eight).blob;
            let model = blob.load().unwrap();
            let text = state_words(&model);
            let numbers: Vec<usize> = text
                .split(|c: char| !c.is_ascii_digit())
                .filter(|digits| !digits.is_empty())
                .map(|digits| digits.parse().unwrap())
                .collect();
            for width in 1..20usize {
                let small = if factor == 0 { 0 } else { numbers[2] * width.div_ceil(factor.into()) };
                assert_eq!(numbers[0] + numbers[1] * width + small, model.state_words(width as u32), "{text}");
            }
        }
    }

    #[test]
    fn names_are_c_names() {
        assert_eq!(c_name("mnist-micro"), "mnist_micro");
        assert_eq!(c_name("8x8"), "model_8x8");
        assert_eq!(c_name(""), "model_");
    }
}
