//! Classes: a column for each is added to what a product gives.

use super::load::Tensors;
use super::{Dense, Grouped};
use crate::config::NetworkConfig;

/// What classes add at one place: a row a channel group's rows, a column a class. The columns are as those of a product that reads
/// which class an image is of.
#[derive(Debug, Clone, PartialEq)]
pub struct Class(pub Grouped);

impl Class {
    /// Takes it, if the network has classes; `rows` lie in `parts` equal parts.
    pub(super) fn take(
        tensors: &mut Tensors<'_>,
        config: &NetworkConfig,
        place: &str,
        (rows, parts): (usize, usize),
    ) -> Result<Option<Self>, String> {
        let classes = usize::from(config.classes);
        if classes == 0 {
            return Ok(None);
        }
        let weights = tensors.take(&format!("{place}.class.weight"), &[rows, classes])?;
        let whole = Dense::new(classes, weights, vec![0.0; rows]);
        Ok(Some(Self(Grouped::open(&whole, config.groups().into(), parts))))
    }

    /// Adds a class's column to a group's rows.
    pub(super) fn add(&self, group: usize, class: usize, out: &mut [f32]) {
        let rows = &self.0.groups[group];
        out.iter_mut().enumerate().for_each(|(row, out)| *out += rows.row(row)[class]);
    }
}

/// Adds a class's column, where there are classes.
pub(super) fn add(weights: Option<&Class>, class: Option<u16>, group: usize, out: &mut [f32]) {
    if let Some((weights, class)) = weights.zip(class) {
        weights.add(group, class.into(), out);
    }
}
