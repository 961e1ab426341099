//! The three figures of the front page, from the cards and the measured tables.

use pixelrnn_convert::commands::card::Card;

use crate::instructions::Count;
use crate::{cards, readme, tables};

fn card(model: &str) -> Result<Card, String> {
    cards::card(&cards::folder().join(model).with_extension("prnn"))
}

/// Whole kilobytes.
fn kilobytes(card: &Card) -> usize {
    card.sizes.blob_bytes.div_ceil(1024)
}

/// The table of the front page.
///
/// # Errors
/// A card or a measured row that is not there.
pub fn table(counts: &[Count]) -> Result<String, String> {
    let rows = [photographs()?, instructions(counts)?, likelihood()?].join("\n");
    Ok(format!("| | this engine | beside |\n| --- | --- | --- |\n{rows}\n"))
}

/// The second cell of the last row of a name: the codecs' table has the sets one after the other, grey behind colour.
fn grey(row: &str) -> Result<String, String> {
    let path = readme::table_path("codecs");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let (_, after) = text.split_once("test, grey").ok_or("the codecs' table has no grey photographs")?;
    let line =
        after.lines().find(|line| line.contains(row)).ok_or_else(|| format!("no {row} among grey photographs"))?;
    line.split('|').nth(2).map(|cell| cell.trim().to_string()).ok_or_else(|| format!("{row} has no figure"))
}

fn photographs() -> Result<String, String> {
    let card = card("photos-grey")?;
    Ok(format!(
        "| [grey photographs](tests/measured/README.md#photographs-beside-other-formats), bits a pixel, in tiles of 128x128 | {} with {} KB of weights | JPEG XL -e 9 {}, JPEG-LS {}, PNG {} |",
        grey("`photos-grey`, tiles of 128x128")?,
        kilobytes(&card),
        grey("JPEG XL -e 9")?,
        grey("JPEG-LS")?,
        grey("PNG")?,
    ))
}

fn instructions(counts: &[Count]) -> Result<String, String> {
    const CASE: &str = "3x3 mask B, one pixel, 32->32";
    let count = |case: &str| counts.iter().find(|count| count.case == case && count.core == "M4");
    let ours = count(CASE).ok_or("no count of a convolution")?.instructions;
    let pixel = count("mnist-micro: a pixel drawn").ok_or("no count of a pixel")?.instructions;
    let peer = tables::cmsis_nn(CASE, "M4").ok_or("no count of the peer's convolution")?;
    Ok(format!(
        "| [instructions on a Cortex-M4](tests/measured/README.md#instructions) of a convolution, 32 to 32 features at a pixel | {} ({} for a whole pixel of `mnist-micro`) | CMSIS-NN {} |",
        tables::thousands(ours),
        tables::thousands(pixel),
        tables::thousands(peer),
    ))
}

fn likelihood() -> Result<String, String> {
    let card = card("mnist-diagonal")?;
    Ok(format!(
        "| [binary MNIST](examples/models/mnist-diagonal.md), nats an image, Diagonal BiLSTM | {:.2} in integers, {} KB | the paper's, floats on a workstation: 79.20 |",
        card.likelihood.integer_nats_per_image,
        kilobytes(&card),
    ))
}
