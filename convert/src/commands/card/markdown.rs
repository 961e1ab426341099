//! A card for people.

use super::Card;
use super::runs::{TrainingRun, folder_name};
use crate::commands::{classify, eval, inspect};

/// A card as Markdown.
pub(super) fn markdown(name: &str, card: &Card) -> String {
    let Card { likelihood, sizes, note, .. } = card;
    let note = if note.is_empty() { String::new() } else { format!("\n{note}") };
    let (architecture, images, width) = (&sizes.architecture, sizes.images(), sizes.width);
    let found = card.classification.as_ref().map(class_rows).into_iter().flatten();
    let rows: String = likelihood_rows(likelihood).into_iter().chain(found).chain(size_rows(sizes)).collect();
    let drawn = match sizes.classes {
        0 => "sixteen images, seeds 1 to 16",
        _ => "eight images of each class, seeds 1 to 8",
    };
    let try_it = if sizes.classes > 0 { tried(name, sizes.classes, likelihood) } else { String::new() };
    let labels = if card.classification.is_some() { " --labels LABELS" } else { "" };
    let runs: String = card.runs.iter().enumerate().map(|(number, run)| training(number, run, &card.machine)).collect();
    let folder = folder_name(card.runs.len(), card.runs.len());
    format!(
        "# {name}\n\n![{drawn}]({name}.png)\n\n\
         A {architecture} of {images}, trained on {}.\n{note}\n{try_it}\n\
         | what | measured |\n| --- | --- |\n{rows}\n{runs}\
         Exported with `pixelrnn export {folder} -o {name}.prnn --data TRAINING-IMAGES{labels}`. The figures are those of\n\
         `pixelrnn eval {name}.prnn --data TEST-IMAGES{labels}` and `pixelrnn inspect {name}.prnn --width {width}`; \
         this card was written by `pixelrnn card`.\n",
        card.data
    )
}

/// How to draw a class, and tell which one an image is of.
fn tried(name: &str, classes: u16, likelihood: &eval::Report) -> String {
    let class = 7.min(classes - 1);
    let size = match (likelihood.width, likelihood.height) {
        (Some(width), Some(height)) => format!(" --width {width} --height {height}"),
        _ => String::new(),
    };
    format!(
        "\n```sh\npixelrnn sample {name}.prnn --class {class}{size} -o drawn.npy    # a name that ends in .png shows them\n\
         pixelrnn classify {name}.prnn drawn.npy\n```\n"
    )
}

fn row(what: &str, value: impl std::fmt::Display) -> String {
    format!("| {what} | {value} |\n")
}

/// Nats an image say something of images of one size.
fn likelihood_rows(likelihood: &eval::Report) -> Vec<String> {
    let float = |value: Option<f64>, digits| value.map_or_else(|| "-".into(), |value| format!("{value:.digits$}"));
    let mut rows = vec![row("test images", likelihood.what())];
    if likelihood.width.is_some() {
        rows.extend([
            row("integer model, nats an image", format!("{:.4}", likelihood.integer_nats_per_image)),
            row("float twin, nats an image", float(likelihood.float_nats_per_image, 4)),
            row("integers lose, nats an image", float(likelihood.difference_nats_per_image, 4)),
        ]);
    }
    rows.extend([
        row("integer model, bits a dimension", format!("{:.5}", likelihood.integer_bits_per_dim)),
        row("float twin, bits a dimension", float(likelihood.float_bits_per_dim, 5)),
    ]);
    rows
}

/// The likelihoods above are given each image's class.
fn class_rows(found: &classify::Report) -> Vec<String> {
    let accuracy = found.accuracy.map(|accuracy| row("classified right, %", format!("{:.2}", 100.0 * accuracy)));
    let unknown = row("integer model, nats an image of unknown class", format!("{:.4}", found.nats_per_image));
    [unknown].into_iter().chain(accuracy).collect()
}

fn size_rows(sizes: &inspect::Report) -> [String; 5] {
    [
        row("blocks", sizes.layers.len().saturating_sub(2)),
        row("flash: the blob, bytes", sizes.blob_bytes),
        row(&format!("RAM: state at width {}, bytes", sizes.width), sizes.state_bytes),
        row("multiply-adds a pixel", sizes.macs_per_pixel),
        row("fingerprint", format!("`{}`", sizes.fingerprint)),
    ]
}

/// A run: its time, its machine, its command.
fn training(number: usize, run: &TrainingRun, machine: &str) -> String {
    let TrainingRun { command, seed, threads, device, steps, minutes } = run;
    let threads = match threads {
        0 => "all threads".into(),
        1 => "one thread".into(),
        threads => format!("{threads} threads"),
    };
    let verb = if number == 0 { "Trained for" } else { "Then, from those weights, for" };
    let place = match (number, device.as_str()) {
        (_, "cuda") => "on a GPU".into(),
        (0, _) => format!("{threads} on {machine}"),
        _ => format!("{threads} on the same"),
    };
    format!("{verb} {minutes:.0} minutes, {steps} steps, seed {seed}, {place}:\n\n```sh\n{command}\n```\n\n")
}
