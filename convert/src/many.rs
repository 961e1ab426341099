//! Many images of one model, each value by value: at once where the machine gains from it, else one after the other.

use indicatif::ProgressBar;
use pixelrnn::{
    BeginError, Conditions, Distribution, Model, Stream, StreamError, Streams, Temperature, images_at_once,
};
use rayon::prelude::*;

use crate::data::{Picture, set};

/// Why images were not drawn or scored by the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ManyError {
    /// An image was not begun.
    #[error(transparent)]
    Begin(#[from] BeginError),
    /// A value is not one of the model's.
    #[error(transparent)]
    Stream(#[from] StreamError),
}

/// Images at once.
pub const AT_ONCE: usize = 16;
/// Fewer images than these are faster one after the other: at once, however few are wanted, takes as long as four to seven alone.
const FEW: usize = 7;

/// Images for a core to take at once: a few are shared among all cores before any core takes several.
pub fn share(images: usize) -> usize {
    images.div_ceil(rayon::current_num_threads()).clamp(1, AT_ONCE)
}

/// The images' numbers in groups that a core takes at once, whose images have one size.
fn groups(pictures: &[Picture]) -> Vec<Vec<usize>> {
    let of_one_size = set::by_size(pictures);
    of_one_size.iter().flat_map(|numbers| numbers.chunks(share(numbers.len())).map(<[usize]>::to_vec)).collect()
}

/// What `of_group` finds of images of one size at a time, a core's at once, on all cores; in the images' order.
///
/// # Errors
/// The first of a group's.
pub fn in_groups<T: Send>(
    pictures: &[Picture],
    bar: &ProgressBar,
    of_group: impl Fn(&[&Picture]) -> Result<Vec<T>, ManyError> + Sync,
) -> Result<Vec<T>, ManyError> {
    let of_numbers = |numbers: &Vec<usize>| -> Result<Vec<(usize, T)>, ManyError> {
        let images: Vec<&Picture> = numbers.iter().map(|&number| &pictures[number]).collect();
        let found = of_group(&images)?;
        bar.inc(images.len() as u64);
        Ok(numbers.iter().copied().zip(found).collect())
    };
    let all: Vec<Vec<_>> = groups(pictures).par_iter().map(of_numbers).collect::<Result<_, _>>()?;
    let mut all: Vec<(usize, T)> = all.into_iter().flatten().collect();
    all.sort_by_key(|&(number, _)| number);
    Ok(all.into_iter().map(|(_, found)| found).collect())
}

/// What an image is given in turn to be measured: its class; if that is not known every class, and nothing under a model without.
pub fn given(classes: u16, class: Option<u16>) -> Vec<Option<u16>> {
    match (classes, class) {
        (0, _) => vec![None],
        (_, Some(class)) => vec![Some(class)],
        (classes, None) => (0..classes).map(Some).collect(),
    }
}

/// Sums over the values of images that are as large as the first: for each image one for each class that it is [`given`], of
/// what `class` knows.
///
/// # Errors
/// A size that the engine does not take, a value, a class or a smaller image that is not one of the model's.
pub fn sums<T: Clone + Default>(
    model: &Model<'_>,
    images: &[&Picture],
    class: impl Fn(&Picture) -> Option<u16>,
    mut add: impl FnMut(&mut T, &Distribution<'_>, u16),
) -> Result<Vec<Vec<T>>, ManyError> {
    let of_image = |image: &&Picture| given(model.classes(), class(image));
    let asked: Vec<(usize, Option<u16>)> = (0..)
        .zip(images)
        .flat_map(|(place, image)| of_image(image).into_iter().map(move |class| (place, class)))
        .collect();
    let each: Vec<(&Picture, Option<u16>)> = asked.iter().map(|&(place, class)| (images[place], class)).collect();
    let mut sums = vec![T::default(); each.len()];
    for_each_known_value(model, &each, |number, distribution, value| add(&mut sums[number], distribution, value))?;
    let mut sums = sums.into_iter();
    Ok(images.iter().map(|image| sums.by_ref().take(of_image(image).len()).collect()).collect())
}

/// Shows every value of images that are as large as the first, each given a class or nothing: the image's place, the distribution,
/// the value.
fn for_each_known_value(
    model: &Model<'_>,
    images: &[(&Picture, Option<u16>)],
    mut look: impl FnMut(usize, &Distribution<'_>, u16),
) -> Result<(), ManyError> {
    let (width, height) = images.first().map_or((0, 0), |(image, _)| image.size());
    let mut values: Vec<_> = images.iter().map(|(image, _)| image.values.iter()).collect();
    let smaller: Vec<Option<Picture>> = images.iter().map(|(image, _)| image.sampled(model.factor())).collect();
    let given: Vec<Conditions<'_>> =
        images.iter().zip(&smaller).map(|(&(_, class), small)| conditions(small.as_ref(), class)).collect();
    let size = (width as u32, height as u32);
    for_each_value(model, size, Temperature::ONE, &given, |image, distribution| {
        let value = values[image].next().copied().unwrap_or_default();
        look(image, distribution, value);
        value
    })
}

/// A smaller image and a class, as far as they are known.
pub fn conditions(small: Option<&Picture>, class: Option<u16>) -> Conditions<'_> {
    small.map_or_else(Conditions::default, |small| Conditions::of_small(&small.values)).and_class(class)
}

/// Asks `value` for every value of images, each given what the model asks for, with the image's number and the distribution; an image's
/// values come in order.
///
/// # Errors
/// A size that the engine does not take, a value, a class or a smaller image that is not one of the model's.
pub fn for_each_value(
    model: &Model<'_>,
    size: (u32, u32),
    temperature: Temperature,
    given: &[Conditions<'_>],
    mut value: impl FnMut(usize, &Distribution<'_>) -> u16,
) -> Result<(), ManyError> {
    until_none(model, size, temperature, given, |image, distribution| Some(value(image, distribution)))
}

/// The same, until `value` has none to give.
///
/// # Errors
/// A size that the engine does not take, a value, a class or a smaller image that is not one of the model's.
pub fn until_none(
    model: &Model<'_>,
    (width, height): (u32, u32),
    temperature: Temperature,
    given: &[Conditions<'_>],
    mut value: impl FnMut(usize, &Distribution<'_>) -> Option<u16>,
) -> Result<(), ManyError> {
    let mut alone = 0..given.len();
    while alone.len() >= FEW && images_at_once() == AT_ONCE {
        let mut state = vec![0; Streams::<AT_ONCE>::state_words(model, width)];
        let at_once = at_once(&given[alone.clone()]);
        let mut streams = Streams::<AT_ONCE>::begin_each_given(model, at_once, width, height, &mut state)?;
        streams.set_temperature(temperature);
        while !streams.is_complete() {
            // Lanes without an image are given what the first is, and must keep it.
            let mut values = streams.known().unwrap_or([0; AT_ONCE]);
            let distributions = streams.predict()?;
            for (lane, (place, image)) in values.iter_mut().zip(alone.clone()).enumerate() {
                let Some(value) = value(image, &distributions.of(lane)) else { return Ok(()) };
                *place = value;
            }
            streams.observe(&values)?;
        }
        alone.start = given.len().min(alone.start + AT_ONCE);
    }
    let mut state = vec![0; model.state_words(width)];
    for image in alone {
        let mut stream = Stream::begin_given(model, given[image], width, height, &mut state)?;
        stream.set_temperature(temperature);
        while !stream.is_complete() {
            let Some(value) = value(image, &stream.predict()?) else { return Ok(()) };
            stream.observe(value)?;
        }
    }
    Ok(())
}

/// What the first images are given; what the first is for lanes without an image.
fn at_once<'s>(given: &[Conditions<'s>]) -> [Conditions<'s>; AT_ONCE] {
    let first = given.first().copied().unwrap_or_default();
    std::array::from_fn(|lane| given.get(lane).copied().unwrap_or(first))
}
