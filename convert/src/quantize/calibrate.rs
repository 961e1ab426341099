//! What activations a network has on real images, and from that where int8 should clip.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::matrix::Correlation;
use crate::data::Picture;
use crate::float::{Image, Network, Observer, Site};

/// Bins of a channel's histogram, up to its largest magnitude.
const BINS: usize = 512;

/// What was seen at every site.
#[derive(Debug, Clone, Default)]
pub struct Calibration {
    largest: BTreeMap<Site, Vec<f32>>,
    histograms: BTreeMap<Site, Vec<[u32; BINS]>>,
    correlations: BTreeMap<Site, Correlation>,
}

/// Largest magnitudes.
#[derive(Debug, Default)]
struct Largest(BTreeMap<Site, Vec<f32>>);

impl Observer for Largest {
    fn see(&mut self, site: Site, features: &[f32]) {
        let largest = self.0.entry(site).or_insert_with(|| vec![0.0; features.len()]);
        for (largest, value) in largest.iter_mut().zip(features) {
            *largest = largest.max(value.abs());
        }
    }
}

/// Histograms of magnitudes, and correlations of what products read.
#[derive(Debug)]
struct Shapes<'a> {
    largest: &'a BTreeMap<Site, Vec<f32>>,
    histograms: BTreeMap<Site, Vec<[u32; BINS]>>,
    correlations: BTreeMap<Site, Correlation>,
}

impl Observer for Shapes<'_> {
    fn see(&mut self, site: Site, features: &[f32]) {
        if matches!(site, Site::Stream | Site::Skip) {
            return;
        }
        let Some(largest) = self.largest.get(&site) else { return };
        let histograms = self.histograms.entry(site).or_insert_with(|| vec![[0; BINS]; features.len()]);
        for ((histogram, value), largest) in histograms.iter_mut().zip(features).zip(largest) {
            let bin = (value.abs() / largest.max(f32::MIN_POSITIVE) * BINS as f32) as usize;
            histogram[bin.min(BINS - 1)] += 1;
        }
        self.correlations.entry(site).or_default().add(features);
    }
}

fn merge<T>(maps: Vec<BTreeMap<Site, T>>, join: impl Fn(&mut T, T)) -> BTreeMap<Site, T> {
    let mut all = BTreeMap::new();
    for (site, value) in maps.into_iter().flatten() {
        match all.entry(site) {
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(value);
            }
            std::collections::btree_map::Entry::Occupied(mut entry) => join(entry.get_mut(), value),
        }
    }
    all
}

impl Calibration {
    /// Runs the network over images, twice.
    pub fn run(network: &Network, images: &[Picture]) -> Self {
        let chunks: Vec<&[Picture]> = images.chunks(images.len().div_ceil(16).max(1)).collect();
        let over = |images: &[Picture], observer: &mut dyn Observer| {
            for image in images {
                Image::score(network, image.width, image.height, &image.values, observer);
            }
        };
        let largest = chunks
            .par_iter()
            .map(|images| {
                let mut observer = Largest::default();
                over(images, &mut observer);
                observer.0
            })
            .collect();
        let largest = merge(largest, |all: &mut Vec<f32>, one| {
            all.iter_mut().zip(one).for_each(|(all, one)| *all = all.max(one));
        });
        let shapes: Vec<_> = chunks
            .par_iter()
            .map(|images| {
                let mut observer =
                    Shapes { largest: &largest, histograms: BTreeMap::new(), correlations: BTreeMap::new() };
                over(images, &mut observer);
                (observer.histograms, observer.correlations)
            })
            .collect();
        let (histograms, correlations): (Vec<_>, Vec<_>) = shapes.into_iter().unzip();
        let histograms = merge(histograms, |all: &mut Vec<[u32; BINS]>, one| {
            for (all, one) in all.iter_mut().zip(one) {
                all.iter_mut().zip(one).for_each(|(all, one)| *all += one);
            }
        });
        let correlations = merge(correlations, Correlation::join);
        Self { largest, histograms, correlations }
    }

    /// Largest magnitude on the residual stream and in the skip connections' sum.
    pub fn stream_range(&self) -> f64 {
        let sites = [Site::Stream, Site::Skip].into_iter().filter_map(|site| self.largest.get(&site));
        f64::from(sites.flatten().copied().fold(0.0, f32::max))
    }

    /// Where to clip every channel of a site, so that rounding and clipping to 127 steps lose least.
    /// No channel's is below a 64th of the largest one's, to keep fixed-point multipliers precise.
    pub fn clips(&self, site: Site) -> Vec<f64> {
        let (Some(largest), Some(histograms)) = (self.largest.get(&site), self.histograms.get(&site)) else {
            return Vec::new();
        };
        let clips: Vec<f64> =
            largest.iter().zip(histograms).map(|(&largest, histogram)| f64::from(largest) * clip(histogram)).collect();
        let floor = clips.iter().copied().fold(0.0, f64::max).max(1e-4) / 64.0;
        clips.into_iter().map(|clip| clip.max(floor)).collect()
    }

    /// Correlation of what a product reads.
    pub(super) fn correlation(&self, site: Site) -> Option<&Correlation> {
        self.correlations.get(&site)
    }
}

/// The share of the largest magnitude at which clipping loses least in the mean square.
fn clip(histogram: &[u32; BINS]) -> f64 {
    let loss = |share: f64| {
        let rounding = (share / 127.0).powi(2) / 12.0;
        let mut loss = 0.0;
        for (bin, &count) in histogram.iter().enumerate().skip(1) {
            let beyond = ((bin as f64 + 0.5) / BINS as f64 - share).max(0.0);
            loss += f64::from(count) * (beyond * beyond + rounding);
        }
        loss
    };
    let candidates = (16..=64).map(|n| f64::from(n) / 64.0);
    candidates.min_by(|a, b| loss(*a).total_cmp(&loss(*b))).unwrap_or(1.0)
}
