//! Which images a step sees: a matter of the seed and the step alone, so that a resumed run goes on exactly.

use super::images::{Gathered, Size, cut_every};
use crate::data::Picture;
use crate::data::levels::draw;

/// What a step sees of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Look {
    /// Size of the pieces.
    pub size: Size,
    /// Whether half of them, drawn anew each time, are mirrored left to right.
    pub flip: bool,
    /// Whether grey values are drawn to black and white, anew each epoch.
    pub redraw: bool,
    /// Of so many pixels of a row, and of so many rows, a piece takes the first: pieces of larger pictures' smaller scales.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub every: usize,
}

const fn one() -> usize {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_one(every: &usize) -> bool {
    *every == 1
}

impl Look {
    /// Columns and rows of a picture that a piece lies in, all between its pixels included, as far as the picture goes.
    fn reach(&self, picture: &Picture) -> Size {
        let Size { width, height } = self.size;
        Size { width: (width * self.every).min(picture.width), height: (height * self.every).min(picture.height) }
    }
}

/// Training images in an order that is shuffled anew each epoch. In an epoch a picture is seen as often as its area holds pieces.
#[derive(Debug)]
pub struct Order {
    pictures: Vec<Picture>,
    look: Look,
    seed: u64,
    /// Each picture's number, as often as it is seen in an epoch.
    places: Vec<usize>,
    epoch: Option<u64>,
    order: Vec<usize>,
}

impl Order {
    /// Shuffles by a seed. All pictures are at least as large as a piece.
    pub fn new(pictures: Vec<Picture>, look: Look, seed: u64) -> Self {
        let pieces = |picture: &Picture| {
            let reach = look.reach(picture).pixels();
            (picture.pixels() + reach / 2) / reach
        };
        let places =
            pictures.iter().enumerate().flat_map(|(n, picture)| std::iter::repeat_n(n, pieces(picture).max(1)));
        Self { places: places.collect(), pictures, look, seed, epoch: None, order: Vec::new() }
    }

    /// Images an epoch.
    pub const fn len(&self) -> usize {
        self.places.len()
    }

    /// A step's images.
    pub fn step(&mut self, step: u64, batch: usize) -> Gathered {
        let start = step * batch as u64;
        let mut gathered = Gathered::default();
        for place in start..start + batch as u64 {
            let class = self.piece(place, &mut gathered.values);
            gathered.classes.extend(class);
        }
        gathered
    }

    /// Adds a piece; tells its class, if it has one.
    fn piece(&mut self, place: u64, values: &mut Vec<u16>) -> Option<u16> {
        let (epoch, index) = self.get(place);
        let Look { size, flip, redraw, every } = self.look;
        let picture = &self.pictures[self.places[index]];
        let mut random = Random(self.seed.wrapping_mul(STEP) ^ hash(place));
        let reach = self.look.reach(picture);
        let row = random.below(picture.height - reach.height + 1);
        let column = random.below(picture.width - reach.width + 1);
        let from = values.len();
        cut_every(picture, (row, column), size, every, values);
        let piece = &mut values[from..];
        if flip && random.below(2) == 1 {
            mirror(piece, size.width, picture.channels);
        }
        if redraw {
            draw(piece, picture.depth, self.seed.wrapping_mul(STEP).wrapping_add(epoch + 1), index as u64);
        }
        picture.class
    }

    fn get(&mut self, place: u64) -> (u64, usize) {
        let count = self.len();
        let epoch = place / count as u64;
        if self.epoch != Some(epoch) {
            let mut random = Random(self.seed.wrapping_mul(STEP) ^ epoch);
            self.order = (0..count).collect();
            for last in (1..count).rev() {
                self.order.swap(last, random.below(last + 1));
            }
            self.epoch = Some(epoch);
        }
        (epoch, self.order[(place % count as u64) as usize])
    }
}

/// Mirrors an image left to right.
fn mirror(values: &mut [u16], width: usize, channels: usize) {
    for row in values.chunks_exact_mut(width * channels) {
        row.reverse();
        row.chunks_exact_mut(channels).for_each(<[u16]>::reverse);
    }
}

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// The generator splitmix64.
struct Random(u64);

impl Random {
    const fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(STEP);
        (hash(self.0) % limit as u64) as usize
    }
}

