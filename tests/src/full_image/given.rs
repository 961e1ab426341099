//! What a class and a smaller image add to a layer's rows.

use super::Walk;
use super::arithmetic::scaled;
use super::map::Map;

/// Addends of every position, one a row of the layer.
pub struct Given(Map);

impl Given {
    /// Those of some rows at a position.
    pub fn at(&self, (row, column): (i64, i64), start: usize, count: usize) -> Vec<i64> {
        self.0.at(row, column)[start..start + count].to_vec()
    }
}

impl Walk<'_> {
    /// Takes what ends a block's arrays: of its rows the projection of upsampled features, then the classes' vectors.
    pub fn take_given(&mut self, rows: usize) -> Given {
        let (width, height) = self.size;
        let mut all = Map::new(width, height, rows);
        self.section = self.section.clone().packed(self.section.packing().wide());
        let projection = self.upsampled.as_ref().map(|map| self.section.matrix(rows, map.features));
        let class = self.take_class(rows);
        for at in all.positions() {
            let mut addends = class.clone();
            if let Some((matrix, map)) = projection.as_ref().zip(self.upsampled.as_ref()) {
                let projected = scaled(matrix, &map.at(at.0, at.1));
                addends.iter_mut().zip(projected).for_each(|(addend, more)| *addend += more);
            }
            all.set(at.0, at.1, &addends);
        }
        Given(all)
    }

    /// Takes what the image's class adds to a layer's rows, which ends its arrays: zeros without classes.
    pub fn take_class(&mut self, rows: usize) -> Vec<i64> {
        let Some(class) = self.class else { return vec![0; rows] };
        let vectors = self.section.vectors(rows, self.network.classes);
        let numbers = &vectors.numbers[usize::from(class) * rows..][..rows];
        vectors.multipliers.iter().zip(numbers).map(|(&m, &n)| i64::from(m) * i64::from(n)).collect()
    }
}
