//! An LSTM over a map, one group at a time.

use pixelrnn::blob::{Linear, Matrix};
use pixelrnn::fixed::{sigmoid, tanh};

use super::arithmetic::{fits_i32, scaled};
use super::map::Map;

/// One group's weights.
pub struct Lstm<'a> {
    /// From the layer's input.
    pub input_to_state: Linear<'a>,
    /// From hidden states.
    pub state_to_state: Matrix<'a>,
    /// To Q11.
    pub shift: u8,
    /// The group.
    pub group: usize,
    /// Groups in all.
    pub groups: usize,
}

/// Hidden states and cells at every position.
pub struct States {
    /// Q7.
    pub hidden: Map,
    /// Q11.
    pub cells: Map,
}

impl Lstm<'_> {
    /// One group's step at a position: `input` as the product reads it, what is given, hidden states at `taps`, the cell before at
    /// `cell`.
    pub fn step(
        &self,
        states: &mut States,
        (input, given): (&[i64], &[i64]),
        at: (i64, i64),
        taps: &[(i64, i64)],
        cell: (i64, i64),
    ) {
        let (row, column) = at;
        let mut gates = scaled(&self.input_to_state.matrix, input);
        gates.iter_mut().zip(self.input_to_state.biases).for_each(|(gate, bias)| *gate += i64::from(*bias));
        gates.iter_mut().zip(given).for_each(|(gate, addend)| *gate += addend);
        let recurrent = scaled(&self.state_to_state, &states.hidden.gather(row, column, taps));
        let before = states.cells.group((row + cell.0, column + cell.1), self.group, self.groups);
        let unit = |(unit, &before): (usize, &i64)| {
            let gate = |n: usize| (fits_i32(gates[4 * unit + n] + recurrent[4 * unit + n]) >> self.shift) as i32;
            let [o, f, i] = [0, 1, 2].map(|n| i64::from(sigmoid(gate(n))));
            let cell = (f * before + ((i * i64::from(tanh(gate(3)))) >> 4) + (1 << 14)) >> 15;
            let cell = cell.clamp(-32768, 32767);
            (cell, ((o * i64::from(tanh(cell as i32)) + (1 << 22)) >> 23).clamp(-127, 127))
        };
        let (cells, hidden): (Vec<i64>, Vec<i64>) = before.iter().enumerate().map(unit).unzip();
        states.cells.set_group(at, self.group, &cells);
        states.hidden.set_group(at, self.group, &hidden);
    }
}
