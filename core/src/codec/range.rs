//! The range coder: carries are resolved as they come, so that bytes leave at once and nothing is held but a run of 0xff, counted.
//!
//! Interval arithmetic on 40 bits: wide enough that a total of 2^24 wastes next to nothing, and that a check of
//! four bytes behind the end takes up all that the decoder has read ahead.
//! Coding a value costs one division, none for 2 levels; decoding one of more than 2 levels costs a second, to find it.

use super::{ByteSink, ByteSource};
use crate::distribution::{Distribution, Share};

/// Bits of the interval.
const BITS: u32 = 40;
const MASK: u64 = (1 << BITS) - 1;
/// A narrower range than this sends a byte off.
const NARROW: u64 = 1 << (BITS - 8);

/// The part of `range` that one unit of frequency takes: a shift where the total is a power of two.
fn unit(range: u64, distribution: &Distribution<'_>) -> u64 {
    match distribution.total_bits() {
        Some(bits) => range >> bits,
        None => range.checked_div(u64::from(distribution.total())).unwrap_or(1),
    }
}

/// `(start, length)` of a value's part of the range; the last value takes what rounding left.
fn part(range: u64, unit: u64, share: Share, total: u32) -> (u64, u64) {
    let start = unit.wrapping_mul(u64::from(share.start));
    let is_last = share.start.wrapping_add(share.frequency) == total;
    let length = if is_last { range.wrapping_sub(start) } else { unit.wrapping_mul(u64::from(share.frequency)) };
    // Never 0 for a value of the levels; a range of 0 would never widen again.
    (start, length.max(1))
}

/// How many bytes the end needs so that whatever follows them decodes the same: 1 or 2.
///
/// Both sides compute it alone, from the interval; with 2 the top 16 bits always suffice.
const fn tail_bytes(low: u64, range: u64) -> u32 {
    let rounding = low.wrapping_neg() & (NARROW - 1);
    if rounding + NARROW <= range { 1 } else { 2 }
}

/// `low` rounded up to a multiple of what `bytes` leading bytes leave open.
const fn rounded(low: u64, bytes: u32) -> u64 {
    let open = (1u64 << (BITS - 8 * bytes)) - 1;
    (low + open) & !open
}

/// Codes values into bytes, one at a time: the coder alone, without header or check, for links that have their own.
///
/// The overhead is about half a byte an end. The decoder reads up to four bytes past it, whatever they are.
///
/// ```no_run
/// # use pixelrnn::{Stream, codec::{CodeError, RangeEncoder}};
/// # fn send(_: u8) -> Result<(), ()> { Ok(()) }
/// # fn code(stream: &mut Stream<'_>, frame: &[u8]) -> Result<(), CodeError<()>> {
/// let mut encoder = RangeEncoder::new();
/// for &value in frame {
///     encoder.encode(&stream.predict()?, value.into(), &mut send).map_err(CodeError::Io)?;
///     stream.observe(value.into())?;
/// }
/// encoder.finish(&mut send).map_err(CodeError::Io)
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct RangeEncoder {
    /// The interval's start: 40 bits, and a carry.
    low: u64,
    range: u64,
    /// The last byte that a carry could still change, and how many bytes of 0xff follow it.
    cache: Option<u8>,
    run: u32,
}

impl Default for RangeEncoder {
    fn default() -> Self {
        Self::new()
    }
}

impl RangeEncoder {
    /// The whole interval.
    pub const fn new() -> Self {
        Self { low: 0, range: 1 << BITS, cache: None, run: 0 }
    }

    /// Codes a value. One beyond the distribution's levels codes nothing.
    ///
    /// # Errors
    /// The sink's.
    pub fn encode<K: ByteSink>(
        &mut self,
        distribution: &Distribution<'_>,
        value: u16,
        sink: &mut K,
    ) -> Result<(), K::Error> {
        let unit = unit(self.range, distribution);
        let share = distribution.share(value);
        if share.frequency == 0 {
            return Ok(());
        }
        let (start, length) = part(self.range, unit, share, distribution.total());
        self.low += start;
        self.range = length;
        while self.range < NARROW {
            self.range <<= 8;
            self.shift(sink)?;
        }
        Ok(())
    }

