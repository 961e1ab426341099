//! Which images a step sees: a matter of the seed and the step alone, so that a resumed run goes on exactly.

use crate::data::Picture;
use crate::data::levels::draw;

/// Training images in an order that is shuffled anew each epoch.
#[derive(Debug)]
pub struct Order {
    set: Vec<Picture>,
    seed: u64,
    /// Whether grey values are drawn to black and white, anew each epoch.
    redraw: bool,
    epoch: Option<u64>,
    order: Vec<usize>,
}

impl Order {
    /// Shuffles by a seed. With `redraw` the set's values are grey, and drawn from the seed, the epoch and the image's number.
    pub const fn new(set: Vec<Picture>, seed: u64, redraw: bool) -> Self {
        Self { set, seed, redraw, epoch: None, order: Vec::new() }
    }

    /// The images.
    pub fn set(&self) -> &[Picture] {
        &self.set
    }

    /// The values of a step's images, one after the other.
    pub fn step(&mut self, step: u64, batch: usize) -> Vec<u16> {
        let start = step * batch as u64;
        let mut values = Vec::with_capacity(batch * self.set[0].values.len());
        for place in start..start + batch as u64 {
            let (epoch, index) = self.get(place);
            let from = values.len();
            values.extend_from_slice(&self.set[index].values);
            if self.redraw {
                let seed = self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(epoch + 1);
                draw(&mut values[from..], self.set[index].depth, seed, index as u64);
            }
        }
        values
    }

    fn get(&mut self, place: u64) -> (u64, usize) {
        let count = self.set.len();
        let epoch = place / count as u64;
        if self.epoch != Some(epoch) {
            let mut state = self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ epoch;
            let mut next = || {
                state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mut z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                z ^ (z >> 31)
            };
            self.order = (0..count).collect();
            for last in (1..count).rev() {
                self.order.swap(last, (next() % (last as u64 + 1)) as usize);
            }
            self.epoch = Some(epoch);
        }
        (epoch, self.order[(place % count as u64) as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(redraw: bool) -> Order {
        let images = (0..20).map(|n| Picture::grey(2, vec![n * 10, 255])).collect();
        Order::new(images, 3, redraw)
    }

    #[test]
    fn an_epoch_sees_every_image_once_and_any_step_can_come_first() {
        let mut whole = order(false);
        let steps: Vec<Vec<u16>> = (0..10).map(|step| whole.step(step, 4)).collect();
        for epoch in steps.chunks(5) {
            let mut seen: Vec<u16> = epoch.iter().flatten().copied().step_by(2).collect();
            seen.sort_unstable();
            assert_eq!(seen, (0..20).map(|n| n * 10).collect::<Vec<_>>());
        }
        assert_ne!(steps[..5], steps[5..]);
        assert_eq!(order(false).step(7, 4), steps[7]);
    }

    #[test]
    fn grey_values_are_drawn_anew_each_epoch() {
        let mut drawn = order(true);
        let sums: Vec<u32> =
            (0..50).map(|step| drawn.step(step, 20).iter().step_by(2).map(|&v| u32::from(v)).sum()).collect();
        assert!(drawn.step(0, 20).iter().all(|&value| value <= 1));
        assert!(sums.windows(2).any(|pair| pair[0] != pair[1]));
        assert_eq!(order(true).step(9, 20), drawn.step(9, 20));
    }
}
