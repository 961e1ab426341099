//! The LSTM recurrence on the CPU, forward and backward, over whole images at once.
//!
//! Row by row (or diagonal by diagonal) through tensor operations, a recurrence is thousands of small calls. Here it is one:
//! images are independent, so groups of them go to threads; inside a group the pixels are walked in raster order,
//! and every state-to-state product is a small matrix product of the group's images by the weights.
//!
//! Maps are `[height, width, images, features]` for a group. Gates lie in the order o, f, i, g.

use rayon::prelude::*;

/// Where a pixel's previous states are, as (row, column) offsets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recurrence {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Images in a group.
    pub images: usize,
    /// Units.
    pub hidden: usize,
    /// Offsets of the hidden states that the state-to-state product reads.
    pub taps: Vec<(isize, isize)>,
    /// Offset of the previous cell.
    pub cell: (isize, isize),
}

impl Recurrence {
    fn pixels(&self) -> usize {
        self.height * self.width
    }

    /// The position at an offset from a position, if it lies inside the image.
    fn at(&self, position: usize, (rows, columns): (isize, isize)) -> Option<usize> {
        let row = (position / self.width).checked_add_signed(rows).filter(|&row| row < self.height)?;
        let column = (position % self.width).checked_add_signed(columns).filter(|&column| column < self.width)?;
        Some(row * self.width + column)
    }

    /// Forward: `gates` holds the input-to-state map (biases included) of every group and becomes the activated gates;
    /// `cells` and `hidden` are filled. `weights` is `[taps * h, 4h]`.
    pub fn forward(&self, weights: &[f32], gates: &mut [f32], cells: &mut [f32], hidden: &mut [f32]) {
        let size = self.pixels() * self.images * self.hidden;
        gates
            .par_chunks_exact_mut(4 * size)
            .zip(cells.par_chunks_exact_mut(size))
            .zip(hidden.par_chunks_exact_mut(size))
            .for_each(|((gates, cells), hidden)| fast(|| self.forward_group(weights, gates, cells, hidden)));
    }

    /// Backward: `gates` holds the activated gates and becomes the gradient of the input-to-state map;
    /// `hidden_gradient` holds the gradient of the hidden map and is used up. `weights` is `[4h, taps * h]`.
    pub fn backward(&self, weights: &[f32], gates: &mut [f32], cells: &[f32], hidden_gradient: &mut [f32]) {
        let size = self.pixels() * self.images * self.hidden;
        gates
            .par_chunks_exact_mut(4 * size)
            .zip(cells.par_chunks_exact(size))
            .zip(hidden_gradient.par_chunks_exact_mut(size))
            .for_each(|((gates, cells), gradient)| fast(|| self.backward_group(weights, gates, cells, gradient)));
    }

    #[inline(always)]
    fn forward_group(&self, weights: &[f32], gates: &mut [f32], cells: &mut [f32], hidden: &mut [f32]) {
        let h = self.hidden;
        let size = self.images * h;
        let zeros = vec![0.0; size];
        for position in 0..self.pixels() {
            let gates = &mut gates[position * 4 * size..][..4 * size];
            let (known, rest) = hidden.split_at_mut(position * size);
            for (tap, weights) in self.taps.iter().zip(weights.chunks_exact(h * 4 * h)) {
                if let Some(from) = self.at(position, *tap) {
                    accumulate::<16>(gates, 4 * h, &known[from * size..][..size], h, weights);
                }
            }
            let (known_cells, rest_cells) = cells.split_at_mut(position * size);
            let previous = self.at(position, self.cell).map_or(&zeros[..], |from| &known_cells[from * size..][..size]);
            for image in 0..self.images {
                let (o, f) = gates[image * 4 * h..][..4 * h].split_at_mut(h);
                let (f, i) = f.split_at_mut(h);
                let (i, g) = i.split_at_mut(h);
                let previous = &previous[image * h..][..h];
                let cell = &mut rest_cells[image * h..][..h];
                let out = &mut rest[image * h..][..h];
                for unit in 0..h {
                    o[unit] = sigmoid(o[unit]);
                    f[unit] = sigmoid(f[unit]);
                    i[unit] = sigmoid(i[unit]);
                    g[unit] = tanh(g[unit]);
                    cell[unit] = f[unit] * previous[unit] + i[unit] * g[unit];
                    out[unit] = o[unit] * tanh(cell[unit]);
                }
            }
        }
    }