const fn hash(state: u64) -> u64 {
    let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(redraw: bool) -> Order {
        let picture = |n: u16| Picture {
            name: n.to_string(),
            width: 2,
            height: 1,
            channels: 1,
            depth: 8,
            values: vec![n * 10, 255],
            class: Some(n),
        };
        let look = Look { size: Size { width: 2, height: 1 }, flip: false, redraw, every: 1 };
        Order::new((0..20).map(picture).collect(), look, 3)
    }

    #[test]
    fn an_epoch_sees_every_image_once_and_any_step_can_come_first() {
        let mut whole = order(false);
        let steps: Vec<Vec<u16>> = (0..10).map(|step| whole.step(step, 4).values).collect();
        for epoch in steps.chunks(5) {
            let mut seen: Vec<u16> = epoch.iter().flatten().copied().step_by(2).collect();
            seen.sort_unstable();
            assert_eq!(seen, (0..20).map(|n| n * 10).collect::<Vec<_>>());
        }
        assert_ne!(steps[..5], steps[5..]);
        assert_eq!(order(false).step(7, 4).values, steps[7]);
        assert_eq!(
            order(false).step(7, 4).classes,
            steps[7].iter().step_by(2).map(|value| value / 10).collect::<Vec<_>>()
        );
    }

    #[test]
    fn grey_values_are_drawn_anew_each_epoch() {
        let mut drawn = order(true);
        let sums: Vec<u32> =
            (0..50).map(|step| drawn.step(step, 20).values.iter().step_by(2).map(|&v| u32::from(v)).sum()).collect();
        assert!(drawn.step(0, 20).values.iter().all(|&value| value <= 1));
        assert!(sums.windows(2).any(|pair| pair[0] != pair[1]));
        assert_eq!(order(true).step(9, 20), drawn.step(9, 20));
    }

    /// A picture whose values say where they are.
    fn places(width: u16, height: u16) -> Picture {
        let pixels = (0..height).flat_map(|row| (0..width).map(move |column| (row, column)));
        let values = pixels.flat_map(|(row, column)| [row, column]).collect();
        let (width, height) = (usize::from(width), usize::from(height));
        Picture { name: String::new(), width, height, channels: 2, depth: 16, values, class: None }
    }

    #[test]
    fn pieces_lie_anywhere_and_are_mirrored_half_of_the_time() {
        let look = Look { size: Size { width: 4, height: 3 }, flip: true, redraw: false, every: 1 };
        let order = || Order::new(vec![places(9, 7), places(4, 3)], look, 5);
        let mut first = order();
        assert_eq!(first.len(), 5 + 1);
        let (mut corners, mut mirrored) = (std::collections::BTreeSet::new(), 0);
        for step in 0..300 {
            let values = first.step(step, 1).values;
            let [row, column] = [values[0], values[1].min(values[7])];
            let expected = (row..row + 3).flat_map(|row| (column..column + 4).map(move |column| [row, column]));
            let mut expected: Vec<u16> = expected.flatten().collect();
            if values[1] > values[7] {
                mirrored += 1;
                mirror(&mut expected, 4, 2);
            }
            assert_eq!(values, expected);
            corners.insert((row, column));
        }
        assert_eq!(corners.len(), 5 * 6);
        assert!((110..190).contains(&mirrored), "{mirrored} of 300 are mirrored");
        assert_eq!(order().step(299, 1), first.step(299, 1));
    }

    /// Every third pixel of every third row, begun anywhere; of a picture that is too small for all between, from its corner.
    #[test]
    fn pieces_of_a_smaller_scale_take_every_few_pixels() {
        let look = Look { size: Size { width: 3, height: 2 }, flip: false, redraw: false, every: 3 };
        let mut order = Order::new(vec![places(10, 8), places(7, 4)], look, 5);
        let mut corners = std::collections::BTreeSet::new();
        for step in 0..200 {
            let values = order.step(step, 1).values;
            let (row, column) = (values[0], values[1]);
            let pixels = [0, 3].into_iter().flat_map(|down| [0, 3, 6].map(|right| [row + down, column + right]));
            assert_eq!(values, pixels.flatten().collect::<Vec<_>>());
            corners.insert((row, column));
        }
        assert_eq!(corners.len(), 3 * 2);
    }
}
