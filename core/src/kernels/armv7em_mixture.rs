//! Mixtures on ARMv7E-M: loops over the components, in half of what the compiler makes of them.

use core::arch::asm;

use super::mixture::Component;
use crate::fixed::{EXP2_TABLE, LOG2_E, LOGISTIC_TABLE};

/// The logistic function, Q16 to Q24, in place; needs two more registers. Beyond the table [`beyond`] goes on, from `$out` to `$back`.
macro_rules! logistic {
    ($z:literal, $place:literal, $entry:literal, $out:literal, $back:literal) => {
        concat!(
            "add {",
            $place,
            "}, {",
            $z,
            "}, #0x100000\n",
            "lsrs {",
            $entry,
            "}, {",
            $place,
            "}, #21\n",
            "bne ",
            $out,
            "f\n",
            "lsr {",
            $entry,
            "}, {",
            $place,
            "}, #12\n",
            "add {",
            $entry,
            "}, {table}, {",
            $entry,
            "}, lsl #3\n",
            "ldrd {",
            $z,
            "}, {",
            $entry,
            "}, [{",
            $entry,
            "}]\n",
            "ubfx {",
            $place,
            "}, {",
            $place,
            "}, #0, #12\n",
            "mul {",
            $place,
            "}, {",
            $place,
            "}, {",
            $entry,
            "}\n",
            "add {",
            $z,
            "}, {",
            $z,
            "}, {",
            $place,
            "}, lsr #12\n",
            $back,
            ":\n",
        )
    };
}

/// The logistic function beyond its table: 0 on the left, 2^24 on the right.
macro_rules! beyond {
    ($z:literal, $out:literal, $back:literal) => {
        concat!(
            $out,
            ":\n",
            "mvn {",
            $z,
            "}, {",
            $z,
            "}, asr #31\n",
            "and {",
            $z,
            "}, {",
            $z,
            "}, #0x1000000\n",
            "b ",
            $back,
            "b\n",
        )
    };
}

/// Components but for their weights, in whose places the logits are left, of which it returns the largest: 43 instructions each.
/// Of a channel without residuals, at temperature 1: see [`super::mixture::plain_places`].
pub fn places(rows: &[[i32; 3]], prediction: i32, bits: u32, out: &mut [Component]) -> i32 {
    let mut most = i32::MIN;
    if out.is_empty() || rows.len() < out.len() {
        return most;
    }
    let out = out.as_mut_ptr_range();
    // SAFETY: reads a row and writes a component each, and reads entries 0 to 65 of the table.
    unsafe {
        asm!(
            "2:",
            "ldrd {a}, {b}, [{rows}], #8",
            "ldr {c}, [{rows}], #4",
            "cmp {most}, {a}",
            "it lt",
            "movlt {most}, {a}",
            "str {a}, [{out}, #12]",
            // The mean, within 2^29 on either side.
            "lsl {b}, {b}, {bits}",
            "add {b}, {prediction}, {b}, asr #2",
            "ssat {a}, #30, {b}",
            "cmp {b}, #0x20000000",
            "it ge",
            "movge {a}, #0x20000000",
            "str {a}, [{out}], #4",
            // The inverse scale's logarithm, Q16: 4 and 7168 times 23637 / 512, less the clamped one from -7168 on.
            "add {c}, {c}, #7168",
            "usat {c}, #15, {c}",
            "cmp {c}, #31744",
            "it gt",
            "movgt {c}, #31744",
            "movw {a}, #23637",
            "mul {c}, {c}, {a}",
            "sub {c}, {origin}, {c}, asr #9",
            // Two to the power of its fraction, 11 bits.
            "uxth {a}, {c}",
            "rsb {a}, {a}, #65536",
            "lsr {b}, {a}, #10",
            "ubfx {a}, {a}, #0, #10",
            "add {b}, {table}, {b}, lsl #2",
            "ldrd {b}, {d}, [{b}]",
            "sub {d}, {b}, {d}",
            "mul {a}, {a}, {d}",
            "add {a}, {a}, #512",
            "sub {b}, {b}, {a}, lsr #10",
            "lsr {b}, {b}, #5",
            // Its whole part, 9 at most: to the left, or what a distance loses.
            "asr {c}, {c}, #16",
            "usat {a}, #4, {c}",
            "add {a}, {a}, #11",
            "lsl {b}, {b}, {a}",
            "rsb {c}, {c}, #0",
            "usat {c}, #5, {c}",
            "strd {c}, {b}, [{out}], #12",
            "cmp {out}, {end}",
            "bne 2b",
            rows = inout(reg) rows.as_ptr() => _,
            out = inout(reg) out.start => _,
            end = in(reg) out.end,
            most = inout(reg) most,
            prediction = in(reg) prediction,
            bits = in(reg) bits,
            origin = in(reg) (4 << 16) + 14 * 23_637,
            table = in(reg) EXP2_TABLE.as_ptr(),
            a = out(reg) _,
            b = out(reg) _,
            c = out(reg) _,
            d = out(reg) _,
            options(nostack),
        );
    }
    most
}

