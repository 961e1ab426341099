//! What activations a network has on real images: the ranges of features, and how what products read moves together.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::correlation::Correlation;
use super::histogram::Histogram;
use crate::data::Picture;
use crate::float::{Image, Network, Observer, Site};

/// Pixels that are looked at, at most. Rare ones decide where to clip: with a quarter of these, integers lost 0.026 bits of `photos-12bit`
/// instead of 0.007, most of it in a few test images.
const MOST_PIXELS: usize = 1 << 21;
/// Pixels that are taken into correlations, about: these are dear, and fewer say as much.
const CORRELATED: u64 = 1 << 15;
/// Inputs that are correlated together.
const TOGETHER: usize = 32;

/// What was seen at every site.
#[derive(Debug, Clone, Default)]
pub struct Calibration {
    features: BTreeMap<Site, Vec<Histogram>>,
    inputs: BTreeMap<Site, Inputs>,
    /// One of so many pixels is taken into correlations.
    step: u64,
}

/// What a product reads.
#[derive(Debug, Clone, Default)]
struct Inputs {
    pixels: u64,
    length: usize,
    waiting: Vec<f32>,
    correlation: Correlation,
}

impl Observer for Calibration {
    fn see(&mut self, site: Site, features: &[f32]) {
        let seen = self.features.entry(site).or_default();
        seen.resize_with(features.len(), Histogram::default);
        seen.iter_mut().zip(features).for_each(|(histogram, &value)| histogram.add(value));
    }

    fn read(&mut self, site: Site, input: &[f32]) {
        let inputs = self.inputs.entry(site).or_default();
        inputs.pixels += 1;
        inputs.length = input.len();
        if inputs.pixels.is_multiple_of(self.step) {
            inputs.waiting.extend_from_slice(input);
        }
        if inputs.waiting.len() >= TOGETHER * input.len() {
            inputs.correlate();
        }
    }
}

impl Inputs {
    /// Takes inputs that wait into the correlation.
    fn correlate(&mut self) {
        self.correlation.add(&self.waiting, self.length);
        self.waiting.clear();
    }
}

impl Calibration {
    /// Runs the network over pictures, each given its class if there are classes; [`enough`] says how many do.
    pub fn run(network: &Network, pictures: &[Picture]) -> Self {
        let pixels: usize = pictures.iter().map(Picture::pixels).sum();
        let step = (pixels as u64 / CORRELATED).max(1);
        let shares = pictures.par_chunks(pictures.len().div_ceil(16).max(1));
        // Joined in order: sums of floats are not the same in another.
        let seen: Vec<Self> = shares.map(|pictures| Self::over(network, pictures, step)).collect();
        seen.into_iter().fold(Self::default(), Self::join)
    }

    fn over(network: &Network, pictures: &[Picture], step: u64) -> Self {
        let mut calibration = Self { step, ..Self::default() };
        for picture in pictures {
            let class = picture.class.filter(|_| network.config.classes > 0);
            Image::score(network, picture, class, &mut calibration);
        }
        calibration
    }

    fn join(mut self, other: Self) -> Self {
        for (site, features) in other.features {
            let all = self.features.entry(site).or_default();
            all.resize_with(features.len(), Histogram::default);
            all.iter_mut().zip(features).for_each(|(histogram, other)| histogram.join(other));
        }
        for (site, mut inputs) in other.inputs {
            inputs.correlate();
            self.inputs.entry(site).or_default().correlation.join(&inputs.correlation);
        }
        self
    }

    /// Largest magnitude on the residual stream and in the skip connections' sum.
    pub fn stream_range(&self) -> f64 {
        let seen = [Site::STREAM, Site::SKIP].into_iter().filter_map(|site| self.features.get(&site));
        f64::from(seen.flatten().map(Histogram::largest).fold(0.0, f32::max))
    }

    /// Where to clip every feature of a site, so that rounding to so many steps and clipping lose least.
    /// No feature's is below a 64th of the largest one's, to keep fixed-point multipliers precise.
    pub fn clips(&self, site: Site, steps: f64) -> Vec<f64> {
        let Some(seen) = self.features.get(&site) else { return Vec::new() };
        let clips: Vec<f64> = seen.iter().map(|histogram| histogram.clip(steps)).collect();
        let floor = clips.iter().copied().fold(0.0, f64::max).max(1e-4) / 64.0;
        clips.into_iter().map(|clip| clip.max(floor)).collect()
    }

    /// How what a product reads moves together.
    pub(super) fn correlation(&self, site: Site) -> Option<&Correlation> {
        self.inputs.get(&site).map(|inputs| &inputs.correlation)
    }
}

/// So many pictures, spread evenly, as keep calibration to seconds; of one that is too large the upper rows.
pub fn enough(pictures: Vec<Picture>) -> Vec<Picture> {
    let pixels: usize = pictures.iter().map(Picture::pixels).sum();
    let step = pixels.div_ceil(MOST_PIXELS).clamp(1, pictures.len().max(1));
    let cut = |mut picture: Picture| {
        picture.height = picture.height.min(MOST_PIXELS.div_ceil(picture.width.max(1)));
        picture.values.truncate(picture.pixels() * picture.channels);
        picture
    };
    pictures.into_iter().step_by(step).map(cut).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_thinned_and_cut_to_what_is_enough() {
        let pictures = |count, width, rows| vec![Picture::grey(width, vec![0; width * rows]); count];
        assert_eq!(enough(pictures(512, 28, 28)).len(), 512);
        assert_eq!(enough(pictures(512, 128, 96)).len(), 171);
        let large = enough(pictures(1, 1024, 3000));
        assert_eq!((large[0].height, large[0].values.len()), (2048, MOST_PIXELS));
    }
}
