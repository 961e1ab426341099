//! Frequencies of a table of levels from their logits.

use crate::fixed::{LOG2_E, exp2_negative};
use crate::temperature::Temperature;

/// Fraction bits of the likeliest level's frequency.
fn top(levels: usize) -> u32 {
    24 - levels.next_power_of_two().trailing_zeros().min(8)
}

/// A level's frequency from how far its logit is below the likeliest one.
#[inline(always)]
fn frequency(below: i32, temperature: Temperature, top: u32) -> u32 {
    // e^-20 is below any frequency's unit, and the product stays within 32 bits.
    let below = temperature.apply(below).clamp(0, 20 << 11) as u32;
    let power = exp2_negative((below * LOG2_E) >> 11);
    let frequency = if top >= 16 { power << (top - 16) } else { power >> (16 - top) };
    frequency.max(1)
}

/// Turns logits (Q11) into frequencies in place; returns their sum.
///
/// The likeliest level's frequency is 2^24 over the number of levels rounded up to a power of two,
/// so that the total is at most 2^24.
pub fn frequencies(logits: &mut [i32], temperature: Temperature) -> u32 {
    let top = top(logits.len());
    let most = logits.iter().copied().max().unwrap_or(0);
    let mut total = 0;
    for logit in logits {
        let frequency = frequency(most - *logit, temperature, top);
        *logit = frequency as i32;
        total += frequency;
    }
    total
}

/// The same for images side by side.
#[inline(always)]
pub fn frequencies_of_each<const N: usize>(logits: &mut [[i32; N]], temperature: Temperature) -> [u32; N] {
    let top = top(logits.len());
    let mut most = [i32::MIN; N];
    for logits in &*logits {
        for (most, &logit) in most.iter_mut().zip(logits) {
            *most = logit.max(*most);
        }
    }
    let mut totals = [0; N];
    for logits in logits {
        for ((logit, total), most) in logits.iter_mut().zip(&mut totals).zip(most) {
            let frequency = frequency(most - *logit, temperature, top);
            *logit = frequency as i32;
            *total += frequency;
        }
    }
    totals
}
