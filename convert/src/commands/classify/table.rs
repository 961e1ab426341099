//! Classes as text.

use std::fmt::Write;

use super::{Found, Report};
use crate::commands::score::{nats, quoted};
use crate::data::Picture;

/// Comma-separated values, a line an image: with the nats given each class.
pub(super) fn csv(pictures: &[Picture], found: &[Found]) -> String {
    let classes = found.first().map_or(0, |found| found.lengths.len());
    let given: String = (0..classes).map(|class| format!(",nats_given_{class}")).collect();
    let mut text = format!("image,label,class,margin_nats,nats{given}\n");
    for (picture, found) in pictures.iter().zip(found) {
        let label = picture.class.map_or(String::new(), |label| label.to_string());
        let given: String = found.lengths.iter().map(|&length| format!(",{:.4}", nats(length))).collect();
        let (name, class, evidence) = (quoted(&picture.name), found.best.class, nats(found.best.evidence));
        let _ = writeln!(text, "{name},{label},{class},{:.4},{evidence:.4}{given}", found.margin());
    }
    text
}

/// A table for people, in the images' order; what is not its label is marked.
pub(super) fn table(pictures: &[Picture], found: &[Found]) -> String {
    let mut text = format!("{:>6} {:>6} {:>9} {:>12} {:>9}  image\n", "class", "label", "margin", "nats given", "nats");
    for (picture, found) in pictures.iter().zip(found) {
        let label = match picture.class {
            Some(label) if label == found.best.class => label.to_string(),
            Some(label) => format!("!{label}"),
            None => String::new(),
        };
        let (class, given, all) = (found.best.class, nats(found.best.length), nats(found.best.evidence));
        let _ =
            writeln!(text, "{class:>6} {label:>6} {:>9.2} {given:>12.2} {all:>9.2}  {}", found.margin(), picture.name);
    }
    text
}

/// The figures of all.
pub(super) fn summary(report: &Report) -> String {
    let mut text = format!(
        "{} images: {:.3} nats an image, {:.3} given the likeliest class",
        report.images, report.nats_per_image, report.nats_given_likeliest
    );
    if let (Some(given), Some(accuracy), Some(confusion)) =
        (report.nats_given_label, report.accuracy, &report.confusion)
    {
        let _ = write!(text, ", {given:.3} given the label\n{:.2} % are taken for their label:\n", 100.0 * accuracy);
        return text + &confusion.text();
    }
    text + "\n"
}
