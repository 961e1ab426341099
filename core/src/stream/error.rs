//! What can be wrong with an image's size, its state or its values.

/// Why an image was not begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum BeginError {
    /// The state's buffer is too small for the width.
    StateTooSmall {
        /// Words (`u32`) that the width needs: [`Model::state_words`](crate::Model::state_words).
        needed_words: usize,
        /// Words given.
        given_words: usize,
    },
    /// Width or height is 0.
    EmptyImage,
    /// Width or height is above 65,535.
    TooLarge,
    /// A model with classes was given none, or one that it does not have; or a model without was given one.
    WrongClass {
        /// The class given, if one was.
        given: Option<u16>,
        /// The model's classes.
        classes: u16,
    },
    /// A model that draws images given a smaller one was given none, or one of another size; or a model that does not was given one.
    WrongSmallImage {
        /// Values (columns times rows times channels) that the image's size asks for, if the model asks for any:
        /// [`Model::small_size`](crate::Model::small_size).
        needed: Option<usize>,
        /// Values given, if there were any.
        given: Option<usize>,
    },
    /// A value of the smaller image is not one of the model's levels.
    SmallValueOutOfRange {
        /// The value given.
        value: u16,
        /// The model's levels.
        levels: u32,
    },
}

/// Why a value was not predicted or observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum StreamError {
    /// The image is complete.
    PastEnd,
    /// The value is not one of the model's levels.
    ValueOutOfRange {
        /// The value given.
        value: u16,
        /// The model's levels.
        levels: u32,
    },
    /// The value is not the one that the smaller image holds of this pixel: [`Stream::known`](crate::Stream::known).
    NotTheKnownValue {
        /// The value given.
        value: u16,
        /// The smaller image's.
        known: u16,
    },
}

impl core::fmt::Display for BeginError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::StateTooSmall { needed_words, given_words } => {
                write!(f, "the state needs {needed_words} words of 32 bits, {given_words} were given")
            }
            Self::EmptyImage => write!(f, "the image has no pixels"),
            Self::TooLarge => write!(f, "the image is wider or higher than 65535"),
            Self::WrongClass { given: Some(class), classes: 0 } => {
                write!(f, "class {class} was given, but the model has no classes")
            }
            Self::WrongClass { given: Some(class), classes } => {
                write!(
                    f,
                    "class {class} is none of the model's {classes}, which are 0 to {}",
                    classes.saturating_sub(1)
                )
            }
            Self::WrongClass { given: None, classes } => {
                write!(f, "the model has {classes} classes, and must be given one")
            }
            Self::WrongSmallImage { needed: None, .. } => {
                write!(f, "a smaller image was given, but the model draws images given none")
            }
            Self::WrongSmallImage { needed: Some(needed), given: None } => {
                write!(f, "the model draws an image given a smaller one, and must be given it: {needed} values")
            }
            Self::WrongSmallImage { needed: Some(needed), given: Some(given) } => {
                write!(f, "the smaller image has {needed} values for this size, {given} were given")
            }
            Self::SmallValueOutOfRange { value, levels } => {
                write!(f, "value {value} of the smaller image is not one of the model's {levels} levels")
            }
        }
    }
}

impl core::fmt::Display for StreamError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::PastEnd => write!(f, "the image is complete"),
            Self::ValueOutOfRange { value, levels } => {
                write!(f, "value {value} is not one of the model's {levels} levels")
            }
            Self::NotTheKnownValue { value, known } => {
                write!(f, "value {value} is given where the smaller image holds {known}")
            }
        }
    }
}

impl core::error::Error for BeginError {}
impl core::error::Error for StreamError {}
