//! Several images: which of them to take, and whether they belong together.

use super::{ChannelsError, Picture};

/// At most `count` images, spread evenly over a set (sets are often sorted).
pub fn spread(pictures: Vec<Picture>, count: usize) -> Vec<Picture> {
    let all = pictures.len();
    if count >= all {
        return pictures;
    }
    let mut chosen = (0..count).map(|place| place * all / count).peekable();
    let mut number = 0..all;
    pictures.into_iter().filter(|_| chosen.next_if_eq(&number.next().unwrap_or(all)).is_some()).collect()
}

/// The size that all images have, if it is one.
pub fn common_size(pictures: &[Picture]) -> Option<(usize, usize)> {
    let size = pictures.first()?.size();
    pictures.iter().all(|picture| picture.size() == size).then_some(size)
}

/// What [`check_channels`] says of a model's channels.
pub const MODEL: &str = "the model takes";

/// Checks that all images have as many channels as they should: `wanted_by` says why, in words that a number follows.
///
/// # Errors
/// The first image that has not.
pub fn check_channels(pictures: &[Picture], wanted: usize, wanted_by: &'static str) -> Result<(), ChannelsError> {
    let Some(other) = pictures.iter().find(|picture| picture.channels != wanted) else { return Ok(()) };
    Err(ChannelsError { name: other.name.clone(), found: other.channels, wanted_by, wanted })
}

/// Values of all images.
pub fn count_values(pictures: &[Picture]) -> usize {
    pictures.iter().map(|picture| picture.values.len()).sum()
}

/// The images' numbers, those of equal size together, in order of the first of each size.
pub fn by_size(pictures: &[Picture]) -> Vec<Vec<usize>> {
    by(pictures, |picture| (picture.size(), picture.channels))
}

/// The same of one class, too.
pub fn by_size_and_class(pictures: &[Picture]) -> Vec<Vec<usize>> {
    by(pictures, |picture| (picture.size(), picture.channels, picture.class))
}

fn by<K: std::hash::Hash + Eq>(pictures: &[Picture], key: impl Fn(&Picture) -> K) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for (number, picture) in pictures.iter().enumerate() {
        let place = *places.entry(key(picture)).or_insert(groups.len());
        if place == groups.len() {
            groups.push(Vec::new());
        }
        groups[place].push(number);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(widths: &[usize]) -> Vec<Picture> {
        widths.iter().map(|&width| Picture::grey(width, vec![0; width])).collect()
    }

    #[test]
    fn chosen_images_are_spread_over_the_set() {
        let widths = |count| spread(set(&[1, 2, 3, 4, 5]), count).iter().map(|one| one.width).collect::<Vec<_>>();
        assert_eq!(widths(2), [1, 3]);
        assert_eq!(widths(4), [1, 2, 3, 4]);
        assert_eq!(widths(9), [1, 2, 3, 4, 5]);
        assert!(widths(0).is_empty());
    }

    #[test]
    fn images_of_one_size_are_found() {
        assert_eq!(by_size(&set(&[3, 1, 3, 2, 1])), [vec![0, 2], vec![1, 4], vec![3]]);
        assert_eq!(common_size(&set(&[3, 3])), Some((3, 1)));
        assert_eq!(common_size(&set(&[3, 1])), None);
        assert_eq!(count_values(&set(&[3, 1])), 4);
    }
}
