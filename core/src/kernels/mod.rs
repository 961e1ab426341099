//! The hot loops. `plain` is the meaning; every other file is the same numbers, faster, on one instruction set.
//!
//! # Packing `rows4`
//!
//! Weights of a matrix of R rows (outputs) and K columns (inputs), both multiples of 4, lie in blocks of four rows:
//!
//! ```text
//! block of rows 4b..4b+4 | columns 4k..4k+4 | row 4b: 4 bytes, row 4b+1: 4 bytes, row 4b+2: …, row 4b+3: …
//! ```
//!
//! Bytes of even columns hold `weight + 128` (unsigned), those of odd columns the weight itself (two's complement).
//! A half word is then `256 * odd + even + 128`, which the ARMv7E-M kernel multiplies two weights at a time with.
//! Weights and activations lie in -127..=127; behind a ReLU 0 is [`ZERO_POINT`](crate::fixed::ZERO_POINT).
//!
//! MVE multiplies bytes, and spends four instructions of fourteen on taking the offset off. For it alone there is a second
//! packing without the offset ([`Packing::Rows4Signed`]): 1.3 times fewer instructions for 288 columns and 32 rows. Hosts read it
//! too, and `small`, at no cost; it is made by `pixelrnn repack`; shipped models are in the first, which every target reads, or have weights of 4 bits.
//!
//! # Weights of 4 bits
//!
//! In [`Packing::Rows4Nibbles`] a word holds eight columns of a row of blocks' products: byte `n` the weight of column `8k + n` in its
//! lower half, that of column `8k + 4 + n` in its upper. They lie in -7..=7, and stand for 16 times as much. The upper halves of
//! bytes 1 and 3 hold the weight itself, all others `weight + 8`, so that a half word is `4096 d + 256 c + 16 b + a` of one weight
//! in two's complement and three without a sign. So is a model half as large that is, to the bit, one of weights of 8 bits: whatever
//! reads only those is given that by `pixelrnn repack`.
//!
//! # One dispatch
//!
//! The build script names the instruction set (`cfg(kernels = …)`); on x86-64 hosts the rest is decided at run time.
//! An instruction set is a module with a form of activations (`WORDS_PER_FOUR`, `expand`) and the four products below, or,
//! in assembly, the three kernels that `pass` makes them of. Those in assembly take whole matrices whose slices start at
//! multiples of 4 bytes, as a blob's and a state's do; on shapes that do not agree nothing is computed. `lanes` has the same
//! kernels for several images at once. `small`, a cargo feature's, is of no instruction set: it takes the fewest bytes of code.
//! Weights of 4 bits have kernels of their own where there is a file for them; elsewhere `loops`, which is `small`'s, reads them.

/// Returns what the kernel of one of two files gives, on an x86-64 host whose vectors serve.
macro_rules! widest {
    ($vectors:expr, [$avx512:ident, $avx2:ident], $name:ident($($argument:expr),*)) => {
        #[cfg(all(feature = "std", target_arch = "x86_64"))]
        match $vectors {
            // SAFETY: the processor has the instructions.
            super::x86_64::Vectors::Avx512 => return unsafe { super::$avx512::$name($($argument),*) },
            // SAFETY: the processor has the instructions.
            super::x86_64::Vectors::Avx2 => return unsafe { super::$avx2::$name($($argument),*) },
            super::x86_64::Vectors::None => {}
        }
    };
}

pub mod frequencies;
pub mod lanes;
#[cfg(test)]
pub(crate) mod lanes_tests;
pub mod mixture;
pub mod plain;

