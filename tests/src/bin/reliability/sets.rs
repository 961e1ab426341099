//! Every test image of every set.

use std::path::Path;

use pixelrnn::Model;
use pixelrnn_convert::archive::{Cut, compress};
use pixelrnn_convert::commands::compress::DEFAULT_GROUP;
use pixelrnn_convert::commands::decompress::decompress;
use pixelrnn_convert::data::Picture;
use pixelrnn_tests::sets::{DIGITS, Error, PHOTOGRAPHS, Set, levels};

use crate::Outcome;

/// A row a set and model.
pub fn all(folder: &Path, most: usize) -> impl Iterator<Item = Result<Outcome, Error>> {
    PHOTOGRAPHS.iter().chain(&DIGITS).flat_map(move |set| match round_trips(set, folder, most) {
        Ok(outcomes) => outcomes.into_iter().map(Ok).collect::<Vec<_>>(),
        Err(error) => vec![Err(error)],
    })
}

fn round_trips(set: &Set, folder: &Path, most: usize) -> Result<Vec<Outcome>, Error> {
    let pictures = set.read(folder, most)?;
    let mut outcomes = Vec::new();
    for (name, blob) in set.models()? {
        outcomes.push(round_trip(format!("{}: `{name}`", set.title), &blob.load()?, &pictures)?);
    }
    Ok(outcomes)
}

fn round_trip(what: String, model: &Model<'_>, pictures: &[Picture]) -> Result<Outcome, Error> {
    let pictures = levels(model, pictures)?;
    let names: Vec<String> = pictures.iter().map(|picture| picture.name.clone()).collect();
    let cut = Cut { tile: Some((128, 128)), group: DEFAULT_GROUP };
    let bytes = compress(model, &pictures, Some(&names), &[], &cut, &|_| {})?;
    let decoded = decompress(model, &bytes, None, &|_| {})?;
    let mut outcome = Outcome::of(what);
    for (number, picture) in pictures.iter().enumerate() {
        outcome.count(&decoded.get(number).ok_or(()), |&decoded| decoded == picture);
    }
    Ok(outcome)
}
