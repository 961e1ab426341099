//! One LSTM: what Row LSTM and both directions of Diagonal BiLSTM share.

use super::Grouped;
use super::condition::{Condition, Given};
use super::load::Tensors;
use super::map::{Map, Place, Size};
use crate::config::NetworkConfig;

/// One LSTM's products. Gate rows lie in the order o, f, i, g, `h` each.
#[derive(Debug, Clone, PartialEq)]
pub struct Lstm {
    /// From the block's input.
    pub input_to_state: Grouped,
    /// From the previous hidden states, all of other pixels; no biases of its own.
    pub state_to_state: Grouped,
    /// What is added to the gates.
    pub condition: Condition,
}

impl Lstm {
    /// Takes both products; `input` and `state` are the shapes of their kernels behind rows and columns, with the taps that are read.
    pub(super) fn take(
        tensors: &mut Tensors<'_>,
        config: &NetworkConfig,
        name: &str,
        (input, input_taps): (&[usize], usize),
        (state, state_taps): (&[usize], usize),
    ) -> Result<Self, String> {
        let (h, groups) = (usize::from(config.hidden), usize::from(config.groups()));
        let shape = |inputs: usize, kernel: &[usize]| [&[4 * h, inputs], kernel].concat();
        let input = tensors.kernel(&format!("{name}.input_to_state"), &shape(2 * h, input), input_taps)?;
        let state = tensors.kernel_alone(&format!("{name}.state_to_state"), &shape(h, state), state_taps)?;
        Ok(Self {
            input_to_state: Grouped::mask_b(&input, groups, 4, 2 * h),
            state_to_state: Grouped::open(&state, groups, 4),
            condition: Condition::take(tensors, config, name, (4 * h, 4))?,
        })
    }
}

/// Where a step is: its position, channel group and what the image is given.
pub(super) type At<'a> = (Place, usize, Given<'a>);

/// Where a step finds the past, as offsets from its position.
#[derive(Debug)]
pub(super) struct Past<'t> {
    /// The hidden states that the state-to-state product reads.
    pub hidden: &'t [Place],
    /// The cell that goes on.
    pub cell: Place,
}

/// Hidden states and cells of an image.
#[derive(Debug)]
pub(super) struct States {
    pub hidden: Map,
    cells: Map,
    /// What the state-to-state product read last.
    pub read: Vec<f32>,
    gates: Vec<f32>,
    /// The cell that a step starts from.
    cell: Vec<f32>,
}

impl States {
    pub fn new(size: Size, hidden: usize) -> Self {
        let map = || Map::new(size, hidden);
        Self {
            hidden: map(),
            cells: map(),
            read: Vec::new(),
            gates: vec![0.0; 4 * hidden / size.groups],
            cell: Vec::new(),
        }
    }

    /// One step of a group's units.
    pub fn step(&mut self, weights: &Lstm, (place, group, given): At<'_>, past: &Past<'_>, input: &[f32]) {
        self.hidden.gather(place, past.hidden, &mut self.read);
        weights.input_to_state.apply(group, input, &mut self.gates);
        weights.state_to_state.add(group, &self.read, &mut self.gates);
        weights.condition.add(&given, place, group, &mut self.gates);
        let before = (place.0 + past.cell.0, place.1 + past.cell.1);
        self.cell.clear();
        self.cell.extend_from_slice(self.cells.group(before, group));
        let (cells, hidden) = (self.cells.group_mut(place, group), self.hidden.group_mut(place, group));
        for (unit, before) in self.cell.iter().enumerate() {
            let [o, f, i, g] = [0, 1, 2, 3].map(|gate| self.gates[gate * self.cell.len() + unit]);
            cells[unit] = sigmoid(f) * before + sigmoid(i) * g.tanh();
            hidden[unit] = sigmoid(o) * cells[unit].tanh();
        }
    }
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}
