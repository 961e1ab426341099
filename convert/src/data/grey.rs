//! Colour as grey.

/// Keeps one channel: of colours the luma of Rec. 601, (299 R + 587 G + 114 B) / 1000 rounded; transparency is left out.
pub(super) fn luma(values: &[u16], channels: usize) -> Vec<u16> {
    let of_pixel = if channels < 3 { |pixel: &[u16]| pixel[0] } else { of_colour };
    values.chunks_exact(channels).map(of_pixel).collect()
}

fn of_colour(pixel: &[u16]) -> u16 {
    let weighted = pixel.iter().zip([299, 587, 114]).map(|(&value, weight)| u32::from(value) * weight);
    ((weighted.sum::<u32>() + 500) / 1000) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grey_is_the_weighted_sum_of_colours() {
        assert_eq!(luma(&[255, 0, 0, 0, 255, 0, 0, 0, 255], 3), [76, 150, 29]);
        assert_eq!(luma(&[65_535, 65_535, 65_535, 0, 1, 2, 3, 9], 4), [65_535, 2]);
        assert_eq!(luma(&[7, 255, 8, 0], 2), [7, 8]);
        assert_eq!(luma(&[7, 8], 1), [7, 8]);
    }
}
