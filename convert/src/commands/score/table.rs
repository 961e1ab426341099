//! Scores as text.

use std::fmt::Write;

use super::{Score, nats};
use crate::data::Picture;

/// A name as a field of comma-separated values.
pub fn quoted(name: &str) -> String {
    if name.contains([',', '"', '\n', '\r']) { format!("\"{}\"", name.replace('"', "\"\"")) } else { name.to_owned() }
}

/// Comma-separated values, a line an image.
pub(super) fn csv(rows: &[(&Picture, Score)], background: bool) -> Result<String, std::fmt::Error> {
    let mut text = String::from("image,width,height,nats,bits_per_dimension");
    text += if background { ",background_nats,ratio_nats\n" } else { "\n" };
    for (picture, score) in rows {
        let (name, width, height) = (quoted(&picture.name), picture.width, picture.height);
        write!(text, "{name},{width},{height},{:.4},{:.6}", nats(score.length), score.bits_per_dimension())?;
        if let (Some(background), Some(ratio)) = (score.background, score.ratio()) {
            write!(text, ",{:.4},{ratio:.4}", nats(background))?;
        }
        text.push('\n');
    }
    Ok(text)
}

/// A table for people, with a last line of means.
pub(super) fn table(rows: &[(&Picture, Score)], background: bool) -> Result<String, std::fmt::Error> {
    let mut text = format!("{:>10} {:>9}", "nats", "bits/dim");
    text += if background { " backgr. nats      ratio  image\n" } else { "  image\n" };
    for (picture, score) in rows {
        write!(text, "{:>10.2} {:>9.4}", nats(score.length), score.bits_per_dimension())?;
        if let (Some(background), Some(ratio)) = (score.background, score.ratio()) {
            write!(text, " {:>12.2} {ratio:>10.2}", nats(background))?;
        }
        writeln!(text, "  {}", picture.name)?;
    }
    let mean = |of: &dyn Fn(&Score) -> f64| rows.iter().map(|(_, score)| of(score)).sum::<f64>() / rows.len() as f64;
    let all = format!("mean of {} images", rows.len());
    // Of all values: large images count for more.
    let together = Score {
        length: rows.iter().map(|(_, score)| score.length).sum(),
        background: None,
        values: rows.iter().map(|(_, score)| score.values).sum(),
    };
    write!(text, "{:>10.2} {:>9.4}", mean(&|score| nats(score.length)), together.bits_per_dimension())?;
    if background {
        let of_background = |score: &Score| score.background.map_or(0.0, nats);
        write!(text, " {:>12.2} {:>10.2}", mean(&of_background), mean(&|score| score.ratio().unwrap_or(0.0)))?;
    }
    writeln!(text, "  {all}")?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_need_it_are_quoted() {
        assert_eq!(quoted("a b.png"), "a b.png");
        assert_eq!(quoted("a,\"b\".png"), "\"a,\"\"b\"\".png\"");
    }
}
