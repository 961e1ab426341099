//! The `pixelrnn` command.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

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
    Train(pixelrnn_convert::train::TrainArguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result: Result<(), Box<dyn std::error::Error>> = match arguments.command {
        #[cfg(feature = "train")]
        Command::Train(arguments) => pixelrnn_convert::train::run(&arguments).map_err(Into::into),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
