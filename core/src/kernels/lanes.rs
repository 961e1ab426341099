//! Products of several images' activations with the same weights: a load of weights serves all images where the instruction
//! set has the registers for it, elsewhere one image comes after the other.

use super::Activations;
#[cfg(all(feature = "std", target_arch = "x86_64"))]
use super::avx512;
use crate::blob::{Linear, Matrix};

/// One image's part: what is multiplied, and where the rows go. Activations are as many in all images.
pub type Product<'a, T> = (Activations<'a>, &'a mut [T]);

/// Images that gain from being computed together; 1 if none do.
pub const LANES: usize = if cfg!(all(feature = "std", target_arch = "x86_64")) { 4 } else { 1 };

/// A product of several images with one matrix; `part` is asked for every image's part in turn.
macro_rules! product {
    ($name:ident, $matrix:ty, $out:ty $(, $shift:ident)?) => {
        #[doc = concat!("See [`plain::", stringify!($name), "`](super::plain::", stringify!($name), ").")]
        #[doc = "`part` is asked for every image's part in turn."]
        #[inline(always)]
        pub fn $name<L, const N: usize>(
            matrix: &$matrix,
            $($shift: u32,)?
            lanes: &mut [L; N],
            mut part: impl for<'x> FnMut(&'x mut L) -> Product<'x, $out>,
        ) {
            #[cfg(all(feature = "std", target_arch = "x86_64"))]
            if N > 1 && avx512::is_here() {
                let mut parts: [(&[u32], &mut [$out]); N] = core::array::from_fn(|_| Default::default());
                for (place, lane) in parts.iter_mut().zip(lanes) {
                    *place = Activations::split(part(lane));
                }
                // SAFETY: the processor has the instructions.
                return unsafe { avx512::$name(matrix, $($shift,)? parts) };
            }
            for lane in lanes {
                let (activations, out) = part(lane);
                super::$name(matrix, &activations, $($shift,)? out);
            }
        }
    };
}

product! { linear_relu, Linear<'_>, i8, shift }
product! { linear_add, Linear<'_>, i16, shift }
product! { linear_scaled, Linear<'_>, i32 }
product! { add_scaled, Matrix<'_>, i32 }
