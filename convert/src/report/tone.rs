//! Levels as tones: values that a screen shows, from black to white.

use crate::data::Picture;

/// A level as an 8-bit tone.
pub fn tone(level: u16, levels: u32) -> u8 {
    scaled(level, levels, 255) as u8
}

/// An image of levels as people see it: 8 bits a value up to 256 levels, else 16.
pub fn shown(picture: &Picture, levels: u32) -> Picture {
    let (depth, white) = if levels <= 256 { (8, 255) } else { (16, 65_535) };
    let values = picture.values.iter().map(|&level| scaled(level, levels, white)).collect();
    Picture { name: picture.name.clone(), depth, values, ..*picture }
}

/// `level * white / (levels - 1)`, rounded.
fn scaled(level: u16, levels: u32, white: u32) -> u16 {
    let most = u64::from(levels.max(2)) - 1;
    ((u64::from(level) * u64::from(white) + most / 2) / most).min(u64::from(white)) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_spread_from_black_to_white() {
        assert_eq!([0, 1, 16].map(|level| tone(level, 17)), [0, 16, 255]);
        let shown = |levels, values: &[u16]| super::shown(&Picture::grey(1, values.to_vec()), levels);
        assert_eq!((shown(2, &[0, 1]).depth, shown(2, &[0, 1]).values), (8, vec![0, 255]));
        assert_eq!((shown(4096, &[0, 4095]).depth, shown(4096, &[0, 4095]).values), (16, vec![0, 65_535]));
        assert_eq!(shown(65_536, &[7, 65_535]).values, [7, 65_535]);
    }
}