/// Turns logits into weights that add up to 1, at temperature 1: see [`super::mixture::plain_weigh`].
pub fn weigh(components: &mut [Component], most: i32) {
    if components.is_empty() {
        return;
    }
    let sum = exponentials(components, most);
    let inverse = (1u32 << 31).checked_div(sum).unwrap_or(0);
    normalize(components, inverse << 16);
}

/// Logits to powers of e, Q16, of how far they are below the largest; returns their sum. 19 instructions each.
fn exponentials(components: &mut [Component], most: i32) -> u32 {
    let mut sum = 0;
    let weights = Component::weights(components);
    // SAFETY: reads and writes every component's weight, and reads entries 0 to 64 of the table.
    unsafe {
        asm!(
            "2:",
            "ldr {x}, [{at}]",
            "sub {x}, {most}, {x}",
            "cmp {x}, #40960",
            "it hi",
            "movhi {x}, #40960",
            "mul {x}, {x}, {log2_e}",
            "ubfx {n}, {x}, #21, #6",
            "add {n}, {table}, {n}, lsl #2",
            "ldrd {here}, {next}, [{n}]",
            "ubfx {n}, {x}, #11, #10",
            "sub {next}, {here}, {next}",
            "mla {n}, {n}, {next}, {half}",
            "sub {here}, {here}, {n}, lsr #10",
            "lsr {x}, {x}, #27",
            "lsr {here}, {here}, {x}",
            "add {sum}, {sum}, {here}",
            "str {here}, [{at}], #16",
            "cmp {at}, {end}",
            "bne 2b",
            at = inout(reg) weights.start => _,
            end = in(reg) weights.end,
            most = in(reg) most,
            log2_e = in(reg) LOG2_E,
            table = in(reg) EXP2_TABLE.as_ptr(),
            half = in(reg) 512,
            sum = inout(reg) sum,
            x = out(reg) _,
            n = out(reg) _,
            here = out(reg) _,
            next = out(reg) _,
            options(nostack),
        );
    }
    sum
}

/// Multiplies weights by an inverse in 32 bits, and gives the first of the heaviest what is left of 1. 11 instructions each.
fn normalize(components: &mut [Component], inverse: u32) {
    let weights = Component::weights(components);
    // SAFETY: reads and writes every component's weight.
    unsafe {
        asm!(
            "2:",
            "ldr {weight}, [{at}]",
            "umull {rest}, {weight}, {weight}, {inverse}",
            "sub {left}, {left}, {weight}",
            "cmp {weight}, {most}",
            "itt hi",
            "movhi {most}, {weight}",
            "movhi {heaviest}, {at}",
            "str {weight}, [{at}], #16",
            "cmp {at}, {end}",
            "bne 2b",
            "add {most}, {most}, {left}",
            "str {most}, [{heaviest}]",
            at = inout(reg) weights.start => _,
            end = in(reg) weights.end,
            inverse = in(reg) inverse,
            left = inout(reg) 1 << 15 => _,
            most = inout(reg) 0 => _,
            heaviest = inout(reg) weights.start => _,
            weight = out(reg) _,
            rest = out(reg) _,
            options(nostack),
        );
    }
}