    /// Sends the fewest bytes after which anything may follow: one or two.
    ///
    /// # Errors
    /// The sink's.
    pub fn finish<K: ByteSink>(mut self, sink: &mut K) -> Result<(), K::Error> {
        let bytes = tail_bytes(self.low, self.range);
        self.low = rounded(self.low, bytes);
        for _ in 0..bytes {
            self.shift(sink)?;
        }
        self.release(0, sink)
    }

    /// Takes the top byte off `low`: sends what no carry can change any more.
    fn shift<K: ByteSink>(&mut self, sink: &mut K) -> Result<(), K::Error> {
        let carry = (self.low >> BITS) as u8;
        let top = (self.low >> (BITS - 8)) as u8;
        if carry == 0 && top == 0xff {
            self.run += 1;
        } else {
            self.release(carry, sink)?;
            self.cache = Some(top);
        }
        self.low = (self.low << 8) & MASK;
        Ok(())
    }

    /// Sends the cached byte and the run behind it, with the carry.
    fn release<K: ByteSink>(&mut self, carry: u8, sink: &mut K) -> Result<(), K::Error> {
        if let Some(byte) = self.cache.take() {
            sink.put(byte.wrapping_add(carry))?;
        }
        while self.run > 0 {
            self.run -= 1;
            sink.put(0xff_u8.wrapping_add(carry))?;
        }
        Ok(())
    }
}

/// Decodes what [`RangeEncoder`] coded, from the same distributions.
#[derive(Debug, Clone)]
pub struct RangeDecoder {
    /// The interval's start, modulo 2^40: needed at the end only.
    low: u64,
    range: u64,
    /// The coded number, less the interval's start.
    code: u64,
    /// Bytes that the source did not have.
    missing: u8,
}

/// What the decoder had read ahead at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadAhead {
    /// Bytes that followed the end, the first in the highest place of `count` bytes.
    pub bytes: u32,
    /// How many: 3 or 4.
    pub count: u8,
    /// How many of them the source did not have; these read as zeros.
    pub missing: u8,
}

/// Why a value was not decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum RangeError<E> {
    /// The source failed.
    Io(E),
    /// The source ended early: more than the four bytes that may be missing behind the end.
    Truncated,
}

impl RangeDecoder {
    /// Most bytes that are read past the end.
    const AHEAD: u8 = 4;

    /// Reads the first five bytes.
    ///
    /// # Errors
    /// The source's, or that it has no byte at all.
    pub fn begin<S: ByteSource>(source: &mut S) -> Result<Self, RangeError<S::Error>> {
        let mut decoder = Self { low: 0, range: 1 << BITS, code: 0, missing: 0 };
        for _ in 0..BITS / 8 {
            decoder.take(source)?;
        }
        Ok(decoder)
    }

    fn take<S: ByteSource>(&mut self, source: &mut S) -> Result<(), RangeError<S::Error>> {
        let byte = match source.take().map_err(RangeError::Io)? {
            Some(byte) => byte,
            None if self.missing < Self::AHEAD => {
                self.missing += 1;
                0
            }
            None => return Err(RangeError::Truncated),
        };
        self.code = ((self.code << 8) | u64::from(byte)) & MASK;
        Ok(())
    }

    /// Decodes a value.
    ///
    /// # Errors
    /// The source's, or that it ended early.
    pub fn decode<S: ByteSource>(
        &mut self,
        distribution: &Distribution<'_>,
        source: &mut S,
    ) -> Result<u16, RangeError<S::Error>> {
        let unit = unit(self.range, distribution);
        let (value, share) = match distribution.is_binary() {
            true => {
                let value = u16::from(self.code >= unit.wrapping_mul(u64::from(distribution.cumulative(1))));
                (value, distribution.share(value))
            }
            false => {
                let last = u64::from(distribution.total()).saturating_sub(1);
                distribution.find_share(self.code.checked_div(unit).unwrap_or(0).min(last) as u32)
            }
        };
        let (start, length) = part(self.range, unit, share, distribution.total());
        self.code = self.code.wrapping_sub(start) & MASK;
        self.low = (self.low + start) & MASK;
        self.range = length;
        while self.range < NARROW {
            self.range <<= 8;
            self.low = (self.low << 8) & MASK;
            self.take(source)?;
        }
        Ok(value)
    }

    /// Whether bytes are missing: if not behind the end, what was decoded is not to be trusted.
    pub(super) const fn is_short(&self) -> bool {
        self.missing > 0
    }

