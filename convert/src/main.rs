//! The `pixelrnn` command.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use pixelrnn_convert::commands;

/// Trains, quantizes and runs image models that a microcontroller can hold.
#[derive(Debug, Parser)]
#[command(name = "pixelrnn", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Trains a float network (needs a build with `--features train` and libtorch).
    #[cfg(feature = "train")]
    Train(Box<pixelrnn_convert::train::TrainArguments>),
    /// Quantizes a float network into a model.
    Export(commands::export::ExportArguments),
    /// Measures the likelihood of images under a model and its float twin.
    Eval(commands::eval::EvalArguments),
    /// Measures a shipped model and writes its card.
    Card(commands::card::CardArguments),
    /// Draws images.
    Sample(commands::sample::SampleArguments),
    /// Draws plausible larger images around a small one.
    Enlarge(commands::enlarge::EnlargeArguments),
    /// Completes images: known pixels are kept, unknown ones drawn.
    Complete(commands::complete::CompleteArguments),
    /// Says how likely images are: a table, most unusual first.
    Score(commands::score::ScoreArguments),
    /// Says of which class images are: a table, with the margin and how likely each image is at all.
    Classify(commands::classify::ClassifyArguments),
    /// Codes images without loss.
    Compress(commands::compress::CompressArguments),
    /// Decodes what compress coded.
    Decompress(commands::decompress::DecompressArguments),
    /// Rebuilds pictures from the packets that a device sent.
    Receive(commands::receive::ReceiveArguments),
    /// Writes a model as a C header.
    Embed(commands::embed::EmbedArguments),
    /// Packs a model for the instruction set that will run it.
    Repack(commands::repack::RepackArguments),
    /// Shows a model's layers, flash, state and work.
    Inspect(commands::inspect::InspectArguments),
}

fn main() -> ExitCode {
    // A reader that goes away (`pixelrnn … | head`) ends the program quietly.
    sigpipe::reset();
    let result = match Arguments::parse().command {
        #[cfg(feature = "train")]
        Command::Train(arguments) => pixelrnn_convert::train::run(&arguments).map_err(Into::into),
        Command::Export(arguments) => commands::export::run(&arguments),
        Command::Eval(arguments) => commands::eval::run(&arguments),
        Command::Card(arguments) => commands::card::run(&arguments),
        Command::Sample(arguments) => commands::sample::run(&arguments),
        Command::Enlarge(arguments) => commands::enlarge::run(&arguments),
        Command::Complete(arguments) => commands::complete::run(&arguments),
        Command::Score(arguments) => commands::score::run(&arguments),
        Command::Classify(arguments) => commands::classify::run(&arguments),
        Command::Compress(arguments) => commands::compress::run(&arguments),
        Command::Decompress(arguments) => commands::decompress::run(&arguments),
        Command::Receive(arguments) => commands::receive::run(&arguments),
        Command::Embed(arguments) => commands::embed::run(&arguments),
        Command::Repack(arguments) => commands::repack::run(&arguments),
        Command::Inspect(arguments) => commands::inspect::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
