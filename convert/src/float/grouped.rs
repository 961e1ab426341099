//! A product in channel groups: masks, kept as rows that end early.

use super::Dense;

/// A matrix by vector product whose rows are shared out among channel groups. What a group reads are the first columns of the
/// whole: all there is of other pixels, then its own and earlier groups' features at the pixel itself (mask B).
///
/// Without channel groups, there is one.
#[derive(Debug, Clone, PartialEq)]
pub struct Grouped {
    /// Each group's rows.
    pub groups: Vec<Dense>,
    /// Equal parts of all rows, every one of which is shared out: 4 for the gates of an LSTM, else 1.
    parts: usize,
}

impl Grouped {
    /// Shares out the rows of a whole product, which lie in `parts` equal parts; group `g` reads the first `columns(g)` columns.
    pub fn split(whole: &Dense, groups: usize, parts: usize, columns: impl Fn(usize) -> usize) -> Self {
        let rows_of = |group| rows(whole.outputs, (groups, parts), group);
        let group = |group: usize| {
            let read = columns(group);
            let weights = rows_of(group).flat_map(|row| &whole.row(row)[..read]).copied().collect();
            Dense::new(read, weights, rows_of(group).map(|row| whole.biases[row]).collect())
        };
        Self { groups: (0..groups).map(group).collect(), parts }
    }

    /// The same with mask B: the last `own` columns are the features of the pixel itself, as many of each group.
    pub fn mask_b(whole: &Dense, groups: usize, parts: usize, own: usize) -> Self {
        Self::split(whole, groups, parts, |group| whole.inputs - own + own / groups * (group + 1))
    }

    /// The same where nothing is masked: all columns are of other pixels.
    pub fn open(whole: &Dense, groups: usize, parts: usize) -> Self {
        Self::split(whole, groups, parts, |_| whole.inputs)
    }

    /// Columns of the whole: what the last group reads.
    pub fn columns(&self) -> usize {
        self.groups.last().map_or(0, |group| group.inputs)
    }

    /// All rows in their order, with zeros for what masks hide.
    pub fn whole(&self) -> Dense {
        let inputs = self.columns();
        let outputs: usize = self.groups.iter().map(|group| group.outputs).sum();
        let (mut weights, mut biases) = (vec![0.0; outputs * inputs], vec![0.0; outputs]);
        for (number, group) in self.groups.iter().enumerate() {
            for (n, row) in rows(outputs, (self.groups.len(), self.parts), number).enumerate() {
                weights[row * inputs..][..group.inputs].copy_from_slice(group.row(n));
                biases[row] = group.biases[n];
            }
        }
        Dense::new(inputs, weights, biases)
    }

    /// The same product with other groups of the same shapes.
    #[must_use]
    pub fn with(&self, groups: Vec<Dense>) -> Self {
        Self { groups, parts: self.parts }
    }

    /// Sets `out` to a group's rows. Of a longer input the first columns are read.
    pub fn apply(&self, group: usize, input: &[f32], out: &mut [f32]) {
        self.groups[group].apply(input, out);
    }

    /// Adds a group's rows to `out`. Of a longer input the first columns are read.
    pub fn add(&self, group: usize, input: &[f32], out: &mut [f32]) {
        self.groups[group].add(input, out);
    }
}

/// A group's rows of `outputs` that lie in parts.
fn rows(outputs: usize, (groups, parts): (usize, usize), group: usize) -> impl Iterator<Item = usize> {
    let (part, share) = (outputs / parts, outputs / parts / groups);
    (0..parts).flat_map(move |n| (0..share).map(move |row| n * part + group * share + row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_shared_out_and_come_back_without_what_masks_hide() {
        let numbers = |count: usize| (1..=count).map(|n| n as f32).collect::<Vec<_>>();
        let whole = Dense::new(6, numbers(48), numbers(8));
        // Two parts of four rows, two groups, four columns of other pixels.
        let grouped = Grouped::mask_b(&whole, 2, 2, 4);
        assert_eq!(grouped.groups[0].biases, [1.0, 2.0, 5.0, 6.0]);
        assert_eq!(grouped.groups[1].biases, [3.0, 4.0, 7.0, 8.0]);
        assert_eq!(grouped.groups[0].row(2), [25.0, 26.0, 27.0, 28.0]);
        assert_eq!(grouped.groups[1].row(0), whole.row(2));
        let back = grouped.whole();
        assert_eq!(back.row(3), whole.row(3));
        assert_eq!(back.row(4), [25.0, 26.0, 27.0, 28.0, 0.0, 0.0]);
        assert_eq!(back.biases, whole.biases);
    }
}
