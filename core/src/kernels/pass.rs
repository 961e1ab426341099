//! What a kernel in assembly reads: one pass over a matrix.

#[cfg(not(any(kernels = "armv6m", kernels = "riscv32")))]
use super::instruction_set::quantize_around;
use super::instruction_set::{add, relu, scaled};
use super::{Activations, Linear, Matrix};
#[cfg(not(any(kernels = "armv6m", kernels = "riscv32")))]
use crate::fixed::ZERO_POINT;

/// Pointers of a pass, advanced by the kernel as it goes. Offsets of the fields are written in the assembly.
#[repr(C)]
pub struct Pass {
    activations: *const u32,     // 0
    activations_end: *const u32, // 4
    /// What every sum starts from.
    offset: i32, // 8
    weights: *const u8,          // 12
    addends: *const i32,         // 16
    multipliers: *const i16,     // 20
    out: *mut u32,               // 24
    shift: u32,                  // 28
    weights_end: *const u8,      // 32
    /// Groups of four columns, of weights of 4 bits of eight.
    groups: usize, // 36
    /// Whether the weights are without the offset of even columns.
    #[cfg(kernels = "mve")]
    pub is_signed: bool,
}

impl Pass {
    /// A pass of a matrix with biases.
    #[inline]
    pub fn linear<T>(linear: &Linear<'_>, activations: &Activations<'_>, shift: u32, out: &mut [T]) -> Option<Self> {
        let agree = linear.biases.len() == out.len();
        let pass = Self::new(&linear.matrix, linear.biases.as_ptr(), activations, shift, out)?;
        agree.then_some(pass)
    }

    /// A pass that adds to `out` what the matrix makes.
    #[inline]
    pub fn adding(matrix: &Matrix<'_>, activations: &Activations<'_>, out: &mut [i32]) -> Option<Self> {
        Self::new(matrix, out.as_ptr(), activations, 0, out)
    }

    /// A pass, if all lengths agree and every slice starts at a multiple of 4 bytes.
    ///
    /// `addends` and `out` hold one element a row; a kernel then reads and writes exactly these and the slices.
    #[inline]
    fn new<T>(
        matrix: &Matrix<'_>,
        addends: *const i32,
        activations: &Activations<'_>,
        shift: u32,
        out: &mut [T],
    ) -> Option<Self> {
        let Matrix { columns, multipliers, weights, packing } = *matrix;
        let rows = out.len();
        let agree = rows == multipliers.len()
            && rows > 0
            && columns > 0
            && (rows | columns) & 3 == 0
            && (columns & 4 == 0 || !packing.is_nibbles())
            && weights.len() == packing.bytes_of(rows * columns)
            && activations.columns == columns
            && activations.are_for(packing);
        let starts = multipliers.as_ptr().addr() | weights.as_ptr().addr() | out.as_ptr().addr();
        let words = activations.words().as_ptr_range();
        let bytes = weights.as_ptr_range();
        (agree && starts & 3 == 0).then(|| Self {
            activations: words.start,
            activations_end: words.end,
            offset: activations.offset,
            weights: bytes.start,
            addends,
            multipliers: multipliers.as_ptr(),
            out: out.as_mut_ptr().cast(),
            shift: shift & 31,
            weights_end: bytes.end,
            groups: if packing.is_nibbles() { columns / 8 } else { columns / 4 },
            #[cfg(kernels = "mve")]
            is_signed: matrix.packing.flip() == 0,
        })
    }
}

/// Runs a kernel over a pass of a matrix: the one of this name for its weights.
macro_rules! run {
    ($kernel:ident, $matrix:expr, $pass:ident) => {
        match $matrix.packing.is_nibbles() {
            #[cfg(nibbles = "own")]
            true => super::nibbles::$kernel(&mut $pass),
            _ => $kernel(&mut $pass),
        }
    };
}

/// Leaves weights of 4 bits to `loops` where no kernel reads them.
macro_rules! leave_nibbles {
    ($matrix:expr, $function:ident($($argument:expr),*)) => {
        #[cfg(nibbles = "loops")]
        if $matrix.packing.is_nibbles() {
            return super::loops::$function($($argument),*);
        }
    };
}

/// See [`super::plain::linear_relu`].
pub fn linear_relu(linear: &Linear<'_>, activations: &Activations<'_>, shift: u32, out: &mut [i8]) {
    leave_nibbles!(linear.matrix, linear_relu(linear, activations, shift, out));
    if let Some(mut pass) = Pass::linear(linear, activations, shift, out) {
        // SAFETY: a checked pass, `out` of bytes.
        unsafe { run!(relu, linear.matrix, pass) }
    }
}

/// See [`super::plain::linear_add`].
pub fn linear_add(linear: &Linear<'_>, activations: &Activations<'_>, shift: u32, out: &mut [i16]) {
    leave_nibbles!(linear.matrix, linear_add(linear, activations, shift, out));
    if let Some(mut pass) = Pass::linear(linear, activations, shift, out) {
        // SAFETY: a checked pass, `out` of half words.
        unsafe { run!(add, linear.matrix, pass) }
    }
}

/// See [`super::plain::linear_scaled`].
pub fn linear_scaled(linear: &Linear<'_>, activations: &Activations<'_>, out: &mut [i32]) {
    leave_nibbles!(linear.matrix, linear_scaled(linear, activations, out));
    if let Some(mut pass) = Pass::linear(linear, activations, 0, out) {
        // SAFETY: a checked pass, `out` of words.
        unsafe { run!(scaled, linear.matrix, pass) }
    }
}

/// See [`super::plain::add_scaled`].
pub fn add_scaled(matrix: &Matrix<'_>, activations: &Activations<'_>, out: &mut [i32]) {
    leave_nibbles!(matrix, add_scaled(matrix, activations, out));
    if let Some(mut pass) = Pass::adding(matrix, activations, out) {
        // SAFETY: a checked pass, `out` of words, which are its addends.
        unsafe { run!(scaled, matrix, pass) }
    }
}

/// See [`super::plain::quantize_relu`]; on processors that have a quantizer of their own.
#[cfg(not(any(kernels = "armv6m", kernels = "riscv32")))]
pub fn quantize_relu(stream: &[i16], multipliers: &[i16], shift: u32, out: &mut [i8]) {
    quantize_around(ZERO_POINT, stream, multipliers, shift, out);
}

/// See [`super::plain::quantize`]; on processors that have a quantizer of their own.
#[cfg(not(any(kernels = "armv6m", kernels = "riscv32")))]
pub fn quantize(stream: &[i16], multipliers: &[i16], shift: u32, out: &mut [i8]) {
    quantize_around(0, stream, multipliers, shift, out);
}
