//! One image being modelled by a float network: predict and observe, as the engine does.

use super::map::Map;
use super::network::{Block, Lstm, Network, Observer, Site};
use crate::config::Architecture;

/// An image, its features so far, and the place of the next value.
#[derive(Debug)]
pub struct Image<'n> {
    network: &'n Network,
    width: isize,
    height: isize,
    row: isize,
    column: isize,
    values: Map,
    blocks: Vec<Maps>,
    stream: Vec<f32>,
    skip: Vec<f32>,
    logits: Vec<f32>,
    scratch: [Vec<f32>; 3],
}

/// What a block keeps.
#[derive(Debug)]
enum Maps {
    PixelCnn { reduced: Map },
    RowLstm { input: Map, states: States },
    DiagonalBilstm { input: Map, states: [States; 2] },
}

#[derive(Debug)]
struct States {
    hidden: Map,
    cells: Map,
}

/// Mask B of a 3x3 kernel.
const MASK_B: [(isize, isize); 5] = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 0)];

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

impl States {
    fn new(width: usize, height: usize, hidden: usize) -> Self {
        Self { hidden: Map::new(width, height, hidden), cells: Map::new(width, height, hidden) }
    }

    /// One LSTM step. `gates` holds the input-to-state sums, `reads` is free for use.
    fn step(
        &mut self,
        weights: &Lstm,
        (row, column): (isize, isize),
        (taps, cell_tap): (&[(isize, isize)], (isize, isize)),
        gates: &mut [f32],
        reads: &mut Vec<f32>,
        look: &mut dyn FnMut(&[f32]),
    ) {
        reads.clear();
        self.hidden.gather(row, column, taps, reads);
        look(reads);
        weights.state_to_state.add(reads, gates);
        let h = gates.len() / 4;
        let previous = self.cells.at(row + cell_tap.0, column + cell_tap.1);
        let cells: Vec<f32> = (0..h)
            .map(|n| sigmoid(gates[h + n]) * previous[n] + sigmoid(gates[2 * h + n]) * gates[3 * h + n].tanh())
            .collect();
        let hidden: Vec<f32> = (0..h).map(|n| sigmoid(gates[n]) * cells[n].tanh()).collect();
        self.cells.set(row, column, &cells);
        self.hidden.set(row, column, &hidden);
    }
}

fn relu(values: &mut [f32]) {
    for value in values {
        *value = value.max(0.0);
    }
}

impl<'n> Image<'n> {
    /// Begins an image.
    pub fn begin(network: &'n Network, width: usize, height: usize) -> Self {
        let h = usize::from(network.config.hidden);
        let states = || States::new(width, height, h);
        let input = || Map::new(width, height, 2 * h);
        let maps = |_| match network.config.architecture {
            Architecture::PixelCnn => Maps::PixelCnn { reduced: Map::new(width, height, h) },
            Architecture::RowLstm => Maps::RowLstm { input: input(), states: states() },
            Architecture::DiagonalBilstm => Maps::DiagonalBilstm { input: input(), states: [states(), states()] },
        };
        Self {
            network,
            width: width as isize,
            height: height as isize,
            row: 0,
            column: 0,
            values: Map::new(width, height, 1),
            blocks: (0..network.blocks.len()).map(maps).collect(),
            stream: Vec::new(),
            skip: Vec::new(),
            logits: Vec::new(),
            scratch: Default::default(),
        }
    }

    /// The logits of the next value: one (of value 1) for 2 levels, else one a level.
    ///
    /// # Panics
    /// Past the image's end: a mistake of the caller's.
    pub fn predict(&mut self, observer: &mut dyn Observer) -> &[f32] {
        assert!(self.row < self.height, "the image is complete");
        let network = self.network;
        let [reads, inner, other] = &mut self.scratch;
        reads.clear();
        for tap in 0..24 {
            reads.extend_from_slice(self.values.at(self.row + tap / 7 - 3, self.column + tap % 7 - 3));
        }
        observer.see(Site::Window, reads);
        network.first.apply(reads, &mut self.stream);
        observer.see(Site::Stream, &self.stream);
        self.skip.clear();
        self.skip.resize(self.stream.len(), 0.0);
        for (number, ((block, expand, skip), maps)) in network.blocks.iter().zip(&mut self.blocks).enumerate() {
            let place = (self.row, self.column);
            run_block(number, block, maps, &self.stream, place, (reads, inner, other), observer);
            observer.see(Site::Inner(number), inner);
            expand.add(inner, &mut self.stream);
            observer.see(Site::Stream, &self.stream);
            if let Some(skip) = skip {
                skip.add(inner, &mut self.skip);
                observer.see(Site::Skip, &self.skip);
            }
        }
        for (value, skip) in self.stream.iter_mut().zip(&self.skip) {
            *value += skip;
        }
        observer.see(Site::Stream, &self.stream);
        relu(&mut self.stream);
        observer.see(Site::HeadInput, &self.stream);
        network.head_hidden.apply(&self.stream, inner);
        relu(inner);
        observer.see(Site::HeadMaps, inner);
        network.head_output.apply(inner, &mut self.logits);
        &self.logits
    }

