//! The linear prediction of a mixture's means: from the values around a pixel, in their own units, the same everywhere.

use super::canvas::Canvas;
use super::load::Tensors;
use super::map::Place;
use super::window;
use crate::config::NetworkConfig;

/// W, N, NW, NE, and the pixel itself.
pub(super) const TAPS: usize = 5;

/// Coefficients `[channels, channels, 5]`: predicted channel, channel read, tap.
#[derive(Debug, Clone, PartialEq)]
pub struct Linear {
    /// Those of the pixel itself are zeros but for channels before the predicted one.
    pub coefficients: Vec<f32>,
    channels: usize,
    levels: u32,
}

impl Linear {
    /// From all coefficients; what the pixel itself does not know yet is left out.
    pub fn new(mut coefficients: Vec<f32>, config: &NetworkConfig) -> Self {
        let channels = usize::from(config.channels);
        for (place, coefficient) in coefficients.iter_mut().enumerate() {
            let (predicted, read, tap) = (place / TAPS / channels, place / TAPS % channels, place % TAPS);
            if tap == TAPS - 1 && read >= predicted {
                *coefficient = 0.0;
            }
        }
        Self { coefficients, channels, levels: config.levels }
    }

    pub(super) fn take(tensors: &mut Tensors<'_>, config: &NetworkConfig) -> Result<Self, String> {
        let channels = usize::from(config.channels);
        Ok(Self::new(tensors.take("head.linear.weight", &[channels, channels, TAPS])?, config))
    }

    /// The coefficient of a channel read at a tap for a predicted channel.
    pub fn coefficient(&self, predicted: usize, read: usize, tap: usize) -> f32 {
        self.coefficients[(predicted * self.channels + read) * TAPS + tap]
    }

    /// The prediction of a channel, 0 to `levels - 1` if the neighbours agree.
    pub(super) fn predict(&self, canvas: &Canvas, place: Place, channel: usize) -> f64 {
        let values = |tap: usize, read: usize| match tap {
            4 if read >= channel => 0.0,
            4 => value(canvas.at(place), read),
            _ => neighbour(canvas, place, tap, read, self.levels),
        };
        let one = |read, tap| f64::from(self.coefficient(channel, read, tap)) * values(tap, read);
        (0..self.channels)
            .flat_map(|read| (0..TAPS).map(move |tap| (read, tap)))
            .map(|(read, tap)| one(read, tap))
            .sum()
    }
}

fn value(values: Option<&[u16]>, channel: usize) -> f64 {
    values.map_or(0.0, |values| values[channel].into())
}

/// A neighbour's value; one outside the image is replaced by one inside.
fn neighbour(canvas: &Canvas, (row, column): Place, tap: usize, channel: usize, levels: u32) -> f64 {
    let last = column + 1 == canvas.width as isize;
    let place = match (row, column, tap) {
        (0, 0, _) => return f64::from(1u32 << (window::bits(levels) - 1)),
        (0, ..) => (row, column - 1),
        (_, 0, 0 | 2) => (row - 1, column),
        (_, _, 0) => (row, column - 1),
        (_, _, 2) => (row - 1, column - 1),
        (_, _, 3) if !last => (row - 1, column + 1),
        _ => (row - 1, column),
    };
    value(canvas.at(place), channel)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_outside_are_replaced() {
        let mut canvas = Canvas::new(3, 2, 1);
        (0..6).for_each(|place| canvas.set(place, place as u16 + 1));
        let around = |place| [0, 1, 2, 3].map(|tap| neighbour(&canvas, place, tap, 0, 256));
        assert_eq!(around((0, 0)), [128.0; 4]);
        assert_eq!(around((0, 2)), [2.0; 4]);
        assert_eq!(around((1, 0)), [1.0, 1.0, 1.0, 2.0]);
        assert_eq!(around((1, 1)), [4.0, 2.0, 1.0, 3.0]);
        assert_eq!(around((1, 2)), [5.0, 3.0, 2.0, 3.0]);
        let mut narrow = Canvas::new(1, 2, 1);
        narrow.set(0, 7);
        assert_eq!([0, 1, 2, 3].map(|tap| neighbour(&narrow, (1, 0), tap, 0, 256)), [7.0; 4]);
    }
}
