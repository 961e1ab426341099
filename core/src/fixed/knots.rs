//! The sigmoid's table, whole: a load a value.

use super::sigmoid_knots;

/// See [`sigmoid_knots`].
pub(crate) static SIGMOID_TABLE: [u32; 512] = sigmoid_knots();

/// A knot of the table: its value and its rise.
#[inline(always)]
pub(super) fn knot(index: usize) -> (u32, u32) {
    let entry = SIGMOID_TABLE[index & 511];
    (entry >> 10, entry & 1023)
}
