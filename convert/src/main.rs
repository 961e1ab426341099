//! The `pixelrnn` command.
use clap::{Parser, Subcommand};
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

fn main() -> std::process::ExitCode {
    sigpipe::reset();
    let Command::Train(arguments) = Arguments::parse().command;
    match pixelrnn_convert::train::run(&arguments) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}
