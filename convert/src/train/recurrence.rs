//! The LSTM recurrence on the CPU, forward and backward, over whole images at once.
//!
//! Row by row (or diagonal by diagonal) through tensor operations, a recurrence is thousands of small calls. Here it is one:
//! images are independent, so groups of them go to threads; inside a group the pixels are walked in order,
//! and every state-to-state product is a small matrix product of the group's images by the weights.
//!
//! Maps are those of [`maps`](super::maps): zeros around the images stand for the states outside. Gates lie in the order o, f, i, g.

use multiversion::{multiversion, target::target_cfg_f};
use rayon::prelude::*;

use super::lanes::{at, lanes, lanes_mut, plus, sigmoid, tanh};
use super::lstm::Direction;
use super::maps::{Batch, Tap};

/// A recurrence over a batch.
#[derive(Debug, Clone)]
pub struct Recurrence {
    /// The map's sizes.
    pub batch: Batch,
    /// Units.
    pub hidden: usize,
    /// Which previous states a pixel reads, and the order of the walk.
    pub direction: Direction,
}

impl Recurrence {
    /// Numbers of one feature in a group.
    const fn group(&self) -> usize {
        (self.batch.group_height() * self.batch.stride() * self.batch.images) as usize
    }

    /// Numbers of one feature at one position.
    const fn images(&self) -> usize {
        self.batch.images as usize
    }

    /// Positions of a group's pixels in the order of the walk.
    fn walk(&self) -> impl DoubleEndedIterator<Item = usize> + use<> {
        let Batch { above, width, .. } = self.batch;
        let (stride, from_right) = (self.batch.stride(), self.direction.from_right);
        (above..self.batch.group_height()).flat_map(move |row| {
            (0..width).map(move |column| {
                let column = if from_right { width - 1 - column } else { column };
                (row * stride + column) as usize
            })
        })
    }

    /// The position at an offset; those outside an image hold zeros.
    fn at(&self, position: usize, (rows, columns): Tap) -> usize {
        (position as i64 + rows * self.batch.stride() + columns).max(0) as usize
    }