    /// Feeds the true value, after [`predict`](Self::predict).
    pub fn observe(&mut self, value: u16) {
        let scaled = f32::from(value) / (self.network.config.levels - 1) as f32;
        self.values.set(self.row, self.column, &[scaled]);
        self.column += 1;
        if self.column < self.width {
            return;
        }
        for ((block, ..), maps) in self.network.blocks.iter().zip(&mut self.blocks) {
            if let (Block::DiagonalBilstm([_, weights]), Maps::DiagonalBilstm { input, states: [_, states] }) =
                (block, maps)
            {
                let [reads, gates, _] = &mut self.scratch;
                for column in (0..self.width).rev() {
                    weights.input_to_state.apply(input.at(self.row, column), gates);
                    states.step(weights, (self.row, column), (&[(-1, 0), (0, 1)], (0, 1)), gates, reads, &mut |_| {});
                }
            }
        }
        self.column = 0;
        self.row += 1;
    }

    /// Nats of a whole image.
    pub fn score(
        network: &'n Network,
        width: usize,
        height: usize,
        values: &[u16],
        observer: &mut dyn Observer,
    ) -> f64 {
        let mut image = Self::begin(network, width, height);
        let mut nats = 0.0;
        for &value in values {
            nats += nats_of(image.predict(observer), value);
            image.observe(value);
        }
        nats
    }
}

/// Negative log-likelihood of a value under logits, in nats.
fn nats_of(logits: &[f32], value: u16) -> f64 {
    if let [logit] = *logits {
        let against = f64::from(if value == 1 { -logit } else { logit });
        return against.max(0.0) + (-against.abs()).exp().ln_1p();
    }
    let most = logits.iter().copied().fold(f32::MIN, f32::max);
    let sum: f64 = logits.iter().map(|&logit| f64::from(logit - most).exp()).sum();
    sum.ln() - f64::from(logits[usize::from(value)] - most)
}

/// Leaves in `inner` what the block's `expand` reads.
fn run_block(
    number: usize,
    block: &Block,
    maps: &mut Maps,
    stream: &[f32],
    (row, column): (isize, isize),
    (reads, inner, gates): (&mut Vec<f32>, &mut Vec<f32>, &mut Vec<f32>),
    observer: &mut dyn Observer,
) {
    match (block, maps) {
        (Block::PixelCnn { reduce, convolution }, Maps::PixelCnn { reduced }) => {
            reads.clear();
            reads.extend(stream.iter().map(|value| value.max(0.0)));
            observer.see(Site::Input(number), reads);
            reduce.apply(reads, inner);
            relu(inner);
            observer.see(Site::Reduced(number), inner);
            reduced.set(row, column, inner);
            reads.clear();
            reduced.gather(row, column, &MASK_B, reads);
            observer.see(Site::Taps(number), reads);
            convolution.apply(reads, inner);
            relu(inner);
        }
        (Block::RowLstm(weights), Maps::RowLstm { input, states }) => {
            input.set(row, column, stream);
            observer.see(Site::Input(number), stream);
            reads.clear();
            input.gather(row, column, &[(0, -1), (0, 0)], reads);
            observer.see(Site::InputTaps(number), reads);
            weights.input_to_state.apply(reads, gates);
            let kernel = (weights.state_to_state.inputs / (gates.len() / 4)) as isize;
            let taps: Vec<_> = (0..kernel).map(|tap| (-1, tap - kernel / 2)).collect();
            let look = &mut |reads: &[f32]| observer.see(Site::States(number, 0), reads);
            states.step(weights, (row, column), (&taps, (-1, 0)), gates, reads, look);
            inner.clear();
            inner.extend_from_slice(states.hidden.at(row, column));
        }
        (Block::DiagonalBilstm([weights, _]), Maps::DiagonalBilstm { input, states: [left, right] }) => {
            input.set(row, column, stream);
            observer.see(Site::Input(number), stream);
            weights.input_to_state.apply(stream, gates);
            let look = &mut |reads: &[f32]| observer.see(Site::States(number, 0), reads);
            left.step(weights, (row, column), (&[(-1, 0), (0, -1)], (0, -1)), gates, reads, look);
            inner.clear();
            let sums = left.hidden.at(row, column).iter().zip(right.hidden.at(row - 1, column));
            inner.extend(sums.map(|(left, right)| left + right));
        }
        _ => unreachable!("maps are made for their block"),
    }
}
