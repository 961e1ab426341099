//! A card for people.

use super::Card;
use super::runs::{TrainingRun, last_folders};
use crate::commands::{classify, eval, inspect};

/// A card as Markdown.
pub(super) fn markdown(name: &str, card: &Card) -> String {
    let Card { likelihood, sizes, note, .. } = card;
    let note = if note.is_empty() { String::new() } else { format!("\n{note}") };
    let (architecture, images, width) = (&sizes.architecture, sizes.images(), sizes.width);
    let drawn = match sizes.classes {
        0 => "sixteen images, seeds 1 to 16",
        _ => "eight images of each class, seeds 1 to 8",
    };
    let drawn = if sizes.scales.is_empty() { drawn.into() } else { format!("{drawn}, every scale of each") };
    let try_it = if sizes.classes > 0 { tried(name, sizes.classes, likelihood) } else { String::new() };
    let labels = if card.classification.is_some() { " --labels LABELS" } else { "" };
    let of_scale = |runs: &[TrainingRun]| -> String {
        runs.iter().enumerate().map(|(number, run)| training(&runs[..number], run, &card.machine)).collect()
    };
    let runs: String = card.runs.chunk_by(|run, next| run.scale == next.scale).map(of_scale).collect();
    let (folders, table) = (last_folders(&card.runs), table(card));
    format!(
        "# {name}\n\n![{drawn}]({name}.png)\n\n\
         A {architecture} of {images}, trained on {}.\n{note}\n{try_it}\n\
         {table}\n{runs}\
         Exported with `pixelrnn export {folders} -o {name}.prnn --data TRAINING-IMAGES{labels}`. The figures are those of\n\
         `pixelrnn eval {name}.prnn --data TEST-IMAGES{labels}` and `pixelrnn inspect {name}.prnn --width {width}`; \
         this card was written by `pixelrnn card`.\n",
        card.data
    )
}

/// All figures; of several scales a column each, then one of all together.
fn table(card: &Card) -> String {
    // Nats an image say something of images of one size.
    let (one_size, several) = (card.likelihood.width.is_some(), !card.sizes.scales.is_empty());
    let rows = |likelihood, sizes, found| {
        let found = found_rows(found).into_iter().flatten();
        likelihood_rows(likelihood, one_size)
            .into_iter()
            .chain(found)
            .chain(size_rows(sizes, several))
            .collect::<Vec<Row>>()
    };
    let found = card.classification.as_ref();
    let whole = rows(&card.likelihood, &card.sizes, found);
    // What images are taken for is a matter of all scales.
    let scales = card.likelihood.scales.iter().zip(&card.sizes.scales);
    let scales: Vec<_> = scales.map(|(likelihood, sizes)| rows(likelihood, sizes, None)).collect();
    let last = if scales.is_empty() { "measured" } else { "all scales" };
    let heads: String = (0..scales.len()).map(|scale| format!(" scale {scale} |")).collect();
    let mut text = format!("| what |{heads} {last} |\n| --- |{} --- |\n", " --- |".repeat(scales.len()));
    for (what, value) in whole {
        let of_scale = |rows: &Vec<Row>| rows.iter().find(|row| row.0 == what).map_or("-".into(), |row| row.1.clone());
        let cells: String = scales.iter().map(|rows| format!(" {} |", of_scale(rows))).collect();
        text += &format!("| {what} |{cells} {value} |\n");
    }
    text
}

/// What was measured, and the figure.
type Row = (String, String);

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

fn row(what: &str, value: impl std::fmt::Display) -> Row {
    (what.into(), value.to_string())
}

fn likelihood_rows(likelihood: &eval::Report, one_size: bool) -> Vec<Row> {
    let float = |value: Option<f64>, digits| value.map_or_else(|| "-".into(), |value| format!("{value:.digits$}"));
    let mut rows = vec![row("test images", likelihood.what())];
    if one_size {
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
fn found_rows(found: Option<&classify::Report>) -> Option<Vec<Row>> {
    let found = found?;
    let accuracy = found.accuracy.map(|accuracy| row("classified right, %", format!("{:.2}", 100.0 * accuracy)));
    let unknown = row("integer model, nats an image of unknown class", format!("{:.4}", found.nats_per_image));
    Some([unknown].into_iter().chain(accuracy).collect())
}

fn size_rows(sizes: &inspect::Report, several: bool) -> Vec<Row> {
    let inspect::Report { architecture, width, state_bytes, .. } = sizes;
    let mut rows = match several {
        true => vec![row("architecture", architecture), row("blocks, h", sizes.blocks_text())],
        false => vec![row("blocks", sizes.blocks()[0].0)],
    };
    rows.push(row("flash: the blob, bytes", sizes.blob_bytes));
    rows.push(match several {
        true => row("RAM: state, bytes (at width)", format!("{state_bytes} ({width})")),
        false => row(&format!("RAM: state at width {width}, bytes"), state_bytes),
    });
    rows.push(row("multiply-adds a pixel", sizes.macs_per_pixel));
    rows.push(row("fingerprint", format!("`{}`", sizes.fingerprint)));
    rows
}

/// A run after others of its scale: its time, its machine, its command.
fn training(before: &[TrainingRun], run: &TrainingRun, machine: &str) -> String {
    let TrainingRun { scale, command, seed, threads, device, steps, minutes } = run;
    let threads = match threads {
        0 => "all threads".into(),
        1 => "one thread".into(),
        threads => format!("{threads} threads"),
    };
    let verb = match (before, scale) {
        ([], None) => "Trained for".into(),
        ([], Some(scale)) => format!("Scale {scale}: trained for"),
        _ => String::from("Then, from those weights, for"),
    };
    let place = match device.as_str() {
        "cuda" => "on a GPU".into(),
        _ if before.iter().all(|run| run.device == "cuda") => format!("{threads} on {machine}"),
        _ => format!("{threads} on the same"),
    };
    let time = if *minutes < 2.0 { format!("{:.0} seconds", 60.0 * minutes) } else { format!("{minutes:.0} minutes") };
    format!("{verb} {time}, {steps} steps, seed {seed}, {place}:\n\n```sh\n{command}\n```\n\n")
}
