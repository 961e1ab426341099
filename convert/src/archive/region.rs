//! A part of a picture.

use std::str::FromStr;

/// Columns and rows of a picture: typed as `X,Y,WxH`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// Its first column.
    pub left: u32,
    /// Its first row.
    pub top: u32,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl Region {
    /// Whether a picture of this size holds all of it.
    pub fn fits(&self, (width, height): (u32, u32)) -> bool {
        let within = |start: u32, length: u32, all: u32| start.checked_add(length).is_some_and(|end| end <= all);
        within(self.left, self.width, width) && within(self.top, self.height, height)
    }
}

impl FromStr for Region {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text} is no region: write X,Y,WIDTHxHEIGHT, such as 64,0,32x32");
        let (corner, size) = text.rsplit_once(',').ok_or_else(wrong)?;
        let (left, top) = corner.split_once(',').ok_or_else(wrong)?;
        let (width, height) = size.split_once('x').ok_or_else(wrong)?;
        let number = |text: &str| text.trim().parse::<u32>().map_err(|_| wrong());
        let region = Self { left: number(left)?, top: number(top)?, width: number(width)?, height: number(height)? };
        if region.width == 0 || region.height == 0 { Err(wrong()) } else { Ok(region) }
    }
}

impl std::fmt::Display for Region {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{},{},{}x{}", self.left, self.top, self.width, self.height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_read_as_they_are_written() {
        let region = Region { left: 3, top: 4, width: 5, height: 6 };
        assert_eq!("3,4,5x6".parse(), Ok(region));
        assert_eq!(region.to_string(), "3,4,5x6");
        for wrong in ["", "3,4", "3,4,5", "3,4,0x6", "3;4,5x6", "-1,0,2x2", "1,2,3x4x5"] {
            assert!(wrong.parse::<Region>().is_err(), "{wrong}");
        }
        assert!(region.fits((8, 10)) && !region.fits((7, 10)) && !region.fits((8, 9)));
        assert!(!Region { left: u32::MAX, ..region }.fits((8, 10)));
    }
}
