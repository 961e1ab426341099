//! Images of several scales, as commands work on them: drawn side by side on all cores, sampled, shown.

use pixelrnn::{Conditions, Distribution, Model, Pyramid, Seeded, Temperature, sample};
use rand_core::SeedableRng;
use rayon::prelude::*;

use crate::data::Picture;
use crate::many::{self, ManyError, conditions, for_each_value, share};

/// An image to be drawn: its seed and class, and the scales of it that are there.
#[derive(Debug, Clone)]
pub struct Begun {
    /// What its generator starts from.
    pub seed: u64,
    /// Its class, of models with classes.
    pub class: Option<u16>,
    /// The smallest scales, which are kept; perhaps none.
    pub scales: Vec<Picture>,
}

/// Draws the scales that are missing of images of a size, all begun as far; shows how many are done. Of each all scales, the smallest first.
///
/// An image is what [`Pyramid::draw`] gives of its seed, or [`Pyramid::enlarge`].
///
/// # Errors
/// A size that the engine does not take, values or classes that are not the models'.
pub fn draw(
    pyramid: &Pyramid<'_>,
    size: (u32, u32),
    temperature: Temperature,
    begun: Vec<Begun>,
    done: impl Fn(usize) + Sync,
) -> Result<Vec<Vec<Picture>>, ManyError> {
    let share = share(begun.len());
    let of_share = |images: &[Begun]| {
        let drawn = draw_at_once(pyramid, size, temperature, images);
        done(images.len());
        drawn
    };
    let drawn: Vec<_> = begun.par_chunks(share).map(of_share).collect::<Result<_, _>>()?;
    Ok(drawn.into_iter().flatten().collect())
}

/// The same, on one core.
///
/// # Errors
/// A size that the engine does not take, values or classes that are not the models'.
pub fn draw_at_once(
    pyramid: &Pyramid<'_>,
    size: (u32, u32),
    temperature: Temperature,
    images: &[Begun],
) -> Result<Vec<Vec<Picture>>, ManyError> {
    let mut generators: Vec<_> = images.iter().map(|image| Seeded::seed_from_u64(image.seed)).collect();
    let mut all: Vec<Vec<Picture>> = images.iter().map(|image| image.scales.clone()).collect();
    let first = images.first().map_or(0, |image| image.scales.len());
    for (scale, model) in pyramid.models().iter().enumerate().skip(first) {
        let size = pyramid.size(scale, size);
        let mut drawn: Vec<Picture> = images.iter().map(|image| empty(model, size, image)).collect();
        let given: Vec<Conditions<'_>> =
            all.iter().zip(images).map(|(scales, image)| conditions(scales.last(), image.class)).collect();
        for_each_value(model, size, temperature, &given, |image, distribution| {
            let value = sample::draw(distribution, &mut generators[image]);
            drawn[image].values.push(value);
            value
        })?;
        all.iter_mut().zip(drawn).for_each(|(scales, picture)| scales.push(picture));
    }
    Ok(all)
}

/// An image without values yet.
fn empty(model: &Model<'_>, (width, height): (u32, u32), image: &Begun) -> Picture {
    let channels = usize::from(model.channels());
    let (width, height) = (width as usize, height as usize);
    let depth = if model.levels() <= 256 { 8 } else { 16 };
    let values = Vec::with_capacity(width * height * channels);
    let name = format!("seed {}", image.seed);
    Picture { name, width, height, channels, depth, values, class: image.class }
}

/// A scale of an image that is there: what the image holds every so many pixels.
pub fn scale_of(pyramid: &Pyramid<'_>, scale: usize, picture: &Picture) -> Picture {
    let factor = pyramid.factor(scale);
    if factor == 1 { picture.clone() } else { picture.sampled_every(factor as usize) }
}

/// What [`many::sums`] gives of every scale of images that are as large as the first, the smallest scale first.
///
/// # Errors
/// A size that the engine does not take, a value or a class that is not one of the models'.
pub fn sums<T: Clone + Default>(
    pyramid: &Pyramid<'_>,
    images: &[&Picture],
    class: impl Fn(&Picture) -> Option<u16>,
    mut add: impl FnMut(&mut T, &Distribution<'_>, u16),
) -> Result<Vec<Vec<Vec<T>>>, ManyError> {
    let of_scale = |(scale, model)| {
        let scaled: Vec<Picture> = images.iter().map(|image| scale_of(pyramid, scale, image)).collect();
        many::sums(model, &scaled.iter().collect::<Vec<_>>(), &class, &mut add)
    };
    pyramid.models().iter().enumerate().map(of_scale).collect()
}

/// All scales of images as they lie on a sheet: pixels of smaller ones are as large as the place they stand for.
pub fn shown(pyramid: &Pyramid<'_>, images: &[Vec<Picture>]) -> Vec<Picture> {
    let one = |(scale, picture): (usize, &Picture)| {
        let size = picture.size();
        match pyramid.factor(scale) as usize {
            1 => picture.clone(),
            factor => picture.enlarged(factor, (size.0 * factor, size.1 * factor)),
        }
    };
    images.iter().flat_map(|scales| scales.iter().enumerate().map(one)).collect()
}
