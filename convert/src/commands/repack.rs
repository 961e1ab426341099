//! `pixelrnn repack`: a model in the form that an instruction set reads fastest, or in the one that all read.

use std::error::Error;
use std::path::PathBuf;

use crate::blob_file::Blob;
use crate::quantize::pack::{self, Form};
use crate::report;

/// Arguments of `pixelrnn repack`.
#[derive(Debug, Clone, clap::Args)]
pub struct RepackArguments {
    /// The model, a `.prnn` file, of one or several scales.
    model: PathBuf,
    /// What will run it.
    #[arg(long = "for", value_enum)]
    target: Target,
    /// The file to write.
    #[arg(short, long)]
    output: PathBuf,
}

/// What a packing is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Target {
    /// Every target: what `export` writes; weights of 4 bits become ones of 8.
    All,
    /// MVE (Cortex-M52, M55 and M85): fewer instructions there, and no other microcontroller loads it.
    Mve,
}

impl From<Target> for Form {
    fn from(target: Target) -> Self {
        match target {
            Target::All => Self::All,
            Target::Mve => Self::Mve,
        }
    }
}

/// Writes the model.
///
/// # Errors
/// The model cannot be read, or the file not be written.
pub fn run(arguments: &RepackArguments) -> Result<(), Box<dyn Error>> {
    let blob = Blob::read_scales(&arguments.model)?;
    let packed = pack::repack(&blob, arguments.target.into())?;
    report::write(&arguments.output, packed.bytes())?;
    Ok(())
}