    /// Ends: `None` if the bytes are not those that the encoder ends with, else what was read past them.
    pub fn finish(self) -> Option<ReadAhead> {
        let count = BITS / 8 - tail_bytes(self.low, self.range);
        let end = rounded(self.low, BITS / 8 - count) & MASK;
        let ahead = (self.low + self.code).wrapping_sub(end) & MASK;
        // Nothing but what follows the end lies beyond it.
        (self.code < self.range && ahead >> (8 * count) == 0).then_some(ReadAhead {
            bytes: ahead as u32,
            count: count as u8,
            missing: self.missing,
        })
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec::Vec;

    use super::*;
    use crate::score::{self, CodeLength};

    /// A repeatable stream of numbers (SplitMix64).
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, bound: u32) -> u32 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((((z ^ (z >> 31)) >> 32) * u64::from(bound)) >> 32) as u32
        }
    }

    /// Frequencies of `levels` values whose total is in 2^16..=2^24, some of them as peaked as can be.
    fn frequencies(numbers: &mut Numbers, levels: usize) -> Vec<u32> {
        let top = (1u32 << 24) >> levels.next_power_of_two().trailing_zeros();
        let flat = numbers.below(3);
        let mut frequencies: Vec<u32> = (0..levels)
            .map(|_| match flat {
                0 => 1,
                1 => 1 + numbers.below(top),
                _ => top,
            })
            .collect();
        let likeliest = numbers.below(levels as u32) as usize;
        frequencies[likeliest] = top;
        frequencies
    }

    fn with<T>(frequencies: &[u32], look: impl FnOnce(&Distribution<'_>) -> T) -> T {
        match *frequencies {
            [_, one] => look(&Distribution::of_binary(one)),
            _ => look(&Distribution::of_frequencies(frequencies, frequencies.iter().sum())),
        }
    }

    type Case = (Vec<u32>, u16);

    fn encode(cases: &[Case]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut sink = |byte| -> Result<(), ()> {
            bytes.push(byte);
            Ok(())
        };
        let mut encoder = RangeEncoder::new();
        for (frequencies, value) in cases {
            with(frequencies, |distribution| encoder.encode(distribution, *value, &mut sink)).unwrap();
        }
        encoder.finish(&mut sink).unwrap();
        bytes
    }

    fn ideal(cases: &[Case]) -> CodeLength {
        cases.iter().map(|(frequencies, value)| with(frequencies, |d| score::of(d, *value).unwrap())).sum()
    }

    fn check(cases: &[Case], behind: u32) -> usize {
        let bytes = encode(cases);
        let all: Vec<u8> = bytes.iter().copied().chain(behind.to_be_bytes()).collect();
        let mut source = &all[..];
        let mut decoder = RangeDecoder::begin(&mut source).unwrap();
        for (frequencies, value) in cases {
            assert_eq!(with(frequencies, |d| decoder.decode(d, &mut source)), Ok(*value));
        }
        let ahead = decoder.finish().unwrap();
        assert_eq!(ahead.missing, 0);
        assert_eq!(ahead.bytes, behind >> (8 * (4 - ahead.count)), "what follows the end is found again");
        assert_eq!(source.len(), 4 - usize::from(ahead.count), "not a byte more is read");
        bytes.len()
    }

    fn drawn(numbers: &mut Numbers, levels: usize, count: usize) -> Vec<Case> {
        (0..count)
            .map(|_| {
                let frequencies = match levels {
                    2 => {
                        let one = [1, 65535, 1 + numbers.below(65535), 32768][numbers.below(4) as usize];
                        std::vec![65536 - one, one]
                    }
                    _ => frequencies(numbers, levels),
                };
                // Half as the frequencies say, half uniformly: the rarest values too.
                let value = if numbers.below(2) == 0 {
                    numbers.below(levels as u32) as u16
                } else {
                    let target = numbers.below(frequencies.iter().sum());
                    with(&frequencies, |d| d.find(target))
                };
                (frequencies, value)
            })
            .collect()
    }

    #[test]
    fn decodes_what_was_coded_whatever_follows() {
        let mut numbers = Numbers(1);
        for levels in [2, 3, 17, 256] {
            for count in (0..40).chain([1000]) {
                let cases = drawn(&mut numbers, levels, count);
                for behind in [0, u32::MAX, numbers.below(u32::MAX)] {
                    check(&cases, behind);
                }
            }
        }
    }

    #[test]
    fn carries_run_through_ff() {
        // Always the last value, but for one: an interval that stays at the top makes runs of 0xff, and a carry clears them.
        for place in 0..200 {
            let cases: Vec<Case> = (0..200)
                .map(|n| if n == place { (std::vec![65535, 1], 0) } else { (std::vec![1 << 15, 1 << 15], 1) })
                .collect();
            check(&cases, 0);
        }
        // Intervals that straddle a byte's border for long: 1/3, repeatedly halved around it.
        let mut numbers = Numbers(9);
        for _ in 0..300 {
            let cases: Vec<Case> = (0..400)
                .map(|n| {
                    let one = 32768 + numbers.below(3);
                    (std::vec![65536 - one, one], ((n + numbers.below(64) / 63) % 2) as u16)
                })
                .collect();
            check(&cases, numbers.below(u32::MAX));
        }
    }

    #[test]
    fn overhead_is_small() {
        let mut numbers = Numbers(2);
        for levels in [2, 17, 256] {
            let mut tails = 0.0;
            for _ in 0..50 {
                // 2,000 values as likely as their frequencies say.
                let cases: Vec<Case> = (0..2000)
                    .map(|_| {
                        let frequencies = match levels {
                            2 => {
                                let one = 1 + numbers.below(65535);
                                std::vec![65536 - one, one]
                            }
                            _ => frequencies(&mut numbers, levels),
                        };
                        let target = numbers.below(frequencies.iter().sum());
                        let value = with(&frequencies, |d| d.find(target));
                        (frequencies, value)
                    })
                    .collect();
                let ideal = ideal(&cases).units() as f64 / 65536.0 / 8.0;
                let overhead = check(&cases, 7) as f64 - ideal;
                assert!(overhead < 2.0 + 0.0002 * ideal, "{levels} levels: {overhead} bytes over {ideal}");
                tails += overhead / 50.0;
            }
            assert!(tails < 1.5, "{levels} levels: {tails} bytes over the ideal on average");
        }
    }

    #[test]
    fn up_to_four_bytes_may_be_missing_behind_the_end() {
        let mut numbers = Numbers(3);
        let cases = drawn(&mut numbers, 17, 100);
        let bytes = encode(&cases);
        let mut source = &bytes[..];
        let mut decoder = RangeDecoder::begin(&mut source).unwrap();
        for (frequencies, value) in &cases {
            assert_eq!(with(frequencies, |d| decoder.decode(d, &mut source)), Ok(*value));
        }
        let ahead = decoder.finish().unwrap();
        assert_eq!(ahead.missing, ahead.count);
        let mut empty = &[][..];
        assert!(matches!(RangeDecoder::begin(&mut empty), Err(RangeError::Truncated)));
    }

    /// Of all bytes that decode to the same values only those that the encoder ends with are an end.
    #[test]
    fn other_ends_are_none() {
        let ends = |bytes: [u8; 5]| RangeDecoder::begin(&mut &bytes[..]).unwrap().finish().is_some();
        assert_eq!(encode(&[]), [0]);
        assert!(ends([0; 5]) && ends([0, 255, 255, 255, 255]));
        assert!(!ends([1, 0, 0, 0, 0]) && !ends([255; 5]));
    }

    #[test]
    fn any_bytes_decode_to_something() {
        let mut numbers = Numbers(4);
        for levels in [2, 3, 17, 256] {
            for fill in [0u8, 0xff, 1] {
                let bytes: Vec<u8> =
                    (0..200).map(|_| if fill == 1 { numbers.below(256) as u8 } else { fill }).collect();
                let mut source = &bytes[..];
                let mut decoder = RangeDecoder::begin(&mut source).unwrap();
                for _ in 0..5000 {
                    let frequencies = if levels == 2 { std::vec![65535, 1] } else { frequencies(&mut numbers, levels) };
                    match with(&frequencies, |d| decoder.decode(d, &mut source)) {
                        Ok(value) => assert!(usize::from(value) < levels),
                        Err(error) => {
                            assert_eq!(error, RangeError::Truncated);
                            break;
                        }
                    }
                }
                let _ = decoder.finish();
            }
        }
    }
}
