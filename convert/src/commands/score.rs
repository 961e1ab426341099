//! `pixelrnn score`: how likely images are.

use std::error::Error;
use std::fmt::Write;
use std::path::PathBuf;

use pixelrnn::{CodeLength, Model, Stream, score};
use rayon::prelude::*;

use crate::blob_file::Blob;
use crate::data::pictures::{self, Picture, Values};
use crate::many::{ManyError, for_each_known_pixel, share};
use crate::report::{self, HeatMaps};

/// Arguments of `pixelrnn score`.
#[derive(Debug, Clone, clap::Args)]
pub struct ScoreArguments {
    /// The model, a `.prnn` file.
    model: PathBuf,
    /// Pictures, folders of pictures, idx files.
    #[arg(required = true)]
    images: Vec<PathBuf>,
    /// A model of what is usual anywhere: the likelihood ratio corrects for plain images being likely under any model.
    #[arg(long)]
    background: Option<PathBuf>,
    /// Print CSV instead of a table; all images.
    #[arg(long)]
    csv: bool,
    /// A PNG of the most unusual images, each with the bits of its pixels.
    #[arg(long)]
    heat_map: Option<PathBuf>,
    /// Images in the heat map.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    heat_map_count: u32,
    /// PNG pixels a pixel of the heat map.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=64))]
    zoom: u32,
    /// Score only the first so many images.
    #[arg(long)]
    limit: Option<usize>,
    /// How grey values become the model's levels.
    #[arg(long, value_enum, default_value_t)]
    values: Values,
}

/// What is known of an image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// The code length under the model.
    pub length: CodeLength,
    /// The code length under the background.
    pub background: Option<CodeLength>,
    /// Values of the image.
    pub pixels: usize,
}

/// Nats of a code length, in double precision.
pub fn nats(length: CodeLength) -> f64 {
    length.units() as f64 / 65536.0 * std::f64::consts::LN_2
}

impl Score {
    /// Bits a dimension under the model.
    pub fn bits_per_dimension(&self) -> f64 {
        self.length.units() as f64 / 65536.0 / self.pixels as f64
    }

    /// `ln p_background - ln p_model`: positive where the background explains the image better.
    pub fn ratio(&self) -> Option<f64> {
        self.background.map(|background| nats(self.length) - nats(background))
    }

    /// What the table is sorted by: the ratio a dimension where there is a background, else the bits a dimension.
    fn unusual(&self) -> f64 {
        self.ratio().map_or_else(|| self.bits_per_dimension(), |ratio| ratio / self.pixels as f64)
    }
}

/// The code length of an image under a model, and of each pixel.
///
/// # Errors
/// An image that the model cannot take.
pub fn pixel_lengths(model: &Model<'_>, image: &Picture) -> Result<(CodeLength, Vec<CodeLength>), ManyError> {
    let (width, height) = (image.width as u32, image.height as u32);
    let mut state = vec![0; model.state_words(width)];
    let mut stream = Stream::begin(model, width, height, &mut state)?;
    let mut lengths = Vec::with_capacity(image.values.len());
    let total = score::map(&mut stream, &image.values, |_, _, length| lengths.push(length))?;
    Ok((total, lengths))
}

/// Scores images on all cores.
///
/// # Errors
/// An image that a model cannot take.
pub fn scores(
    model: &Model<'_>,
    background: Option<&Model<'_>>,
    pictures: &[Picture],
) -> Result<Vec<Score>, ManyError> {
    let bar = report::bar(pictures.len(), "scoring");
    let at_once = share(pictures.len());
    let sizes = pictures.chunk_by(|one, other| (one.width, one.height) == (other.width, other.height));
    let groups: Vec<_> = sizes.flat_map(|pictures| pictures.chunks(at_once)).collect();
    let scores: Result<Vec<Vec<Score>>, ManyError> = groups
        .par_iter()
        .map(|pictures| {
            let lengths = lengths(model, pictures)?;
            let background = background.map(|model| self::lengths(model, pictures)).transpose()?;
            bar.inc(pictures.len() as u64);
            let score = |(number, (picture, length)): (usize, (&Picture, CodeLength))| Score {
                length,
                background: background.as_ref().map(|lengths| lengths[number]),
                pixels: picture.values.len(),
            };
            Ok(pictures.iter().zip(lengths).enumerate().map(score).collect())
        })
        .collect();
    bar.finish_and_clear();
    Ok(scores?.into_iter().flatten().collect())
}

