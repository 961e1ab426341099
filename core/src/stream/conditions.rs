//! What an image is given when it is begun.

use super::BeginError;
use crate::layers::{Classes, Given, Small};
use crate::model::Model;
use crate::value::{Value, Values};

/// What an image is given beside the values before a pixel: what its model asks for, no more and no less.
///
/// ```
/// use pixelrnn::Conditions;
/// let small = [0u8; 14 * 14];
/// let both = Conditions::of_small(&small).and_class(3);
/// assert_eq!(both.class, Some(3));
/// assert_eq!(Conditions::from(3), Conditions::default().and_class(3));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Conditions<'s> {
    /// The image's class, of a model with classes.
    pub class: Option<u16>,
    /// The smaller image, of a model that draws an image given a smaller one ([`Model::small_size`]): its values are the image's own
    /// at the rows and columns that are multiples of [`Model::factor`].
    pub small: Option<Values<'s>>,
}

impl<'s> Conditions<'s> {
    /// A smaller image, and no class.
    pub fn of_small<V: Value>(values: &'s [V]) -> Self {
        Self { class: None, small: Some(V::values(values)) }
    }

    /// The same with a class, or `None`.
    #[must_use]
    pub fn and_class(self, class: impl Into<Option<u16>>) -> Self {
        Self { class: class.into(), ..self }
    }
}

impl From<Option<u16>> for Conditions<'_> {
    fn from(class: Option<u16>) -> Self {
        Self { class, small: None }
    }
}

impl From<u16> for Conditions<'_> {
    fn from(class: u16) -> Self {
        Some(class).into()
    }
}

/// What images of a size are given, if it is what the model asks for.
pub(super) fn checked<'s, const N: usize>(
    model: &Model<'_>,
    size: (u32, u32),
    each: &[Conditions<'s>; N],
) -> Result<Given<'s, N>, BeginError> {
    for conditions in each {
        check_class(model, conditions.class)?;
        check_small(model, size, conditions.small)?;
    }
    let classes = match model.classes() {
        0 => Classes::NONE,
        count => Classes::new(each.map(|conditions| conditions.class.unwrap_or(0)), count),
    };
    let network = model.dimensions();
    let small = model.small_size(size).map(|(width, height)| Small {
        images: each.map(|conditions| conditions.small.unwrap_or(Values::Bytes(&[]))),
        size: (width as usize, height as usize),
        channels: network.channels,
        factor: network.factor,
    });
    Ok(Given::new(classes, small))
}

fn check_class(model: &Model<'_>, given: Option<u16>) -> Result<(), BeginError> {
    let classes = model.classes();
    match given {
        None if classes == 0 => Ok(()),
        Some(class) if class < classes => Ok(()),
        _ => Err(BeginError::WrongClass { given, classes }),
    }
}

fn check_small(model: &Model<'_>, size: (u32, u32), given: Option<Values<'_>>) -> Result<(), BeginError> {
    let needed = model.small_size(size).map(|(width, height)| {
        (width as usize).saturating_mul(height as usize).saturating_mul(model.channels().into())
    });
    let given_values = given.map(|values| values.len());
    if needed != given_values {
        return Err(BeginError::WrongSmallImage { needed, given: given_values });
    }
    let (value, levels) = (given.map_or(0, |values| values.largest()), model.levels());
    if u32::from(value) < levels { Ok(()) } else { Err(BeginError::SmallValueOutOfRange { value, levels }) }
}