#[cfg(kernels = "armv7em")]
mod armv7em_mixture;
#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod avx2;
#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod avx2_lanes;
#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod avx512;
#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod avx512_lanes;
#[cfg_attr(kernels = "armv6m", path = "armv6m.rs")]
#[cfg_attr(kernels = "armv7m", path = "armv7m.rs")]
#[cfg_attr(kernels = "armv7em", path = "armv7em.rs")]
#[cfg_attr(kernels = "mve", path = "mve.rs")]
#[cfg_attr(kernels = "riscv32", path = "riscv32.rs")]
#[cfg_attr(kernels = "portable", path = "portable.rs")]
#[cfg_attr(kernels = "small", path = "small.rs")]
mod instruction_set;
#[cfg(any(kernels = "small", nibbles = "loops"))]
mod loops;
#[cfg(all(kernels = "portable", target_arch = "aarch64", target_feature = "neon", target_endian = "little"))]
mod neon;
#[cfg(not(any(kernels = "portable", kernels = "small")))]
mod pass;
#[cfg(all(kernels = "portable", target_feature = "simd128"))]
mod simd128;
#[cfg_attr(kernels = "armv6m", path = "narrow.rs")]
mod wide;
#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod x86_64;

use crate::blob::{Linear, Matrix, Packing};

// Weights of 4 bits: kernels of their own, the same as of 8 bits, or loops.
#[cfg(nibbles = "same")]
use instruction_set as nibbles;
#[cfg(nibbles = "own")]
use instruction_set::nibbles;
#[cfg(nibbles = "loops")]
use loops as nibbles;

#[cfg(kernels = "mve")]
pub use instruction_set::copy;
#[cfg(any(kernels = "portable", kernels = "small"))]
pub use instruction_set::{add_scaled, linear_add, linear_relu, linear_scaled};
#[cfg(kernels = "small")]
pub use instruction_set::{copy, quantize, quantize_relu};
#[cfg(not(any(kernels = "portable", kernels = "small")))]
pub use pass::{add_scaled, linear_add, linear_relu, linear_scaled};
#[cfg(any(kernels = "mve", kernels = "armv7em", kernels = "armv7m"))]
pub use pass::{quantize, quantize_relu};
#[cfg(not(any(kernels = "mve", kernels = "small")))]
pub use plain::copy;
#[cfg(not(all(feature = "std", target_arch = "x86_64")))]
pub use plain::lstm_cell;
#[cfg(not(any(
    kernels = "mve",
    kernels = "armv7em",
    kernels = "armv7m",
    kernels = "small",
    all(feature = "std", target_arch = "x86_64")
)))]
pub use plain::{quantize, quantize_relu};
pub use plain::{shift_logits, shift_relu};
#[cfg(all(feature = "std", target_arch = "x86_64"))]
pub use x86_64::{lstm_cell, quantize, quantize_relu};

/// Whether this target's kernels read weights of a packing.
#[inline]
pub const fn reads(packing: Packing) -> bool {
    match packing {
        Packing::Rows4 => true,
        Packing::Rows4Signed { .. } => cfg!(any(kernels = "mve", kernels = "portable", kernels = "small")),
        // Where `small` leaves them out, no header says so.
        Packing::Rows4Nibbles { .. } => cfg!(any(nibbles, kernels = "small")),
    }
}

/// Whether this target takes fewer instructions for weights without the offset ([`Packing::Rows4Signed`]).
pub const GAINS_FROM_SIGNED: bool = cfg!(kernels = "mve");

/// Words of scratch that `columns` activations need, on any target.
pub const fn activation_words(columns: usize) -> usize {
    columns
}

/// A vector of int8 activations in the form that this target's products read, built piece by piece in the caller's scratch.
///
/// A piece's length is a multiple of 4; what does not fit the scratch is dropped, which a checked model never causes.
pub struct Activations<'a> {
    scratch: &'a mut [u32],
    used: usize,
    columns: usize,
    /// What the products of this target start from, to make up for the offset of even columns.
    offset: i32,
    /// Whether they are in the form that products with weights of 4 bits read.
    #[cfg(nibbles)]
    is_for_nibbles: bool,
}

impl<'a> Activations<'a> {
    /// Starts again in the same scratch.
    pub fn clear(&mut self) {
        (self.used, self.columns, self.offset) = (0, 0, 0);
    }

