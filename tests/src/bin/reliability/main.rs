//! Whether pictures come back as they were, and whether damage is told: counts of what was tried, in Markdown.
//!
//! `cargo run --release -p pixelrnn-tests --bin reliability > tests/measured/reliability.md`; needs the sets in `../shared/data` (or
//! `--data`), QEMU and a compiler for its boards. Ends with an error if any picture came back wrong.

mod boards;
mod damage;
mod random;
mod sets;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use pixelrnn_tests::sets::{Error, FOLDER};

/// How much is tried.
#[derive(Parser)]
struct Arguments {
    /// The folder of the sets.
    #[arg(long, default_value = FOLDER)]
    data: PathBuf,
    /// Only the first so many pictures of each set.
    #[arg(long, default_value_t = usize::MAX)]
    limit: usize,
    /// Images of random sizes and depths.
    #[arg(long, default_value_t = 10_000)]
    random: usize,
    /// MNIST images that boards decode.
    #[arg(long, default_value_t = 100)]
    boards: usize,
}

/// What came of one kind of trial.
#[derive(Debug, Clone, Default)]
struct Outcome {
    /// What was tried.
    what: String,
    /// How often.
    tried: usize,
    /// How often an error was given.
    refused: usize,
    /// How often the right values came.
    right: usize,
    /// How often others came, and no error.
    wrong: usize,
}

impl Outcome {
    fn of(what: impl Into<String>) -> Self {
        Self { what: what.into(), ..Self::default() }
    }

    /// Counts a trial: what came, and whether it is right.
    fn count<T, E>(&mut self, result: &Result<T, E>, is_right: impl FnOnce(&T) -> bool) {
        self.tried += 1;
        match result {
            Err(_) => self.refused += 1,
            Ok(value) if is_right(value) => self.right += 1,
            Ok(_) => self.wrong += 1,
        }
    }

    fn add(mut self, other: &Self) -> Self {
        self.tried += other.tried;
        self.refused += other.refused;
        self.right += other.right;
        self.wrong += other.wrong;
        self
    }
}

/// Prints rows as they come, and says whether all is well: nothing undamaged refused, nothing wrong ever.
fn print(title: &str, damaged: bool, outcomes: impl Iterator<Item = Result<Outcome, Error>>) -> Result<bool, Error> {
    println!("| {title} | tried | right | an error | wrong without one |\n| --- | ---: | ---: | ---: | ---: |");
    let mut is_well = true;
    for outcome in outcomes {
        let Outcome { what, tried, refused, right, wrong } = outcome?;
        println!("| {what} | {tried} | {right} | {refused} | {wrong} |");
        is_well &= wrong == 0 && (damaged || refused == 0) && tried > 0;
    }
    println!();
    Ok(is_well)
}

fn main() -> Result<ExitCode, Error> {
    let arguments = Arguments::parse();
    let Arguments { limit, random, boards, .. } = &arguments;
    let limit = if *limit == usize::MAX { String::new() } else { format!("--limit {limit} ") };
    println!(
        "As `cargo run --release -p pixelrnn-tests --bin reliability -- {limit}--random {random} --boards {boards}` printed it.\n"
    );
    let mut is_well = print(
        "test images coded and decoded, in tiles of 128x128 where they are larger",
        false,
        sets::all(&arguments.data, arguments.limit),
    )?;
    is_well &= print("random images coded and decoded", false, random::all(arguments.random).into_iter())?;
    is_well &=
        print("MNIST coded here, decoded in QEMU", false, boards::all(&arguments.data, arguments.boards).into_iter())?;
    is_well &= print("one bit flipped", true, damage::all().into_iter())?;
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
