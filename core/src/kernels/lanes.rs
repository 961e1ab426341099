//! Products of several images' activations with the same weights: a load of weights serves all images where the instruction
//! set has the registers for it, elsewhere one image comes after the other.

#[cfg(all(feature = "std", target_arch = "x86_64"))]
use super::avx512;
use super::{Activations, instruction_set};
use crate::blob::{Linear, Matrix};

/// One image's part: what is multiplied, and where the rows go. Activations are as many in all images.
pub type Product<'a, T> = (Activations<'a>, &'a mut [T]);

/// Images that gain from being computed together; 1 if none do.
pub const LANES: usize = if cfg!(all(feature = "std", target_arch = "x86_64")) { 4 } else { 1 };

/// The parts of all images, for kernels that need them at once.
#[cfg(all(feature = "std", target_arch = "x86_64"))]
macro_rules! all_parts {
    ($lanes:ident, $part:ident) => {{
        let mut parts: [(&[u32], &mut [_]); N] = core::array::from_fn(|_| Default::default());
        for (place, lane) in parts.iter_mut().zip($lanes) {
            *place = Activations::split($part(lane));
        }
        parts
    }};
}

/// See [`plain::linear_relu`](super::plain::linear_relu); `part` is asked for every image's part in turn.
#[inline(always)]
pub fn linear_relu<L, const N: usize>(
    linear: &Linear<'_>,
    shift: u32,
    lanes: &mut [L; N],
    mut part: impl for<'x> FnMut(&'x mut L) -> Product<'x, i8>,
) {
    #[cfg(all(feature = "std", target_arch = "x86_64"))]
    if N > 1 && avx512::is_here() {
        let parts = all_parts!(lanes, part);
        // SAFETY: the processor has the instructions.
        return unsafe { avx512::linear_relu(linear, shift, parts) };
    }
    for lane in lanes {
        let (activations, out) = part(lane);
        instruction_set::linear_relu(linear, &activations, shift, out);
    }
}

/// See [`plain::linear_add`](super::plain::linear_add); `part` is asked for every image's part in turn.
#[inline(always)]
pub fn linear_add<L, const N: usize>(
    linear: &Linear<'_>,
    shift: u32,
    lanes: &mut [L; N],
    mut part: impl for<'x> FnMut(&'x mut L) -> Product<'x, i16>,
) {
    #[cfg(all(feature = "std", target_arch = "x86_64"))]
    if N > 1 && avx512::is_here() {
        let parts = all_parts!(lanes, part);
        // SAFETY: the processor has the instructions.
        return unsafe { avx512::linear_add(linear, shift, parts) };
    }
    for lane in lanes {
        let (activations, out) = part(lane);
        instruction_set::linear_add(linear, &activations, shift, out);
    }
}

/// See [`plain::linear_scaled`](super::plain::linear_scaled); `part` is asked for every image's part in turn.
#[inline(always)]
pub fn linear_scaled<L, const N: usize>(
    linear: &Linear<'_>,
    lanes: &mut [L; N],
    mut part: impl for<'x> FnMut(&'x mut L) -> Product<'x, i32>,
) {
    #[cfg(all(feature = "std", target_arch = "x86_64"))]
    if N > 1 && avx512::is_here() {
        let parts = all_parts!(lanes, part);
        // SAFETY: the processor has the instructions.
        return unsafe { avx512::linear_scaled(linear, parts) };
    }
    for lane in lanes {
        let (activations, out) = part(lane);
        instruction_set::linear_scaled(linear, &activations, out);
    }
}

/// See [`plain::add_scaled`](super::plain::add_scaled); `part` is asked for every image's part in turn.
#[inline(always)]
pub fn add_scaled<L, const N: usize>(
    matrix: &Matrix<'_>,
    lanes: &mut [L; N],
    mut part: impl for<'x> FnMut(&'x mut L) -> Product<'x, i32>,
) {
    #[cfg(all(feature = "std", target_arch = "x86_64"))]
    if N > 1 && avx512::is_here() {
        let parts = all_parts!(lanes, part);
        // SAFETY: the processor has the instructions.
        return unsafe { avx512::add_scaled(matrix, parts) };
    }
    for lane in lanes {
        let (activations, out) = part(lane);
        instruction_set::add_scaled(matrix, &activations, out);
    }
}
