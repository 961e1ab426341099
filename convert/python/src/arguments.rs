//! Arguments that the command line takes as text or within a range, read and refused as there.

use std::fmt::Display;
use std::ops::RangeInclusive;

use clap::ValueEnum;
use pixelrnn::Model;
use pixelrnn_convert::commands::class::Chosen;
use pixelrnn_convert::commands::eval::needs_classes;
use pixelrnn_convert::data::{Picture, labels};
use pyo3::prelude::*;

use crate::error::{Failure, failed};

/// One of an option's values, by its name.
pub fn choice<T: ValueEnum>(option: &str, text: &str) -> PyResult<T> {
    let names = T::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    let names = || names.clone().map(|value| value.get_name().to_owned()).collect::<Vec<_>>().join(", ");
    T::from_str(text, false)
        .map_err(|_| failed(format!("invalid value '{text}' for '--{option}' [possible values: {}]", names())))
}

/// A number, if it is within its option's range.
pub fn within<T: PartialOrd + Display>(option: &str, number: T, range: RangeInclusive<T>) -> PyResult<T> {
    if range.contains(&number) {
        return Ok(number);
    }
    let (least, most) = range.into_inner();
    Err(failed(format!("invalid value '{number}' for '--{option}': {number} is not in {least}..={most}")))
}

/// A class, or `"all"`.
#[derive(FromPyObject)]
pub enum Class {
    /// One.
    One(u16),
    /// What the command line would be told.
    Text(String),
}

impl Class {
    /// What the command line makes of it.
    pub fn chosen(self) -> PyResult<Chosen> {
        match self {
            Self::One(class) => Ok(Chosen::One(class)),
            Self::Text(text) => text.parse().map_err(failed),
        }
    }
}

/// Gives images their labels, of which there are `classes`.
pub fn label(given: &[u16], classes: u16, pictures: &mut [Picture]) -> Result<(), Failure> {
    labels::give("labels".as_ref(), given, pictures)?;
    Ok(labels::check(pictures, classes)?)
}

/// Gives images the labels that are told, of which the model must have all.
pub fn label_all(model: &Model<'_>, labels: Option<&[u16]>, pictures: &mut [Picture]) -> Result<(), Failure> {
    let Some(labels) = labels else { return Ok(()) };
    needs_classes(model)?;
    label(labels, model.classes(), pictures)
}
