//! The linear prediction: its neighbours, and its coefficients at the beginning.

use crate::config::NetworkConfig;
use crate::train::maps::Batch;

/// Taps of a prediction: W, N, NW, NE, and the pixel itself.
pub const TAPS: usize = 5;

/// 3/4 (W + N) - 1/2 NW of the own channel; the channels after the first add what the channel before differs from its own such
/// prediction. Rows by (tap, channel).
pub fn initial(config: &NetworkConfig) -> Vec<f32> {
    let channels = usize::from(config.channels);
    let mut coefficients = vec![0.0; channels * TAPS * channels];
    for (channel, row) in coefficients.chunks_exact_mut(TAPS * channels).enumerate() {
        for (tap, coefficient) in [0.75, 0.75, -0.5].into_iter().enumerate() {
            row[tap * channels + channel] = coefficient;
            if channel > 0 {
                row[tap * channels + channel - 1] = -coefficient;
            }
        }
        if channel > 0 {
            row[(TAPS - 1) * channels + channel - 1] = 1.0;
        }
    }
    coefficients
}

/// Rows and columns of W, N, NW and NE as they are replaced at an image's edges; nothing for the first pixel.
fn places(row: usize, column: usize, width: usize) -> Option<[(usize, usize); TAPS - 1]> {
    if row == 0 {
        return (column > 0).then(|| [(0, column - 1); TAPS - 1]);
    }
    let north = (row - 1, column);
    let (west, north_west) = if column == 0 { (north, north) } else { ((row, column - 1), (row - 1, column - 1)) };
    let north_east = if column + 1 == width { north } else { (row - 1, column + 1) };
    Some([west, north, north_west, north_east])
}

/// What predictions read, in the values' own units: for each (tap, channel) a plane of the batch's pixels in the order group, row,
/// column, image. The last tap's planes are the values themselves.
pub fn planes(batch: &Batch, values: &[u16], levels: u32) -> Vec<f32> {
    let [groups, images, height, width, channels] =
        [batch.groups, batch.images, batch.height, batch.width, batch.channels].map(|size| size as usize);
    let pixels = groups * height * width * images;
    let mut planes = vec![(levels.next_power_of_two() / 2) as f32; TAPS * channels * pixels];
    for place in 0..groups * height * width {
        let (group, row, column) = (place / width / height, place / width % height, place % width);
        let own = Some((row, column));
        let taps = places(row, column, width).map_or([None; TAPS - 1], |places| places.map(Some));
        for (tap, from) in taps.into_iter().chain([own]).enumerate() {
            let Some((row, column)) = from else { continue };
            for image in 0..images {
                let from = ((group * images + image) * height + row) * width + column;
                for channel in 0..channels {
                    let plane = (tap * channels + channel) * pixels;
                    planes[plane + place * images + image] = f32::from(values[from * channels + channel]);
                }
            }
        }
    }
    planes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_outside_are_replaced() {
        assert_eq!(places(0, 0, 3), None);
        assert_eq!(places(0, 2, 3), Some([(0, 1); 4]));
        assert_eq!(places(1, 0, 3), Some([(0, 0), (0, 0), (0, 0), (0, 1)]));
        assert_eq!(places(1, 1, 3), Some([(1, 0), (0, 1), (0, 0), (0, 2)]));
        assert_eq!(places(1, 2, 3), Some([(1, 1), (0, 2), (0, 1), (0, 2)]));
        assert_eq!(places(1, 0, 1), Some([(0, 0); 4]));
        let batch = Batch { groups: 1, images: 1, height: 1, width: 2, channels: 1, pad: 1, above: 1 };
        assert_eq!(planes(&batch, &[7, 9], 200)[..4], [128.0, 7.0, 128.0, 7.0]);
        assert_eq!(planes(&batch, &[7, 9], 200)[8..], [7.0, 9.0]);
    }
}
