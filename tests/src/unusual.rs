//! Images of two levels that are no digits, made from digits, and how well a score tells the two apart.

use pixelrnn_convert::data::Picture;

use crate::random::Numbers;

/// A kind of image that is no digit, and images of it.
pub type Kind = (&'static str, Vec<Picture>);

/// Columns and rows of the parts that are scrambled.
const BLOCK: usize = 7;

/// The area under the receiver operating characteristic: the probability that an unusual image scores higher than a usual one, ties
/// counted half (Mann-Whitney).
pub fn area(usual: &[f64], unusual: &[f64]) -> f64 {
    let mut sorted = usual.to_vec();
    sorted.sort_by(f64::total_cmp);
    let below: f64 = unusual
        .iter()
        .map(|score| {
            let less = sorted.partition_point(|other| other < score);
            let less_or_equal = sorted.partition_point(|other| other <= score);
            (less + less_or_equal) as f64 / 2.0
        })
        .sum();
    below / (usual.len() * unusual.len()) as f64
}

/// Of each image the largest of its ranks by several scores: the share of usual images that score less, 0 to 1. `usual` and `scores`
/// hold a list a score.
pub fn most_unusual(usual: &[Vec<f64>], scores: &[Vec<f64>]) -> Vec<f64> {
    let mut most = vec![0.0; scores.first().map_or(0, Vec::len)];
    for (usual, scores) in usual.iter().zip(scores) {
        let mut sorted = usual.clone();
        sorted.sort_by(f64::total_cmp);
        for (most, score) in most.iter_mut().zip(scores) {
            let rank = sorted.partition_point(|other| other < score) as f64 / sorted.len() as f64;
            *most = rank.max(*most);
        }
    }
    most
}

/// An image turned clockwise.
pub fn turned(picture: &Picture, quarters: u32) -> Picture {
    let mut turned = picture.clone();
    for _ in 0..quarters {
        let before = turned.clone();
        (turned.width, turned.height) = (before.height, before.width);
        let (width, height) = (turned.width, turned.height);
        turned.values = (0..width * height)
            .map(|place| {
                let (row, column) = (place / width, place % width);
                before.values[(before.height - 1 - column) * before.width + row]
            })
            .collect();
    }
    turned
}

/// Pixels set at random, as many on average as in the picture.
pub fn noise(picture: &Picture, numbers: &mut Numbers) -> Picture {
    let set = picture.values.iter().filter(|&&value| value != 0).count() as u32;
    let pixels = picture.values.len() as u32;
    Picture { values: (0..pixels).map(|_| u16::from(numbers.below(pixels) < set)).collect(), ..picture.clone() }
}

/// Black for white.
pub fn inverted(picture: &Picture) -> Picture {
    Picture { values: picture.values.iter().map(|value| 1 - value).collect(), ..picture.clone() }
}

/// The image's parts of 7x7 pixels in another order: strokes without a whole. What is left over at the right and below is blank.
pub fn scrambled(picture: &Picture, numbers: &mut Numbers) -> Picture {
    let (columns, rows) = (picture.width / BLOCK, picture.height / BLOCK);
    let mut order: Vec<usize> = (0..columns * rows).collect();
    for place in (1..order.len()).rev() {
        order.swap(place, numbers.below(place as u32 + 1) as usize);
    }
    let mut values = vec![0; picture.values.len()];
    let corner = |block: usize| (block / columns * picture.width + block % columns) * BLOCK;
    for (to, &from) in order.iter().enumerate() {
        for row in (0..BLOCK).map(|row| row * picture.width) {
            let [to, from] = [to, from].map(|block| corner(block) + row);
            values[to..to + BLOCK].copy_from_slice(&picture.values[from..from + BLOCK]);
        }
    }
    Picture { values, ..picture.clone() }
}

/// An image without anything on it.
pub fn blank(picture: &Picture, value: u16) -> Picture {
    Picture { values: vec![value; picture.values.len()], ..picture.clone() }
}

/// An image of another size, each pixel the nearest of the old ones.
pub fn resized(picture: &Picture, width: usize, height: usize) -> Picture {
    let place = |(row, column)| row * picture.height / height * picture.width + column * picture.width / width;
    let places = (0..height).flat_map(|row| (0..width).map(move |column| (row, column)));
    let values = places.map(|at| picture.values[place(at)]).collect();
    Picture { width, height, values, ..picture.clone() }
}

/// Digits made into what is none: turned, as noise, in parts, inverted, gone.
pub fn kinds(digits: &[Picture]) -> Vec<Kind> {
    let mut numbers = Numbers(1);
    let all = |make: &mut dyn FnMut(&Picture) -> Picture| digits.iter().map(make).collect();
    vec![
        ("turned by 90 degrees", all(&mut |picture| turned(picture, 1))),
        ("turned by 180 degrees", all(&mut |picture| turned(picture, 2))),
        ("noise as dense as digits", all(&mut |picture| noise(picture, &mut numbers))),
        ("scrambled in parts of 7x7", all(&mut |picture| scrambled(picture, &mut numbers))),
        ("inverted", all(&mut inverted)),
        ("blank, 0", digits.iter().take(1).map(|picture| blank(picture, 0)).collect()),
        ("blank, 1", digits.iter().take(1).map(|picture| blank(picture, 1)).collect()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_those_of_the_definition() {
        assert_eq!(area(&[1.0, 2.0], &[3.0, 4.0]), 1.0);
        assert_eq!(area(&[3.0, 4.0], &[1.0, 2.0]), 0.0);
        assert_eq!(area(&[1.0, 2.0], &[1.0, 2.0]), 0.5);
        assert_eq!(area(&[1.0, 3.0], &[2.0]), 0.5);
    }

    #[test]
    fn the_most_unusual_score_counts() {
        let usual = [vec![1.0, 2.0, 3.0, 4.0], vec![10.0, 20.0, 30.0, 40.0]];
        assert_eq!(most_unusual(&usual, &[vec![2.5, 0.0, 9.0], vec![15.0, 35.0, 0.0]]), [0.5, 0.75, 1.0]);
    }

    #[test]
    fn four_quarter_turns_change_nothing() {
        let picture = Picture::grey(3, vec![1, 2, 3, 4, 5, 6]);
        assert_eq!(turned(&picture, 1).values, [4, 1, 5, 2, 6, 3]);
        assert_eq!(turned(&picture, 4), picture);
    }

    #[test]
    fn scrambling_moves_whole_parts() {
        let picture = Picture::grey(14, (0..14 * 21).collect());
        let moved = scrambled(&picture, &mut Numbers(1));
        assert_ne!(moved, picture);
        let mut values = moved.values.clone();
        values.sort_unstable();
        assert_eq!(values, picture.values);
        for part in moved.values.chunks(BLOCK) {
            assert!(part.windows(2).all(|pair| pair[1] == pair[0] + 1) && part[0] % BLOCK as u16 == 0, "{part:?}");
        }
    }

    #[test]
    fn larger_images_repeat_the_nearest_pixels() {
        let picture = Picture::grey(2, vec![1, 2, 3, 4]);
        assert_eq!(resized(&picture, 3, 4).values, [1, 1, 2, 1, 1, 2, 3, 3, 4, 3, 3, 4]);
    }
}
