//! What `knots.rs` gives, of a third of its bytes: values of the lower half alone, those below 2^16 as half words.

use super::sigmoid_knots;

/// Knots whose values are below 2^16.
const SHORT: usize = 190;

static SHORT_VALUES: [u16; SHORT] = {
    let (whole, mut values, mut i) = (sigmoid_knots(), [0; SHORT], 0);
    while i < SHORT {
        values[i] = (whole[i] >> 10) as u16;
        i += 1;
    }
    values
};

/// The others up to 0, that of 0 included.
static LONG_VALUES: [u32; 257 - SHORT] = {
    let (whole, mut values, mut i) = (sigmoid_knots(), [0; 257 - SHORT], 0);
    while i < values.len() {
        values[i] = whole[SHORT + i] >> 10;
        i += 1;
    }
    values
};

/// The value at a knot.
#[inline(never)]
const fn value(index: usize) -> u32 {
    if index < SHORT {
        return SHORT_VALUES[index] as u32;
    }
    if index <= 256 {
        return LONG_VALUES[index - SHORT];
    }
    // The sigmoid of -x is 1 less that of x; both values have the rounding half in them.
    let value = (1 << 22) + 64 - value(512 - index);
    if value >> 22 == 0 { value } else { (1 << 22) - 1 }
}

/// A knot of the whole table: its value, and its rise, which the next one's tells.
#[inline(never)]
pub(super) const fn knot(index: usize) -> (u32, u32) {
    let (here, next) = (value(index & 511), value((index & 511) + 1));
    (here, (next - here + 64) >> 7)
}

// The same numbers: the compiler finds out.
const _: () = {
    let (whole, mut i) = (sigmoid_knots(), 0);
    while i < whole.len() {
        let (value, rise) = knot(i);
        assert!(value << 10 | rise == whole[i]);
        i += 1;
    }
};
