//! Prints what it takes to classify an image on boards with a Cortex-M0 and M4: flash, RAM and stack in bytes, instructions, seconds.
//! Markdown.
//!
//! `cargo run --release -p pixelrnn-tests --bin classify-boards > tests/measured/classify-boards.md`

use std::error::Error;
use std::time::Duration;

use pixelrnn_tests::boards::{Board, Figures};
use pixelrnn_tests::image_size::ImageSize;
use pixelrnn_tests::models::{self, TestModel};
use pixelrnn_tests::{classes, instructions, tables};

/// A board of each core, and the core's name in the tables.
const BOARDS: [(&str, &str); 2] = [("microbit", "M0"), ("mps2-an386", "M4")];

fn main() -> Result<(), Box<dyn Error>> {
    println!(
        "As `cargo run --release -p pixelrnn-tests --bin classify-boards` prints it: the firmware `classify` on an image of each class that \
         the model itself drew, means of an image. Given every class it is scored to its end; *the class alone* gives up a class once it is \
         less likely than the best so far. Bytes of flash with the model, RAM with state, image and what is found, and the worst stack. \
         Instructions as QEMU counts them; seconds of estimated cycles ([instructions and data accesses](#instructions)) at the clock of a \
         chip that people buy.\n\n\
         | model | board | flash | RAM | worst stack | million instructions | the class alone | seconds | the class alone |\n\
         | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    );
    for model in models::shipped()?.iter().filter(|model| model.classes() > 0 && model.scales().len() == 1) {
        for (board, core) in BOARDS {
            let board = Board::named(board).ok_or("no such board")?;
            println!("{}", row(model, board, core)?);
        }
    }
    Ok(())
}

/// Means of an image: instructions, and estimated cycles.
fn mean(counts: &[(u64, u64)], images: usize) -> (f64, f64) {
    let mean = |of: &dyn Fn(&(u64, u64)) -> u64| counts.iter().map(of).sum::<u64>() as f64 / images as f64;
    (mean(&|count| count.0), mean(&|count| count.0 + count.1))
}

fn row(model: &TestModel, board: &Board, core: &str) -> Result<String, Box<dyn Error>> {
    let images = model.classes() as usize;
    let image = board
        .crate_at("examples/firmware")
        .features(&board.features())
        .variable("PIXELRNN_MODEL", model.entry())
        .variable("PIXELRNN_SEED", "1")
        .build("classify", &format!("{}-classify-{}", board.name, model.name))?;
    let plugin = instructions::plugin()?;
    let output = board.run_with(&["-plugin", &plugin.to_string_lossy()], &image, Duration::from_secs(3600))?;
    let expected = format!("board {}\n{}", board.name, classes::golden_text(model)?);
    if !output.serial.starts_with(&expected) {
        return Err(format!(
            "{}: {} finds other classes than the golden ones: {}",
            model.name, board.name, output.serial
        )
        .into());
    }
    let figures = Figures::parse(&output.serial).ok_or_else(|| format!("{}: {}", board.name, output.serial))?;
    let size = ImageSize::read(&image)?;
    let counts = instructions::regions(&output.messages);
    if counts.len() != 2 * images {
        return Err(format!("{}: {} regions of {images} images", board.name, counts.len()).into());
    }
    // Of each image first all classes, then the class alone.
    let (all, alone): (Vec<_>, Vec<_>) = counts.chunks_exact(2).map(|pair| (pair[0], pair[1])).unzip();
    let (all, alone) = (mean(&all, images), mean(&alone, images));
    let (chip, clock) = tables::clock(core).ok_or("no chip of that core")?;
    Ok(format!(
        "| `{}` | {}; {core}: {chip}, {clock} MHz | {} | {} | {} | {:.1} | {:.1} | {:.2} | {:.2} |",
        model.name,
        board.name,
        size.flash,
        size.ram,
        figures.stack,
        all.0 / 1e6,
        alone.0 / 1e6,
        all.1 / clock / 1e6,
        alone.1 / clock / 1e6,
    ))
}
