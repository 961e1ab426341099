//! How often magnitudes were seen, and from that where int8 should clip.

/// Bins of a histogram.
const BINS: usize = 512;

/// A histogram of magnitudes whose range grows with them.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    largest: f32,
    /// The magnitude at the last bin's end, a power of two; at first that below which nothing matters.
    end: f32,
    counts: Vec<u32>,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { largest: 0.0, end: 1.0 / 1024.0, counts: vec![0; BINS] }
    }
}

impl Histogram {
    /// Adds a value.
    pub fn add(&mut self, value: f32) {
        let magnitude = value.abs();
        self.largest = self.largest.max(magnitude);
        self.reach(magnitude);
        // A power of two's inverse is exact.
        let bin = (magnitude * (BINS as f32 / self.end)) as usize;
        self.counts[bin.min(BINS - 1)] += 1;
    }

    /// Adds all that another has seen.
    pub fn join(&mut self, mut other: Self) {
        self.largest = self.largest.max(other.largest);
        self.reach(other.end / 2.0);
        other.reach(self.end / 2.0);
        self.counts.iter_mut().zip(other.counts).for_each(|(count, other)| *count += other);
    }

    /// The largest magnitude.
    pub fn largest(&self) -> f32 {
        self.largest
    }

    /// Widens the range until a magnitude lies below its end: two bins become one.
    fn reach(&mut self, magnitude: f32) {
        while self.end <= magnitude {
            self.end *= 2.0;
            for bin in 0..BINS {
                let pair = self.counts.get(2 * bin..2 * bin + 2);
                self.counts[bin] = pair.map_or(0, |pair| pair.iter().sum());
            }
        }
    }

    /// The magnitude at which to clip, so that rounding to so many steps and clipping lose least.
    ///
    /// What counts is the square of an error by the magnitude that it befalls: where all features are small, as on plain walls, small
    /// differences decide. (Plain squares lose half as much again on photographs.)
    pub fn clip(&self, steps: f64) -> f64 {
        let candidates = (4..=64).map(|n| f64::from(self.largest) * f64::from(n) / 64.0);
        let small = self.mean() / 4.0;
        candidates.min_by(|a, b| self.loss(*a, small, steps).total_cmp(&self.loss(*b, small, steps))).unwrap_or(0.0)
    }

    /// Magnitudes that were seen, and how often. Zeros are exact, and most of what a ReLU gives: they lie in the first bin.
    fn seen(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let width = f64::from(self.end) / BINS as f64;
        let counted = self.counts.iter().enumerate().skip(1).filter(|(_, count)| **count > 0);
        counted.map(move |(bin, &count)| ((bin as f64 + 0.5) * width, f64::from(count)))
    }

    fn mean(&self) -> f64 {
        let (sum, count) = self.seen().fold((0.0, 0.0), |(sum, all), (x, count)| (sum + x * count, all + count));
        sum / f64::max(count, 1.0)
    }

    fn loss(&self, clip: f64, small: f64, steps: f64) -> f64 {
        let rounding = (clip / steps).powi(2) / 12.0;
        let error = |x: f64| (x - clip).max(0.0).powi(2) + rounding;
        self.seen().map(|(x, count)| count * error(x) / (x + small)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: impl IntoIterator<Item = f32>) -> Histogram {
        let mut histogram = Histogram::default();
        values.into_iter().for_each(|value| histogram.add(value));
        histogram
    }

    #[test]
    fn clips_where_hardly_anything_is_lost() {
        let even = of((0..1000).map(|n| n as f32 / 100.0));
        assert!(even.clip(127.0) > 9.0, "{}", even.clip(127.0));
        // One outlier of a million is not worth steps twice as wide.
        let outlier = of((0..1_000_000).map(|n| if n == 7 { 20.0 } else { n as f32 / 100_000.0 }));
        assert!((9.0..11.0).contains(&outlier.clip(127.0)), "{}", outlier.clip(127.0));
    }

    #[test]
    fn joined_histograms_are_that_of_all_values() {
        let (small, large) = ((1..50).map(|n| n as f32 / 30.0), (1..90).map(|n| -(n as f32)));
        let mut joined = of(small.clone());
        joined.join(of(large.clone()));
        assert_eq!(joined.largest(), 89.0);
        assert_eq!(joined, of(large.chain(small)));
    }
}
