//! What was taken for what.

use serde::{Deserialize, Serialize};

use super::Found;
use crate::data::Picture;

/// Pixels along a side of a cell.
const CELL: usize = 16;

/// A list a label, in it the number of images that were taken for each class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion(pub Vec<Vec<u32>>);

impl Confusion {
    /// Counts; nothing if an image has no label.
    pub fn new(classes: u16, pictures: &[Picture], found: &[Found]) -> Option<Self> {
        let mut counts = vec![vec![0; classes.into()]; classes.into()];
        for (picture, found) in pictures.iter().zip(found) {
            counts[usize::from(picture.class?)][usize::from(found.best.class)] += 1;
        }
        Some(Self(counts))
    }

    /// Share of the images that were taken for what they are.
    pub fn accuracy(&self) -> f64 {
        let right: u32 = self.0.iter().enumerate().map(|(label, row)| row[label]).sum();
        f64::from(right) / f64::from(self.0.iter().flatten().sum::<u32>().max(1))
    }

    /// A line a label.
    pub fn text(&self) -> String {
        let widest = self.0.iter().flatten().max().map_or(1, |most| most.to_string().len()).max(3) + 1;
        let line = |name: &str, cells: &mut dyn Iterator<Item = String>| {
            let cells: String = cells.map(|cell| format!("{cell:>widest$}")).collect();
            format!("{name:>6}{cells}\n")
        };
        let head = line("label", &mut (0..self.0.len()).map(|class| class.to_string()));
        let rows = self.0.iter().enumerate();
        head + &rows
            .map(|(label, row)| line(&label.to_string(), &mut row.iter().map(ToString::to_string)))
            .collect::<String>()
    }

    /// A cell for each label (down) and class (across): white for all of the label's images, black for none.
    pub fn picture(&self) -> Picture {
        let tone = |row: &[u32], count: u32| {
            let all = row.iter().sum::<u32>().max(1);
            // A few of many are seen, too.
            (f64::from(count) / f64::from(all)).sqrt().mul_add(255.0, 0.5) as u16
        };
        let line = |row: &Vec<u32>| -> Vec<u16> {
            let cells = row.iter().flat_map(|&count| std::iter::repeat_n(tone(row, count), CELL));
            cells.collect::<Vec<_>>().repeat(CELL)
        };
        Picture::grey(CELL * self.0.len(), self.0.iter().flat_map(line).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_a_share_a_text_and_a_picture() {
        let confusion = Confusion(vec![vec![9, 0], vec![3, 12]]);
        assert!((confusion.accuracy() - 21.0 / 24.0).abs() < 1e-12);
        assert_eq!(confusion.text(), " label   0   1\n     0   9   0\n     1   3  12\n");
        let picture = confusion.picture();
        assert_eq!(picture.size(), (2 * CELL, 2 * CELL));
        let at = |row: usize, column: usize| picture.values[row * CELL * 2 * CELL + column * CELL];
        assert_eq!([at(0, 0), at(0, 1), at(1, 0), at(1, 1)], [255, 0, 114, 228]);
    }
}
