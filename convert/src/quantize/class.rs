//! What classes add, as integers: vectors of int8 with a multiplier a row.

use super::body::Body;
use crate::float::{Class, Dense};

/// A row of a layer's vectors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What a step of the numbers adds.
    pub multiplier: i32,
    /// One a class.
    pub numbers: Vec<i8>,
}

/// The largest magnitude that a class adds to each row of each group.
pub fn largest(class: Option<&Class>, group: usize) -> Option<Vec<f64>> {
    let rows = &class?.0.groups[group];
    let largest = |row| rows.row(row).iter().map(|value| f64::from(value.abs())).fold(0.0, f64::max);
    Some((0..rows.outputs).map(largest).collect())
}

/// Adds a class's rows, group after group, in `order` of a group's; each is added to products whose outputs have steps of `units`
/// behind a shift.
pub fn quantize(
    class: Option<&Class>,
    units: &[f64],
    shift: i32,
    order: impl Fn(usize) -> Vec<usize>,
    body: &mut Body,
) -> Option<Class> {
    let class = class?;
    let power = f64::from(shift).exp2();
    let mut units = units.iter();
    let groups = class.0.groups.iter().map(|rows| {
        let steps: Vec<f64> = units.by_ref().take(rows.outputs).map(|unit| unit / power).collect();
        let integers: Vec<Row> = (0..rows.outputs).map(|row| integers(rows.row(row), steps[row])).collect();
        body.add_vectors(order(rows.outputs).into_iter().map(|row| integers[row].clone()));
        dequantized(rows, &integers, &steps)
    });
    let groups = groups.collect();
    Some(Class(class.0.with(groups)))
}

fn integers(values: &[f32], step: f64) -> Row {
    let largest = values.iter().map(|value| f64::from(value.abs())).fold(0.0, f64::max);
    let multiplier = (largest / 127.0 / step).ceil();
    let number = |value: &f32| (f64::from(*value) / step / multiplier.max(1.0)).round() as i8;
    Row { multiplier: multiplier as i32, numbers: values.iter().map(number).collect() }
}

fn dequantized(rows: &Dense, integers: &[Row], steps: &[f64]) -> Dense {
    let row = |(row, step): (&Row, &f64)| -> Vec<f32> {
        let unit = f64::from(row.multiplier) * step;
        row.numbers.iter().map(|number| (f64::from(*number) * unit) as f32).collect()
    };
    Dense::new(rows.inputs, integers.iter().zip(steps).flat_map(row).collect(), rows.biases.clone())
}
