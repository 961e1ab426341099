//! Text on the board's serial line. Written by hand because `core::fmt` is large, and may panic.

use crc::{CRC_32_ISO_HDLC, Crc, Digest, NoTable};
use pixelrnn::Model;

use crate::boards;

/// Writes text.
pub fn write(text: &str) {
    text.bytes().for_each(boards::write);
}

/// Writes a name, a number, and ends the line.
pub fn line(name: &str, number: u32) {
    write(name);
    decimal(number);
    write("\n");
}

fn decimal(number: u32) {
    let mut unit = 1_000_000_000;
    while unit > 1 {
        if number >= unit {
            boards::write(b'0' + (number / unit % 10) as u8);
        }
        unit /= 10;
    }
    boards::write(b'0' + (number % 10) as u8);
}

fn hexadecimal_digit(value: u32) {
    let digit = (value & 15) as u8;
    boards::write(if digit < 10 { b'0' + digit } else { b'a' + digit - 10 });
}

/// Writes a line: what it is called, and its name.
#[allow(dead_code, reason = "only some programs name boards and models")]
pub fn named(what: &str, name: &str) {
    write(what);
    write(name);
    write("\n");
}

/// Writes eight hexadecimal digits.
pub fn hexadecimal(number: u32) {
    (0..8).rev().for_each(|place| hexadecimal_digit(number >> (4 * place)));
}

/// Writes two hexadecimal digits.
#[allow(dead_code, reason = "only some programs print bytes")]
pub fn byte(value: u8) {
    hexadecimal_digit(u32::from(value >> 4));
    hexadecimal_digit(value.into());
}

static CRC: Crc<u32, NoTable> = Crc::<u32, NoTable>::new(&CRC_32_ISO_HDLC);

/// An image being written, scale by scale, a line a row, the channels of a pixel side by side: for two levels `.` and `#`, for more two hexadecimal
/// digits a value, beyond 256 four.
pub struct Image {
    levels: u32,
    /// Values of a row.
    row: u32,
    place: u32,
    crc: Digest<'static, u32, NoTable>,
}

impl Image {
    /// Begins an image.
    pub fn new() -> Self {
        Self { levels: 0, row: 0, place: 0, crc: CRC.digest() }
    }

    /// Begins a scale of it, of a model and so many columns.
    pub fn scale(&mut self, model: &Model<'_>, width: u32) {
        (self.levels, self.row, self.place) = (model.levels(), width * u32::from(model.channels()), 0);
    }

    /// Writes the next value.
    pub fn push(&mut self, value: u16) {
        let [low, high] = value.to_le_bytes();
        self.crc.update(&[low]);
        if self.levels > 256 {
            self.crc.update(&[high]);
        }
        if self.levels == 2 {
            boards::write(if value == 0 { b'.' } else { b'#' });
        } else {
            let digits = if self.levels > 256 { 4 } else { 2 };
            (0..digits).rev().for_each(|place| hexadecimal_digit(u32::from(value) >> (4 * place)));
        }
        self.place += 1;
        if self.place == self.row {
            self.place = 0;
            boards::write(b'\n');
        }
    }

    /// The CRC-32 (ISO-HDLC) of all values: bytes up to 256 levels, else half words, little-endian.
    pub fn end(self) -> u32 {
        self.crc.finalize()
    }
}
