//! The class that a command is told, and whether the model has it.

use std::str::FromStr;

use pixelrnn::Model;

/// A class as it was typed, or all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chosen {
    /// One.
    One(u16),
    /// Each in turn.
    All,
}

impl FromStr for Chosen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" => Ok(Self::All),
            _ => text.parse().map(Self::One).map_err(|_| "a class is a number from 0 on, or all".into()),
        }
    }
}

impl Chosen {
    /// The classes chosen of a model's; one of nothing for a model without classes that was told none.
    ///
    /// # Errors
    /// A class that the model does not have, or none told where it has some.
    pub fn of(chosen: Option<Self>, model: &Model<'_>) -> Result<Vec<Option<u16>>, String> {
        match chosen {
            Some(Self::All) if model.classes() > 0 => Ok((0..model.classes()).map(Some).collect()),
            Some(Self::All) => Err("--class all: the model has no classes".into()),
            Some(Self::One(class)) => check(model, Some(class)).map(|class| vec![class]),
            None => check(model, None).map(|class| vec![class]),
        }
    }
}

/// The class, if the model has it: one of a model with classes, none of others.
///
/// # Errors
/// A class that the model does not have, or none told where it has some.
pub fn check(model: &Model<'_>, class: Option<u16>) -> Result<Option<u16>, String> {
    match (class, model.classes()) {
        (Some(class), 0) => Err(format!("--class {class}: the model has no classes")),
        (Some(class), classes) if class >= classes => {
            Err(format!("--class {class}: the model's {classes} classes are 0 to {}", classes - 1))
        }
        (None, classes) if classes > 0 => {
            Err(format!("the model has {classes} classes: --class tells which, 0 to {}", classes - 1))
        }
        _ => Ok(class),
    }
}