    /// Starts an empty vector.
    #[inline]
    pub fn new(scratch: &'a mut [u32]) -> Self {
        Self {
            scratch,
            used: 0,
            columns: 0,
            offset: 0,
            #[cfg(nibbles)]
            is_for_nibbles: false,
        }
    }

    /// An empty vector for products with weights of a packing; of 4 bits, pieces' lengths are multiples of 8.
    #[inline]
    pub fn for_weights(scratch: &'a mut [u32], packing: Packing) -> Self {
        // A build that reads no others does not choose.
        let _ = packing;
        Self {
            #[cfg(nibbles)]
            is_for_nibbles: packing.is_nibbles(),
            ..Self::new(scratch)
        }
    }

    /// Whether products with weights of a packing read them.
    #[cfg(not(any(kernels = "portable", kernels = "small")))]
    #[inline]
    fn are_for(&self, packing: Packing) -> bool {
        #[cfg(nibbles)]
        return self.is_for_nibbles == packing.is_nibbles();
        #[cfg(not(nibbles))]
        return !packing.is_nibbles();
    }

    /// With a piece more.
    #[inline]
    #[must_use]
    pub fn with(mut self, values: &[i8]) -> Self {
        self.push(values);
        self
    }

    /// A vector of one piece.
    #[inline]
    pub fn of(scratch: &'a mut [u32], values: &[i8]) -> Self {
        let mut activations = Self::new(scratch);
        activations.push(values);
        activations
    }

    /// Appends activations.
    // Where the form is long to write, a call is worth its half a percent of instructions: 20 KB of flash on Cortex-M0.
    #[cfg_attr(any(kernels = "armv6m", kernels = "armv7m", kernels = "riscv32"), inline(never))]
    #[cfg_attr(not(any(kernels = "armv6m", kernels = "armv7m", kernels = "riscv32")), inline)]
    pub fn push(&mut self, values: &[i8]) {
        let (groups, _) = values.as_chunks::<4>();
        let words = groups.len() * instruction_set::WORDS_PER_FOUR;
        if let Some(free) = self.scratch.get_mut(self.used..self.used + words) {
            #[cfg(nibbles)]
            let expand = if self.is_for_nibbles { nibbles::expand } else { instruction_set::expand };
            #[cfg(not(nibbles))]
            let expand = instruction_set::expand;
            let offset = expand(groups, free);
            self.offset = self.offset.wrapping_add(offset);
            self.used += words;
            self.columns += values.len();
        }
    }

    /// Appends zeros: what lies outside the image.
    #[inline]
    pub fn push_zeros(&mut self, count: usize) {
        let words = count / 4 * instruction_set::WORDS_PER_FOUR;
        if let Some(free) = self.scratch.get_mut(self.used..self.used + words) {
            free.fill(0);
            self.used += words;
            self.columns += count;
        }
    }

    #[inline]
    fn words(&self) -> &[u32] {
        self.scratch.get(..self.used).unwrap_or_default()
    }
}

/// Writes four words for every four activations. Those that lie at a word's address are loaded by words.
#[cfg(any(kernels = "armv6m", kernels = "armv7m", kernels = "riscv32"))]
#[inline(always)]
fn for_each_group(groups: &[[i8; 4]], out: &mut [u32], mut words: impl FnMut([i32; 4]) -> [i32; 4]) {
    let out = out.as_chunks_mut::<4>().0.iter_mut();
    match bytemuck::try_cast_slice::<_, i32>(groups) {
        Ok(aligned) => out.zip(aligned).for_each(|(out, &word)| {
            let values = [word << 24 >> 24, word << 16 >> 24, word << 8 >> 24, word >> 24];
            *out = words(values).map(|word| word as u32);
        }),
        Err(_) => out.zip(groups).for_each(|(out, group)| *out = words(group.map(i32::from)).map(|word| word as u32)),
    }
}