    /// The part of a map that holds the groups.
    fn groups<'m>(&self, map: &'m mut [f32], features: usize) -> &'m mut [f32] {
        let lead = self.batch.lead() as usize * features;
        let end = map.len() - lead;
        &mut map[lead..end]
    }

    /// Forward: `gates` holds the input-to-state map (biases included) and becomes the activated gates;
    /// `cells` and `hidden` hold zeros and are filled. `weights` is `[taps * h, 4h]`.
    pub fn forward(&self, weights: &[f32], gates: &mut [f32], cells: &mut [f32], hidden: &mut [f32]) {
        let (h, size) = (self.hidden, self.group() * self.hidden);
        let gates = self.groups(gates, 4 * h).par_chunks_exact_mut(4 * size);
        let cells = self.groups(cells, h).par_chunks_exact_mut(size);
        let hidden = self.groups(hidden, h).par_chunks_exact_mut(size);
        gates
            .zip(cells)
            .zip(hidden)
            .for_each(|((gates, cells), hidden)| forward_group(self, weights, gates, cells, hidden));
    }

    /// Backward: `gates` holds the activated gates and becomes the gradient of the input-to-state map;
    /// `gradient` holds the gradient of the hidden map and is used up, as `cells` are. `weights` is `[4h, taps * h]`.
    pub fn backward(&self, weights: &[f32], gates: &mut [f32], cells: &mut [f32], gradient: &mut [f32]) {
        let (h, size) = (self.hidden, self.group() * self.hidden);
        let taps = self.direction.taps.len();
        // One `[4h, h]` matrix a tap.
        let weights: Vec<f32> = (0..taps)
            .flat_map(|tap| weights.chunks_exact(taps * h).flat_map(move |row| &row[tap * h..][..h]))
            .copied()
            .collect();
        let gates = self.groups(gates, 4 * h).par_chunks_exact_mut(4 * size);
        let cells = self.groups(cells, h).par_chunks_exact_mut(size);
        let gradient = self.groups(gradient, h).par_chunks_exact_mut(size);
        gates.zip(cells).zip(gradient).for_each(|((gates, cells), gradient)| {
            backward_group(self, &weights, gates, cells, gradient);
        });
    }

    #[inline(always)]
    fn walk_forward<const LANES: usize, const IMAGES: usize>(
        &self,
        weights: &[f32],
        gates: &mut [f32],
        cells: &mut [f32],
        hidden: &mut [f32],
    ) {
        let (h, images) = (self.hidden, self.images());
        let size = images * h;
        let (mut new_cells, mut new_hidden) = (vec![0.0; size], vec![0.0; size]);
        for position in self.walk() {
            let gates = &mut gates[position * 4 * size..][..4 * size];
            for (tap, weights) in self.direction.taps.iter().zip(weights.chunks_exact(h * 4 * h)) {
                accumulate::<LANES, IMAGES>(
                    gates,
                    4 * h,
                    &hidden[self.at(position, *tap) * size..][..size],
                    h,
                    weights,
                );
            }
            let previous = &cells[self.at(position, self.direction.cell) * size..][..size];
            for image in 0..images {
                let (o, f) = gates[image * 4 * h..][..4 * h].split_at_mut(h);
                let (f, i) = f.split_at_mut(h);
                let (i, g) = i.split_at_mut(h);
                let span = image * h..image * h + h;
                let (o, f, i, g) = (lanes_mut::<LANES>(o), lanes_mut(f), lanes_mut(i), lanes_mut(g));
                let previous = lanes::<LANES>(&previous[span.clone()]);
                let (cell, out) = (lanes_mut::<LANES>(&mut new_cells[span.clone()]), lanes_mut(&mut new_hidden[span]));
                for n in 0..h / LANES {
                    step(&mut o[n], &mut f[n], &mut i[n], &mut g[n], &previous[n], &mut cell[n], &mut out[n]);
                }
            }
            cells[position * size..][..size].copy_from_slice(&new_cells);
            hidden[position * size..][..size].copy_from_slice(&new_hidden);
        }
    }

    #[inline(always)]
    fn walk_backward<const LANES: usize, const IMAGES: usize>(
        &self,
        weights: &[f32],
        gates: &mut [f32],
        cells: &mut [f32],
        gradient: &mut [f32],
    ) {
        let (h, images) = (self.hidden, self.images());
        let size = images * h;
        let mut cell_gradient = vec![0.0f32; self.group() * h];
        let mut passed = vec![0.0f32; size];
        let mut here = vec![0.0f32; size];
        for position in self.walk().rev() {
            let gates = &mut gates[position * 4 * size..][..4 * size];
            let from = self.at(position, self.direction.cell);
            here.copy_from_slice(&cell_gradient[position * size..][..size]);
            for image in 0..images {
                let (o, f) = gates[image * 4 * h..][..4 * h].split_at_mut(h);
                let (f, i) = f.split_at_mut(h);
                let (i, g) = i.split_at_mut(h);
                let span = image * h..image * h + h;
                let (o, f, i, g) = (lanes_mut::<LANES>(o), lanes_mut(f), lanes_mut(i), lanes_mut(g));
                let cell = lanes::<LANES>(&cells[position * size..][span.clone()]);
                let previous = lanes::<LANES>(&cells[from * size..][span.clone()]);
                let hidden = lanes::<LANES>(&gradient[position * size..][span.clone()]);
                let here = lanes::<LANES>(&here[span.clone()]);
                let passed = lanes_mut::<LANES>(&mut passed[span]);
                for n in 0..h / LANES {
                    let states = (&cell[n], &previous[n], &hidden[n], &here[n]);
                    step_gradient(&mut o[n], &mut f[n], &mut i[n], &mut g[n], states, &mut passed[n]);
                }
            }
            for (sum, passed) in cell_gradient[from * size..][..size].iter_mut().zip(&passed) {
                *sum += passed;
            }
            for (tap, weights) in self.direction.taps.iter().zip(weights.chunks_exact(4 * h * h)) {
                accumulate::<LANES, IMAGES>(
                    &mut gradient[self.at(position, *tap) * size..][..size],
                    h,
                    gates,
                    4 * h,
                    weights,
                );
            }
        }
    }
}

/// Some units of an LSTM step: sums of gates become gates.
#[inline(always)]
fn step<const LANES: usize>(
    o: &mut [f32; LANES],
    f: &mut [f32; LANES],
    i: &mut [f32; LANES],
    g: &mut [f32; LANES],
    previous: &[f32; LANES],
    cell: &mut [f32; LANES],
    hidden: &mut [f32; LANES],
) {
    for unit in 0..LANES {
        o[unit] = sigmoid(o[unit]);
        f[unit] = sigmoid(f[unit]);
        i[unit] = sigmoid(i[unit]);
        g[unit] = tanh(g[unit]);
        cell[unit] = f[unit] * previous[unit] + i[unit] * g[unit];
        hidden[unit] = o[unit] * tanh(cell[unit]);
    }
}

