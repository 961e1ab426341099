//! One image, as a file holds it or as a model's levels: the only kind of image that the converter knows.

use super::grey;

/// An image of 1 to 4 channels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The file's path; with `#` and the image's place where a file holds several.
    pub name: String,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Values a pixel.
    pub channels: usize,
    /// Bits a value of the file, 8 or 16: values are below `2^depth`.
    pub depth: u8,
    /// The values, row by row, the channels of a pixel side by side.
    pub values: Vec<u16>,
    /// Its class, where classes are known.
    pub class: Option<u16>,
}

impl Picture {
    /// An image of one channel and 8 bits without a name, of `width` columns.
    pub fn grey(width: usize, values: Vec<u16>) -> Self {
        let height = values.len() / width.max(1);
        Self { name: String::new(), width, height, channels: 1, depth: 8, values, class: None }
    }

    /// The image in one channel: of colours the luma of Rec. 601, (299 R + 587 G + 114 B) / 1000 rounded; transparency is left out.
    #[must_use]
    pub fn as_grey(&self) -> Self {
        let values = grey::luma(&self.values, self.channels);
        Self { name: self.name.clone(), channels: 1, values, ..*self }
    }

    /// The pixels at rows and columns that are multiples of a factor: the smaller image that a network of that factor is given; none
    /// for 0.
    pub fn sampled(&self, factor: u8) -> Option<Self> {
        (factor > 0).then(|| self.sampled_every(factor.into()))
    }

    /// The pixels at rows and columns that are multiples of a number above 0.
    #[must_use]
    pub fn sampled_every(&self, factor: usize) -> Self {
        let rows = self.values.chunks_exact((self.width * self.channels).max(1)).step_by(factor);
        let values = rows.flat_map(|row| row.chunks_exact(self.channels).step_by(factor)).flatten().copied().collect();
        let (width, height) = (self.width.div_ceil(factor), self.height.div_ceil(factor));
        Self { name: self.name.clone(), width, height, values, ..*self }
    }

    /// Every pixel as a square of so many, cut to a size.
    #[must_use]
    pub fn enlarged(&self, factor: usize, (width, height): (usize, usize)) -> Self {
        let pixel = |row: usize, column: usize| {
            let place = (row / factor * self.width + column / factor) * self.channels;
            &self.values[place..place + self.channels]
        };
        let rows = (0..height.min(self.height * factor))
            .flat_map(|row| (0..width.min(self.width * factor)).flat_map(move |column| pixel(row, column)));
        let values = rows.copied().collect();
        let (width, height) = (width.min(self.width * factor), height.min(self.height * factor));
        Self { name: self.name.clone(), width, height, values, ..*self }
    }

    /// Pixels, whatever the channels.
    pub const fn pixels(&self) -> usize {
        self.width * self.height
    }

    /// Columns and rows.
    pub const fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// The largest value.
    pub fn largest(&self) -> u16 {
        self.values.iter().copied().max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smaller_images_are_every_few_pixels() {
        let picture = Picture { channels: 2, width: 3, ..Picture::grey(6, (0..30).collect()) };
        let small = picture.sampled(2).unwrap();
        assert_eq!((small.size(), small.values), ((2, 3), vec![0, 1, 4, 5, 12, 13, 16, 17, 24, 25, 28, 29]));
        assert_eq!(picture.sampled(4).unwrap().values, [0, 1, 24, 25]);
        assert_eq!(picture.sampled(0), None);
        assert_eq!(Picture::grey(2, vec![1, 2]).enlarged(2, (3, 2)).values, [1, 1, 2, 1, 1, 2]);
    }
}
