//! Nearest neighbours among labelled images of two levels: a classifier that is none of ours, to judge what a model draws.

use pixelrnn_convert::data::Picture;
use rayon::prelude::*;

/// Images that are known, and how many of them are asked about one that is not.
#[derive(Debug, Clone)]
pub struct Neighbours {
    known: Vec<(Vec<u64>, u16)>,
    count: usize,
}

/// An image's values, 64 a word.
fn words(picture: &Picture) -> Vec<u64> {
    let word = |values: &[u16]| values.iter().rev().fold(0, |word, &value| word << 1 | u64::from(value & 1));
    picture.values.chunks(64).map(word).collect()
}

/// Values in which two images differ.
fn distance(one: &[u64], other: &[u64]) -> u32 {
    one.iter().zip(other).map(|(one, other)| (one ^ other).count_ones()).sum()
}

impl Neighbours {
    /// Asks the `count` nearest, one or more, of images that have classes; others are left out.
    pub fn new(pictures: &[Picture], count: usize) -> Self {
        let known = pictures.iter().filter_map(|picture| Some((words(picture), picture.class?))).collect();
        Self { known, count }
    }

    /// The class that most of an image's nearest have; of equals that of the nearest.
    pub fn class(&self, picture: &Picture) -> Option<u16> {
        let asked = words(picture);
        let away = self.known.iter().map(|(words, class)| (distance(words, &asked), *class));
        let mut nearest: Vec<(u32, u16)> = away.collect();
        nearest.sort_by_key(|&(distance, _)| distance);
        nearest.truncate(self.count);
        let votes = |class| nearest.iter().filter(|(_, other)| *other == class).count();
        // Of equals `max_by_key` takes the last.
        nearest.iter().rev().map(|&(_, class)| class).max_by_key(|&class| votes(class))
    }

    /// The share of images, all of which have classes, that get theirs.
    pub fn accuracy(&self, pictures: &[Picture]) -> f64 {
        let right = pictures.par_iter().filter(|picture| self.class(picture) == picture.class).count();
        right as f64 / pictures.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(values: &[u16], class: Option<u16>) -> Picture {
        Picture { class, ..Picture::grey(values.len(), values.to_vec()) }
    }

    #[test]
    fn words_hold_all_values() {
        let mut values = [0; 70];
        (values[0], values[63], values[69]) = (1, 1, 1);
        assert_eq!(words(&picture(&values, None)), [1 | 1 << 63, 1 << 5]);
        assert_eq!(distance(&[1 | 1 << 63, 1 << 5], &[1, 3]), 4);
    }

    #[test]
    fn the_nearest_have_a_vote_each() {
        let known =
            [([1, 1, 1], 7), ([0, 0, 1], 3), ([0, 0, 0], 3)].map(|(values, class)| picture(&values, Some(class)));
        let class = |count, values: &[u16]| Neighbours::new(&known, count).class(&picture(values, None));
        assert_eq!(class(1, &[1, 1, 1]), Some(7));
        assert_eq!(class(3, &[1, 1, 1]), Some(3));
        // One vote each: the nearest decides.
        assert_eq!(class(2, &[1, 1, 0]), Some(7));
        assert_eq!(Neighbours::new(&known, 1).accuracy(&known), 1.0);
        let wrong = [picture(&[1, 1, 1], Some(3)), picture(&[0, 0, 0], Some(3))];
        assert_eq!(Neighbours::new(&known, 1).accuracy(&wrong), 0.5);
    }
}