/// The gradients of some units: gates become the gradients of their sums; `states` are the cell, the previous cell,
/// the gradient of the hidden state and that of the cell; `passed` becomes the gradient of the previous cell.
#[inline(always)]
fn step_gradient<const LANES: usize>(
    o: &mut [f32; LANES],
    f: &mut [f32; LANES],
    i: &mut [f32; LANES],
    g: &mut [f32; LANES],
    (cell, previous, hidden, here): (&[f32; LANES], &[f32; LANES], &[f32; LANES], &[f32; LANES]),
    passed: &mut [f32; LANES],
) {
    for unit in 0..LANES {
        let squashed = tanh(cell[unit]);
        let through = here[unit] + hidden[unit] * o[unit] * (1.0 - squashed * squashed);
        passed[unit] = through * f[unit];
        o[unit] = hidden[unit] * squashed * o[unit] * (1.0 - o[unit]);
        f[unit] = through * previous[unit] * f[unit] * (1.0 - f[unit]);
        let input = i[unit];
        i[unit] = through * g[unit] * input * (1.0 - input);
        g[unit] = through * input * (1.0 - g[unit] * g[unit]);
    }
}

/// `out[image, n] += sum over k of input[image, k] * weights[k, n]`, `IMAGES` at a time; `LANES` divides n, and 4 divides k.
#[inline(always)]
fn accumulate<const LANES: usize, const IMAGES: usize>(
    out: &mut [f32],
    n: usize,
    input: &[f32],
    k: usize,
    weights: &[f32],
) {
    let all = out.len() / n / IMAGES * IMAGES;
    let (whole, rest) = out.split_at_mut(all * n);
    for (out, input) in whole.chunks_exact_mut(IMAGES * n).zip(input.chunks_exact(IMAGES * k)) {
        accumulate_some::<LANES, IMAGES>(out, n, input, k, weights);
    }
    for (out, input) in rest.chunks_exact_mut(n).zip(input[all * k..].chunks_exact(k)) {
        accumulate_some::<LANES, 1>(out, n, input, k, weights);
    }
}

/// The same for a few images, whose sums stay in registers.
#[inline(always)]
fn accumulate_some<const LANES: usize, const IMAGES: usize>(
    out: &mut [f32],
    n: usize,
    input: &[f32],
    k: usize,
    weights: &[f32],
) {
    const FOUR: usize = 4;
    let rows: [&[[f32; FOUR]]; IMAGES] = std::array::from_fn(|image| input[image * k..][..k].as_chunks().0);
    for lane in (0..n).step_by(LANES) {
        let mut sums: [[f32; LANES]; IMAGES] = std::array::from_fn(|image| at(out, image * n + lane));
        for (group, weights) in weights.chunks_exact(FOUR * n).take(k / FOUR).enumerate() {
            let x: [&[f32; FOUR]; IMAGES] = std::array::from_fn(|image| &rows[image][group]);
            for (place, weights) in weights.chunks_exact(n).enumerate() {
                plus(&mut sums, |image| x[image][place], &at(weights, lane));
            }
        }
        for (image, sums) in sums.iter().enumerate() {
            out[image * n + lane..][..LANES].copy_from_slice(sums);
        }
    }
}

/// A group's forward walk, compiled for the widest vectors that this processor has.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2+fma", "x86_64+avx2+fma", "aarch64+neon"))]
fn forward_group(this: &Recurrence, weights: &[f32], gates: &mut [f32], cells: &mut [f32], hidden: &mut [f32]) {
    // Eight images' sums fill a quarter of the widest registers; narrower ones hold those of four.
    match (this.hidden % 16, target_cfg_f!(target_feature = "avx512f")) {
        (0, true) => this.walk_forward::<16, 8>(weights, gates, cells, hidden),
        (0, false) => this.walk_forward::<16, 4>(weights, gates, cells, hidden),
        (8, _) => this.walk_forward::<8, 8>(weights, gates, cells, hidden),
        _ => this.walk_forward::<4, 8>(weights, gates, cells, hidden),
    }
}

/// A group's backward walk, likewise.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2+fma", "x86_64+avx2+fma", "aarch64+neon"))]
fn backward_group(this: &Recurrence, weights: &[f32], gates: &mut [f32], cells: &mut [f32], gradient: &mut [f32]) {
    match (this.hidden % 16, target_cfg_f!(target_feature = "avx512f")) {
        (0, true) => this.walk_backward::<16, 8>(weights, gates, cells, gradient),
        (0, false) => this.walk_backward::<16, 4>(weights, gates, cells, gradient),
        (8, _) => this.walk_backward::<8, 8>(weights, gates, cells, gradient),
        _ => this.walk_backward::<4, 8>(weights, gates, cells, gradient),
    }
}