/// The code lengths of images of one size.
fn lengths(model: &Model<'_>, pictures: &[Picture]) -> Result<Vec<CodeLength>, ManyError> {
    let width = pictures.first().map_or(0, |picture| picture.width);
    let images: Vec<&[u8]> = pictures.iter().map(|picture| picture.values.as_slice()).collect();
    let mut lengths = vec![CodeLength::ZERO; images.len()];
    for_each_known_pixel(model, width, &images, |image, distribution, value| {
        // A value beyond the levels has no code length: observing it is an error.
        lengths[image] += score::of(distribution, value).unwrap_or(CodeLength::ZERO);
    })?;
    Ok(lengths)
}

fn quoted(name: &str) -> String {
    if name.contains([',', '"', '\n', '\r']) { format!("\"{}\"", name.replace('"', "\"\"")) } else { name.to_owned() }
}

fn csv(rows: &[(&Picture, Score)], background: bool) -> Result<String, std::fmt::Error> {
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

fn table(rows: &[(&Picture, Score)], background: bool) -> Result<String, std::fmt::Error> {
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
    write!(text, "{:>10.2} {:>9.4}", mean(&|score| nats(score.length)), mean(&Score::bits_per_dimension))?;
    if background {
        let of_background = |score: &Score| score.background.map_or(0.0, nats);
        write!(text, " {:>12.2} {:>10.2}", mean(&of_background), mean(&|score| score.ratio().unwrap_or(0.0)))?;
    }
    writeln!(text, "  {all}")?;
    Ok(text)
}

/// Scores, and prints the table.
///
/// # Errors
/// A model or an image that cannot be read or does not fit; a heat map that cannot be written.
pub fn run(arguments: &ScoreArguments) -> Result<(), Box<dyn Error>> {
    let blob = Blob::read(&arguments.model)?;
    let model = blob.load()?;
    let background_blob = arguments.background.as_deref().map(Blob::read).transpose()?;
    let background = background_blob.as_ref().map(Blob::load).transpose()?;
    if let Some(levels) = background.as_ref().map(Model::levels).filter(|&levels| levels != model.levels()) {
        return Err(format!("the model has {} levels, the background {levels}: they must agree", model.levels()).into());
    }
    let mut pictures = pictures::read(&arguments.images)?;
    pictures.truncate(arguments.limit.unwrap_or(usize::MAX));
    let pictures = arguments.values.apply(pictures, model.levels())?;
    let scores = scores(&model, background.as_ref(), &pictures)?;
    let mut rows: Vec<(&Picture, Score)> = pictures.iter().zip(scores).collect();
    rows.sort_by(|(_, one), (_, other)| other.unusual().total_cmp(&one.unusual()));
    let text = if arguments.csv { csv(&rows, background.is_some()) } else { table(&rows, background.is_some()) };

    if let Some(path) = &arguments.heat_map {
        let shown = &rows[..rows.len().min(arguments.heat_map_count as usize)];
        let bits = |(picture, _): &(&Picture, Score)| -> Result<Vec<f64>, ManyError> {
            let (_, lengths) = pixel_lengths(&model, picture)?;
            Ok(lengths.iter().map(|length| length.units() as f64 / 65536.0).collect())
        };
        let bits: Vec<Vec<f64>> = shown.par_iter().map(bits).collect::<Result<_, _>>()?;
        let most = bits.iter().flatten().copied().fold(0.0, f64::max);
        let mut maps = HeatMaps::new(most);
        for ((picture, _), bits) in shown.iter().zip(&bits) {
            maps.add(&picture.values, bits, picture.width, model.levels(), arguments.zoom);
        }
        maps.save(path, 4)?;
        eprintln!("{} heat maps in {}: black is 0 bits a pixel, white {most:.1}", shown.len(), path.display());
    }
    report::print(&text?)?;
    Ok(())
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