    #[inline(always)]
    fn backward_group(&self, weights: &[f32], gates: &mut [f32], cells: &[f32], gradient: &mut [f32]) {
        let h = self.hidden;
        let size = self.images * h;
        let zeros = vec![0.0; size];
        let mut cell_gradient = vec![0.0f32; self.pixels() * size];
        let mut back = vec![0.0f32; size];
        // `[4h, taps * h]` to one `[4h, h]` a tap.
        let taps = self.taps.len();
        let by_tap: Vec<Vec<f32>> = (0..taps)
            .map(|tap| weights.chunks_exact(taps * h).flat_map(|row| &row[tap * h..][..h]).copied().collect())
            .collect();
        for position in (0..self.pixels()).rev() {
            let gates = &mut gates[position * 4 * size..][..4 * size];
            let from = self.at(position, self.cell);
            let previous = from.map_or(&zeros[..], |from| &cells[from * size..][..size]);
            let (earlier_gradient, here) = cell_gradient.split_at_mut(position * size);
            let passed = from.map(|from| &mut earlier_gradient[from * size..][..size]);
            let mut unused = [];
            let passed = passed.unwrap_or(&mut unused);
            for image in 0..self.images {
                let (o, f) = gates[image * 4 * h..][..4 * h].split_at_mut(h);
                let (f, i) = f.split_at_mut(h);
                let (i, g) = i.split_at_mut(h);
                let span = image * h..image * h + h;
                let cell = &cells[position * size..][..size][span.clone()];
                let previous = &previous[span.clone()];
                let hidden = &gradient[position * size..][..size][span.clone()];
                let cell_gradient = &mut here[span.clone()];
                for unit in 0..h {
                    let squashed = tanh(cell[unit]);
                    let through = cell_gradient[unit] + hidden[unit] * o[unit] * (1.0 - squashed * squashed);
                    cell_gradient[unit] = through * f[unit];
                    o[unit] = hidden[unit] * squashed * o[unit] * (1.0 - o[unit]);
                    f[unit] = through * previous[unit] * f[unit] * (1.0 - f[unit]);
                    let input = i[unit];
                    i[unit] = through * g[unit] * input * (1.0 - input);
                    g[unit] = through * input * (1.0 - g[unit] * g[unit]);
                }
                for (passed, here) in passed.iter_mut().skip(image * h).zip(cell_gradient.iter()) {
                    *passed += here;
                }
            }
            for (tap, weights) in self.taps.iter().zip(&by_tap) {
                let Some(from) = self.at(position, *tap) else { continue };
                back.fill(0.0);
                match h % 16 {
                    0 => accumulate::<16>(&mut back, h, gates, 4 * h, weights),
                    8 => accumulate::<8>(&mut back, h, gates, 4 * h, weights),
                    _ => accumulate::<4>(&mut back, h, gates, 4 * h, weights),
                }
                for (gradient, back) in gradient[from * size..][..size].iter_mut().zip(&back) {
                    *gradient += back;
                }
            }
        }
    }
}

/// `out[image, n] += sum over k of input[image, k] * weights[k, n]`; `LANES` divides n.
#[inline(always)]
fn accumulate<const LANES: usize>(out: &mut [f32], n: usize, input: &[f32], k: usize, weights: &[f32]) {
    const IMAGES: usize = 8;
    for (out, input) in out.chunks_mut(IMAGES * n).zip(input.chunks(IMAGES * k)) {
        if input.len() < IMAGES * k {
            for (out, input) in out.chunks_exact_mut(n).zip(input.chunks_exact(k)) {
                for (x, weights) in input.iter().zip(weights.chunks_exact(n)) {
                    for (out, w) in out.iter_mut().zip(weights) {
                        *out += x * w;
                    }
                }
            }
            continue;
        }
        for lane in (0..n).step_by(LANES) {
            let mut sums = [[0.0f32; LANES]; IMAGES];
            for (image, sum) in sums.iter_mut().enumerate() {
                sum.copy_from_slice(&out[image * n + lane..][..LANES]);
            }
            for (place, weights) in weights.chunks_exact(n).enumerate() {
                let mut w = [0.0f32; LANES];
                w.copy_from_slice(&weights[lane..][..LANES]);
                for (image, sum) in sums.iter_mut().enumerate() {
                    let x = input[image * k + place];
                    for (sum, w) in sum.iter_mut().zip(&w) {
                        *sum = x.mul_add(*w, *sum);
                    }
                }
            }
            for (image, sum) in sums.iter().enumerate() {
                out[image * n + lane..][..LANES].copy_from_slice(sum);
            }
        }
    }
}

/// e^x to about 2e-6 relative, in arithmetic that vectorizes.
#[inline(always)]
fn exp(x: f32) -> f32 {
    const ROUND: f32 = 12_582_912.0;
    let scaled = x.clamp(-80.0, 80.0) * std::f32::consts::LOG2_E;
    let rounded = scaled + ROUND;
    let exponent = f32::from_bits((rounded.to_bits() << 23).wrapping_add(0x3f80_0000));
    let t = (scaled - (rounded - ROUND)) * std::f32::consts::LN_2;
    let polynomial = 1.0 + t * (1.0 + t * (0.5 + t * (1.0 / 6.0 + t * (1.0 / 24.0 + t * (1.0 / 120.0)))));
    polynomial * exponent
}

#[inline(always)]
fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

#[inline(always)]
fn tanh(x: f32) -> f32 {
    1.0 - 2.0 / (1.0 + exp(2.0 * x))
}

/// Runs a loop compiled for the widest vectors that this processor has.
fn fast(work: impl FnOnce()) {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]
        fn avx512(work: impl FnOnce()) {
            work();
        }
        #[target_feature(enable = "avx2,fma")]
        fn avx2(work: impl FnOnce()) {
            work();
        }
        let has_avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        let has_avx512 = has_avx2
            && is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512bw");
        if has_avx512 {
            // SAFETY: the features were just detected.
            return unsafe { avx512(work) };
        }
        if has_avx2 {
            // SAFETY: the features were just detected.
            return unsafe { avx2(work) };
        }
    }
    work();
}