/// The share below a border: 22 instructions a component. See [`super::mixture::plain_below`].
pub fn below(components: &[Component], border: i32) -> u32 {
    if components.is_empty() {
        return 0;
    }
    let (mut low, mut high) = (0u32, 0u32);
    // SAFETY: reads the components, and entries of the table whose index is below 512.
    unsafe {
        asm!(
            "2:",
            "ldrd {z}, {place}, [{at}], #8",
            "ldrd {slope}, {weight}, [{at}], #8",
            "sub {z}, {border}, {z}",
            "asr {z}, {z}, {place}",
            "ssat {z}, #21, {z}",
            "lsl {z}, {z}, #11",
            // The inverse scale has no sign: what SMMUL takes for one is added.
            "and {place}, {z}, {slope}, asr #31",
            "smmla {z}, {z}, {slope}, {place}",
            logistic!("z", "place", "slope", "3", "4"),
            "umlal {low}, {high}, {z}, {weight}",
            "cmp {at}, {end}",
            "bne 2b",
            "b 5f",
            beyond!("z", "3", "4"),
            "5:",
            at = inout(reg) components.as_ptr() => _,
            end = in(reg) components.as_ptr_range().end,
            border = in(reg) border,
            table = in(reg) LOGISTIC_TABLE.as_ptr(),
            low = inout(reg) low,
            high = inout(reg) high,
            z = out(reg) _,
            place = out(reg) _,
            slope = out(reg) _,
            weight = out(reg) _,
            options(nostack, readonly),
        );
    }
    (low >> 15) | (high << 17)
}

/// The shares below a border and below the next value's, 2^12 further: 37 instructions a component.
pub fn below_both(components: &[Component], border: i32) -> [u32; 2] {
    if components.is_empty() {
        return [0; 2];
    }
    let (mut low, mut high) = ([0u32; 2], [0u32; 2]);
    // SAFETY: reads the components, and entries of the table whose index is below 512.
    unsafe {
        asm!(
            "2:",
            "ldrd {a}, {c}, [{at}], #8",
            "sub {a}, {border}, {a}",
            "add {b}, {a}, #4096",
            "asr {a}, {a}, {c}",
            "asr {b}, {b}, {c}",
            "ldr {c}, [{at}], #8",
            "ssat {a}, #21, {a}",
            "ssat {b}, #21, {b}",
            "lsl {a}, {a}, #11",
            "lsl {b}, {b}, #11",
            "and {d}, {a}, {c}, asr #31",
            "smmla {a}, {a}, {c}, {d}",
            "and {d}, {b}, {c}, asr #31",
            "smmla {b}, {b}, {c}, {d}",
            logistic!("a", "c", "d", "3", "4"),
            "ldr {d}, [{at}, #-4]",
            "umlal {low}, {high}, {a}, {d}",
            logistic!("b", "c", "a", "5", "6"),
            "umlal {next_low}, {next_high}, {b}, {d}",
            "cmp {at}, {end}",
            "bne 2b",
            "b 7f",
            beyond!("a", "3", "4"),
            beyond!("b", "5", "6"),
            "7:",
            at = inout(reg) components.as_ptr() => _,
            end = in(reg) components.as_ptr_range().end,
            border = in(reg) border,
            table = in(reg) LOGISTIC_TABLE.as_ptr(),
            low = inout(reg) low[0],
            high = inout(reg) high[0],
            next_low = inout(reg) low[1],
            next_high = inout(reg) high[1],
            a = out(reg) _,
            b = out(reg) _,
            c = out(reg) _,
            d = out(reg) _,
            options(nostack, readonly),
        );
    }
    [(low[0] >> 15) | (high[0] << 17), (low[1] >> 15) | (high[1] << 17)]
}
